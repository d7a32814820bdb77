package sandbox_test

import (
	"context"
	"fmt"
	"hash/crc32"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/inprocess"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/sandbox"
)

// editSigned returns a client that edits requests before it signs them, and others
// after that.
func (w *world) editSigned(t *testing.T, before, after func(*http.Request)) *wechatpay.Client {
	t.Helper()
	return w.Client(func(c *wechatpay.Config) {
		c.Transport = inprocess.Transport(w.Server)
		c.Middleware = func(p wechatpay.Protocol, s *middleware.Stack) error {
			edit := func(f func(*http.Request)) middleware.Middleware {
				return func(next http.RoundTripper) http.RoundTripper {
					return roundTripper(func(req *http.Request) (*http.Response, error) {
						req = req.Clone(req.Context())
						f(req)
						return next.RoundTrip(req)
					})
				}
			}
			if err := s.Before(middleware.NameSigner, "before", edit(before)); err != nil {
				return err
			}
			return s.Push("after", edit(after))
		}
	})
}

// A target that ends in a bare ? is accepted whether the signature covers the ? or
// not. Anything else that was not signed is refused.
func TestBareQuestionMark(t *testing.T) {
	w := newWorld(t)
	bare := func(on bool) func(*http.Request) {
		return func(req *http.Request) { req.URL.ForceQuery = on }
	}
	query := func(text string) func(*http.Request) {
		return func(req *http.Request) { req.URL.RawQuery = text }
	}
	for name, tt := range map[string]struct {
		before, after func(*http.Request)
		accepted      bool
	}{
		"signed and sent":          {bare(true), bare(true), true},
		"sent, not signed":         {bare(false), bare(true), true},
		"signed, not sent":         {bare(true), bare(false), true},
		"a query, not signed":      {bare(false), query("a=b"), false},
		"a query that is not sent": {query("a=b"), query(""), false},
		"a mark more":              {bare(true), query("?"), false},
	} {
		_, err := w.editSigned(t, tt.before, tt.after).Chain("v3/pay/transactions/native").Post(context.Background(), wechatpay.JSON(w.order("bare_mark", 1)))
		if (err == nil) != tt.accepted || !tt.accepted && !wechatpay.IsCode(err, "SIGN_ERROR") {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}

// A form whose Content-Type has no boundary is read if its body shows the boundary,
// unless the sandbox is strict about that.
func TestBoundaryOfTheBody(t *testing.T) {
	const path = "v3/merchant/media/upload"
	for name, tt := range map[string]struct {
		contentType string
		edit        func(body string) string
		taken       bool
	}{
		"none":          {"multipart/form-data", nil, true},
		"a semicolon":   {"multipart/form-data;", nil, true},
		"another param": {"multipart/form-data; charset=utf-8", nil, true},
		"an empty one":  {`multipart/form-data; boundary=""`, nil, true},
		"a line before": {"multipart/form-data", func(body string) string { return "\r\n" + body }, true},
		"a wrong one":   {"multipart/form-data; boundary=other", nil, false},
		"no form":       {"multipart/form-data", func(body string) string { return "x" + body }, false},
		"no type":       {"application/octet-stream", nil, false},
	} {
		for _, strict := range []bool{false, true} {
			w := newWorld(t, func(c *sandbox.Config) { c.RequireBoundary = strict })
			client := w.between(t, func(req *http.Request) {
				req.Header.Set("Content-Type", tt.contentType)
				if tt.edit != nil {
					body, err := middleware.RequestBody(req)
					if err != nil {
						t.Fatal(err)
					}
					middleware.SetBody(req, []byte(tt.edit(string(body))))
				}
			})
			resp, err := client.Chain(path).Post(context.Background(), wechatpay.Upload("a.png", strings.NewReader(png)))
			if taken := err == nil && resp.Get("media_id").String() != ""; taken != (tt.taken && !strict) {
				t.Errorf("%s, strict %v: %v", name, strict, err)
			}
		}
	}
	strict := newWorld(t, func(c *sandbox.Config) { c.RequireBoundary = true })
	if _, err := strict.upload(path, "a.png", png); err != nil {
		t.Errorf("with its boundary: %v", err)
	}
}

// Like orders, transfers take an http notify_url of this machine, and notify it. One
// of the internet must be https.
func TestTransferNotifiesThisMachine(t *testing.T) {
	came := make(chan string, 1)
	shop := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case came <- r.Header.Get("Request-ID"):
		default:
		}
	}))
	defer shop.Close()
	w := newWorld(t)
	w.mustTransfer(t, wechatpay.M{"notify_url": shop.URL})
	if err := w.SettleTransfer(sandbox.DefaultMchID, bill, sandbox.TransferSuccess); err != nil {
		t.Fatal(err)
	}
	if id := <-came; id == "" {
		t.Error("the notification has no Request-ID")
	}
	for text, taken := range map[string]bool{
		"http://localhost:8080/notify": true, "http://LOCALHOST/": true, "http://shop.localhost/notify": true, "http://127.0.0.1/notify": true,
		"http://[::1]:80/notify": true, "http://192.168.1.9/notify": true, "http://10.0.0.1/": true, "https://www.example.com/notify": true, "HTTPS://www.example.com/": true,
		"http://www.example.com/notify": false, "http://8.8.8.8/notify": false, "http://localhost.example.com/": false, "ftp://localhost/": false, "http://127.0.0.1.example.com/": false,
	} {
		_, err := w.transfer(wechatpay.M{"out_bill_no": fmt.Sprintf("other%08x", crc32.ChecksumIEEE([]byte(text))), "notify_url": text})
		if wechatpay.IsCode(err, "PARAM_ERROR") == taken {
			t.Errorf("%s: error is %v", text, err)
		}
	}
}
