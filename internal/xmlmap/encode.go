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
// It refuses, naming the element: a value of any other type, nil among them (a
// field to be left out is left out of the map, one to be sent empty is "");
// elements deeper than [MaxDepth]; a name that is not letters, digits, _, -
// and . starting with a letter or _; a text that is not UTF-8 or holds a
// character that XML 1.0 cannot carry, such as most control characters.
func Encode(fields map[string]any) ([]byte, error) {
	d, err := New(fields)
	if err != nil {
		return nil, err
	}
	return d.body, nil
}

// A writer writes elements and knows where it is, for the errors.
type writer struct {
	buf  bytes.Buffer
	path []string // below the root
}

func (w *writer) open(name string) { w.buf.WriteString("<" + name + ">") }
func (w *writer) shut(name string) { w.buf.WriteString("</" + name + ">") }

// errorf is an error at the current element.
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

// element writes one element, which an error would call step.
func (w *writer) element(name, step string, value any) error {
	w.path = append(w.path, step)
	if !validName(name) {
		return w.errorf("its name must be letters, digits, _, - and . starting with a letter or _")
	}
	// The root is a level too. A map that holds itself ends here.
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

// text writes s such that a parser reads s. A carriage return has to be a
// reference, for a parser makes a line feed of a bare one, even in CDATA; and
// the end mark of CDATA has to be cut in two.
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

// validName leaves out of XML's names the colon, which makes a prefix, and
// whatever is neither letter nor ASCII digit.
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
	// Unicode has letters that are younger than XML 1.0: ask the parser.
	_, err := xml.NewDecoder(strings.NewReader("<" + name + ">")).RawToken()
	return err == nil
}
