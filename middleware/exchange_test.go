package middleware_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/middleware"
)

func TestGuardNotesWhatIsSent(t *testing.T) {
	x := &middleware.Exchange{URL: &url.URL{Scheme: "https", Host: "api.mch.weixin.qq.com"}}
	var got *http.Request
	guarded := middleware.Guard(transport(func(req *http.Request) (*http.Response, error) {
		got = req
		return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
	}))
	var w wire
	for _, rt := range []http.RoundTripper{guarded, middleware.Signer(mchID, merchant(t))(guarded), middleware.Guard(&w)} {
		got = nil
		req := newRequest(t, "GET", "/v3/x", x)
		if _, err := rt.RoundTrip(req); err != nil {
			t.Fatal(err)
		}
		if got != nil && x.Sent() != got {
			t.Error("Exchange.Sent is not the request that the transport got")
		}
		if x.Sent() == nil || x.Sent().URL.Path != "/v3/x" {
			t.Errorf("Exchange.Sent is %v", x.Sent())
		}
	}
}

func TestGuardLetsNothingLeaveForAnotherHost(t *testing.T) {
	tests := []struct {
		named, called string
		ok            bool
	}{
		{"https://api.mch.weixin.qq.com", "https://api.mch.weixin.qq.com", true},
		{"http://127.0.0.1:8443", "http://127.0.0.1:8443", true},
		{"", "https://example.com", true},
		{"https://api.mch.weixin.qq.com", "https://example.com", false},
		{"https://api.mch.weixin.qq.com", "https://api.mch.weixin.qq.com.example.com", false},
		{"https://api.mch.weixin.qq.com", "https://api.mch.weixin.qq.com:8443", false},
		{"https://api.mch.weixin.qq.com", "http://api.mch.weixin.qq.com", false},
		{"https://api.mch.weixin.qq.com", "https://", false},
	}
	for _, tt := range tests {
		t.Run(tt.named+" "+tt.called, func(t *testing.T) {
			sent := 0
			rt := middleware.Guard(transport(func(*http.Request) (*http.Response, error) {
				sent++
				return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
			}))
			x := new(middleware.Exchange)
			if tt.named != "" {
				x.URL = parse(t, tt.named)
			}
			req := newRequest(t, "GET", "/v3/x", x)
			req.URL = parse(t, tt.called)
			_, err := rt.RoundTrip(req)
			if tt.ok {
				if err != nil || sent != 1 {
					t.Errorf("error %v, %d requests sent", err, sent)
				}
				return
			}
			if err == nil || sent > 0 || x.Sent() != nil {
				t.Fatalf("error %v, %d requests sent, Exchange.Sent %v", err, sent, x.Sent())
			}
			for _, host := range []string{tt.named, tt.called} {
				if !strings.Contains(err.Error(), host) {
					t.Errorf("error %q does not name %s", err, host)
				}
			}
		})
	}
}

func parse(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestGuardTakesCarelessTransports(t *testing.T) {
	rt := middleware.Guard(transport(func(*http.Request) (*http.Response, error) { return nil, nil }))
	resp, err := rt.RoundTrip(newRequest(t, "GET", "/v3/x", new(middleware.Exchange)))
	if err == nil || resp != nil || !strings.Contains(err.Error(), "middleware_test.transport") {
		t.Errorf("%v, %v; want an error that names the transport", resp, err)
	}

	rt = middleware.Guard(transport(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 204}, nil
	}))
	if body, err := readAll(rt.RoundTrip(newRequest(t, "GET", "/v3/x", new(middleware.Exchange)))); body != "" || err != nil {
		t.Errorf("an answer without a body reads as %q, %v", body, err)
	}

	reset := errors.New("connection reset")
	rt = middleware.Guard(transport(func(*http.Request) (*http.Response, error) { return nil, reset }))
	if _, err := rt.RoundTrip(newRequest(t, "GET", "/v3/x", new(middleware.Exchange))); err != reset {
		t.Errorf("error is %v, want %v", err, reset)
	}
}

func TestGuardNeedsTheExchange(t *testing.T) {
	rt := middleware.Guard(transport(func(*http.Request) (*http.Response, error) {
		t.Error("the request was sent")
		return nil, errors.New("sent")
	}))
	if _, err := rt.RoundTrip(newRequest(t, "GET", "/v3/x", nil)); err == nil || !strings.Contains(err.Error(), "context") {
		t.Errorf("error %v, want one that tells of the context", err)
	}
}
