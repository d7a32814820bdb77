package wechatpay_test

import (
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"unicode"

	"github.com/wxchain/wechatpay"
)

// An error shows at most 64 characters of each header of an answer, and no
// control characters.
func TestErrorsShowLittleOfHeaders(t *testing.T) {
	long := "\x1b[31m" + strings.Repeat("Ω", 450<<10)
	for _, name := range []string{
		"Request-Id", "Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Serial", "Wechatpay-Signature", "Wechatpay-Statement-Sha1",
		"Content-Type", "Location", "Retry-After",
	} {
		for _, status := range []int{200, 204, 302, 401, 429, 502} {
			for _, body := range []string{`{"code":"SIGN_ERROR","message":"no"}`, "<html>", ""} {
				for path, client := range map[string]func(http.RoundTripper) *wechatpay.Client{
					"v3/x":              func(tr http.RoundTripper) *wechatpay.Client { return newClient(t, newConfigOnce(t, tr)) },
					"hk/v3/statements":  func(tr http.RoundTripper) *wechatpay.Client { return newClient(t, newConfigOnce(t, tr)) },
					"v2/pay/orderquery": func(tr http.RoundTripper) *wechatpay.Client { return newV2(t, tr) },
				} {
					resp, err := client(roundTripper(func(*http.Request) (*http.Response, error) {
						a := answer(status, body)
						for _, sealed := range []string{"Timestamp", "Nonce", "Serial", "Signature"} {
							a.Header.Set("Wechatpay-"+sealed, "1")
						}
						a.Header.Set(name, long)
						return a, nil
					})).Chain(path).Do(background(), "POST")
					text := fmt.Sprint(err, resp)
					if err == nil {
						t.Errorf("%s, %d: no error", path, status)
					}
					if n := strings.Count(text, "Ω"); n > 64 || strings.ContainsFunc(text, unicode.IsControl) {
						t.Errorf("%s, %d with a long %s: the error shows %d characters of it: %.300q", path, status, name, n, text)
					}
				}
			}
		}
	}
	resp := &wechatpay.Response{StatusCode: 200, Header: http.Header{"Request-Id": {long}}}
	if n := strings.Count(fmt.Sprint(resp), "Ω"); n > 64 {
		t.Errorf("a Response prints %d characters of its Request-ID", n)
	}
}

// An APIv2 answer of many elements is refused before it is parsed.
func TestV2AnswerOfManyElements(t *testing.T) {
	for name, body := range map[string]string{
		"elements":   "<xml>" + strings.Repeat("<a/>", 1<<18) + "</xml>",
		"pairs":      "<xml>" + strings.Repeat("<a></a>", 1<<17) + "</xml>",
		"attributes": "<xml><a " + strings.Repeat(`b="" `, 1<<17) + "/></xml>",
		"depth":      strings.Repeat("<a>", 1<<18),
	} {
		for _, status := range []int{200, 500} {
			client := newV2(t, roundTripper(func(*http.Request) (*http.Response, error) { return answer(status, body), nil }))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := client.Chain("v2/pay/orderquery").Post(background())
			runtime.ReadMemStats(&after)
			var refused *wechatpay.Error
			if !errors.Is(err, wechatpay.ErrVerify) && !errors.As(err, &refused) {
				t.Errorf("%s, %d: error is %v", name, status, err)
			}
			if took := after.TotalAlloc - before.TotalAlloc; took > 8<<20 {
				t.Errorf("%s, %d: %d KiB were allocated for a body of 1 MiB", name, status, took>>10)
			}
		}
	}
}
