// Package suggest finds the name that somebody meant to write.
package suggest

import (
	"strings"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
)

// most is how many characters may be wrong.
const most = 2

// Nearest returns the name that word was probably meant to be, or "": the one
// that is fewest changes away, two at most and half of the longer word at
// most. Upper and lower case are the same. The first of equals is taken.
func Nearest(word string, names []string) string {
	best, least := "", most+1
	for _, name := range names {
		if n := utf8.RuneCountInString(name) - utf8.RuneCountInString(word); n > most || n < -most {
			continue // without measuring: words may be very long
		}
		d := levenshtein.ComputeDistance(strings.ToLower(word), strings.ToLower(name))
		if d < least && d*2 <= max(len(word), len(name)) {
			best, least = name, d
		}
	}
	return best
}
