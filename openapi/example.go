package openapi

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// Example returns a body that fits an operation. For the status 0 it is the body of
// the request, for any other status that of the answer. It is nil if there is no such
// body. The same operation has the same example every time.
//
// The body is a JSON object with all documented fields, required or not, in the order
// of the documentation. It may have fields that exclude each other. A value is the
// documented example, the default or the first value of the enum, whichever fits its
// type, length and bounds; otherwise it is made up. An array has one element, and the n
// of a numbered field is 0. An encrypted field is plain text.
//
// For APIv2 the fields are the elements of the XML, and all values are text. A request
// lacks the fields that the signer adds, such as sign. For an upload the fields are the
// parts of the form except the file.
func Example(op *Operation, status int) json.RawMessage {
	if op == nil {
		return nil
	}
	e := exampler{text: op.isV2()}
	if status != 0 {
		if r, _ := op.Response(status); r.Body != nil {
			return e.value(nil, r.Body, 0)
		}
		return nil
	}
	s := op.Body()
	if s == nil && len(op.Form) > 0 {
		s = &Schema{Type: Object}
		for i := range op.Form {
			if p := &op.Form[i]; p.Type != File {
				s.Properties = append(s.Properties, Property{p.Name, p.Required, &p.Schema})
			}
		}
	}
	if s == nil {
		return nil
	}
	if e.text {
		kept := *s
		kept.Properties = slices.DeleteFunc(slices.Clone(s.Properties), func(p Property) bool { return implied(p.Name) })
		s = &kept
	}
	return e.value(nil, s, 0)
}

// ExampleValue returns a text that fits a parameter of a path, a query or a header. For
// an array it returns one element.
func ExampleValue(p Parameter) string {
	v := gjson.ParseBytes(exampler{text: true}.value(nil, &p.Schema, 0))
	if v.IsArray() {
		v = v.Get("0")
	}
	return v.String()
}

// exampler writes values that fit schemas.
type exampler struct {
	text bool // every scalar is text
}

// deepest is how deep an example may be; a schema that holds itself has no
// end.
const deepest = 32

// value appends an example to dst.
func (e exampler) value(dst []byte, s *Schema, depth int) []byte {
	switch {
	case depth > deepest:
		return append(dst, "null"...)
	case s.Type == Object:
		return e.object(dst, s, depth)
	case s.Type == Array:
		return e.array(dst, s, depth)
	case s.Type == Boolean && !e.text:
		on, _ := strconv.ParseBool(s.exampleText())
		return strconv.AppendBool(dst, on)
	case (s.Type == Integer || s.Type == Number) && !e.text:
		return append(dst, s.exampleText()...)
	}
	return appendText(dst, s.exampleText())
}

func (e exampler) object(dst []byte, s *Schema, depth int) []byte {
	if len(s.Properties) == 0 && json.Valid([]byte(s.Example)) && gjson.Parse(s.Example).IsObject() {
		return append(dst, s.Example...)
	}
	dst = append(dst, '{')
	for i, p := range s.Properties {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(dst, firstOfNumbered.Replace(p.Name))
		dst = append(dst, ':')
		dst = e.value(dst, p.Schema, depth+1)
	}
	return append(dst, '}')
}

var firstOfNumbered = strings.NewReplacer("$n", "0", "$m", "0")

// array appends an array of one element. The example of an array is the text
// of an array or of an element.
func (e exampler) array(dst []byte, s *Schema, depth int) []byte {
	element := s.Example
	if json.Valid([]byte(element)) {
		if v := gjson.Parse(element); v.IsArray() {
			element = v.Get("0").String()
		}
	}
	var items Schema
	switch {
	case s.Items != nil:
		items = *s.Items
	case element == "":
		return append(dst, "[]"...)
	}
	if items.Example == "" {
		items.Example = element
	}
	dst = append(dst, '[')
	dst = e.value(dst, &items, depth+1)
	return append(dst, ']')
}

// exampleText returns a scalar that fits, as text; of a number, as in JSON.
func (s *Schema) exampleText() string {
	for _, text := range append([]string{s.Example, s.Default}, s.Enum...) {
		if text != "" && s.misfit(text, false) == nil && !isBrokenTime(text) && (s.Type != Integer && s.Type != Number || json.Valid([]byte(text))) {
			return text
		}
	}
	return s.madeUp()
}

// isBrokenTime reports whether text starts as a time of RFC 3339 and is not one, as
// some examples of the documentation: 2020-05-20T13:29:35.08:00.
func isBrokenTime(text string) bool {
	if len(text) < len("2006-01-02T") {
		return false
	}
	if _, err := time.Parse("2006-01-02T", text[:len("2006-01-02T")]); err != nil {
		return false
	}
	_, err := time.Parse(time.RFC3339, text)
	return err != nil
}

// madeUp returns a scalar that nobody documented.
func (s *Schema) madeUp() string {
	switch s.Type {
	case Boolean:
		return "true"
	case Integer, Number:
		switch {
		case s.Minimum != nil && *s.Minimum > 1:
			return number(*s.Minimum)
		case s.Maximum != nil && *s.Maximum < 1:
			return number(*s.Maximum)
		}
		return "1"
	}
	return s.madeUpText()
}

// madeUpText makes up a string of the schema's format and length.
func (s *Schema) madeUpText() string {
	text := "example"
	switch s.Format {
	case "rfc3339":
		return "2018-06-08T10:34:56+08:00"
	case "date":
		return "2018-06-08"
	case "json":
		return "{}"
	case "uint64":
		text = "1"
	case "url", "media_url":
		text = "https://www.example.com/example"
	case "base64":
		text = "ZXhhbXBsZQ=="
	}
	for utf8.RuneCountInString(text) < s.MinLength {
		text += text
	}
	if n := s.MaxLength; n > 0 && utf8.RuneCountInString(text) > n {
		text = string([]rune(text)[:n])
	}
	return text
}

// appendText appends text as JSON, readable: with no HTML escaped.
func appendText(dst []byte, text string) []byte {
	var buf bytes.Buffer
	encoder := json.NewEncoder(&buf)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a string has always a form in JSON
	return append(dst, bytes.TrimSpace(buf.Bytes())...)
}
