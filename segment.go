package wechatpay

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// spellSegments applies PHP's property spelling to every segment of a path:
// merchantService becomes merchant-service, _openid_ becomes {openid}. Inside
// braces letters stay as they are.
func spellSegments(path string) string { return mapSegments(path, true) }

// spellPath turns the whole segments _name_ and <name> of a path into {name},
// and leaves all else as it is written.
func spellPath(path string) string {
	if !strings.ContainsAny(path, "_<") {
		return path
	}
	return mapSegments(path, false)
}

// mapSegments rewrites each segment of a path. Slashes inside braces part none.
func mapSegments(path string, kebab bool) string {
	var buf [128]byte
	b := buf[:0]
	depth, start := 0, 0
	for i := 0; i <= len(path); i++ {
		if i < len(path) {
			if depth += braces(path[i]); path[i] != '/' || depth > 0 {
				continue
			}
		}
		segment := path[start:i]
		if name, ok := variableSegment(segment); ok {
			b = append(append(append(b, '{'), name...), '}')
		} else if kebab {
			b = appendKebab(b, segment)
		} else {
			b = append(b, segment...)
		}
		if i < len(path) {
			b = append(b, '/')
		}
		start = i + 1
	}
	return string(b)
}

// appendKebab appends a segment with its capitals made small, behind hyphens.
func appendKebab(b []byte, segment string) []byte {
	depth := 0
	for i := range len(segment) {
		c := segment[i]
		depth += braces(c)
		if depth <= 0 && 'A' <= c && c <= 'Z' {
			if i > 0 {
				b = append(b, '-')
			}
			c += 'a' - 'A'
		}
		b = append(b, c)
	}
	return b
}

// braces is how much deeper inside braces a template is after c.
func braces(c byte) int {
	switch c {
	case '{':
		return 1
	case '}':
		return -1
	}
	return 0
}

// variableSegment returns name for the segments _name_ and <name>.
func variableSegment(segment string) (string, bool) {
	if len(segment) < 3 {
		return "", false
	}
	first, last := segment[0], segment[len(segment)-1]
	name := segment[1 : len(segment)-1]
	if (first == '_' && last == '_' || first == '<' && last == '>') && isVariableName(name) {
		return name, true
	}
	return "", false
}

// isVariableName reports whether name is a varname of RFC 6570, section 2.3
// (its percent-encoded characters left out).
func isVariableName(name string) bool {
	for i := range len(name) {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_':
		case c == '.' && i > 0 && i < len(name)-1 && name[i-1] != '.':
		default:
			return false
		}
	}
	return name != ""
}

// namesHost reports whether a reference starts with a scheme or a host
// (RFC 3986, section 4.2), or with what some take for one.
func namesHost(ref string) bool {
	if strings.HasPrefix(ref, "//") || strings.HasPrefix(ref, "\\") {
		return true
	}
	for i := range len(ref) {
		switch c := ref[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
		case '0' <= c && c <= '9', c == '+', c == '-', c == '.':
			if i == 0 {
				return false
			}
		case c == ':':
			return i > 0
		default:
			return false
		}
	}
	return false
}

// cutQuery splits a template at the question mark that starts its query, in
// the text or as the operator of an expression.
func cutQuery(template string) (path, query string) {
	if !strings.Contains(template, "?") && !strings.Contains(template, "{&") {
		return template, ""
	}
	depth := 0
	for i := range len(template) {
		depth += braces(template[i])
		switch rest := template[i:]; {
		case strings.HasPrefix(rest, "{?"), strings.HasPrefix(rest, "{&"), rest[0] == '?' && depth <= 0:
			return template[:i], rest
		}
	}
	return template, ""
}

// expand appends to b a URI template filled in, in the escaped form that is
// sent.
func expand(b []byte, template string, value func(name string) (any, bool)) ([]byte, error) {
	if !utf8.ValidString(template) {
		return nil, fmt.Errorf("template %q is not valid UTF-8", template)
	}
	var err error
	for rest := template; rest != ""; {
		i := strings.IndexAny(rest, "{}")
		if i < 0 {
			i = len(rest)
		}
		if b, err = appendLiteral(b, rest[:i]); err != nil {
			return nil, err
		}
		if rest = rest[i:]; rest == "" {
			break
		}
		end := strings.IndexByte(rest, '}')
		if rest[0] == '}' || end < 0 {
			return nil, fmt.Errorf("template %q has a brace without its other half", template)
		}
		if b, err = appendExpression(b, rest[:end+1], value); err != nil {
			return nil, err
		}
		rest = rest[end+1:]
	}
	return b, nil
}

// checkPath refuses an expanded path that would reach something else than it
// says: one with an empty segment, or with "." or "..".
func checkPath(expanded string) error {
	path, _, _ := strings.Cut(expanded, "?")
	if path == "" {
		return errors.New(`the path is empty; start with client.Chain("v3/…")`)
	}
	if namesHost(path) {
		return fmt.Errorf("path %q leads to another host; name the host with BaseURL", path)
	}
	for segment := range strings.SplitSeq(strings.TrimSuffix(path, "/"), "/") {
		if segment == "" {
			return fmt.Errorf("path %q has an empty segment", path)
		}
		if isDots(segment) {
			return fmt.Errorf("path %q has the segment %q, which leads to another path", path, segment)
		}
	}
	return nil
}

// isDots reports whether a server may take an escaped segment for "." or "..".
func isDots(segment string) bool {
	if len(segment) > len("%2e%2e") {
		return false
	}
	if strings.Contains(segment, "%") {
		segment = strings.ReplaceAll(strings.ToLower(segment), "%2e", ".")
	}
	return segment == "." || segment == ".."
}

// appendLiteral appends text outside of expressions, with whatever may not
// stand in a URL percent-encoded.
func appendLiteral(b []byte, text string) ([]byte, error) {
	start := 0
	for i := range len(text) {
		c := text[i]
		if urlChars[c] != escaped || c == '%' && i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2]) {
			continue
		}
		if c == '#' {
			return nil, fmt.Errorf("%q has a fragment (#…), which is never sent; put it into a variable", text)
		}
		if c < ' ' || c == 0x7f {
			return nil, fmt.Errorf("%q has a control character", text)
		}
		const digits = "0123456789ABCDEF"
		b = append(append(b, text[start:i]...), '%', digits[c>>4], digits[c&15])
		start = i + 1
	}
	return append(b, text[start:]...), nil
}

// urlChars tells the characters that stand in a path and a query as they are
// (RFC 3986, section 2).
var urlChars = func() (kinds [256]charKind) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~") {
		kinds[c] = unreserved
	}
	for _, c := range []byte("/:@!$&'()*+,;=?") {
		kinds[c] = reserved
	}
	return kinds
}()

type charKind uint8

const (
	escaped  charKind = iota
	reserved          // but for #, [ and ]
	unreserved
)

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
