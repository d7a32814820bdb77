// Package quote shows text from outside in errors.
package quote

import (
	"strconv"
	"strings"
	"unicode"
)

// Max is how many characters of a text are shown.
const Max = 64

// Text returns s between quotes, without characters that cannot be printed. If s
// is longer than [Max] characters, Text returns the first [Max], followed by ….
func Text(s string) string { return strconv.Quote(Plain(s)) }

// Plain returns Text without the quotes.
func Plain(s string) string {
	var b strings.Builder
	n := 0
	for _, r := range s {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			continue
		}
		if n++; n > Max {
			b.WriteRune('…')
			break
		}
		b.WriteRune(r)
	}
	return b.String()
}
