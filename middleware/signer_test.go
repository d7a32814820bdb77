package middleware_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/signer"
)

// wire is a transport that notes what a server would get to see.
type wire struct {
	authorizations, targets, bodies []string
	lengths                         []int64
	fail                            int // how many requests fail first
}

func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		defer req.Body.Close()
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
	}
	w.authorizations = append(w.authorizations, req.Header.Get("Authorization"))
	w.targets = append(w.targets, req.URL.RequestURI())
	w.bodies = append(w.bodies, string(body))
	w.lengths = append(w.lengths, req.ContentLength)
	if len(w.bodies) <= w.fail {
		return nil, errors.New("connection reset")
	}
	return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
}

// check verifies the request number i, as the platform does.
func (w *wire) check(t *testing.T, i int, method string) platform.Authorization {
	t.Helper()
	a, err := platform.ParseAuthorization(w.authorizations[i])
	if err != nil {
		t.Fatalf("%v: %q", err, w.authorizations[i])
	}
	merchants := keys.Static{serialNo: vectors.MerchantKey(t).Public()}
	if err := platform.Verify(t.Context(), merchants, method, w.targets[i], a, []byte(w.bodies[i])); err != nil {
		t.Error(err)
	}
	return a
}

func TestSignerHeader(t *testing.T) {
	var w wire
	rt := middleware.Signer(mchID, merchant(t), clock, middleware.Nonce(func() string { return "593BEC0C930BF1AFEB40B4A08C8FB242" }))(&w)
	if _, err := rt.RoundTrip(newRequest(t, "GET", "/v3/certificates", nil)); err != nil {
		t.Fatal(err)
	}
	form := regexp.MustCompile(`^WECHATPAY2-SHA256-RSA2048 mchid="1900000109",nonce_str="593BEC0C930BF1AFEB40B4A08C8FB242",` +
		`timestamp="1790000001",serial_no="3775B6A45ACD588826D15E583A95F5DD12345678",signature="[A-Za-z0-9+/]{342}=="$`)
	if !form.MatchString(w.authorizations[0]) {
		t.Errorf("Authorization: %s", w.authorizations[0])
	}
	w.check(t, 0, "GET")
}

func TestSignerSignsWhatIsSent(t *testing.T) {
	tests := []struct{ name, method, path, body, target string }{
		{"no body", "GET", "/v3/pay/transactions/id/1?mchid=1900000109", "", "/v3/pay/transactions/id/1?mchid=1900000109"},
		{"JSON", "POST", "/v3/refund/domestic/refunds", `{"reason":"值 <&>"}`, "/v3/refund/domestic/refunds"},
		{"escaped path", "GET", "/v3/x/a%2Fb%20c%E5%80%BC", "", "/v3/x/a%2Fb%20c%E5%80%BC"},
		{"escaped query", "GET", "/v3/x?b=1&a=%E5%80%BC+%2B&a=", "", "/v3/x?b=1&a=%E5%80%BC+%2B&a="},
		{"a lone question mark", "GET", "/v3/x?", "", "/v3/x?"},
		{"trailing slash", "GET", "/v3/x/", "", "/v3/x/"},
		{"no path", "GET", "", "", "/"},
		{"body of many lines", "PATCH", "/v3/x", "a\r\nb\n\x00\xff", "/v3/x"},
		{"DELETE with a body", "DELETE", "/v3/x", "{}", "/v3/x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var w wire
			req := newRequest(t, tt.method, tt.path, nil)
			middleware.SetBody(req, []byte(tt.body))
			if _, err := middleware.Signer(mchID, merchant(t))(&w).RoundTrip(req); err != nil {
				t.Fatal(err)
			}
			w.check(t, 0, tt.method)
			if w.targets[0] != tt.target || w.bodies[0] != tt.body || w.lengths[0] != int64(len(tt.body)) {
				t.Errorf("sent %q with %q (%d bytes), want %q with %q", w.targets[0], w.bodies[0], w.lengths[0], tt.target, tt.body)
			}
		})
	}
}

// To net/http, a request without a method is a GET.
func TestSignerSignsGETForNoMethod(t *testing.T) {
	var w wire
	req := newRequest(t, "GET", "/v3/x", nil)
	req.Method = ""
	if _, err := middleware.Signer(mchID, merchant(t))(&w).RoundTrip(req); err != nil {
		t.Fatal(err)
	}
	w.check(t, 0, "GET")
}

func TestSignerLeavesTheRequestAsItIs(t *testing.T) {
	var w wire
	req := newRequest(t, "POST", "/v3/x?a=b", nil)
	middleware.SetBody(req, []byte("{}"))
	req.Header.Set("Accept", "application/json")
	before, body := req.Clone(t.Context()), req.Body
	if _, err := middleware.Signer(mchID, merchant(t))(&w).RoundTrip(req); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(req.Header, before.Header) {
		t.Errorf("headers are now %v, were %v", req.Header, before.Header)
	}
	if req.URL.String() != before.URL.String() || req.Body != body || req.ContentLength != before.ContentLength {
		t.Error("the request was changed")
	}
	if w.authorizations[0] == "" {
		t.Error("nothing was signed")
	}
}

func TestSignerWritesOverAnAuthorization(t *testing.T) {
	var w wire
	req := newRequest(t, "GET", "/v3/x", nil)
	req.Header["Authorization"] = []string{"stale", "and another"}
	if _, err := middleware.Signer(mchID, merchant(t))(&w).RoundTrip(req); err != nil {
		t.Fatal(err)
	}
	w.check(t, 0, "GET")
}

// closing notes whether a body was closed.
type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error { c.closed = true; return nil }

func TestSignerReadsABodyThatCanBeReadOnce(t *testing.T) {
	var w wire
	long := strings.Repeat("0123456789", 10_000)
	body := &closing{Reader: io.MultiReader(strings.NewReader(long), strings.NewReader("end"))}
	req := newRequest(t, "POST", "/v3/x", nil)
	req.Body, req.GetBody, req.ContentLength = body, nil, -1
	if _, err := middleware.Signer(mchID, merchant(t))(&w).RoundTrip(req); err != nil {
		t.Fatal(err)
	}
	w.check(t, 0, "POST")
	if w.bodies[0] != long+"end" || w.lengths[0] != int64(len(long)+3) {
		t.Errorf("%d bytes were sent, %d announced; want %d", len(w.bodies[0]), w.lengths[0], len(long)+3)
	}
	if !body.closed {
		t.Error("the body was not closed")
	}
}

func TestRetryOutsideSignerSignsAfresh(t *testing.T) {
	w := wire{fail: 2}
	retry := func(next http.RoundTripper) http.RoundTripper {
		return transport(func(req *http.Request) (resp *http.Response, err error) {
			for range 3 {
				if resp, err = next.RoundTrip(req); err == nil {
					break
				}
			}
			return resp, err
		})
	}
	var s middleware.Stack
	if err := errors.Join(
		s.Push(middleware.NameSigner, middleware.Signer(mchID, merchant(t))),
		s.Before(middleware.NameSigner, "retry", retry),
	); err != nil {
		t.Fatal(err)
	}
	req := newRequest(t, "POST", "/v3/x", nil)
	middleware.SetBody(req, []byte(`{"a":1}`))
	if _, err := s.Resolve(&w).RoundTrip(req); err != nil {
		t.Fatal(err)
	}
	nonces := make(map[string]bool)
	for i := range w.bodies {
		nonces[w.check(t, i, "POST").Nonce] = true
		if w.bodies[i] != `{"a":1}` {
			t.Errorf("try %d sent the body %q", i+1, w.bodies[i])
		}
	}
	if len(w.bodies) != 3 || len(nonces) != 3 {
		t.Errorf("%d tries with %d nonces, want 3 with 3", len(w.bodies), len(nonces))
	}
}

// failing is a signing service that is down.
type failing struct{ err error }

func (failing) Scheme() string   { return signer.SchemeRSA }
func (failing) SerialNo() string { return serialNo }
func (f failing) Sign(context.Context, []byte) ([]byte, error) {
	return nil, f.err
}

func TestSignerSendsNothingUnsigned(t *testing.T) {
	down := errors.New("the signing service is down")
	tests := []struct {
		name   string
		signer signer.Signer
		body   io.Reader
		want   error
	}{
		{"signer fails", failing{down}, nil, down},
		{"signer gives up", failing{fmt.Errorf("asking: %w", context.DeadlineExceeded)}, nil, context.DeadlineExceeded},
		{"body fails", merchant(t), io.MultiReader(strings.NewReader("half"), broken{}), io.ErrUnexpectedEOF},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var w wire
			req := newRequest(t, "POST", "/v3/x", nil)
			body := &closing{Reader: tt.body}
			if tt.body != nil {
				req.Body = body
			}
			_, err := middleware.Signer(mchID, tt.signer)(&w).RoundTrip(req)
			if !errors.Is(err, signer.ErrSign) || !errors.Is(err, tt.want) {
				t.Errorf("error is %v, want ErrSign and %v", err, tt.want)
			}
			if len(w.bodies) > 0 {
				t.Error("the request was sent")
			}
			if tt.body != nil && !body.closed {
				t.Error("the body was not closed")
			}
		})
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestSignerUsesTheContextOfTheRequest(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var w wire
	_, err := middleware.Signer(mchID, merchant(t))(&w).RoundTrip(newRequest(t, "GET", "/v3/x", nil).WithContext(ctx))
	if !errors.Is(err, signer.ErrSign) || !errors.Is(err, context.Canceled) || len(w.bodies) > 0 {
		t.Errorf("error %v, %d requests sent; want ErrSign, context.Canceled and none", err, len(w.bodies))
	}
}

func TestNewNonce(t *testing.T) {
	form := regexp.MustCompile(`^[0-9A-Za-z]{32}$`)
	seen := make(map[string]bool)
	used := make(map[rune]bool)
	for range 1000 {
		nonce := middleware.NewNonce()
		if !form.MatchString(nonce) {
			t.Fatalf("nonce %q is not 32 base-62 characters", nonce)
		}
		seen[nonce] = true
		for _, r := range nonce {
			used[r] = true
		}
	}
	if len(seen) != 1000 {
		t.Errorf("%d nonces of 1000 came twice", 1000-len(seen))
	}
	if len(used) != 62 {
		t.Errorf("%d characters are used, want 62", len(used))
	}
}

func TestSignerSendsNoBrokenHeader(t *testing.T) {
	for name, m := range map[string]middleware.Middleware{
		"no nonce":        middleware.Signer(mchID, merchant(t), middleware.Nonce(func() string { return "" })),
		"nonce and quote": middleware.Signer(mchID, merchant(t), middleware.Nonce(func() string { return `a"b` })),
		"nonce and break": middleware.Signer(mchID, merchant(t), middleware.Nonce(func() string { return "a\nb" })),
		"no signature":    middleware.Signer(mchID, mute{}),
	} {
		rt := m(transport(func(*http.Request) (*http.Response, error) {
			t.Errorf("%s: the request was sent", name)
			return nil, errors.New("sent")
		}))
		if _, err := rt.RoundTrip(newRequest(t, "GET", "/v3/x", nil)); !errors.Is(err, signer.ErrSign) {
			t.Errorf("%s: error %v, want ErrSign", name, err)
		}
	}
}

// mute is a signer that returns nothing.
type mute struct{}

func (mute) Scheme() string                               { return signer.SchemeRSA }
func (mute) SerialNo() string                             { return "1" }
func (mute) Sign(context.Context, []byte) ([]byte, error) { return nil, nil }

// A body that is streamed is given to each sending anew, or the request is not
// sent.
func TestSignerOpensStreamedBodies(t *testing.T) {
	x := &middleware.Exchange{Streamed: true, Signed: []byte("{}")}
	req := newRequest(t, "POST", "/v3/x", x)
	var sent []string
	rt := middleware.Signer(mchID, merchant(t))(transport(func(req *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(req.Body)
		sent = append(sent, string(body))
		if err != nil {
			return nil, err
		}
		return answering(200, nil, "")(req)
	}))
	if _, err := rt.RoundTrip(req); !errors.Is(err, signer.ErrSign) {
		t.Errorf("without GetBody: %v, want ErrSign", err)
	}
	broken := errors.New("the file is gone")
	req.GetBody = func() (io.ReadCloser, error) { return nil, broken }
	if _, err := rt.RoundTrip(req); !errors.Is(err, broken) || !errors.Is(err, signer.ErrSign) {
		t.Errorf("with a GetBody that fails: %v", err)
	}
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("--parts--")), nil }
	for range 2 {
		if _, err := rt.RoundTrip(req); err != nil {
			t.Error(err)
		}
	}
	if !slices.Equal(sent, []string{"--parts--", "--parts--"}) {
		t.Errorf("sent %q", sent)
	}
}
