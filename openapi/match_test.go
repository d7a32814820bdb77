package openapi_test

import (
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/openapi"
)

func TestMatchPrefersLiterals(t *testing.T) {
	for _, tt := range []struct{ method, path, want string }{
		{"POST", "/v3/marketing/favor/users/oUpF/coupons", "v3/marketing/favor/users/{openid}/coupons"},
		{"POST", "v3/marketing/favor/users/oUpF/coupons", "v3/marketing/favor/users/{openid}/coupons"},
		{"POST", "/v3/marketing/favor/users/oUpF/coupons?a=b/c", "v3/marketing/favor/users/{openid}/coupons"},
		{"GET", "/v3/marketing/favor/users/oUpF/coupons", "v3/marketing/favor/users/{openid}/coupons"},
		{"POST", "/v3/marketing/favor/users/a%2Fb/coupons", "v3/marketing/favor/users/{openid}/coupons"},
		{"POST", "/v3/profitsharing/receivers/delete", "v3/profitsharing/receivers/delete"},
		{"POST", "/v3/applyment4sub/applyment/", "v3/applyment4sub/applyment/"},
		{"POST", "/pay/unifiedorder", "v2/pay/unifiedorder"},
		{"POST", "/v2/pay/unifiedorder", "v2/pay/unifiedorder"},
		{"POST", "/v3/apply4subject/applyment/20001/cancel", "v3/apply4subject/applyment/{applyment_id}/cancel"},

		{"POST", "/v3/applyment4sub/applyment", ""},
		{"POST", "/v3/marketing/favor/users//coupons", ""},
		{"POST", "/v3/marketing/favor/users/oUpF/coupons/", ""},
		{"POST", "/v3/marketing/favor/users/oUpF", ""},
		{"DELETE", "/v3/marketing/favor/users/oUpF/coupons", ""},
		{"post", "/v3/marketing/favor/users/oUpF/coupons", ""},
		{"GET", "/", ""}, {"GET", "", ""}, {"", "", ""}, {"GET", "//", ""}, {"GET", "?", ""},
		{"GET", strings.Repeat("/v3", 1000), ""},
	} {
		got := ""
		if op := openapi.Match(tt.method, tt.path); op != nil {
			got = op.Template
		}
		if got != tt.want {
			t.Errorf("Match(%s, %s) is %q, want %q", tt.method, tt.path, got, tt.want)
		}
	}
}

// An APIv3 path and an APIv2 path under the same words would be mistaken for
// one another, and so would templates that differ in the name of a variable.
func TestEveryOperationIsMatchedByItsPath(t *testing.T) {
	n := 0
	for op := range openapi.Operations() {
		n++
		if got := openapi.Lookup(op.Method, op.Template); got != op {
			t.Errorf("Lookup(%s) is %v", op, got)
		}
		sent := "/" + strings.TrimPrefix(strings.NewReplacer("{", "oUpF8uMuAJO", "}", "").Replace(op.Template), "v2/")
		got := openapi.Match(op.Method, sent)
		same := got == op || got != nil && op.Template == "v3/apply4subject/applyment/{business_code}/cancel" &&
			got.Template == "v3/apply4subject/applyment/{applyment_id}/cancel"
		if !same {
			t.Errorf("Match(%s, %s) is %v, want %v", op.Method, sent, got, op)
		}
	}
	if n < 1154 {
		t.Errorf("%d operations, want 1154 or more", n)
	}
}

func BenchmarkMatch(b *testing.B) {
	openapi.Operations()
	b.ReportAllocs()
	for b.Loop() {
		openapi.Match("GET", "/v3/marketing/favor/users/oUpF8uMuAJOM2pxb1Q/coupons/9867041")
	}
}
