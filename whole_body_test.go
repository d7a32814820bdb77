package wechatpay_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/signer"
)

// wrapped is a wrapped body, as tracing makes it.
type wrapped struct {
	io.Reader
	close func() error
}

func (w wrapped) Close() error { return w.close() }

// wrappers wrap the body of a request as middlewares do.
var wrappers = map[string]func(req *http.Request){
	"plain":          func(req *http.Request) { req.Body = wrapped{req.Body, req.Body.Close} },
	"without Close":  func(req *http.Request) { req.Body = io.NopCloser(struct{ io.Reader }{req.Body}) },
	"without length": func(req *http.Request) { req.Body, req.ContentLength = wrapped{req.Body, req.Body.Close}, -1 },
	"without GetBody": func(req *http.Request) {
		req.Body, req.GetBody = wrapped{req.Body, req.Body.Close}, nil
	},
	"without anything": func(req *http.Request) {
		req.Body, req.GetBody, req.ContentLength = io.NopCloser(struct{ io.Reader }{req.Body}), nil, -1
	},
	"length of zero": func(req *http.Request) {
		req.Body, req.GetBody, req.ContentLength = io.NopCloser(struct{ io.Reader }{req.Body}), nil, 0
	},
	"half read": func(req *http.Request) {
		body := req.Body
		io.CopyN(io.Discard, body, 5)
		req.Body = wrapped{body, body.Close}
	},
	"half read without anything": func(req *http.Request) {
		io.CopyN(io.Discard, req.Body, 5)
		req.Body, req.GetBody, req.ContentLength = io.NopCloser(struct{ io.Reader }{req.Body}), nil, -1
	},
	"read to its end": func(req *http.Request) { io.Copy(io.Discard, req.Body) },
	"emptied":         func(req *http.Request) { req.Body, req.GetBody, req.ContentLength = http.NoBody, nil, 0 },
	"looked at": func(req *http.Request) {
		start := make([]byte, 512)
		n, _ := io.ReadFull(req.Body, start)
		req.Body = wrapped{io.MultiReader(strings.NewReader(string(start[:n])), req.Body), req.Body.Close}
	},
}

// again sends every request twice, without a new body: the first answer is lost.
func again(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		if resp, err := next.RoundTrip(req); err == nil {
			resp.Body.Close()
		} else if !errors.As(err, new(errNotSent)) {
			return nil, err
		}
		return next.RoundTrip(req)
	})
}

func wrapping(wrap func(*http.Request)) middleware.Middleware {
	return func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(req *http.Request) (*http.Response, error) {
			req = req.Clone(req.Context())
			if req.Body != nil && req.Body != http.NoBody {
				wrap(req)
			}
			return next.RoundTrip(req)
		})
	}
}

// Each attempt has the whole body or the call ends in ErrSign, wherever one
// middleware wraps the body and another one sends it again.
func TestEverySendingHasTheWholeBody(t *testing.T) {
	places := map[string]func(s *middleware.Stack, name string, m middleware.Middleware) error{
		"outside": func(s *middleware.Stack, name string, m middleware.Middleware) error { return s.Unshift(name, m) },
		"between": func(s *middleware.Stack, name string, m middleware.Middleware) error {
			return s.Before(middleware.NameSigner, name, m)
		},
		"inside": func(s *middleware.Stack, name string, m middleware.Middleware) error { return s.Push(name, m) },
	}
	calls := map[string]struct {
		path string
		opts func() wechatpay.Option
		want string
	}{
		"JSON":         {"v3/x", func() wechatpay.Option { return wechatpay.JSON(M{"amount": M{"total": 100}}) }, `{"amount":{"total":100}}`},
		"raw":          {"v3/x", func() wechatpay.Option { return wechatpay.Body("text/csv", strings.NewReader("a,b,c,d,e")) }, "a,b,c,d,e"},
		"XML":          {"v2/pay/orderquery", func() wechatpay.Option { return wechatpay.XML(M{"out_trade_no": "12345"}) }, "<out_trade_no>12345</out_trade_no>"},
		"upload":       {"v3/merchant/media/upload", func() wechatpay.Option { return wechatpay.Upload("x.png", strings.NewReader("picture")) }, "picture"},
		"APIv2 upload": {"v2/secapi/mch/uploadmedia", func() wechatpay.Option { return wechatpay.Upload("x.png", strings.NewReader("picture")) }, "picture"},
	}
	whole := 0
	for callName, call := range calls {
		for wrapName, wrap := range wrappers {
			for place, put := range places {
				for retry, putRetry := range places {
					for _, wrapperFirst := range []bool{true, false} {
						out := new(recorder)
						config := newConfig(t, out)
						config.APIv2Key, config.ClientCert = v2Key, nil
						config.Middleware = func(_ wechatpay.Protocol, s *middleware.Stack) error {
							if wrapperFirst { // then the one that comes second is inside, or for "outside" outside
								return errors.Join(put(s, "wrap", wrapping(wrap)), putRetry(s, "again", again))
							}
							return errors.Join(putRetry(s, "again", again), put(s, "wrap", wrapping(wrap)))
						}
						_, err := newClient(t, config).Chain(call.path).Post(background(), call.opts())
						name := fmt.Sprintf("%s, wrapped %s %s, again %s, %v", callName, wrapName, place, retry, wrapperFirst)
						if err == nil || len(out.body) == 0 && !errors.Is(err, wechatpay.ErrSign) {
							t.Errorf("%s: error %v, %d sendings", name, err, len(out.body))
						}
						for i, body := range out.body {
							checkWhole(t, name, config, out.sent[i], body, call.want)
						}
						if len(out.body) == 2 {
							whole++
						}
					}
				}
			}
		}
	}
	if whole < 200 {
		t.Errorf("%d calls were sent twice", whole)
	}
}

// checkWhole checks that the sent request is signed and contains what is wanted.
func checkWhole(t *testing.T, name string, config wechatpay.Config, req *http.Request, body, want string) {
	t.Helper()
	multipart := strings.HasPrefix(req.Header.Get("Content-Type"), "multipart/")
	// A file may be sent without its length.
	known := req.ContentLength >= 0 || !multipart
	if !strings.Contains(body, want) || known && req.ContentLength != int64(len(body)) {
		t.Errorf("%s: sent %.200q with a length of %d", name, body, req.ContentLength)
		return
	}
	switch {
	case req.Header.Get("Authorization") != "" && multipart:
		checkSignature(t, config, req, partsOf(t, req, body)[0].body)
	case req.Header.Get("Authorization") != "":
		checkSignature(t, config, req, body)
	case multipart:
		fields := make(map[string]string)
		for _, p := range partsOf(t, req, body) {
			if p.filename == "" {
				fields[p.name] = p.body
			}
		}
		if err := signer.V2Verify(v2Key, fields); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	default:
		d, err := xmlmap.Parse([]byte(body))
		if err != nil || signer.V2Verify(v2Key, d.Texts()) != nil {
			t.Errorf("%s: %q is not signed (%v)", name, body, err)
		}
	}
}

// A GET has no body, even if a middleware wraps it.
func TestWrappedGet(t *testing.T) {
	for name, wrap := range wrappers {
		out := new(recorder)
		config := newConfig(t, out)
		config.Middleware = func(_ wechatpay.Protocol, s *middleware.Stack) error {
			return s.Unshift("wrap", func(next http.RoundTripper) http.RoundTripper {
				return roundTripper(func(req *http.Request) (*http.Response, error) {
					req = req.Clone(req.Context())
					wrap(req)
					return next.RoundTrip(req)
				})
			})
		}
		if _, err := newClient(t, config).Chain("v3/x").Get(background()); !errors.As(err, new(errNotSent)) || out.body[0] != "" {
			t.Errorf("%s: error %v, sent %q", name, err, out.body)
		}
	}
}

// A replaced signer makes every signature of its protocol, including that of an
// upload.
func TestReplacedSignerSignsAlone(t *testing.T) {
	calls := []struct {
		protocol wechatpay.Protocol
		path     string
		opt      wechatpay.Option
	}{
		{wechatpay.APIv2, "v2/pay/orderquery", wechatpay.XML(M{"out_trade_no": "1"})},
		{wechatpay.APIv2, "v2/secapi/mch/uploadmedia", wechatpay.Upload("x.png", strings.NewReader("picture"))},
		{wechatpay.APIv2, "v2/pay/orderquery", wechatpay.Body("text/xml", strings.NewReader("<xml><out_trade_no>1</out_trade_no></xml>"))},
		{wechatpay.APIv3, "v3/x", wechatpay.JSON(M{"a": 1})},
		{wechatpay.APIv3, "v3/merchant/media/upload", wechatpay.Upload("x.png", strings.NewReader("picture"))},
	}
	for _, tt := range calls {
		out := new(recorder)
		config := newConfig(t, out)
		config.APIv2Key = v2Key
		mine := 0
		config.Middleware = func(p wechatpay.Protocol, s *middleware.Stack) error {
			if p != tt.protocol {
				return nil
			}
			return s.Replace(middleware.NameSigner, func(next http.RoundTripper) http.RoundTripper {
				return roundTripper(func(req *http.Request) (*http.Response, error) {
					mine++
					req = req.Clone(req.Context())
					req.Header.Set("X-Mine", "signed")
					return next.RoundTrip(req)
				})
			})
		}
		if _, err := newClient(t, config).Chain(tt.path).Post(background(), tt.opt, wechatpay.Options{"security": false}); !errors.As(err, new(errNotSent)) {
			t.Fatal(err)
		}
		req, body := out.sent[0], out.body[0]
		if mine != 1 || req.Header.Get("X-Mine") == "" || req.Header.Get("Authorization") != "" {
			t.Errorf("%s: headers %q", tt.path, req.Header)
		}
		if strings.Contains(body, "<sign>") || strings.Contains(body, `"sign"`) || strings.Contains(req.URL.RawQuery, "sign=") {
			t.Errorf("%s: somebody else signed %q", tt.path, body)
		}
		if len(body) == 0 || req.ContentLength != int64(len(body)) {
			t.Errorf("%s: %d bytes with a length of %d", tt.path, len(body), req.ContentLength)
		}
	}
}

// A POST over HTTP/1.1 is sent in one write, headers and body, in the clear and by TLS.
func TestPostIsOneWrite(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 1 {
			t.Errorf("the request came by %s", r.Proto)
		}
		io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusTeapot)
	})
	for name, start := range map[string]func(http.Handler) *httptest.Server{"in the clear": httptest.NewServer, "TLS": httptest.NewTLSServer} {
		t.Run(name, func(t *testing.T) {
			server := start(handler)
			defer server.Close()
			testOneWrite(t, server)
		})
	}
}

func testOneWrite(t *testing.T, server *httptest.Server) {
	transport := wechatpay.NewTransport()
	defer transport.CloseIdleConnections()
	if tls := server.Client().Transport.(*http.Transport).TLSClientConfig; tls != nil {
		transport.TLSClientConfig.RootCAs = tls.RootCAs
	}
	counting := new(writes)
	counting.dial = transport.DialContext
	transport.DialContext = counting.DialContext
	config := newConfig(t, transport)
	config.APIv2Key, config.BaseURL = v2Key, server.URL
	client := newClient(t, config)
	first := true // of the connection: its writes include the handshake's
	for name, call := range map[string]func() error{
		"JSON": func() error { _, err := client.Chain("v3/x").Post(background(), wechatpay.JSON(coupon())); return err },
		"raw": func() error {
			_, err := client.Chain("v3/x").Post(background(), wechatpay.Body("text/csv", strings.NewReader("a,b")))
			return err
		},
		"XML": func() error {
			_, err := client.Chain("v2/pay/orderquery").Post(background(), wechatpay.XML(M{"out_trade_no": "1"}))
			return err
		},
	} {
		for range 3 {
			before := counting.count()
			if err := call(); !strings.Contains(fmt.Sprint(err), "418") {
				t.Fatal(err)
			}
			if n := counting.count() - before; n != 1 && !(first && server.TLS != nil) {
				t.Errorf("%s: %d writes, want 1", name, n)
			}
			first = false
		}
	}
}

// writes counts the writes to its connections.
type writes struct {
	dial func(ctx context.Context, network, address string) (net.Conn, error)
	mu   sync.Mutex
	n    int
}

func (w *writes) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := w.dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return countedConn{c, w}, nil
}

func (w *writes) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.n
}

type countedConn struct {
	net.Conn
	w *writes
}

func (c countedConn) Write(p []byte) (int, error) {
	c.w.mu.Lock()
	c.w.n++
	c.w.mu.Unlock()
	return c.Conn.Write(p)
}
