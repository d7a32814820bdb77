package uritemplate_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/internal/uritemplate"
)

func TestCut(t *testing.T) {
	for _, tt := range []struct{ template, text, expression, rest string }{
		{"v3/users/{openid}/coupons", "v3/users/", "{openid}", "/coupons"},
		{"{+path}", "", "{+path}", ""},
		{"v3/x", "v3/x", "", ""},
		{"", "", "", ""},
		{"v3/{id", "v3/", "", "{id"},
		{"v3/}id{x}", "v3/", "", "}id{x}"},
		{"{a{b}c}", "", "{a{b}", "c}"},
	} {
		text, expression, rest := uritemplate.Cut(tt.template)
		if text != tt.text || expression != tt.expression || rest != tt.rest {
			t.Errorf("Cut(%q) is %q, %q, %q", tt.template, text, expression, rest)
		}
	}
}

func TestSegments(t *testing.T) {
	for template, want := range map[string]string{
		"v3/users/{openid}/coupons": "v3 users {openid} coupons",
		"v3/files{/parts*}/x":       "v3 files{/parts*} x",
		"/a//b/":                    "_ a _ b _",
		"":                          "_",
		"{/a}/{/b}":                 "{/a} {/b}",
		"v3/{id/x":                  "v3 {id/x",
	} {
		got := strings.Join(slices.Collect(uritemplate.Segments(template)), " ")
		if want = strings.ReplaceAll(want, "_", ""); got != want {
			t.Errorf("Segments(%q) are %q, want %q", template, got, want)
		}
	}
	for first := range uritemplate.Segments("a/b/c") {
		if first != "a" {
			t.Errorf("the first segment is %q", first)
		}
		break
	}
}

func TestCutQuery(t *testing.T) {
	for _, tt := range []struct{ template, path, query string }{
		{"v3/bill{?date,type}", "v3/bill", "{?date,type}"},
		{"v3/bill?type=ALL{&date}", "v3/bill", "?type=ALL{&date}"},
		{"v3/{id}{&date}", "v3/{id}", "{&date}"},
		{"v3/{id}/x", "v3/{id}/x", ""},
		{"v3/{a?b}/x", "v3/{a?b}/x", ""},
		{"?", "", "?"},
		{"v3/{id?x", "v3/{id?x", ""},
		{"", "", ""},
	} {
		if path, query := uritemplate.CutQuery(tt.template); path != tt.path || query != tt.query {
			t.Errorf("CutQuery(%q) is %q and %q", tt.template, path, query)
		}
	}
}

func TestVariable(t *testing.T) {
	for segment, want := range map[string]string{
		"{openid}": "openid", "{out_trade_no}": "out_trade_no", "{a.b}": "a.b",
		"openid": "", "{}": "", "x{openid}": "", "{openid}x": "", "{+openid}": "", "{a,b}": "", "{a*}": "", "{a:3}": "",
		"{openid": "", "openid}": "", "{.a}": "", "{订单}": "",
	} {
		if name, ok := uritemplate.Variable(segment); name != want && ok || ok != (want != "") {
			t.Errorf("Variable(%q) is %q, %v", segment, name, ok)
		}
	}
}

func TestNames(t *testing.T) {
	for template, want := range map[string]string{
		"v3/users/{openid}/coupons/{coupon_id}": "openid coupon_id",
		"v3{/parts*}{?a,b:3}":                   "parts a b",
		"v3/{a b,c}/{+d}{;e}{.f}{#g}":           "c d e f g",
		"v3/{a}/{b":                             "a",
		"v3/x":                                  "",
	} {
		if got := strings.Join(uritemplate.Names(template), " "); got != want {
			t.Errorf("Names(%q) are %q, want %q", template, got, want)
		}
	}
	var optional []bool
	for e := range uritemplate.Expressions("v3/{a}{+b}{?c}{&d}") {
		optional = append(optional, e.Optional())
	}
	if !slices.Equal(optional, []bool{false, false, true, true}) {
		t.Errorf("optional are %v", optional)
	}
}

func expand(template string, values map[string]any) (string, error) {
	b, err := uritemplate.Expand([]byte("/"), template, func(name string) (any, bool) {
		v, ok := values[name]
		return v, ok
	})
	return string(b), err
}

func TestExpand(t *testing.T) {
	values := map[string]any{
		"id": "oUpF8uMuAJO", "no": 7, "text": "订单 a/b", "list": []string{"a", "b/c"}, "keys": map[string]any{"k": 1}, "nil": nil, "empty": "",
	}
	for template, want := range map[string]string{
		"v3/users/{id}/coupons/{no}": "/v3/users/oUpF8uMuAJO/coupons/7",
		"v3/{text}":                  "/v3/%E8%AE%A2%E5%8D%95%20a%2Fb",
		"v3/{text:2}":                "/v3/%E8%AE%A2%E5%8D%95",
		"v3/{+text}":                 "/v3/%E8%AE%A2%E5%8D%95%20a/b",
		"v3{/list*}":                 "/v3/a/b%2Fc",
		"v3/{list}":                  "/v3/a,b%2Fc",
		"v3/x{;keys*}{.no}":          "/v3/x;k=1.7",
		"v3/x{?id,nil,empty}":        "/v3/x?id=oUpF8uMuAJO&empty=",
		"v3/x?a=b{&no}":              "/v3/x?a=b&no=7",
		"v3/订单 %2F%zz":               "/v3/%E8%AE%A2%E5%8D%95%20%2F%25zz",
	} {
		if got, err := expand(template, values); err != nil || got != want {
			t.Errorf("%s is %q, %v; want %q", template, got, err, want)
		}
	}
}

func TestExpandRefuses(t *testing.T) {
	values := map[string]any{
		"id": "x", "empty": "", "dots": "..", "cut": "..a", "bytes": []byte("x"), "bad": "\xff", "list": []any{"a", "."},
		"none": []string{}, "two": []string{"a", "b"}, "keys": map[string]string{}, "struct": struct{}{},
	}
	for template, want := range map[string]string{
		"v3/{absent}":   "{absent} has no value",
		"v3/{empty}":    "{empty} is empty",
		"v3/{+dots}":    `{dots} is ".."`,
		"v3/{cut:2}":    `{cut} is ".."`,
		"v3{/list*}":    `{list} is "."`,
		"v3{/none*}":    "{none} is empty",
		"v3/{keys}":     "{keys} is empty",
		"v3/{two:3}":    "can take no prefix",
		"v3/{bytes}":    "neither text nor a list",
		"v3/{bad}":      "valid UTF-8",
		"v3/{struct}":   "cannot be written as text",
		"v3/{#id}":      "fragment",
		"v3/a#b":        "fragment",
		"v3/a\n":        "control character",
		"v3/{id":        "other half",
		"v3/id}":        "other half",
		"v3/{}":         "not a variable name",
		"v3/{a b}":      "not a variable name",
		"v3/{id:0}":     "prefix",
		"v3/{id:10000}": "prefix",
		"v3/{id:1,id}":  "twice",
		"v3/\xff":       "valid UTF-8",
	} {
		if got, err := expand(template, values); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is %q, %v; want an error with %q", template, got, err, want)
		}
	}
}
