package openapi

import (
	"strings"
	"testing"
)

func TestNearestOperation(t *testing.T) {
	for _, tt := range []struct{ method, path, want string }{
		{"POST", "/v3/marketing/favor/user/oUpF8uMuAJO/coupons", "POST v3/marketing/favor/users/{openid}/coupons"},
		{"POST", "/v3/marketing/favor/users/oUpF8uMuAJO/coupon", "POST v3/marketing/favor/users/{openid}/coupons"},
		{"POST", "/v3/favor/users/oUpF8uMuAJO/coupons", "POST v3/marketing/favor/users/{openid}/coupons"},
		{"POST", "/v3/pay/transaction/jsapi", "POST v3/pay/transactions/jsapi"},
		{"POST", "/v3/pay/transactions/JSAPI", "POST v3/pay/transactions/jsapi"},
		{"GET", "/v3/certificate", "GET v3/certificates"},
		{"POST", "/v3/certificates", "GET v3/certificates"},
		{"POST", "/v3/applyment4sub/applyment", "POST v3/applyment4sub/applyment/"},
		{"POST", "/pay/unifiedordr", "POST v2/pay/unifiedorder"},
		{"GET", "/v3/quite/another/thing", ""},
		{"GET", "/", ""},
		{"GET", "", ""},
		{"GET", "/" + strings.Repeat("v3/", 10000), ""},
	} {
		got := ""
		if op := Nearest(tt.method, tt.path); op != nil {
			got = op.String()
		}
		if got != tt.want {
			t.Errorf("nearest to %s %.60s is %q, want %q", tt.method, tt.path, got, tt.want)
		}
	}
}

func BenchmarkNearestOperation(b *testing.B) {
	for b.Loop() {
		Nearest("POST", "/v3/marketing/favor/user/oUpF8uMuAJO/coupons")
	}
}
