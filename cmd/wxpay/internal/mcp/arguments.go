package mcp

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/wxchain/wechatpay/internal/suggest"
)

// misfit says which argument does not fit a schema, and what it takes. It quotes no value,
// which may be a secret. It returns nil if it finds nothing wrong. It knows what the
// schemas of tools have.
func misfit(at string, schema *jsonschema.Schema, v any) error {
	if types := typesOf(schema); len(types) > 0 && !slices.ContainsFunc(types, func(t string) bool { return isOfType(v, t) }) {
		return fmt.Errorf("%s: want %s, got %s", at, alternatives(types), nameOfType(v))
	}
	if len(schema.Enum) > 0 && !slices.Contains(schema.Enum, v) {
		return wrongEnum(at, schema.Enum, v)
	}
	switch v := v.(type) {
	case map[string]any:
		return misfitIn(at, schema, v)
	case []any:
		for i, element := range v {
			if schema.Items == nil {
				break
			}
			if err := misfit(at+"."+strconv.Itoa(i), schema.Items, element); err != nil {
				return err
			}
		}
	}
	return nil
}

// misfitIn is misfit for an object. The arguments themselves are the object at "".
func misfitIn(at string, schema *jsonschema.Schema, v map[string]any) error {
	names := slices.Sorted(maps.Keys(schema.Properties))
	for _, name := range slices.Sorted(maps.Keys(v)) {
		property := schema.Properties[name]
		if property == nil {
			property = schema.AdditionalProperties
		}
		if property == nil {
			continue // anything goes
		}
		if schema.Properties[name] == nil && property.Not != nil {
			return unknownArgument(below(at, cut(name, 64)), name, names)
		}
		if err := misfit(below(at, cut(name, 64)), property, v[name]); err != nil {
			return err
		}
	}
	for _, name := range schema.Required {
		if _, ok := v[name]; !ok {
			return fmt.Errorf("%s is missing%s", below(at, name), described(schema.Properties[name]))
		}
	}
	return nil
}

func below(at, name string) string { return strings.TrimPrefix(at+"."+name, ".") }

func described(property *jsonschema.Schema) string {
	switch {
	case property == nil:
		return ""
	case len(property.Enum) > 0:
		return ": want " + alternatives(texts(property.Enum))
	case property.Description != "":
		return ": want " + property.Description
	}
	return ""
}

func unknownArgument(at, name string, names []string) error {
	if nearest := suggest.Nearest(name, names); nearest != "" {
		return fmt.Errorf("there is no argument %s; did you mean %s?", at, nearest)
	}
	return fmt.Errorf("there is no argument %s; the arguments are %s", at, strings.Join(names, ", "))
}

func wrongEnum(at string, enum []any, v any) error {
	names := texts(enum)
	if text, ok := v.(string); ok {
		if nearest := suggest.Nearest(text, names); nearest != "" {
			return fmt.Errorf("%s: did you mean %s? It is one of %s", at, nearest, strings.Join(names, ", "))
		}
	}
	return fmt.Errorf("%s: want one of %s", at, strings.Join(names, ", "))
}

func texts(values []any) []string {
	names := make([]string, len(values))
	for i, v := range values {
		names[i] = fmt.Sprint(v)
	}
	return names
}

// typesOf returns the types that a schema allows, without null: an argument that is null
// counts as absent.
func typesOf(schema *jsonschema.Schema) []string {
	types := slices.Clone(schema.Types)
	if schema.Type != "" {
		types = append(types, schema.Type)
	}
	return slices.DeleteFunc(types, func(t string) bool { return t == "null" })
}

func isOfType(v any, t string) bool {
	switch v := v.(type) {
	case map[string]any:
		return t == "object"
	case []any:
		return t == "array"
	case string:
		return t == "string"
	case bool:
		return t == "boolean"
	case float64:
		return t == "number" || t == "integer" && v == math.Trunc(v)
	}
	return t == "null"
}

func nameOfType(v any) string {
	switch v.(type) {
	case map[string]any:
		return "an object"
	case []any:
		return "an array"
	case string:
		return "a text"
	case bool:
		return "a boolean"
	case float64:
		return "a number"
	}
	return "null"
}

// alternatives joins names by commas, and the last one by "or".
func alternatives(names []string) string {
	said := make([]string, len(names))
	for i, name := range names {
		said[i] = name
		switch name {
		case "object", "array", "integer":
			said[i] = "an " + name
		case "string":
			said[i] = "a text"
		case "number", "boolean":
			said[i] = "a " + name
		}
	}
	if n := len(said); n > 1 {
		return strings.Join(said[:n-1], ", ") + " or " + said[n-1]
	}
	return strings.Join(said, "")
}

// withoutNull removes the arguments that are null, which count as absent.
func withoutNull(v any) any {
	if object, ok := v.(map[string]any); ok {
		maps.DeleteFunc(object, func(_ string, value any) bool { return value == nil })
	}
	return v
}

// checkArguments checks arguments against a schema.
func checkArguments(raw json.RawMessage, schema *jsonschema.Resolved) error {
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return errors.New("a number is out of range")
	}
	v = withoutNull(v)
	object, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("want an object, got %s", nameOfType(v))
	}
	if err := misfitIn("", schema.Schema(), object); err != nil {
		return err
	}
	if schema.Validate(v) != nil {
		return errors.New("they do not fit the schema of the tool")
	}
	return nil
}
