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
	gentest.CheckUpToDate(t, "../../encrypted_gen.go", func(file string) error { return table.Write("../../openapi/encrypted.jsonl", file) })
}

func TestSource(t *testing.T) {
	const phone = `{"method":"GET","template":"v3/a","fields":["data[].phone"],"sources":["s"],"date":"2026-01-02"}` + "\n"
	op := func(format string) *openapi.Operation {
		text := &openapi.Schema{Type: openapi.String, Format: format}
		element := &openapi.Schema{Type: openapi.Object, Properties: []openapi.Property{{Name: "phone", Schema: text}}}
		list := &openapi.Schema{Type: openapi.Array, Items: element}
		body := &openapi.Schema{Type: openapi.Object, Properties: []openapi.Property{{Name: "data", Schema: list}}}
		return &openapi.Operation{Method: "GET", Template: "v3/a", Responses: []openapi.Response{{Status: 200, Body: body}}}
	}
	marked, plain := op("base64"), op("")
	for _, tt := range []struct {
		name, table string
		operations  []*openapi.Operation
		problem     string
	}{
		{"a field", phone, []*openapi.Operation{marked}, ""},
		{"a field that the catalogue does not mark", phone, []*openapi.Operation{plain}, ""},
		{"no such field", strings.Replace(phone, "phone", "name", 1), []*openapi.Operation{plain}, "no text data[].name"},
		{"a missing line", "", []*openapi.Operation{marked}, "marks data[].phone"},
		{"no such operation", phone, nil, "no such operation"},
		{"no field", strings.Replace(phone, `"data[].phone"`, "", 1), nil, "no field"},
		{"no source", strings.Replace(phone, `"s"`, "", 1), nil, "no source"},
		{"no date", strings.Replace(phone, "2026-01-02", "today", 1), nil, "date"},
		{"twice", phone + phone, nil, "line 2, GET v3/a: must come before line 1"},
		{"an unknown key", strings.Replace(phone, "date", "day", 1), nil, `"day"`},
		{"not JSON", "x", nil, "line 1"},
	} {
		got, err := table.Source([]byte(tt.table), slices.Values(tt.operations))
		switch {
		case tt.problem == "":
			if err != nil || !strings.Contains(string(got), `{"GET", "v3/a", []string{"data[].phone"}}`) {
				t.Errorf("%s: %v\n%s", tt.name, err, got)
			}
		case err == nil || !strings.Contains(err.Error(), tt.problem):
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.problem)
		}
	}
}
