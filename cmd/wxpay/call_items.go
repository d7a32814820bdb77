package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/openapi"
)

const maxBodyFile = 10 << 20 // bytes of a body from a file

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

var expression = regexp.MustCompile(`\{[+#./;?&]?([^{}]*)\}`)

// variables lists the variables of a template.
func variables(template string) []string {
	var names []string
	for _, m := range expression.FindAllStringSubmatch(template, -1) {
		for spec := range strings.SplitSeq(m[1], ",") {
			name, _, _ := strings.Cut(strings.TrimSuffix(spec, "*"), ":")
			names = append(names, name)
		}
	}
	return names
}

// isV2 tells the path of an APIv2 call.
func isV2(template string) bool {
	first, _, _ := strings.Cut(template, "/")
	return strings.EqualFold(first, "v2")
}

// options makes of items the options of a call: a variable of the template is
// bound, all others are fields of the body or of the query.
func options(method, template string, items []item, stdin io.Reader) ([]wechatpay.Option, error) {
	vars := variables(template)
	var bound []string
	var opts, fields []wechatpay.Option
	body := make(wechatpay.M) // of APIv2
	var query = make(map[string][]string)
	for _, i := range items {
		switch {
		case i.kind == fileItem:
			opt, err := fileOption(method, template, i.value, stdin)
			if err != nil {
				return nil, err
			}
			opts = append(opts, opt) // which the fields are added to
		case i.kind == queryItem:
			query[i.name] = append(query[i.name], i.value)
		case slices.Contains(vars, i.name):
			bound = append(bound, i.name)
			fields = append(fields, wechatpay.Bind(i.name, i.scalar()))
		case method == http.MethodGet:
			return nil, fmt.Errorf("GET has no body for %s, which is no variable of the path either; write %[1]s==… for the query", i.name)
		case isV2(template):
			body[i.name] = i.decoded()
		default:
			fields = append(fields, wechatpay.Set(i.name, i.raw()))
		}
	}
	for _, name := range vars {
		if !slices.Contains(bound, name) && !isQueryVariable(template, name) {
			return nil, fmt.Errorf("the path has the variable {%s}, which has no value; add %[1]s=…", name)
		}
	}
	if len(body) > 0 {
		fields = append(fields, wechatpay.XML(body))
	}
	if len(query) > 0 {
		fields = append(fields, wechatpay.Query(query))
	}
	return append(opts, fields...), nil
}

// isQueryVariable tells a variable that may be left out.
func isQueryVariable(template, name string) bool {
	_, query, _ := strings.Cut(template, "{?")
	return slices.Contains(variables("{?"+query), name)
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

// fileOption sends a file: uploaded where the operation is an upload, or else
// as the body.
func fileOption(method, template, path string, stdin io.Reader) (wechatpay.Option, error) {
	if op := operation(method, template); op != nil && len(op.Form) > 0 {
		return wechatpay.File(path), nil
	}
	text, err := fileOrStdin(path, stdin)
	if err != nil {
		return nil, err
	}
	if isV2(template) {
		return wechatpay.Body("text/xml; charset=utf-8", strings.NewReader(string(text))), nil
	}
	if !json.Valid(text) {
		return nil, fmt.Errorf("@%s is not valid JSON", path)
	}
	return wechatpay.JSON(json.RawMessage(text)), nil
}

// fileOrStdin reads a file, or of "-" the standard input.
func fileOrStdin(path string, stdin io.Reader) ([]byte, error) {
	if path == "-" {
		return readAll(stdin, "the standard input", maxBodyFile)
	}
	return readFile(path, maxBodyFile)
}

// operation is what the catalogue has under a template or a path that is
// filled in, or nil.
func operation(method, path string) *openapi.Operation {
	path, _, _ = strings.Cut(path, "?")
	if op := openapi.Lookup(method, path); op != nil {
		return op
	}
	return openapi.Match(method, "/"+strings.TrimPrefix(path, "/"))
}
