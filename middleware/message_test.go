package middleware_test

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/signer"
)

// An Exchange knows what was signed, and what changed below the signer.
func TestMessageAndAltered(t *testing.T) {
	reader := func(text string) io.ReadCloser { return io.NopCloser(strings.NewReader(text)) }
	for _, tt := range []struct {
		name   string
		method string
		body   string
		edit   func(*http.Request)
		want   []string
	}{
		{"nothing", "POST", "{}", func(*http.Request) {}, nil},
		{"nothing, without a body", "GET", "", func(*http.Request) {}, nil},
		{"no method in place of GET", "GET", "", func(r *http.Request) { r.Method = "" }, nil},
		{"method", "GET", "", func(r *http.Request) { r.Method = "HEAD" }, []string{"method"}},
		{"path", "GET", "", func(r *http.Request) { r.URL = parse(t, "https://api.mch.weixin.qq.com/v3/y?a=1") }, []string{"URL"}},
		{"query", "GET", "", func(r *http.Request) { r.URL = parse(t, "https://api.mch.weixin.qq.com/v3/x?a=2") }, []string{"URL"}},
		{"body", "POST", "{}", func(r *http.Request) { middleware.SetBody(r, []byte("[]")) }, []string{"body"}},
		{"a body added", "POST", "", func(r *http.Request) { middleware.SetBody(r, []byte("{}")) }, []string{"body"}},
		{"a longer body of the old length", "POST", "{}", func(r *http.Request) { r.Body, r.GetBody = reader("{} "), nil }, []string{"body"}},
		{"the same body in another reader", "POST", "{}", func(r *http.Request) { r.Body, r.GetBody = reader("{}"), nil }, nil},
		{"no reader in place of no body", "GET", "", func(r *http.Request) { r.Body = nil }, nil},
		{"a body taken from a GET", "GET", "{}", func(r *http.Request) { r.Body, r.GetBody, r.ContentLength = nil, nil, 0 }, []string{"body"}},
		{"no body in place of that of a GET", "GET", "{}", func(r *http.Request) { r.Body, r.GetBody, r.ContentLength = http.NoBody, nil, 0 }, []string{"body"}},
		{"all", "POST", "{}", func(r *http.Request) {
			r.Method, r.URL = "PUT", parse(t, "https://api.mch.weixin.qq.com/")
			middleware.SetBody(r, []byte("x"))
		}, []string{"method", "URL", "body"}},
	} {
		x := new(middleware.Exchange)
		if x.Message() != nil || x.Altered() != nil {
			t.Errorf("before the call: %q, %q", x.Message(), x.Altered())
		}
		req := newRequest(t, tt.method, "/v3/x?a=1", x)
		middleware.SetBody(req, []byte(tt.body))
		guarded := middleware.Guard(answering(200, nil, ""))
		rt := middleware.Signer(mchID, merchant(t), clock, middleware.Nonce(func() string { return "n1" }))(transport(func(req *http.Request) (*http.Response, error) {
			if x.Altered() != nil {
				t.Errorf("%s: before the transport, altered are %q", tt.name, x.Altered())
			}
			tt.edit(req)
			return guarded.RoundTrip(req)
		}))
		if _, err := rt.RoundTrip(req); err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if got := x.Altered(); !slices.Equal(got, tt.want) {
			t.Errorf("%s: altered are %q, want %q", tt.name, got, tt.want)
		}
		if got, want := string(x.Message()), string(signer.RequestMessage(tt.method, "/v3/x?a=1", now, "n1", []byte(tt.body))); got != want {
			t.Errorf("%s: Message is %q, want %q", tt.name, got, want)
		}
	}
}

// Of a streamed body only the signed text is known.
func TestAlteredOfAStreamedBody(t *testing.T) {
	x := &middleware.Exchange{Streamed: true, Signed: []byte("{}")}
	req := newRequest(t, "POST", "/v3/x", x)
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("--parts--")), nil }
	if _, err := middleware.Signer(mchID, merchant(t))(middleware.Guard(answering(200, nil, ""))).RoundTrip(req); err != nil {
		t.Fatal(err)
	}
	if got := x.Altered(); got != nil || !strings.HasSuffix(string(x.Message()), "\n{}\n") {
		t.Errorf("altered are %q, Message is %q", got, x.Message())
	}
}

func TestAdvice(t *testing.T) {
	x := new(middleware.Exchange)
	if err := x.Advice(); err != nil {
		t.Errorf("advice %v before there is any", err)
	}
	first, last := errors.New("first"), errors.New("last")
	x.Advise(first)
	x.Advise(last)
	if err := x.Advice(); err != last {
		t.Errorf("advice %v, want the last", err)
	}
}
