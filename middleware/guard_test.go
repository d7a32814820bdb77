package middleware_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/signer"
)

// What reaches the transport has its whole body and the length of that.
func TestGuardSendsWholeBodies(t *testing.T) {
	const whole = "0123456789"
	for _, tt := range []struct {
		name   string
		length int64
		body   io.ReadCloser
		want   string
	}{
		{"read to its end", 10, http.NoBody, whole},
		{"taken away", 10, nil, whole},
		{"read in part", 10, io.NopCloser(strings.NewReader("89")), whole},
		{"an empty reader of unknown length", -1, io.NopCloser(strings.NewReader("")), ""},
		{"nothing", 0, http.NoBody, ""},
		{"nil", 0, nil, ""},
	} {
		x := &middleware.Exchange{Body: []byte(tt.want)}
		req := newRequest(t, "POST", "/v3/x", x)
		req.ContentLength, req.Body = tt.length, tt.body
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(tt.want)), nil }
		var got string
		var length int64
		var reader bool
		_, err := middleware.Guard(transport(func(req *http.Request) (*http.Response, error) {
			length, reader = req.ContentLength, req.Body != nil && req.Body != http.NoBody
			if !reader {
				return answering(200, nil, "")(req)
			}
			body, err := io.ReadAll(req.Body)
			got = string(body)
			if err != nil {
				return nil, err
			}
			return answering(200, nil, "")(req)
		})).RoundTrip(req)
		if err != nil || got != tt.want || length != int64(len(tt.want)) || reader != (tt.want != "") {
			t.Errorf("%s: sent %q of length %d, with a reader %v, %v; want %q", tt.name, got, length, reader, err, tt.want)
		}
	}
}

// After the signer, what was signed is the whole body, not what entered the stack.
func TestGuardKnowsWhatWasSigned(t *testing.T) {
	for _, tt := range []struct {
		name, entered, signed, left string
		sent                        bool
	}{
		{"read in part", "9876543210", "0123456789", "789", false},
		{"read to its end", "9876543210", "0123456789", "", false},
		{"the rest of what entered", "0123456789", "789", "789", true},
		{"untouched", "0123456789", "0123456789", "0123456789", true},
	} {
		sent := ""
		base := middleware.Guard(transport(func(req *http.Request) (*http.Response, error) {
			body, err := io.ReadAll(req.Body)
			if err != nil {
				return nil, err
			}
			sent = string(body)
			return answering(200, nil, "")(req)
		}))
		reading := transport(func(req *http.Request) (*http.Response, error) {
			req.Body, req.ContentLength, req.GetBody = io.NopCloser(strings.NewReader(tt.left)), -1, nil
			return base.RoundTrip(req)
		})
		req := newRequest(t, "POST", "/v3/x", &middleware.Exchange{Body: []byte(tt.entered)})
		middleware.SetBody(req, []byte(tt.signed))
		_, err := middleware.Signer(mchID, merchant(t), clock)(reading).RoundTrip(req)
		if tt.sent && (err != nil || sent != tt.left) || !tt.sent && (!errors.Is(err, signer.ErrSign) || sent != "") {
			t.Errorf("%s: sent %q, %v", tt.name, sent, err)
		}
	}
}

// A request that was sent may have been done; one without a connection was not.
func TestOutcomeOfASending(t *testing.T) {
	for name, tt := range map[string]struct {
		err  error
		want middleware.Outcome
	}{
		"lost":          {errors.New("connection reset"), middleware.OutcomeUnknown},
		"no connection": {&net.OpError{Op: "dial", Err: errors.New("connection refused")}, middleware.OutcomeNotSent},
		"no answer":     {&net.OpError{Op: "read", Err: errors.New("connection reset")}, middleware.OutcomeUnknown},
	} {
		x := new(middleware.Exchange)
		req := newRequest(t, "POST", "/v3/x", x)
		resp, err := middleware.Guard(transport(func(*http.Request) (*http.Response, error) { return nil, tt.err })).RoundTrip(req)
		if got := middleware.OutcomeOf(req, resp, err); !errors.Is(err, tt.err) || got != tt.want {
			t.Errorf("%s: %v, %v; want %v", name, got, err, tt.want)
		}
	}
}

// 1xx answers nothing, and the body of 101 never ends.
func TestInterimAnswers(t *testing.T) {
	for _, status := range []int{100, 101, 103, 199} {
		body := &closing{Reader: strings.NewReader("")}
		base := transport(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: http.Header{}, Body: body}, nil
		})
		for name, rt := range map[string]http.RoundTripper{
			"Guard": middleware.Guard(base), "Verifier": middleware.Verifier(platformKeys(t))(base), "V2Verifier": middleware.V2Verifier(v2Key)(base),
		} {
			body.closed = false
			if resp, err := rt.RoundTrip(newRequest(t, "GET", "/v3/x", new(middleware.Exchange))); resp != nil || err == nil || !body.closed {
				t.Errorf("%s, %d: %v, %v, closed %v", name, status, resp, err, body.closed)
			}
		}
	}
	base := answering(204, seal(t, ""), "")
	if _, err := middleware.Guard(base).RoundTrip(newRequest(t, "GET", "/v3/x", new(middleware.Exchange))); err != nil {
		t.Error(err)
	}
}

// Guard lets a call go to its own host and to the one that was allowed, and to no
// other.
func TestGuardAllowsOneHost(t *testing.T) {
	base := middleware.Guard(answering(200, nil, ""))
	main := &url.URL{Scheme: "https", Host: "api.mch.weixin.qq.com"}
	for to, want := range map[string]bool{
		"https://api.mch.weixin.qq.com/":      true,
		"https://api2.mch.weixin.qq.com/":     true,
		"http://api2.mch.weixin.qq.com/":      false,
		"https://api3.mch.weixin.qq.com/":     false,
		"https://api2.mch.weixin.qq.com:444/": false,
		"https://evil.example/":               false,
	} {
		x := &middleware.Exchange{URL: main}
		x.AllowHost(&url.URL{Scheme: "https", Host: "api2.mch.weixin.qq.com"})
		req := newRequest(t, http.MethodGet, "/", x)
		var err error
		if req.URL, err = url.Parse(to); err != nil {
			t.Fatal(err)
		}
		if _, err := base.RoundTrip(req); (err == nil) != want {
			t.Errorf("%s: %v", to, err)
		}
		if begun, unsent := x.Tries(); want && (begun != 1 || unsent != 0) || !want && begun != 0 {
			t.Errorf("%s: %d tries, %d of them unsent", to, begun, unsent)
		}
	}
}
