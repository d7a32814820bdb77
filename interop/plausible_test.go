package interop

import (
	"encoding/json"
	"maps"
	"testing"

	"github.com/wxchain/wechatpay/openapi"
)

// fields are the fields of a request by name.
type fields = map[string]any

// A plausible request is what a merchant would send to an operation. It has the
// fields that are required, and documented examples as their values.
type plausible struct {
	op    *openapi.Operation
	usual fields // values of fields by name, at any depth, in place of examples
	given fields // values of fields by name, which the request has whether required or not; nil for fields that it lacks
	also  map[string]bool
}

// alternatives adds the first of the fields of which one is needed.
func (p plausible) alternatives(groups []openapi.OneOf, above string) {
	for _, group := range groups {
		needed := true
		for _, fields := range group {
			for _, name := range fields {
				if _, given := p.given[name]; above == "" && given || p.also[above+name] {
					needed = false
				}
			}
		}
		if needed {
			for _, name := range group[0] {
				p.also[above+name] = true
			}
		}
	}
}

// parameters returns the values of a path or a query.
func (p plausible) parameters(documented []openapi.Parameter) fields {
	values := make(fields)
	for _, parameter := range documented {
		name := parameter.Name
		if given, ok := p.given[name]; ok {
			values[name] = given
			continue
		}
		if !parameter.Required && !p.also[name] {
			continue
		}
		if values[name] = p.usual[name]; values[name] == nil {
			values[name] = typed(parameter.Type, openapi.ExampleValue(parameter))
		}
	}
	return values
}

// typed returns the value that a text stands for.
func typed(t openapi.Type, text string) any {
	switch t {
	case openapi.Integer, openapi.Number, openapi.Boolean:
		return json.RawMessage(text)
	case openapi.Array:
		return []string{text}
	}
	return text
}

// body returns the fields of the body, which are none if the operation has no body.
func (p plausible) body(t *testing.T) fields {
	t.Helper()
	schema := p.op.Body()
	if schema == nil {
		return nil
	}
	var example fields
	if err := json.Unmarshal(openapi.Example(p.op, 0), &example); err != nil {
		t.Fatal(err)
	}
	body := p.object(schema, example, "")
	for name, given := range p.given {
		switch {
		case given == nil:
			delete(body, name)
		case schema.Property(name) != nil:
			body[name] = given
		}
	}
	return body
}

// object returns the fields of an example that the request has.
func (p plausible) object(schema *openapi.Schema, example fields, above string) fields {
	p.alternatives(schema.OneOf, above)
	kept := make(fields)
	for name, value := range example {
		property := schema.Property(name)
		if property == nil || !property.Required && !p.also[above+name] {
			continue
		}
		if usual, ok := p.usual[name]; ok {
			value = usual
		}
		kept[name] = p.value(property.Schema, value, above+name)
	}
	return kept
}

func (p plausible) value(schema *openapi.Schema, value any, path string) any {
	switch value := value.(type) {
	case fields:
		return p.object(schema, value, path+".")
	case []any:
		if schema.Items == nil {
			return value
		}
		kept := make([]any, len(value))
		for i := range value {
			kept[i] = p.value(schema.Items, value[i], path+"[]")
		}
		return kept
	}
	return value
}

// all returns the fields of headers, path, query and body together.
func (p plausible) all(t *testing.T) fields {
	t.Helper()
	all := p.parameters(p.op.Headers)
	maps.Copy(all, p.parameters(p.op.Path))
	p.alternatives(p.op.QueryOneOf, "")
	maps.Copy(all, p.parameters(p.op.Query))
	maps.Copy(all, p.body(t))
	return all
}
