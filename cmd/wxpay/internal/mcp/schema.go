package mcp

import (
	"cmp"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/wxchain/wechatpay/openapi"
)

// schemas are JSON Schemas of bodies of which parts can be taken. Each property is a row,
// in the order of the documentation, and so is each body.
type schemas struct {
	bodies map[string]*openapi.Schema
	names  []string
	sealed bool // texts in base64 are sent encrypted
	isText bool // all values are texts, as in XML
	rows   int
	first  map[*openapi.Schema]int // the row of a schema
	end    map[*openapi.Schema]int // the row after those in it
}

func newSchemas(bodies map[string]*openapi.Schema, sealed, isText bool) *schemas {
	w := &schemas{bodies: bodies, names: slices.Sorted(maps.Keys(bodies)), sealed: sealed, isText: isText,
		first: make(map[*openapi.Schema]int), end: make(map[*openapi.Schema]int)}
	for _, name := range w.names {
		w.number(bodies[name])
	}
	return w
}

// wholeSchema returns the JSON Schema of one value.
func wholeSchema(s *openapi.Schema) *jsonschema.Schema {
	const name = "value"
	w := newSchemas(map[string]*openapi.Schema{name: s}, false, false)
	return w.between(0, w.rows)[name]
}

// number gives rows to a schema and to those in it.
func (w *schemas) number(s *openapi.Schema) {
	w.first[s] = w.rows
	w.rows++
	for _, p := range s.Properties {
		w.number(p.Schema)
	}
	if s.Items != nil {
		w.number(s.Items)
	}
	w.end[s] = w.rows
}

// between returns the schemas with the rows from from up to to, and what holds these.
func (w *schemas) between(from, to int) map[string]*jsonschema.Schema {
	all := make(map[string]*jsonschema.Schema)
	for _, name := range w.names {
		if made := w.of(w.bodies[name], from, to); made != nil {
			all[name] = made
		}
	}
	return all
}

// of returns the part of a schema between rows, or nil if it has none there. What is said
// of the schema itself is in the part with its own row.
func (w *schemas) of(s *openapi.Schema, from, to int) *jsonschema.Schema {
	if w.first[s] >= to || w.end[s] <= from {
		return nil
	}
	out := &jsonschema.Schema{Type: w.typeOf(s)}
	if w.first[s] >= from {
		w.describe(out, s)
	}
	if s.Items != nil {
		out.Items = w.of(s.Items, from, to)
	}
	for _, p := range s.Properties {
		made := w.of(p.Schema, from, to)
		if made == nil {
			continue
		}
		if pattern := numbered(p.Name); pattern != "" {
			if out.PatternProperties == nil {
				out.PatternProperties = make(map[string]*jsonschema.Schema)
			}
			out.PatternProperties[pattern] = made
			continue
		}
		if out.Properties == nil {
			out.Properties = make(map[string]*jsonschema.Schema)
		}
		out.Properties[p.Name] = made
		out.PropertyOrder = append(out.PropertyOrder, p.Name)
		switch isOwn := w.isText && isSigned(p.Name); {
		case isOwn && w.first[p.Schema] >= from:
			made.Description = "the client adds it; leave it out"
		case p.Required && w.first[p.Schema] >= from:
			out.Required = append(out.Required, p.Name)
		}
	}
	return out
}

// isSigned reports whether a field of APIv2 is added by who signs the call.
func isSigned(name string) bool {
	switch name {
	case "mch_id", "mchid", "nonce_str", "sign", "sign_type":
		return true
	}
	return false
}

var number = regexp.MustCompile(`\\\$[nm]`)

// numbered returns the pattern of a name with a $n for a number, or "".
func numbered(name string) string {
	if !strings.Contains(name, "$") {
		return ""
	}
	return "^" + number.ReplaceAllString(regexp.QuoteMeta(name), "[0-9]+") + "$"
}

func (w *schemas) typeOf(s *openapi.Schema) string {
	switch {
	case s.Type == openapi.File, w.isText && s.Type != openapi.Object && s.Type != openapi.Array:
		return string(openapi.String)
	}
	return string(s.Type)
}

// describe adds what is documented of a schema itself.
func (w *schemas) describe(out *jsonschema.Schema, s *openapi.Schema) {
	out.Title, out.Format = s.Label, s.Format
	out.Minimum, out.Maximum = s.Minimum, s.Maximum
	if w.isText {
		out.Minimum, out.Maximum = nil, nil
	}
	if s.MaxLength > 0 {
		out.MaxLength = &s.MaxLength
	}
	if s.MinLength > 0 {
		out.MinLength = &s.MinLength
	}
	for _, text := range s.Enum {
		out.Enum = append(out.Enum, w.value(s, text))
	}
	if s.Default != "" {
		out.Default, _ = json.Marshal(w.value(s, s.Default)) // a text, a number or a bool
	}
	if s.Example != "" && len(s.Example) <= maxPiece {
		out.Examples = []any{w.value(s, s.Example)}
	}
	if w.sealed && s.Format == "base64" {
		out.Format, out.MaxLength = "", nil
		out.Description = "sent encrypted; write it in plain text"
	}
	var groups []*jsonschema.Schema
	for _, group := range s.OneOf {
		one := &jsonschema.Schema{}
		for _, names := range group {
			one.AnyOf = append(one.AnyOf, &jsonschema.Schema{Required: names})
		}
		groups = append(groups, one)
	}
	out.AllOf = groups
}

// value returns a text of the catalogue as a value of its schema.
func (w *schemas) value(s *openapi.Schema, text string) any {
	if w.isText {
		return text
	}
	switch s.Type {
	case openapi.Integer, openapi.Number:
		if json.Valid([]byte(text)) {
			return json.Number(cmp.Or(strings.TrimSpace(text), "0"))
		}
	case openapi.Boolean:
		if b, err := strconv.ParseBool(text); err == nil {
			return b
		}
	}
	return text
}
