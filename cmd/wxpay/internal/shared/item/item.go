// Package item parses arguments such as name=text and turns them into options
// of a call.
package item

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/openapi"
)

// An Item is an argument that follows the method and the path of a call.
type Item struct {
	Kind  Kind
	Name  string
	Value string
}

// A Kind is the separator of an item, which says what the item is.
type Kind string

// The kinds of items.
const (
	Text   Kind = "="
	JSON   Kind = ":="
	Query  Kind = "=="
	Header Kind = ":"
	File   Kind = "@"
)

const itemForms lang.Phrase = "name=text, name:=json, name==query or @file, and a header is Name:text"

// header matches the item of a header. Its name starts with a capital letter: total:1
// is a mistake for total:=1.
var header = regexp.MustCompile(`^([A-Z][A-Za-z0-9-]*):([^=].*)$`)

// Parse splits an argument into an item. Errors do not quote the value, because
// it may be personal data.
func Parse(arg string) (Item, error) {
	if strings.Contains(arg, "PRIVATE KEY-----") {
		return Item{}, lang.Errorf("an item holds a private key; never pass a secret as an argument, because others on this machine can see it")
	}
	if path, ok := strings.CutPrefix(arg, string(File)); ok {
		if path == "" {
			return Item{}, lang.Errorf("@ lacks the path of a file; an item is %s", itemForms)
		}
		return Item{File, "", path}, nil
	}
	if m := header.FindStringSubmatch(arg); m != nil {
		return Item{Header, m[1], m[2]}, nil
	}
	name, value, ok := strings.Cut(arg, "=")
	if !ok {
		return Item{}, lang.Errorf("%q is not an item; an item is %s", term.Cut(arg), itemForms)
	}
	i := Item{Text, name, value}
	if before, ok := strings.CutSuffix(name, ":"); ok {
		i.Kind, i.Name = JSON, before
	} else if after, ok := strings.CutPrefix(value, "="); ok {
		i.Kind, i.Value = Query, after
	}
	switch {
	case i.Name == "":
		return Item{}, lang.Errorf("an item that starts with %q has no name; an item is %s", i.Kind, itemForms)
	case i.Kind == JSON && !json.Valid([]byte(i.Value)):
		return Item{}, lang.Errorf("item %s:= is not valid JSON; write %[1]s=… for text", i.Name)
	}
	return i, nil
}

// ParseAll parses arguments. At most one of them may be a file.
func ParseAll(args []string) ([]Item, error) {
	var items []Item
	for _, arg := range args {
		i, err := Parse(arg)
		if err != nil {
			return nil, err
		}
		if i.Kind == File && slices.ContainsFunc(items, func(i Item) bool { return i.Kind == File }) {
			return nil, lang.Errorf("two files are given; a call takes one")
		}
		items = append(items, i)
	}
	return items, nil
}

// CheckOnce returns an error if two items set the same value. A query parameter
// that is a list in the catalogue may be given several times. op may be nil.
func CheckOnce(items []Item, op *openapi.Operation) error {
	for n, i := range items {
		for _, other := range items[:n] {
			both := Overlap(other.Kind, other.Name, i.Kind, i.Name)
			if both == "" || i.Kind == File || other.Kind == File || i.Kind == Query && isList(op, i.Name) {
				continue
			}
			return lang.Errorf("two items set %s", term.Cut(both))
		}
	}
	return nil
}

// isList reports whether a query parameter is a list.
func isList(op *openapi.Operation, name string) bool {
	return op != nil && slices.ContainsFunc(op.Query, func(p openapi.Parameter) bool { return p.Name == name && p.Type == openapi.Array })
}

// raw returns the value as JSON.
func (i Item) raw() any {
	if i.Kind == JSON {
		return json.RawMessage(i.Value)
	}
	return i.Value
}

// Decoded returns the value as a Go value. Numbers keep their original
// spelling.
func (i Item) Decoded() any {
	if i.Kind != JSON {
		return i.Value
	}
	d := json.NewDecoder(strings.NewReader(i.Value))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil { // Parse has already validated the JSON
		return i.Value
	}
	return v
}

// scalar returns the value of an item for a path variable.
func (i Item) scalar() any {
	if v := i.Decoded(); i.Kind == JSON {
		if n, ok := v.(json.Number); ok {
			return n.String()
		}
		return v
	}
	return i.Value
}

// Overlap returns the name that two items would both set: the names are equal,
// or one names a part of the other. It returns "" if they do not overlap.
func Overlap(kind Kind, name string, otherKind Kind, other string) string {
	if kind == Header || otherKind == Header {
		if kind == otherKind && strings.EqualFold(name, other) {
			return name
		}
		return ""
	}
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
