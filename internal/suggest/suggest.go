// Package suggest finds the name that a mistyped word was meant to be.
package suggest

import (
	"strings"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
)

// most is the largest number of wrong characters.
const most = 2

// Nearest returns the name that word was probably meant to be, or "". It is the
// name with the fewest changes: two at most, and at most half of the longer word.
// Case is ignored. Of equally near names the first is returned.
func Nearest(word string, names []string) string {
	best, least := "", most+1
	for _, name := range names {
		if n := utf8.RuneCountInString(name) - utf8.RuneCountInString(word); n > most || n < -most {
			continue // not measured, because words may be very long
		}
		d := levenshtein.ComputeDistance(strings.ToLower(word), strings.ToLower(name))
		if d < least && d*2 <= max(len(word), len(name)) {
			best, least = name, d
		}
	}
	return best
}
