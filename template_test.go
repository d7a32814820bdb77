package wechatpay_test

import (
	"net/http"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/middleware"
)

// A middleware reads the template of the call as the caller spelled it: bound
// variables stay in braces.
func TestExchangeHasTheTemplate(t *testing.T) {
	var got string
	config := newConfig(t, &recorder{})
	config.APIv2Key = v2Key
	config.Middleware = func(_ wechatpay.Protocol, s *middleware.Stack) error {
		return s.Unshift("reader", func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(req *http.Request) (*http.Response, error) {
				got = middleware.ExchangeOf(req.Context()).Template
				return next.RoundTrip(req)
			})
		})
	}
	client := newClient(t, config)
	for want, chain := range map[string]wechatpay.Chain{
		"v3/marketing/favor/users/{openid}/coupons": client.V3().Marketing().Favor().Users().Openid("o1").Coupons().Chain(""),
		"v3/{a}/{b}":           client.Chain("v3/{a}/{b}").Bind("a", "billdownload").Bind("b", "file"),
		"v3/pay/{+rest}":       client.Segment("v3", "pay", "{+rest}").Bind("rest", "x/y"),
		"v3/certificates?a=b":  client.Chain("/v3/certificates?a=b"),
		"v2/pay/{op}":          client.Chain("v2/pay/{op}").Bind("op", "orderquery"),
		"v3/certificates{?fo}": client.Chain("v3/certificates{?fo}"),
	} {
		got = "not called"
		if _, err := chain.Post(background()); err == nil {
			t.Fatal("the recorder answered")
		}
		if got != want {
			t.Errorf("%s: template %q", want, got)
		}
	}
}
