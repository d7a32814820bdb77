package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/wxchain/wechatpay/openapi"
)

// An item is an argument of a call behind its method and path.
type item struct {
	kind  itemKind
	name  string
	value string
}

type itemKind string

const (
	textItem  itemKind = "="
	jsonItem  itemKind = ":="
	queryItem itemKind = "=="
	fileItem  itemKind = "@"
)

const itemForms = "name=text, name:=json, name==query or @file"

// parseItem takes an argument apart. What is wrong is said without its value,
// which may be personal.
func parseItem(arg string) (item, error) {
	if strings.Contains(arg, "PRIVATE KEY-----") {
		return item{}, errors.New("an item holds a private key: a secret is never an argument, others on this machine can see it")
	}
	if path, ok := strings.CutPrefix(arg, string(fileItem)); ok {
		if path == "" {
			return item{}, errors.New("@ lacks the path of a file; an item is " + itemForms)
		}
		return item{fileItem, "", path}, nil
	}
	name, value, ok := strings.Cut(arg, "=")
	if !ok {
		return item{}, fmt.Errorf("%q is no item; an item is %s", cut(arg), itemForms)
	}
	i := item{textItem, name, value}
	if before, ok := strings.CutSuffix(name, ":"); ok {
		i.kind, i.name = jsonItem, before
	} else if after, ok := strings.CutPrefix(value, "="); ok {
		i.kind, i.value = queryItem, after
	}
	switch {
	case i.name == "":
		return item{}, fmt.Errorf("an item that starts with %q has no name; an item is %s", i.kind, itemForms)
	case i.kind == jsonItem && !json.Valid([]byte(i.value)):
		return item{}, fmt.Errorf("item %s:= is not valid JSON; write %[1]s=… for text", i.name)
	}
	return i, nil
}

// cut shortens what is only there to be recognized.
func cut(s string) string {
	const most = 20
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

func parseItems(args []string) ([]item, error) {
	var items []item
	for _, arg := range args {
		i, err := parseItem(arg)
		if err != nil {
			return nil, err
		}
		if i.kind == fileItem && slices.ContainsFunc(items, func(i item) bool { return i.kind == fileItem }) {
			return nil, errors.New("two files are given, a call takes one")
		}
		items = append(items, i)
	}
	return items, nil
}

// checkOnce reports two items of which one would take the place of the other. A
// parameter of the query that the catalogue has as a list may be given several
// times. op may be nil.
func checkOnce(items []item, op *openapi.Operation) error {
	for n, i := range items {
		for _, other := range items[:n] {
			both := overlap(other.kind, other.name, i.kind, i.name)
			if both == "" || i.kind == fileItem || other.kind == fileItem || i.kind == queryItem && isList(op, i.name) {
				continue
			}
			return fmt.Errorf("two items set %s", cut(both))
		}
	}
	return nil
}

// isList reports whether a parameter of the query is a list.
func isList(op *openapi.Operation, name string) bool {
	return op != nil && slices.ContainsFunc(op.Query, func(p openapi.Parameter) bool { return p.Name == name && p.Type == openapi.Array })
}

// raw is the value as JSON.
func (i item) raw() any {
	if i.kind == jsonItem {
		return json.RawMessage(i.value)
	}
	return i.value
}

// decoded is the value as Go, its numbers as they were written.
func (i item) decoded() any {
	if i.kind != jsonItem {
		return i.value
	}
	d := json.NewDecoder(strings.NewReader(i.value))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil { // it was found valid
		return i.value
	}
	return v
}

// scalar is the value of a variable.
func (i item) scalar() any {
	if v := i.decoded(); i.kind == jsonItem {
		if n, ok := v.(json.Number); ok {
			return n.String()
		}
		return v
	}
	return i.value
}
