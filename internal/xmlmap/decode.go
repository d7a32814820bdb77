package xmlmap

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/wxchain/wechatpay/internal/quote"
)

// shown is how many of the first bytes an error shows.
const shown = 64

// Decode reads the children of the root element, whatever its name: answers
// and notifications have <xml>, what a refund notification encrypts has
// <root>. An element with children is a map[string]any, one that occurs more
// than once in its parent a []any in the order they occur, any other the
// string in it, spaces included: signatures are over the text as sent. Space
// between elements, comments and attributes mean nothing.
//
// It refuses what is not XML, and of XML what APIv2 never sends: a DTD or any
// other <!…> directive, an entity beyond the five predefined ones, a
// processing instruction, another encoding than UTF-8, names with a prefix,
// text beside elements, anything after the root, more than [MaxDepth] levels,
// [MaxElements] elements or [MaxSize] bytes, or a tag of more than 1,024 bytes.
// The error shows the first 64 bytes of data, so that an
// HTML page from a proxy can be told from a broken answer.
func Decode(data []byte) (map[string]any, error) {
	if len(data) > MaxSize {
		return nil, fmt.Errorf("XML of %d bytes, at most %d are read; it starts with %s", len(data), MaxSize, start(data))
	}
	if err := checkLimits(data); err != nil {
		return nil, fmt.Errorf("not the XML of APIv2: %w; it starts with %s", err, start(data))
	}
	if fields, ok := decodePlain(data); ok {
		return fields, nil
	}
	fields, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("not the XML of APIv2: %w; it starts with %s", err, start(data))
	}
	return fields, nil
}

// parse reads data with the parser of encoding/xml.
func parse(data []byte) (map[string]any, error) {
	// The byte order mark is not text.
	r := &reader{data: bytes.TrimPrefix(data, []byte("\ufeff"))}
	r.dec = xml.NewDecoder(bytes.NewReader(r.data))
	r.dec.CharsetReader = func(string, io.Reader) (io.Reader, error) {
		return nil, errors.New("only UTF-8 is read")
	}
	return r.document()
}

// start returns the beginning of data for printing.
func start(data []byte) string {
	if len(data) <= shown {
		return fmt.Sprintf("%q", data)
	}
	n := shown
	for n > shown-utf8.UTFMax && !utf8.RuneStart(data[n]) {
		n--
	}
	return fmt.Sprintf("%q…", data[:n])
}

// tame shortens the parser's error, because names in it can be as long as a tag,
// and removes characters that cannot be printed.
func tame(err error) error {
	message := err.Error()
	if len(message) > 2*shown {
		message = message[:2*shown] + "…"
	}
	return errors.New(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) && r != utf8.RuneError {
			return r
		}
		return '?'
	}, message))
}

// A reader takes tokens from dec, which reads data. It uses raw tokens, because
// others lack the prefixes of names, and therefore matches tags itself.
type reader struct {
	data []byte
	dec  *xml.Decoder
}

// next returns the next token and the bytes that it was made from.
func (r *reader) next() (xml.Token, []byte, error) {
	from := r.dec.InputOffset()
	token, err := r.dec.RawToken()
	switch {
	case err == io.EOF:
		return nil, nil, io.EOF
	case err != nil:
		return nil, nil, tame(err)
	}
	raw := r.data[from:r.dec.InputOffset()]
	switch t := token.(type) {
	case xml.CharData:
		// A reference to half a surrogate pair is read as U+FFFD, which is not
		// the text that was sent.
		if bytes.Count(t, []byte("\ufffd")) > bytes.Count(raw, []byte("\ufffd")) {
			return nil, nil, errors.New("a character reference names no character")
		}
	case xml.Directive:
		return nil, nil, errors.New("it holds a <!…> directive, such as a DTD")
	}
	return token, raw, nil
}

// document reads all of data. One element is the root.
func (r *reader) document() (map[string]any, error) {
	var fields map[string]any
	for {
		token, raw, err := r.next()
		switch {
		case err == io.EOF && fields == nil:
			return nil, errors.New("there is no element")
		case err == io.EOF:
			return fields, nil
		case err != nil:
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if fields != nil {
				return nil, fmt.Errorf("<%s> comes after the root element", shownName(t.Name))
			}
			if fields, err = r.root(t.Name); err != nil {
				return nil, err
			}
		case xml.EndElement:
			return nil, fmt.Errorf("</%s> has no opening tag", shownName(t.Name))
		case xml.CharData:
			if len(bytes.Trim(raw, blank)) > 0 {
				return nil, errors.New("there is text outside the root element")
			}
		case xml.ProcInst:
			if t.Target != "xml" || fields != nil {
				return nil, fmt.Errorf("it holds a processing instruction <?%s", quote.Plain(t.Target))
			}
		}
	}
}

func (r *reader) root(name xml.Name) (map[string]any, error) {
	value, err := r.element(name, 1)
	if err != nil {
		return nil, err
	}
	if text, ok := value.(string); ok {
		if strings.Trim(text, blank) != "" {
			return nil, fmt.Errorf("the root element <%s> holds text, not elements", shownName(name))
		}
		return map[string]any{}, nil
	}
	return value.(map[string]any), nil
}

// element reads what follows a start tag up to its end tag, as a string or a
// map.
func (r *reader) element(name xml.Name, level int) (any, error) {
	if strings.Contains(fullName(name), ":") {
		return nil, fmt.Errorf("the name of <%s> has a prefix", shownName(name))
	}
	if level > MaxDepth {
		return nil, fmt.Errorf("more than %d levels of elements", MaxDepth)
	}
	var text strings.Builder
	var fields map[string]any
	for {
		token, _, err := r.next()
		switch {
		case err == io.EOF:
			return nil, fmt.Errorf("it ends inside <%s>, cut off on its way", shownName(name))
		case err != nil:
			return nil, err
		}
		switch t := token.(type) {
		case xml.CharData:
			text.Write(t)
		case xml.StartElement:
			value, err := r.element(t.Name, level+1)
			if err != nil {
				return nil, err
			}
			if fields == nil {
				fields = make(map[string]any)
			}
			add(fields, t.Name.Local, value)
		case xml.EndElement:
			if t.Name != name {
				return nil, fmt.Errorf("<%s> is closed by </%s>", shownName(name), shownName(t.Name))
			}
			if fields == nil {
				return text.String(), nil
			}
			if strings.Trim(text.String(), blank) != "" {
				return nil, fmt.Errorf("<%s> holds text beside elements", shownName(name))
			}
			return fields, nil
		case xml.ProcInst:
			return nil, fmt.Errorf("<%s> holds a processing instruction <?%s", shownName(name), t.Target)
		}
	}
}

// add sets a field, or appends to it if it repeats. element makes no lists, so a
// list here always has repeated elements.
func add(fields map[string]any, name string, value any) {
	switch before := fields[name].(type) {
	case nil:
		fields[name] = value
	case []any:
		fields[name] = append(before, value)
	default:
		fields[name] = []any{before, value}
	}
}

func fullName(name xml.Name) string {
	if name.Space == "" {
		return name.Local
	}
	return name.Space + ":" + name.Local
}

// shownName returns a name for printing.
func shownName(name xml.Name) string { return quote.Plain(fullName(name)) }
