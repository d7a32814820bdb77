package openapi

import (
	"slices"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/internal/lexicon"
)

// Each name has one meaning, in the spelling that is searched for, and each term finds
// something.
func TestThesaurus(t *testing.T) {
	seen := make(map[string]bool)
	check := func(name string) {
		if key := compact(fold(name)); seen[key] {
			t.Errorf("the thesaurus has %s twice", name)
		} else {
			seen[key] = true
		}
		if len(slices.Collect(runs(name))) != 1 {
			t.Errorf("%s is Chinese and Latin: a search never asks for it as one word", name)
		}
	}
	for _, line := range lexicon.Thesaurus {
		for name := range strings.FieldsSeq(line.Names) {
			check(name)
		}
		for term := range strings.FieldsSeq(line.Seek) {
			if len(search([]word{{terms: []string{term}}})) == 0 {
				t.Errorf("no operation has %s", term)
			}
		}
	}
	for name := range strings.FieldsSeq(lexicon.Noise) {
		check(name)
	}
}
