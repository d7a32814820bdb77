package wechatpaytest_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/wechatpaytest"
)

func TestReportOfARequestNobodyExpected(t *testing.T) {
	var err error
	reported := record(t, func(tb testing.TB) {
		mock := wechatpaytest.New(tb)
		_, err = mock.Client().Chain("v3/pay/transactions/native").Post(t.Context(),
			wechatpay.Query(wechatpay.M{"a": "b"}), wechatpay.JSON(wechatpay.M{"out_trade_no": "1217752501201407033233368018"}))
	})
	one(t, reported, "nobody expected", "POST /v3/pay/transactions/native?a=b HTTP/1.1",
		"Host: api.mch.weixin.qq.com", `{"out_trade_no":"1217752501201407033233368018"}`)
	if err == nil || !strings.Contains(err.Error(), "nobody expected POST /v3/pay/transactions/native") {
		t.Errorf("the call's error is %v", err)
	}
}

func TestReportShowsWhatWasExpected(t *testing.T) {
	reported := record(t, func(tb testing.TB) {
		mock := wechatpaytest.New(tb)
		mock.On("GET", "v3/z", mock.JSON(204, nil))
		mock.On("GET", "v3/a/{id}", mock.JSON(204, nil))
		client := mock.Client()
		for _, call := range []struct{ method, path string }{{"GET", "v3/z"}, {"GET", "v3/a/1"}, {"DELETE", "v3/a/1"}} {
			_, _ = client.Chain(call.path).Do(t.Context(), call.method)
		}
	})
	one(t, reported, `["GET v3/a/{id}" "GET v3/z"]`, "DELETE /v3/a/1 HTTP/1.1")
}

func TestReportOfAWrongKey(t *testing.T) {
	var err error
	reported := record(t, func(tb testing.TB) {
		mock := wechatpaytest.New(tb)
		mock.On("POST", "v3/x", mock.JSON(200, wechatpay.M{}))
		client := mock.Client(nil, func(c *wechatpay.Config) { c.PrivateKey = vectors.MerchantKey(t) })
		_, err = client.Chain("v3/x").Post(t.Context(), wechatpay.JSON(wechatpay.M{"a": 1}))
	})
	one(t, reported, "not signed as it must be", "does not match", "POST /v3/x HTTP/1.1", `{"a":1}`)
	if err == nil {
		t.Error("the call went through")
	}
}

func TestReportOfAWrongSerial(t *testing.T) {
	reported := record(t, func(tb testing.TB) {
		mock := wechatpaytest.New(tb)
		mock.On("GET", "v3/x", mock.JSON(200, wechatpay.M{}))
		client := mock.Client(func(c *wechatpay.Config) { c.SerialNo = "0123456789" })
		if _, err := client.Chain("v3/x").Get(t.Context()); err == nil {
			t.Error("the call went through")
		}
	})
	one(t, reported, "unknown serial", `"0123456789"`, "GET /v3/x HTTP/1.1")
}

// A middleware inside the signer changes what has been signed.
func TestReportOfARequestChangedAfterItWasSigned(t *testing.T) {
	edits := map[string]func(*http.Request){
		"body":        func(req *http.Request) { req.Body = io.NopCloser(strings.NewReader(`{"a":200}`)) },
		"longer body": func(req *http.Request) { req.Body = io.NopCloser(bytes.NewReader(make([]byte, 1000))) },
		"path":        func(req *http.Request) { req.URL.Path += "/" },
		"query":       func(req *http.Request) { req.URL.RawQuery = "a=b" },
		"unsigned":    func(req *http.Request) { req.Header.Del("Authorization") },
	}
	for name, edit := range edits {
		t.Run(name, func(t *testing.T) {
			var err error
			reported := record(t, func(tb testing.TB) {
				mock := wechatpaytest.New(tb)
				mock.On("POST", "v3/{+any}", mock.JSON(200, wechatpay.M{}))
				client := mock.Client(func(c *wechatpay.Config) {
					c.Middleware = func(_ wechatpay.Protocol, s *middleware.Stack) error {
						return s.After(middleware.NameSigner, "edit", func(next http.RoundTripper) http.RoundTripper {
							return roundTripper(func(req *http.Request) (*http.Response, error) {
								req = req.Clone(req.Context())
								edit(req)
								return next.RoundTrip(req)
							})
						})
					}
				})
				_, err = client.Chain("v3/x").Post(t.Context(), wechatpay.JSON(wechatpay.M{"a": 1}))
			})
			one(t, reported, "not signed as it must be", "POST /v3/x", "HTTP/1.1\r\n")
			if err == nil {
				t.Error("the call went through")
			}
		})
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func TestReportOfAnExpectationNotUsed(t *testing.T) {
	one(t, record(t, func(tb testing.TB) {
		mock := wechatpaytest.New(tb)
		mock.On("GET", "v3/certificates", mock.JSON(200, wechatpay.M{}))
	}), "GET v3/certificates", "expected 1 requests, got 0")

	one(t, record(t, func(tb testing.TB) {
		mock := wechatpaytest.New(tb)
		for range 3 {
			mock.On("GET", "v3/x/{id}", mock.JSON(204, nil))
		}
		for range 2 {
			if _, err := mock.Client().Chain("v3/x/1").Get(t.Context()); err != nil {
				tb.Errorf("%v", err)
			}
		}
	}), "GET v3/x/{id}", "expected 3 requests, got 2")

	if reported := record(t, func(tb testing.TB) { wechatpaytest.New(tb) }); len(reported) > 0 {
		t.Errorf("a mock that expects nothing reports %q", reported)
	}
}

func TestMisuseEndsTheTest(t *testing.T) {
	tests := []struct {
		name string
		use  func(*wechatpaytest.Mock)
		want string
	}{
		{"no responder", func(m *wechatpaytest.Mock) { m.On("GET", "v3/x", nil) }, "responder is nil"},
		{"a body that is no JSON", func(m *wechatpaytest.Mock) { m.JSON(200, func() {}) }, "JSON(200, func())"},
		{"a client that cannot be", func(m *wechatpaytest.Mock) {
			m.Client(func(c *wechatpay.Config) { c.MchID = "" })
		}, "MchID"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			one(t, record(t, func(tb testing.TB) {
				tt.use(wechatpaytest.New(tb))
				t.Error("the test went on")
			}), tt.want)
		})
	}
}

func TestMerchantOfAnotherNumber(t *testing.T) {
	one(t, record(t, func(tb testing.TB) {
		mock := wechatpaytest.New(tb)
		mock.On("GET", "v3/x", mock.JSON(204, nil))
		client := mock.Client(func(c *wechatpay.Config) { c.MchID = "1900009999" })
		if _, err := client.Chain("v3/x").Get(t.Context()); err == nil {
			t.Error("the request was answered")
		}
	}), `mchid "1900009999"`)
}
