package xmlmap

import (
	"strings"
	"unicode/utf8"
)

// decodePlain reads data that is written as the platform writes it: elements of
// ASCII names without attributes, each with text, one section of CDATA, or elements.
// It reports false for anything else, right or wrong, which is then for the parser.
// It makes one string of data, and the names and the texts are parts of that.
func decodePlain(data []byte) (fields map[string]any, ok bool) {
	s := plain(data)
	s.skipBlank()
	name, ok := s.openTag()
	if !ok {
		return nil, false
	}
	value, ok := s.content(name, 1)
	s.skipBlank()
	if !ok || s != "" {
		return nil, false
	}
	if _, isText := value.(string); isText {
		return nil, false
	}
	return value.(map[string]any), true
}

// A plain is the text that is left to read.
type plain string

func (s *plain) skipBlank() { *s = plain(strings.TrimLeft(string(*s), blank)) }

// take removes prefix, and reports whether it was there.
func (s *plain) take(prefix string) bool {
	rest, ok := strings.CutPrefix(string(*s), prefix)
	*s = plain(rest)
	return ok
}

// openTag reads a start tag, and returns its name.
func (s *plain) openTag() (name string, ok bool) {
	if !s.take("<") {
		return "", false
	}
	n := 0
	for n < len(*s) && isNameByte((*s)[n], n) {
		n++
	}
	name, *s = string((*s)[:n]), (*s)[n:]
	return name, n > 0 && s.take(">")
}

// shutTag reads the end tag of an element. If another text is there, it reads nothing.
func (s *plain) shutTag(name string) bool {
	rest := *s
	if !rest.take("</") || !rest.take(name) || !rest.take(">") {
		return false
	}
	*s = rest
	return true
}

// content reads what follows a start tag up to its end tag, as a string or a map.
func (s *plain) content(name string, level int) (value any, ok bool) {
	if s.take(cdataOpen) {
		text, rest, _ := strings.Cut(string(*s), cdataShut)
		*s = plain(rest)
		return text, isPlain(text) && s.shutTag(name)
	}
	end := strings.IndexByte(string(*s), '<')
	if end < 0 {
		return nil, false
	}
	text := string((*s)[:end])
	if *s = (*s)[end:]; s.shutTag(name) {
		return text, isPlain(text) && !strings.Contains(text, "&") && !strings.Contains(text, cdataShut)
	}
	if strings.Trim(text, blank) != "" {
		return nil, false
	}
	return s.elements(name, level)
}

// elements reads the elements of the element name, up to its end tag.
func (s *plain) elements(name string, level int) (value any, ok bool) {
	if level == MaxDepth {
		return nil, false
	}
	fields := make(map[string]any)
	for {
		child, ok := s.openTag()
		if !ok {
			return nil, false
		}
		value, ok := s.content(child, level+1)
		if !ok {
			return nil, false
		}
		add(fields, child, value)
		if s.skipBlank(); s.shutTag(name) {
			return fields, true
		}
	}
}

// isNameByte reports whether c may be byte number i of a name.
func isNameByte(c byte, i int) bool {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_':
		return true
	}
	return i > 0 && (c >= '0' && c <= '9' || c == '-' || c == '.')
}

// isPlain reports whether text is read as it is written: XML can carry all of it, and
// it has no line end that a parser changes.
func isPlain(text string) bool {
	for _, r := range text {
		if r == '\r' || !validChar(r) {
			return false
		}
	}
	return utf8.ValidString(text)
}
