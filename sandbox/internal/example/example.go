// Package example writes the answers of operations that no product handles: the
// examples of the documentation, with what the request gave.
package example

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/openapi"
)

// A Request is what an answer repeats.
type Request struct {
	MchID string            // who asks
	Named map[string]string // by name, such as the variables of the path and the query
	Body  gjson.Result      // with its encrypted fields in plain text
	// Encrypt encrypts a field for who asks. It may be nil if the operation has no
	// encrypted fields.
	Encrypt func(text string) (string, error)
}

// Answer returns the example of an operation's answer as JSON, or nil if it has no
// body. A number or an ID that the request gave, and each field at the top that it
// gave, is in the answer by the same name. An error is only beside a state that has
// failed. Encrypted fields are encrypted.
func Answer(op *openapi.Operation, status int, r Request) ([]byte, error) {
	text := openapi.Example(op, status)
	if text == nil {
		return nil, nil
	}
	documented, _ := op.Response(status)
	w := writer{Request: r, found: newFound(r), encrypted: op.EncryptedFields()}
	answer := w.value(nil, place{example: gjson.ParseBytes(text), schema: documented.Body, asked: r.Body, depth: 0})
	return answer, w.err
}

type writer struct {
	Request
	found     found
	encrypted []string
	err       error
}

// A place is a value of an answer.
type place struct {
	example gjson.Result
	schema  *openapi.Schema
	asked   gjson.Result // what the request has in the same place
	name    string       // of the field
	path    string       // "data[].payer_phone"
	depth   int          // in objects
}

// value appends what an answer has in a place.
func (w *writer) value(dst []byte, p place) []byte {
	switch {
	case p.schema == nil:
		return append(dst, p.example.Raw...)
	case p.example.IsObject():
		return w.object(dst, p)
	case p.example.IsArray():
		return w.array(dst, p)
	}
	return w.scalar(dst, p)
}

func (w *writer) object(dst []byte, p place) []byte {
	dst = append(dst, '{')
	empty := true
	hides, isCode := hidesErrors(p), hasErrorCode(p.example)
	p.example.ForEach(func(name, v gjson.Result) bool {
		field := p.schema.Property(name.Str)
		inner := place{example: v, name: name.Str, path: strings.TrimPrefix(p.path+"."+name.Str, "."), depth: p.depth + 1}
		if field != nil {
			inner.schema = field.Schema
		}
		if p.asked.IsObject() {
			inner.asked = member(p.asked, name.Str)
		}
		isError := hides && isError(name.Str) || isCode && (name.Str == "code" || name.Str == "message")
		if isError && (field == nil || !field.Required) {
			return true
		}
		if !empty {
			dst = append(dst, ',')
		}
		empty = false
		dst = append(appendText(dst, name.Str), ':')
		if isError || countsFailures(name.Str) {
			dst = append(dst, nothing(v)...)
		} else {
			dst = w.value(dst, inner)
		}
		return true
	})
	return append(dst, '}')
}

// maxElements bounds the elements of an array that a request makes.
const maxElements = 100

// array appends an array with as many elements as the request has in this place.
func (w *writer) array(dst []byte, p place) []byte {
	asked := p.asked
	if !asked.Exists() && p.depth == 1 {
		asked = w.found.lists[p.name]
	}
	elements := asked.Array()
	if !asked.IsArray() || len(elements) > maxElements {
		elements = nil
	}
	dst = append(dst, '[')
	p.example.ForEach(func(_, v gjson.Result) bool {
		for i := range max(1, len(elements)) {
			inner := place{example: v, schema: p.schema.Items, name: p.name, path: p.path + "[]", depth: p.depth}
			if i < len(elements) {
				inner.asked = elements[i]
			}
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = w.value(dst, inner)
		}
		return false
	})
	return append(dst, ']')
}

func (w *writer) scalar(dst []byte, p place) []byte {
	text, ok := w.given(p)
	ok = ok && !strings.Contains(text, "://") // the URLs of an answer lead to the sandbox
	if slices.Contains(w.encrypted, p.path) {
		if !ok {
			text = sample(p.name)
		}
		ciphertext, err := w.Encrypt(text)
		if err != nil {
			w.err = err
		}
		return appendText(dst, ciphertext)
	}
	if ok {
		if literal, ok := literalOf(text, p.schema, p.example.Type == gjson.String); ok {
			return append(dst, literal...)
		}
	}
	return append(dst, p.example.Raw...)
}

// given returns what the request gave for a place.
func (w *writer) given(p place) (text string, ok bool) {
	if isScalar(p.asked) {
		return p.asked.String(), true
	}
	if strings.HasSuffix(p.path, "[]") {
		return "", false
	}
	if text, ok := w.found.top[canonical(p.name)]; ok && (p.depth == 1 || identifies(p.name)) {
		return text, true
	}
	if !identifies(p.name) {
		return "", false
	}
	if text, ok := w.found.nested[canonical(p.name)]; ok && text != "" {
		return text, true
	}
	name := canonical(p.name)
	return w.MchID, !strings.Contains(p.path, "[]") && (name == "mchid" || name == "sp_mchid")
}

// literalOf returns a text as JSON of a schema's type, if it fits. All values of APIv2
// are texts.
func literalOf(text string, s *openapi.Schema, isText bool) (literal []byte, ok bool) {
	if isText {
		return appendText(nil, text), len(s.Enum) == 0 || slices.Contains(s.Enum, text)
	}
	switch s.Type {
	case openapi.Integer, openapi.Number:
		v := gjson.Parse(text)
		return []byte(text), json.Valid([]byte(text)) && v.Type == gjson.Number && (s.Type == openapi.Number || !strings.ContainsAny(text, ".eE"))
	case openapi.Boolean:
		return []byte(text), text == "true" || text == "false"
	}
	return nil, false
}

// sample returns a text for an encrypted field. The examples of the documentation
// are ciphertexts of unknown texts.
func sample(name string) string {
	for _, s := range [...]struct{ part, text string }{
		{"encrypt_key", "0123456789abcdef0123456789abcdef"}, {"phone", "13800000000"}, {"mobile", "13800000000"}, {"email", "user@example.com"},
		{"address", "深圳市南山区"}, {"name", "张三"}, {"account_no", "6222020000000000000"}, {"card_no", "6222020000000000000"},
		{"id", "110101199003070011"},
	} {
		if strings.Contains(name, s.part) {
			return s.text
		}
	}
	return "example"
}

func appendText(dst []byte, text string) []byte {
	literal, _ := json.Marshal(text) // a string has always a form in JSON
	return append(dst, literal...)
}
