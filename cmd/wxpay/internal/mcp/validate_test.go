package mcp

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Every mistake is listed with its field, and warnings are marked.
func TestValidate(t *testing.T) {
	s := connect(t, newTestWorld(t), nil)
	for _, tt := range []struct {
		name     string
		args     m
		valid    bool
		problems []string // in field, with a ? for a warning
	}{
		{"an order", native("1217752501201407033233368018"), true, nil},
		{"many mistakes", native("1", func(b m) {
			delete(b, "appid")
			b["description"] = 7
			b["amount"] = m{"total": "1"}
			b["unknwon"] = true
		}), false, []string{"body amount.total", "body appid", "body description", "body unknwon?"}},
		{"nothing", m{"operation": "POST v3/pay/transactions/native"}, false,
			[]string{"body amount", "body appid", "body description", "body mchid", "body notify_url", "body out_trade_no"}},
		{"only a warning", native("1217752501201407033233368018", func(b m) { b["new_field"] = "x" }), true, []string{"body new_field?"}},
		{"a path without its variable", m{"operation": "GET v3/pay/transactions/out-trade-no/{out_trade_no}", "query": m{"mchid": "1900000109"}}, false, []string{"path out_trade_no"}},
		{"a wrong variable", m{"operation": "GET v3/pay/transactions/out-trade-no/{out_trade_no}", "path": m{"out_trade_no": "1217752501201407033233368018", "id": "2"}, "query": m{"mchid": "1900000109"}}, false, []string{"path id"}},
		{"a filled-in path without its query", m{"operation": "GET v3/pay/transactions/out-trade-no/1217752501201407033233368018"}, false, []string{"query mchid"}},
		{"a filled-in path with its query", m{"operation": "GET v3/pay/transactions/out-trade-no/1217752501201407033233368018?mchid=1900000109"}, true, nil},
		{"a template with a query", m{"operation": "GET v3/pay/transactions/out-trade-no/{out_trade_no}?mchid=1900000109"}, false, []string{"path out_trade_no"}},
		{"a wrong text", m{"operation": "POST v3/pay/transactions/native", "body": `{"appid":`}, false, []string{"body "}},
		{"a field twice", m{"operation": "POST v3/pay/transactions/out-trade-no/{out_trade_no}/close", "path": m{"out_trade_no": "1217752501201407033233368018"}, "body": `{"mchid":"1900000109","mchid":"1900000109"}`}, false, []string{"body mchid"}},
		{"APIv2 as an object", m{"operation": "POST v2/pay/orderquery", "body": m{"appid": "wx233544546545989"}}, false, []string{"body "}},
		{"APIv2 as XML", m{"operation": "POST v2/pay/orderquery", "body": "<xml><appid>wx233544546545989</appid><out_trade_no>1217752501201407033233368018</out_trade_no></xml>"}, true, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := session{s.ClientSession, t}
			got := callTool[verdict](s, "validate_call", tt.args)
			var problems []string
			for _, p := range got.Problems {
				mark := ""
				if p.Warning {
					mark = "?"
				}
				if p.Message == "" || p.Kind == "" {
					t.Errorf("the problem is %+v", p)
				}
				problems = append(problems, p.In+" "+p.Field+mark)
			}
			slices.Sort(problems)
			if got.Valid != tt.valid || !slices.Equal(problems, tt.problems) || got.Errors+got.Warnings != len(problems) || got.World != worldRequest {
				t.Errorf("%+v: the problems are %q, want %q", got, problems, tt.problems)
			}
		})
	}
}

// Many mistakes take many pages, each once.
func TestValidatePages(t *testing.T) {
	s := connect(t, newTestWorld(t), nil)
	args := native("1217752501201407033233368018", func(b m) {
		for i := range 99 {
			b[fmt.Sprintf("%s_%d", strings.Repeat("很长", 40), i)] = i
		}
	})
	seen := make(map[string]bool)
	all := pages(s, "validate_call", args, func(v verdict) string { return v.NextCursor })
	for _, page := range all {
		for _, p := range page.Problems {
			seen[p.Field] = true
		}
		if page.Warnings != 99 || !page.Valid {
			t.Errorf("the page is %+v", page)
		}
	}
	if len(all) < 3 || len(seen) != 99 {
		t.Errorf("%d pages have %d problems", len(all), len(seen))
	}
}

// The mistakes of a call have the same order each time, so that pages fit together.
func TestValidateOrder(t *testing.T) {
	s := connect(t, newTestWorld(t), nil)
	unknown := m{"a": "1", "b": "2", "c": "3", "d": "4", "e": "5", "f": "6"}
	args := m{"operation": "GET v3/pay/transactions/out-trade-no/{out_trade_no}", "path": unknown, "query": unknown, "headers": unknown}
	first := callTool[verdict](s, "validate_call", args)
	if len(first.Problems) < 13 {
		t.Errorf("the problems are %+v", first.Problems)
	}
	for range 10 {
		if again := callTool[verdict](s, "validate_call", args); !slices.Equal(again.Problems, first.Problems) {
			t.Fatalf("the problems are %+v, and were %+v", again.Problems, first.Problems)
		}
	}
}
