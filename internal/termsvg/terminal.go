package main

import (
	"fmt"
	"regexp"
	"strings"
)

// A span is a part of a line in one style, which is a class of the picture.
type span struct{ class, text string }

// classes are the styles that are drawn, by their number on a terminal.
var classes = map[string]string{"": "", "0": "", "1": "b", "2": "d", "32": "g", "33": "y", "36": "c"}

var style = regexp.MustCompile("\x1b\\[([0-9;]*)m")

// parse reads what a terminal was sent, by lines. It knows styles alone: what
// moves the cursor has no place in a picture.
func parse(shown string) ([][]span, error) {
	shown = strings.TrimRight(strings.ReplaceAll(shown, "\r\n", "\n"), "\n")
	var lines [][]span
	class := ""
	for line := range strings.SplitSeq(shown, "\n") {
		spans, rest := []span{}, line
		add := func(text string) error {
			if i := strings.IndexFunc(text, func(r rune) bool { return r < ' ' }); i >= 0 {
				return fmt.Errorf("line %d has the control character %q", len(lines)+1, text[i])
			}
			if text != "" {
				spans = append(spans, span{class, text})
			}
			return nil
		}
		for at := style.FindStringSubmatchIndex(rest); at != nil; at = style.FindStringSubmatchIndex(rest) {
			if err := add(rest[:at[0]]); err != nil {
				return nil, err
			}
			known := false
			if class, known = classes[rest[at[2]:at[3]]]; !known {
				return nil, fmt.Errorf("line %d has the unknown style %q", len(lines)+1, rest[at[0]:at[1]])
			}
			rest = rest[at[1]:]
		}
		if err := add(rest); err != nil {
			return nil, err
		}
		lines = append(lines, spans)
	}
	return lines, nil
}
