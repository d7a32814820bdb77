package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/internal/gentest"
	"github.com/wxchain/wechatpay/openapi"
)

// The table that is committed is the one that the package carries.
func TestTableIsGenerated(t *testing.T) {
	gentest.CheckUpToDate(t, "../../middleware/unsigned_gen.go", func(file string) error { return table.Write("../../openapi/unsigned.jsonl", file) })
}

func TestSource(t *testing.T) {
	const image = `{"method":"GET","template":"v3/images/{id}","kind":"file","sources":["a"]}` + "\n"
	op := func(method, template string, responses ...openapi.Response) *openapi.Operation {
		return &openapi.Operation{Method: method, Template: template, Responses: responses}
	}
	body := func(names ...string) openapi.Response {
		s := new(openapi.Schema)
		for _, name := range names {
			s.Properties = append(s.Properties, openapi.Property{Name: name, Schema: new(openapi.Schema)})
		}
		return openapi.Response{Status: 200, Body: s}
	}
	for _, tt := range []struct {
		name, table string
		operations  []*openapi.Operation
		want        string // in the file
		problem     string
	}{
		{"a variable", image, nil, `{"v3/images/", true, fileAnswer}`, ""},
		{"no variable", `{"method":"POST","template":"v2/a","kind":"text","sources":["a"]}`, nil, `{"v2/a", false, textAnswer}`, ""},
		{"signed operations", image, []*openapi.Operation{
			op("GET", "v3/a", body()), op("POST", "v3/b", openapi.Response{Status: 204}), op("POST", "v2/c", body("a", "sign")), op("GET", "v3/images/{id}", openapi.Response{Status: 200}),
		}, "v3/images/", ""},
		{"a file", image, []*openapi.Operation{op("GET", "v3/a", openapi.Response{Status: 200})}, "", "v3/a has no line"},
		{"no sign", image, []*openapi.Operation{op("POST", "v2/a", body("return_code"))}, "", "v2/a has no line"},
		{"no body", image, []*openapi.Operation{op("GET", "v2/a", openapi.Response{Status: 302})}, "", "v2/a has no line"},
		{"another method", image, []*openapi.Operation{op("POST", "v3/images/{id}", body())}, "", "operation of its own"},
		{"no method", strings.Replace(image, "GET", "", 1), nil, "", "no method"},
		{"no source", strings.Replace(image, `"a"`, "", 1), nil, "", "no source"},
		{"a kind", strings.Replace(image, "file", "text", 1), nil, "", `"text"`},
		{"a kind of the other protocol", strings.Replace(image, "v3", "v2", 1), nil, "", `"file"`},
		{"a variable within", strings.Replace(image, "{id}", "{id}/x", 1), nil, "", "last segment"},
		{"two variables", strings.Replace(image, "{id}", "{a}{b}", 1), nil, "", "last segment"},
		{"half a segment", strings.Replace(image, "{id}", "x{id}", 1), nil, "", "last segment"},
		{"twice", image + image, nil, "", "line 2, v3/images/{id}: must come before line 1"},
		{"not sorted", image + strings.Replace(image, "v3/images", "v3/a", 1), nil, "", "must come before"},
		{"an unknown key", strings.Replace(image, "kind", "type", 1), nil, "", `"type"`},
		{"not JSON", "x", nil, "", "line 1"},
	} {
		got, err := table.Source([]byte(tt.table), slices.Values(tt.operations))
		switch {
		case tt.problem == "":
			if err != nil || !strings.Contains(string(got), tt.want) {
				t.Errorf("%s: %v\n%s", tt.name, err, got)
			}
		case err == nil || !strings.Contains(err.Error(), tt.problem):
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.problem)
		}
	}
}
