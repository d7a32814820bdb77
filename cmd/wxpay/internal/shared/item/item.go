// Package item reads arguments such as name=text, and makes options of a call of
// them.
package item

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/openapi"
)

// An Item is an argument of a call behind its method and path.
type Item struct {
	Kind  Kind
	Name  string
	Value string
}

// A Kind is what an item is, as it is written.
type Kind string

// The kinds of items.
const (
	Text  Kind = "="
	JSON  Kind = ":="
	Query Kind = "=="
	File  Kind = "@"
)

const itemForms = "name=text, name:=json, name==query or @file"

// Parse takes an argument apart. What is wrong is said without its value,
// which may be personal.
func Parse(arg string) (Item, error) {
	if strings.Contains(arg, "PRIVATE KEY-----") {
		return Item{}, errors.New("an item holds a private key: a secret is never an argument, others on this machine can see it")
	}
	if path, ok := strings.CutPrefix(arg, string(File)); ok {
		if path == "" {
			return Item{}, errors.New("@ lacks the path of a file; an item is " + itemForms)
		}
		return Item{File, "", path}, nil
	}
	name, value, ok := strings.Cut(arg, "=")
	if !ok {
		return Item{}, fmt.Errorf("%q is no item; an item is %s", term.Cut(arg), itemForms)
	}
	i := Item{Text, name, value}
	if before, ok := strings.CutSuffix(name, ":"); ok {
		i.Kind, i.Name = JSON, before
	} else if after, ok := strings.CutPrefix(value, "="); ok {
		i.Kind, i.Value = Query, after
	}
	switch {
	case i.Name == "":
		return Item{}, fmt.Errorf("an item that starts with %q has no name; an item is %s", i.Kind, itemForms)
	case i.Kind == JSON && !json.Valid([]byte(i.Value)):
		return Item{}, fmt.Errorf("item %s:= is not valid JSON; write %[1]s=… for text", i.Name)
	}
	return i, nil
}

// ParseAll parses arguments, of which at most one is a file.
func ParseAll(args []string) ([]Item, error) {
	var items []Item
	for _, arg := range args {
		i, err := Parse(arg)
		if err != nil {
			return nil, err
		}
		if i.Kind == File && slices.ContainsFunc(items, func(i Item) bool { return i.Kind == File }) {
			return nil, errors.New("two files are given, a call takes one")
		}
		items = append(items, i)
	}
	return items, nil
}

// CheckOnce reports two items of which one would take the place of the other. A
// parameter of the query that the catalogue has as a list may be given several
// times. op may be nil.
func CheckOnce(items []Item, op *openapi.Operation) error {
	for n, i := range items {
		for _, other := range items[:n] {
			both := Overlap(other.Kind, other.Name, i.Kind, i.Name)
			if both == "" || i.Kind == File || other.Kind == File || i.Kind == Query && isList(op, i.Name) {
				continue
			}
			return fmt.Errorf("two items set %s", term.Cut(both))
		}
	}
	return nil
}

// isList reports whether a parameter of the query is a list.
func isList(op *openapi.Operation, name string) bool {
	return op != nil && slices.ContainsFunc(op.Query, func(p openapi.Parameter) bool { return p.Name == name && p.Type == openapi.Array })
}

// raw is the value as JSON.
func (i Item) raw() any {
	if i.Kind == JSON {
		return json.RawMessage(i.Value)
	}
	return i.Value
}

// Decoded is the value as Go, its numbers as they were written.
func (i Item) Decoded() any {
	if i.Kind != JSON {
		return i.Value
	}
	d := json.NewDecoder(strings.NewReader(i.Value))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil { // it was found valid
		return i.Value
	}
	return v
}

// scalar is the value of a variable.
func (i Item) scalar() any {
	if v := i.Decoded(); i.Kind == JSON {
		if n, ok := v.(json.Number); ok {
			return n.String()
		}
		return v
	}
	return i.Value
}

// Overlap is what two names set both, so that one value would take the place of
// another: one is the other, or in it. It is "" when there is nothing.
func Overlap(kind Kind, name string, otherKind Kind, other string) string {
	switch isQuery := kind == Query; {
	case isQuery != (otherKind == Query):
		return ""
	case name == other, !isQuery && strings.HasPrefix(other, name+"."):
		return name
	case !isQuery && strings.HasPrefix(name, other+"."):
		return other
	}
	return ""
}
