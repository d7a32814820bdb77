// Package sdkmodel has the operations of wechatpay-go as its models have them: names,
// types, required fields and enums. Tests make requests that fit the models.
package sdkmodel

import (
	"bytes"
	_ "embed"
	"encoding/json"

	"github.com/wxchain/wechatpay/openapi"
)

// The models of wechatpay-go 0.2.21, an operation a line.
//
//go:embed wechatpay-go.jsonl
var lines []byte

// An Operation is an operation of the SDK.
type Operation struct {
	Method, Template  string
	Path, Query, Form []Parameter
	JSON              *Schema
	Responses         map[string]*Schema
}

// A Parameter is a named value of a path, a query or a form.
type Parameter struct {
	Name     string
	Required bool
	Schema
}

// A Schema describes a value.
type Schema struct {
	Type       string
	Enum       []any
	Items      *Schema
	Properties map[string]*Schema
	Required   []string
}

// UnmarshalJSON reads a parameter. Its key required is a boolean, or of an object the
// list of its fields.
func (p *Parameter) UnmarshalJSON(text []byte) error {
	var plain struct {
		Name, Type string
		Required   json.RawMessage
		Enum       []any
		Items      *Schema
	}
	err := json.Unmarshal(text, &plain)
	*p = Parameter{plain.Name, string(plain.Required) == "true", Schema{Type: plain.Type, Enum: plain.Enum, Items: plain.Items}}
	return err
}

// Operations returns the operations that wechatpay-go and the catalogue both know.
func Operations() (map[*openapi.Operation]Operation, error) {
	known := make(map[*openapi.Operation]Operation)
	for line := range bytes.Lines(lines) {
		var o Operation
		if err := json.Unmarshal(line, &o); err != nil {
			return nil, err
		}
		if op := openapi.Lookup(o.Method, o.Template); op != nil {
			known[op] = o
		}
	}
	return known, nil
}
