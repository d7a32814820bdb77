package interop

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/failsafe-go/failsafe-go/failsafehttp"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/sandbox"
)

// unavailable answers 503 to every request, and keeps the bodies.
type unavailable struct {
	mu     sync.Mutex
	bodies []string
	short  int
}

func (u *unavailable) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	req.Body.Close()
	u.mu.Lock()
	defer u.mu.Unlock()
	u.bodies = append(u.bodies, string(body))
	if int64(len(body)) != req.ContentLength {
		u.short++
	}
	return &http.Response{StatusCode: http.StatusServiceUnavailable, Header: http.Header{}, Body: http.NoBody, Request: req}, nil
}

type sender func(*http.Request) (*http.Response, error)

func (f sender) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func tracing(next http.RoundTripper) http.RoundTripper { return otelhttp.NewTransport(next) }

func failsafe(next http.RoundTripper) http.RoundTripper {
	retry := failsafehttp.NewRetryPolicyBuilder().WithDelay(time.Nanosecond).WithMaxRetries(2).Build()
	return failsafehttp.NewRoundTripper(next, retry)
}

// plainly sends three times the very request that it was given.
func plainly(next http.RoundTripper) http.RoundTripper {
	return sender(func(req *http.Request) (*http.Response, error) {
		for range 2 {
			resp, err := next.RoundTrip(req)
			if err != nil {
				return nil, err
			}
			resp.Body.Close()
		}
		return next.RoundTrip(req)
	})
}

// With the tracing of OpenTelemetry and the retry of failsafe-go, in every place
// of the stack, each sending has the whole body, or the call ends in ErrSign.
func TestOthersMiddlewaresSendWholeBodies(t *testing.T) {
	server, err := sandbox.New(sandbox.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	calls := map[string]struct {
		path string
		opt  func() wechatpay.Option
		want string
	}{
		"JSON":         {"v3/x", func() wechatpay.Option { return wechatpay.JSON(wechatpay.M{"a": "picture"}) }, "picture"},
		"XML":          {"v2/pay/orderquery", func() wechatpay.Option { return wechatpay.XML(wechatpay.M{"a": "picture"}) }, "picture"},
		"upload":       {"v3/merchant/media/upload", func() wechatpay.Option { return wechatpay.Upload("x.png", strings.NewReader("picture")) }, "picture"},
		"APIv2 upload": {"v2/secapi/mch/uploadmedia", func() wechatpay.Option { return wechatpay.Upload("x.png", strings.NewReader("picture")) }, "picture"},
	}
	for callName, call := range calls {
		for stackName, build := range stacksOfOthers() {
			out := new(unavailable)
			config := server.ClientConfig()
			config.Transport = out
			config.Middleware = func(_ wechatpay.Protocol, s *middleware.Stack) error { return build(s) }
			client, err := wechatpay.New(config)
			if err != nil {
				t.Fatal(err)
			}
			_, err = client.Chain(call.path).Post(t.Context(), call.opt(), wechatpay.Options{"security": false})
			name := callName + ", " + stackName
			if err == nil || len(out.bodies) == 0 || out.short > 0 {
				t.Errorf("%s: %d sendings, %d of them cut short, error %v", name, len(out.bodies), out.short, err)
			}
			if !strings.Contains(name, "retry inside") && len(out.bodies) != 3 && !errors.Is(err, wechatpay.ErrSign) {
				t.Errorf("%s: %d sendings, want 3 (error %v)", name, len(out.bodies), err)
			}
			for i, body := range out.bodies {
				if !strings.Contains(body, call.want) {
					t.Errorf("%s: sending %d has the body %.100q", name, i+1, body)
				}
			}
		}
	}
}

// stacksOfOthers yields what puts a tracing and a retry into a stack, in every
// pair of places, in both orders and for each retry, and a name that says where.
func stacksOfOthers() iter.Seq2[string, func(*middleware.Stack) error] {
	type place func(s *middleware.Stack, name string, m middleware.Middleware) error
	places := map[string]place{
		"outside": func(s *middleware.Stack, name string, m middleware.Middleware) error { return s.Unshift(name, m) },
		"between": func(s *middleware.Stack, name string, m middleware.Middleware) error {
			return s.Before(middleware.NameSigner, name, m)
		},
		"inside": func(s *middleware.Stack, name string, m middleware.Middleware) error { return s.Push(name, m) },
	}
	retries := map[string]middleware.Middleware{"failsafe": failsafe, "plain": plainly}
	return func(yield func(string, func(*middleware.Stack) error) bool) {
		for tracePlace, putTrace := range places {
			for retryPlace, putRetry := range places {
				for retryName, retry := range retries {
					name := fmt.Sprintf("trace %s, %s retry %s", tracePlace, retryName, retryPlace)
					traceFirst := func(s *middleware.Stack) error {
						return errors.Join(putTrace(s, "trace", tracing), putRetry(s, "retry", retry))
					}
					retryFirst := func(s *middleware.Stack) error {
						return errors.Join(putRetry(s, "retry", retry), putTrace(s, "trace", tracing))
					}
					if !yield(name+", trace put in first", traceFirst) || !yield(name+", retry put in first", retryFirst) {
						return
					}
				}
			}
		}
	}
}
