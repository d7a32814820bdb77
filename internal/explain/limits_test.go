package explain

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/openapi"
)

// Everything that ratelimits.jsonl says of a limit has a Chinese text, and each Chinese
// text is of a limit.
func TestLimitsInChinese(t *testing.T) {
	unused := map[string]map[string]string{"per": maps.Clone(shares), "only": maps.Clone(only), "note": maps.Clone(notes)}
	tables := map[string]map[string]string{"per": shares, "only": only, "note": notes}
	n := 0
	for op := range openapi.Operations() {
		for _, l := range op.RateLimits() {
			n++
			for field, word := range map[string]string{"per": l.Per, "only": l.Only, "note": l.Note} {
				isSaidOtherwise := field == "per" && (word == "api" || word == "all merchants")
				if _, ok := tables[field][word]; !ok && word != "" && !isSaidOtherwise {
					t.Errorf("%s: %s %q has no Chinese text", op, field, word)
				}
				delete(unused[field], word)
			}
			if zh := limit(l).ZH; l.Note != "" && strings.Contains(zh, l.Note) {
				t.Errorf("%s: %q is in %s", op, l.Note, zh)
			}
		}
	}
	for field, words := range unused {
		for _, word := range slices.Sorted(maps.Keys(words)) {
			t.Errorf("no limit has the %s %q", field, word)
		}
	}
	if n < 100 {
		t.Errorf("%d limits", n)
	}
}
