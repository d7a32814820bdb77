package wechatpay

import (
	"fmt"
	"strings"

	"github.com/agnivade/levenshtein"
)

// didYouMean ends an error about a word that is not among the names.
func didYouMean(word string, names []string) string {
	if name := nearest(word, names); name != "" {
		return fmt.Sprintf("; did you mean %q?", name)
	}
	return ""
}

// nearest returns the name that word was probably meant to be, or "".
func nearest(word string, names []string) string {
	best, least := "", 3
	for _, name := range names {
		d := levenshtein.ComputeDistance(strings.ToLower(word), strings.ToLower(name))
		if d < least && d*2 <= max(len(word), len(name)) {
			best, least = name, d
		}
	}
	return best
}
