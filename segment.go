package wechatpay

import (
	"strings"

	"github.com/wxchain/wechatpay/internal/uritemplate"
)

// spellSegments applies PHP's property spelling to every segment of a path:
// merchantService becomes merchant-service, _openid_ becomes {openid}. Inside
// braces letters stay as they are.
func spellSegments(path string) string { return mapSegments(path, appendKebab) }

// spellPath turns the whole segments _name_ and <name> of a path into {name}, and
// leaves everything else unchanged.
func spellPath(path string) string {
	if !strings.ContainsAny(path, "_<") {
		return path
	}
	return mapSegments(path, func(b []byte, segment string) []byte { return append(b, segment...) })
}

// mapSegments rewrites each segment of a path that is not a variable.
func mapSegments(path string, rewrite func(b []byte, segment string) []byte) string {
	var buf [128]byte
	b := buf[:0]
	first := true
	for segment := range uritemplate.Segments(path) {
		if !first {
			b = append(b, '/')
		}
		first = false
		if name, ok := variableSegment(segment); ok {
			b = append(append(append(b, '{'), name...), '}')
		} else {
			b = rewrite(b, segment)
		}
	}
	return string(b)
}

// appendKebab appends a segment, with each capital replaced by a hyphen and the
// small letter.
func appendKebab(b []byte, segment string) []byte {
	start := len(b)
	for segment != "" {
		text, expression, rest := uritemplate.Cut(segment)
		for i := range len(text) {
			c := text[i]
			if 'A' <= c && c <= 'Z' {
				if len(b) > start {
					b = append(b, '-')
				}
				c += 'a' - 'A'
			}
			b = append(b, c)
		}
		if expression == "" { // the end, or an unpaired brace, which the verb reports
			return append(b, rest...)
		}
		b, segment = append(b, expression...), rest
	}
	return b
}

// variableSegment returns name for the segments _name_ and <name>.
func variableSegment(segment string) (string, bool) {
	if len(segment) < 3 {
		return "", false
	}
	first, last := segment[0], segment[len(segment)-1]
	name := segment[1 : len(segment)-1]
	if (first == '_' && last == '_' || first == '<' && last == '>') && uritemplate.IsName(name) {
		return name, true
	}
	return "", false
}
