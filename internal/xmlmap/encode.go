package xmlmap

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Encode writes fields as <xml>…</xml>, sorted by name, so that equal fields
// give equal bytes. A value is a string, a map[string]any, or a []any of these,
// whose elements repeat the name.
//
// It refuses some values, and its error names the element: a value of any other
// type, including nil (leave a field out of the map to omit it, and use "" to
// send it empty); elements deeper than [MaxDepth]; a name that does not start
// with a letter or _ or that has characters other than letters, digits, _, - and
// ., or that has more than 1,021 bytes; and a text that is not UTF-8 or has a character that XML 1.0 cannot carry,
// such as most control characters.
func Encode(fields map[string]any) ([]byte, error) {
	d, err := New(fields)
	if err != nil {
		return nil, err
	}
	return d.body, nil
}

// A writer writes elements and knows its place for errors.
type writer struct {
	buf  bytes.Buffer
	path []string // below the root
}

func (w *writer) open(name string) { w.buf.WriteString("<" + name + ">") }
func (w *writer) shut(name string) { w.buf.WriteString("</" + name + ">") }

// errorf returns an error at the current element.
func (w *writer) errorf(format string, args ...any) error {
	return fmt.Errorf("XML element %q: %w", strings.Join(w.path, "/"), fmt.Errorf(format, args...))
}

func (w *writer) fields(fields map[string]any) error {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if err := w.field(name, fields[name]); err != nil {
			return err
		}
	}
	return nil
}

// field writes one field: an element, or one for each value of a list.
func (w *writer) field(name string, value any) error {
	list, ok := value.([]any)
	if !ok {
		return w.element(name, name, value)
	}
	for i, value := range list {
		if err := w.element(name, fmt.Sprintf("%s[%d]", name, i+1), value); err != nil {
			return err
		}
	}
	return nil
}

// element writes one element. An error calls it step.
func (w *writer) element(name, step string, value any) error {
	w.path = append(w.path, step)
	if tag := "</" + name + ">"; len(tag) > maxTag {
		w.path[len(w.path)-1] = strings.ToValidUTF8(name[:64], "") + "…"
		return w.errorf("its name has %d bytes, and a tag has at most %d", len(name), maxTag)
	}
	if !validName(name) {
		return w.errorf("its name must be letters, digits, _, - and . starting with a letter or _")
	}
	// The root is a level too. The limit also stops a map that contains itself.
	if len(w.path) >= MaxDepth {
		return w.errorf("more than %d levels of elements", MaxDepth)
	}
	w.open(name)
	var err error
	switch v := value.(type) {
	case string:
		err = w.text(v)
	case map[string]any:
		err = w.fields(v)
	case []any:
		err = w.errorf("a list cannot be in a list: its elements have no name")
	case nil:
		err = w.errorf(`its value is nil: leave the field out, or give "" to send it empty`)
	default:
		err = w.errorf("a value of type %T cannot be sent: give a string, a map[string]any or a []any", v)
	}
	if err != nil {
		return err
	}
	w.shut(name)
	w.path = w.path[:len(w.path)-1]
	return nil
}

// text writes s so that a parser reads s. A carriage return must be a reference,
// because a parser turns a bare one into a line feed, even in CDATA. The end mark
// of CDATA must be split.
func (w *writer) text(s string) error {
	if !utf8.ValidString(s) {
		return w.errorf("its text is not UTF-8")
	}
	for _, r := range s {
		if !validChar(r) {
			return w.errorf("its text holds %U, which XML cannot carry", r)
		}
	}
	cdata := strings.ContainsAny(s, `<>&"`)
	for i, part := range strings.Split(s, "\r") {
		if i > 0 {
			w.buf.WriteString("&#13;")
		}
		if cdata && part != "" {
			part = cdataOpen + strings.ReplaceAll(part, cdataShut, "]]"+cdataShut+cdataOpen+">") + cdataShut
		}
		w.buf.WriteString(part)
	}
	return nil
}

// validChar is the production Char of XML 1.0.
func validChar(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r <= 0xd7ff || r >= 0xe000 && r <= 0xfffd || r >= 0x10000
}

// validName reports whether name is an XML name without a colon, which would make
// a prefix, and with only letters and ASCII digits.
func validName(name string) bool {
	ascii := true
	for i, r := range name {
		switch {
		case r >= utf8.RuneSelf:
			ascii = false
			if !unicode.IsLetter(r) {
				return false
			}
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r == '_':
		case i > 0 && (r >= '0' && r <= '9' || r == '-' || r == '.'):
		default:
			return false
		}
	}
	if ascii {
		return name != ""
	}
	// Some Unicode letters are newer than XML 1.0, so the parser decides.
	_, err := xml.NewDecoder(strings.NewReader("<" + name + ">")).RawToken()
	return err == nil
}
