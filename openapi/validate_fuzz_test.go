package openapi_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/openapi"
)

// FuzzValidate sends bodies that may be anything. What is let through to an
// operation of APIv3 is at least JSON.
func FuzzValidate(f *testing.F) {
	operations := []*openapi.Operation{
		openapi.Lookup("POST", "v3/marketing/favor/users/{openid}/coupons"),
		openapi.Lookup("POST", "v3/pay/transactions/jsapi"),
		openapi.Lookup("POST", "v3/applyment4sub/applyment/"),
		openapi.Lookup("POST", "v2/pay/unifiedorder"),
	}
	for i, op := range operations {
		body := []byte(openapi.Example(op, 0))
		if op.XML != nil {
			body = asXML(body)
		}
		f.Add(i, body)
	}
	for _, s := range []string{"", "{", "[]", "null", `{"a":{}}`, `{"amount":[{"total":1}]}`, "\xff", `"\ud800"`, "<xml><a><a/></a></xml>"} {
		f.Add(0, []byte(s))
		f.Add(1, []byte(s))
		f.Add(3, []byte(s))
	}
	f.Fuzz(func(t *testing.T, i int, body []byte) {
		op := operations[uint(i)%uint(len(operations))]
		req := requestOf(t, op, nil)
		middleware.SetBody(req, body)
		err := validate(req)
		if op.JSON != nil && err == nil && !json.Valid(body) {
			t.Errorf("%s lets %q through", op, body)
		}
		var e *openapi.ValidationError
		if err != nil && (!errors.As(err, &e) || len(e.Problems) == 0 || len(e.Problems) > 200 || strings.ContainsAny(err.Error(), "\n\r")) {
			t.Errorf("the error is %q", err)
		}
	})
}

func BenchmarkValidate(b *testing.B) {
	m := openapi.Validate()(transport(func(*http.Request) (*http.Response, error) { return nil, nil }))
	req := request(b, "POST", couponPath, "")
	req.Header.Set("Content-Type", "application/json")
	middleware.SetBody(req, []byte(coupon))
	openapi.Operations() // unpacked once
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.RoundTrip(req); err != nil {
			b.Fatal(err)
		}
	}
}
