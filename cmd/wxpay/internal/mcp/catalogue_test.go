package mcp

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/wxchain/wechatpay/openapi"
)

func TestSearch(t *testing.T) {
	s := connect(t, newTestWorld(t), nil)
	for words, first := range map[string]string{
		"查单": "GET v3/pay/transactions/", "扫码支付": "POST v3/pay/transactions/native", "代金券 发放": "POST v3/marketing/favor/users/{openid}/coupons",
		"refund": "refund", "v3/certificates": "GET v3/certificates",
	} {
		want := openapi.Search(words)
		var got []string
		for _, page := range pages(s, "search_operations", m{"words": words}, func(h hits) string { return h.NextCursor }) {
			if page.World != worldCatalogue || page.Total != len(want) || (page.NextCursor == "") != (page.More == "") {
				t.Errorf("%s: the page is %+v", words, page)
			}
			for _, h := range page.Operations {
				got = append(got, h.Operation)
			}
		}
		if len(got) == 0 || !strings.Contains(got[0], first) || len(got) != len(want) {
			t.Errorf("%s finds %d, %.200q, want %d", words, len(got), got, len(want))
			continue
		}
		for i, op := range want {
			if got[i] != op.String() {
				t.Errorf("%s: %d is %s, want %s", words, i, got[i], op)
			}
		}
	}
	if none := callTool[hits](s, "search_operations", m{"words": "xyzzyqqq"}); none.Total != 0 || none.More == "" {
		t.Errorf("nothing is found as %+v", none)
	}
}

// The facts of an operation are what the catalogue has.
func TestShowFacts(t *testing.T) {
	s := connect(t, newTestWorld(t), nil)
	got := callTool[shown](s, "show_operation", m{"operation": "POST v3/refund/domestic/refunds"})
	if r := got.Repeat; r == nil || r.Number != "out_refund_no" || !r.Idempotent || r.Class != "same-result" || !strings.Contains(r.Meaning, "same result") {
		t.Errorf("a second refund is %+v", got.Repeat)
	}
	got = callTool[shown](s, "show_operation", m{"operation": "GET /v3/pay/transactions/out-trade-no/1217752501201407033233368018", "part": "facts"})
	if got.Operation != "GET v3/pay/transactions/out-trade-no/{out_trade_no}" || got.Repeat != nil || len(got.Parameters) != 2 ||
		got.Parameters[0].In != "path" || !got.Parameters[0].Required || got.Parameters[1].Name != "mchid" || len(got.Facts) == 0 {
		t.Errorf("a query is %+v", got)
	}
}

// For each operation, no answer is too long, and all pages together have all facts, all
// fields, and all types.
func TestEveryOperation(t *testing.T) {
	s := connect(t, newTestWorld(t), nil)
	n, most := 0, 0
	for op := range openapi.Operations() {
		n++
		var names []string
		parameters, errors := 0, 0
		for _, page := range pages(s, "show_operation", m{"operation": op.String()}, func(p shown) string { return p.NextCursor }) {
			for _, f := range page.Facts {
				names = append(names, f.Page)
			}
			parameters += len(page.Parameters)
			errors += len(page.Errors)
		}
		for _, link := range op.Docs {
			if !slices.Contains(names, link) {
				t.Errorf("%s: no fact has the page %s", op, link)
			}
		}
		if want := len(op.Query) + len(op.Headers) + len(op.Form) + strings.Count(op.Template, "{"); parameters != want || errors != len(op.Errors()) {
			t.Errorf("%s: %d parameters, %d errors, want %d, %d", op, parameters, errors, want, len(op.Errors()))
		}
		most = max(most, checkSchemas(t, s, op))
	}
	if n < 1000 || most < 3 {
		t.Errorf("%d operations, with up to %d pages", n, most)
	}
}

// checkSchemas checks the schemas of an operation, and returns how many pages they have.
func checkSchemas(t *testing.T, s session, op *openapi.Operation) (most int) {
	t.Helper()
	for _, p := range []part{partBody, partAnswer} {
		want := make(map[string]*openapi.Schema)
		if p == partBody && op.Body() != nil {
			want["body"] = op.Body()
		}
		for _, r := range op.Responses {
			if p == partAnswer && r.Body != nil {
				want[strconv.Itoa(r.Status)] = r.Body
			}
		}
		if len(want) == 0 {
			if got := s.refused("show_operation", m{"operation": op.String(), "part": p}); got == "" {
				t.Errorf("%s: no error", op)
			}
			continue
		}
		all := pages(s, "show_operation", m{"operation": op.String(), "part": p}, func(p shown) string { return p.NextCursor })
		most = max(most, len(all))
		got := make(map[string]int)
		for _, page := range all {
			for name, schema := range page.Schemas {
				if _, err := schema.Resolve(nil); err != nil {
					t.Errorf("%s: a page of its schema is not one: %v", op, err)
				}
				countFields(got, name, schema)
			}
		}
		for name, schema := range want {
			checkFields(t, op, got, name, schema)
		}
	}
	return most
}

// countFields counts the titles that each field has on all pages.
func countFields(got map[string]int, path string, s *jsonschema.Schema) {
	if s.Title != "" {
		got[path+" "+s.Title]++
	}
	got[path]++
	for name, p := range s.Properties {
		countFields(got, path+"."+name, p)
	}
	for name, p := range s.PatternProperties {
		countFields(got, path+"."+name, p)
	}
	if s.Items != nil {
		countFields(got, path+"[]", s.Items)
	}
}

func checkFields(t *testing.T, op *openapi.Operation, got map[string]int, path string, s *openapi.Schema) {
	t.Helper()
	if got[path] == 0 || s.Label != "" && got[path+" "+s.Label] != 1 {
		t.Errorf("%s: %s %s is on %d pages, and described on %d", op, path, s.Label, got[path], got[path+" "+s.Label])
	}
	for _, p := range s.Properties {
		name := p.Name
		if pattern := numbered(name); pattern != "" {
			name = pattern
		}
		checkFields(t, op, got, path+"."+name, p.Schema)
	}
	if s.Items != nil {
		checkFields(t, op, got, path+"[]", s.Items)
	}
}

// A schema accepts the example of the documentation, and refuses what lacks a field or has
// another type.
func TestSchemaOfBody(t *testing.T) {
	s := connect(t, newTestWorld(t), nil)
	got := callTool[shown](s, "show_operation", m{"operation": "POST v3/pay/transactions/native", "part": "body"})
	schema, err := got.Schemas["body"].Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		body  m
		valid bool
	}{
		{"an order", native("1217752501201407033233368018")["body"].(m), true},
		{"a wrong type", native("1", func(b m) { b["amount"] = m{"total": "100"} })["body"].(m), false},
		{"a missing field", native("1", func(b m) { delete(b, "appid") })["body"].(m), false},
	} {
		text, err := json.Marshal(tt.body)
		if err != nil {
			t.Fatal(err)
		}
		var v any
		if err := json.Unmarshal(text, &v); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); (err == nil) != tt.valid {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	text, _ := json.Marshal(callTool[shown](s, "show_operation", m{"operation": "POST v2/pay/unifiedorder", "part": "body"}).Schemas["body"])
	if !strings.Contains(string(text), `"total_fee":{"type":"string"`) || strings.Contains(string(text), `"sign"]`) {
		t.Errorf("the body of APIv2 is %.500s", text)
	}
}
