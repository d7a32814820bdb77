package sdkmodel

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/wxchain/wechatpay/openapi"
)

// A Filler makes values that fit the models. It takes them from the catalogue's examples
// where these fit.
type Filler struct {
	All  bool // optional fields too
	Pick int  // which value of an enum, and which of several alternatives
}

// A Call is a request that fits the models.
type Call struct {
	Path  map[string]string
	Query url.Values
	Body  map[string]any // nil if there is none
}

// Target returns the path and the query.
func (c Call) Target(template string) string {
	for name, value := range c.Path {
		template = strings.ReplaceAll(template, "{"+name+"}", url.PathEscape(value))
	}
	if len(c.Query) == 0 {
		return "/" + template
	}
	return "/" + template + "?" + c.Query.Encode()
}

// Call returns a call of an operation.
func (f Filler) Call(op *openapi.Operation, o Operation) Call {
	c := Call{Path: make(map[string]string), Query: make(url.Values)}
	for _, p := range o.Path {
		c.Path[p.Name] = f.parameter(p, op.Path)
	}
	chosen := f.chosen(op.QueryOneOf, func(name string) bool {
		return slices.ContainsFunc(o.Query, func(p Parameter) bool { return p.Name == name })
	})
	for _, p := range o.Query {
		if p.Required || f.All || slices.Contains(chosen, p.Name) {
			c.Query.Set(p.Name, f.parameter(p, op.Query))
		}
	}
	if o.JSON != nil {
		c.Body = f.object(o.JSON, op.JSON)
	}
	return c
}

func (f Filler) parameter(p Parameter, known []openapi.Parameter) string {
	var schema *openapi.Schema
	for i := range known {
		if known[i].Name == p.Name {
			schema = &known[i].Schema
		}
	}
	v := f.value(&p.Schema, schema)
	if list, ok := v.([]any); ok {
		v = list[0]
	}
	return fmt.Sprint(v)
}

func (f Filler) value(s *Schema, known *openapi.Schema) any {
	switch {
	case s.Type == "object":
		return f.object(s, known)
	case s.Type == "array":
		var items *openapi.Schema
		if known != nil {
			items = known.Items
		}
		if s.Items == nil {
			return []any{}
		}
		return []any{f.value(s.Items, items)}
	case len(s.Enum) > 0:
		return s.Enum[f.Pick%len(s.Enum)]
	}
	return s.scalar(known)
}

// scalar returns the catalogue's example, if it fits the model.
func (s *Schema) scalar(known *openapi.Schema) any {
	text := "1"
	if known != nil && known.Properties == nil && known.Items == nil {
		text = openapi.ExampleValue(openapi.Parameter{Schema: *known})
	}
	switch s.Type {
	case "boolean":
		return text == "true"
	case "integer", "number":
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n
		}
		return 1
	}
	if text == "" {
		return "1"
	}
	return text
}

func (f Filler) object(s *Schema, known *openapi.Schema) map[string]any {
	m := make(map[string]any)
	for name, field := range s.Properties {
		if !f.All && !slices.Contains(s.Required, name) && !f.needed(s, known, name) {
			continue
		}
		var inner *openapi.Schema
		if known != nil {
			if p := known.Property(name); p != nil {
				inner = p.Schema
			}
		}
		m[name] = f.value(field, inner)
	}
	return m
}

// needed reports whether a correct call gives a field that the model leaves optional:
// the one of several that is chosen, a list with what the call is about (the models
// call every list optional), and the payer of a JSAPI order.
func (f Filler) needed(s *Schema, known *openapi.Schema, name string) bool {
	switch name {
	case "transfer_detail_list", "qualification_ids", "apply_infos", "openid":
		return true
	}
	return known != nil && slices.Contains(f.chosen(known.OneOf, func(name string) bool { return s.Properties[name] != nil }), name)
}

// chosen returns the fields of one alternative of each group. The model has all of them.
func (f Filler) chosen(groups []openapi.OneOf, has func(name string) bool) (names []string) {
	for _, group := range groups {
		group = slices.DeleteFunc(slices.Clone(group), func(names []string) bool {
			return slices.ContainsFunc(names, func(name string) bool { return !has(name) })
		})
		if len(group) > 0 {
			names = append(names, group[f.Pick%len(group)]...)
		}
	}
	return names
}
