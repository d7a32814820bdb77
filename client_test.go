package wechatpay_test

import (
	"context"
	"crypto"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/signer"
)

// remote is a remote signing service.
type remote struct{ fail error }

func (remote) Scheme() string   { return signer.SchemeRSA }
func (remote) SerialNo() string { return "REMOTE" }
func (r remote) Sign(context.Context, []byte) ([]byte, error) {
	return []byte("signature"), r.fail
}

func TestRemoteSigner(t *testing.T) {
	out := new(recorder)
	config := newConfig(t, out)
	config.SerialNo, config.PrivateKey, config.Signer = "", nil, remote{}
	if _, err := newClient(t, config).Chain("v3/x").Get(background()); !errors.As(err, new(errNotSent)) {
		t.Fatal(err)
	}
	if got := out.sent[0].Header.Get("Authorization"); !strings.Contains(got, `serial_no="REMOTE",signature="c2lnbmF0dXJl"`) {
		t.Errorf("Authorization: %s", got)
	}
	config.Signer = remote{errors.New("no route to the HSM")}
	_, err := newClient(t, config).Chain("v3/x").Get(background())
	if !errors.Is(err, wechatpay.ErrSign) || !strings.Contains(err.Error(), "no route to the HSM") {
		t.Errorf("error %v, want ErrSign with its cause", err)
	}
	if n := out.count(); n != 1 {
		t.Errorf("%d requests were sent, want 1", n)
	}
}

func TestMiddleware(t *testing.T) {
	var names []string
	var protocols []wechatpay.Protocol
	attempts := 0
	client, config := newSigning(t, func(req *http.Request, body []byte) *http.Response {
		if attempts++; attempts == 1 {
			return answer(500, `{"code":"SYSTEM_ERROR"}`)
		}
		return answer(200, `{"body":`+string(body)+`}`)
	})
	_ = client
	var authorizations []string
	config.Middleware = func(p wechatpay.Protocol, s *middleware.Stack) error {
		names, protocols = s.Names(), append(protocols, p)
		retry := func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(req *http.Request) (*http.Response, error) {
				resp, err := next.RoundTrip(req)
				if err == nil && resp.StatusCode == 500 {
					resp.Body.Close()
					return next.RoundTrip(req)
				}
				return resp, err
			})
		}
		see := func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(req *http.Request) (*http.Response, error) {
				authorizations = append(authorizations, req.Header.Get("Authorization"))
				return next.RoundTrip(req)
			})
		}
		return errors.Join(s.Before(middleware.NameSigner, "retry", retry), s.Push("see", see))
	}
	resp, err := newClient(t, config).Chain("v3/x").Post(background(), wechatpay.JSON(wechatpay.M{"a": 1}))
	if err != nil {
		t.Fatal(err)
	}
	if got := resp.Get("body.a").Int(); got != 1 {
		t.Errorf("the second attempt sent %s", resp.Bytes())
	}
	if !slices.Equal(names, []string{"verifier", "signer"}) || !slices.Equal(protocols, []wechatpay.Protocol{wechatpay.APIv3}) {
		t.Errorf("built-in stack %v of %v", names, protocols)
	}
	if len(authorizations) != 2 || authorizations[0] == authorizations[1] {
		t.Errorf("a retry outside the signer must sign afresh: %q", authorizations)
	}
	if resp.Request == nil || resp.Request.Header.Get("Authorization") != authorizations[1] {
		t.Error("Response.Request is not the request as it left")
	}
}

// A middleware cannot lead a signature to another host.
func TestMiddlewareCannotChangeTheHost(t *testing.T) {
	out := new(recorder)
	config := newConfig(t, out)
	config.Middleware = func(_ wechatpay.Protocol, s *middleware.Stack) error {
		return s.Push("elsewhere", func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(req *http.Request) (*http.Response, error) {
				r := req.Clone(req.Context())
				r.URL.Host = "evil.example"
				return next.RoundTrip(r)
			})
		})
	}
	_, err := newClient(t, config).Chain("v3/x").Get(background())
	if err == nil || !strings.Contains(err.Error(), "evil.example") || out.count() != 0 {
		t.Errorf("error %v, %d requests sent", err, out.count())
	}
}

func TestClockAndNonce(t *testing.T) {
	out := new(recorder)
	config := newConfig(t, out)
	config.Clock = func() time.Time { return time.Unix(1234567890, 999) }
	config.Nonce = func() string { return "NONCE" }
	if _, err := newClient(t, config).Chain("v3/x").Get(background()); !errors.As(err, new(errNotSent)) {
		t.Fatal(err)
	}
	if got := out.sent[0].Header.Get("Authorization"); !strings.Contains(got, `nonce_str="NONCE",timestamp="1234567890",`) {
		t.Errorf("Authorization: %s", got)
	}
}

// failing is a key store that cannot answer.
type failing struct{ err error }

func (f failing) PublicKey(context.Context, string) (crypto.PublicKey, error) { return nil, f.err }
func (f failing) Current(context.Context) (string, crypto.PublicKey, error)   { return "", nil, f.err }

func TestNoCurrentKey(t *testing.T) {
	out := new(recorder)
	config := newConfig(t, out)
	config.PlatformKeys = failing{context.DeadlineExceeded}
	_, err := newClient(t, config).Chain("v3/x").Get(background())
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "Wechatpay-Serial") || out.count() != 0 {
		t.Errorf("error %v, %d requests sent", err, out.count())
	}
}

// A middleware that breaks the contract of a RoundTripper breaks one call.
func TestCarelessMiddleware(t *testing.T) {
	for name, resp := range map[string]*http.Response{"nil answer": nil, "nil body": {StatusCode: 200}} {
		for _, edit := range []func(*middleware.Stack, middleware.Middleware) error{
			func(s *middleware.Stack, m middleware.Middleware) error { return s.Unshift("careless", m) },
			func(s *middleware.Stack, m middleware.Middleware) error { return s.Push("careless", m) },
		} {
			config := newConfig(t, new(recorder))
			config.Middleware = func(_ wechatpay.Protocol, s *middleware.Stack) error {
				return edit(s, func(http.RoundTripper) http.RoundTripper {
					return roundTripper(func(*http.Request) (*http.Response, error) {
						if resp == nil {
							return nil, nil
						}
						copied := *resp
						return &copied, nil
					})
				})
			}
			if _, err := newClient(t, config).Chain("v3/x").Get(background()); err == nil {
				t.Errorf("%s: no error", name)
			}
		}
	}
}
