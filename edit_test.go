package wechatpay_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/middleware"
)

func passOn(next http.RoundTripper) http.RoundTripper { return next }

// place returns an edit that adds a middleware at its place.
func place(name string) middleware.Edit {
	return func(_ middleware.Protocol, s *middleware.Stack) error { return s.Place(name, passOn) }
}

// Config.Middleware takes an Edit, a function literal, and a variable of the type
// of such a function. The names of package wechatpay are those of middleware.
func TestConfigTakesEdits(t *testing.T) {
	old := func(p wechatpay.Protocol, s *middleware.Stack) error {
		return s.Push("old "+string(p), passOn)
	}
	var names []string
	config := newConfig(t, new(recorder))
	config.Middleware = old
	config.Middleware = middleware.Edits(config.Middleware, place(middleware.NameRetry), func(p wechatpay.Protocol, s *middleware.Stack) error {
		names = s.Names()
		return nil
	})
	newClient(t, config)
	if want := []string{"retry", "verifier", "signer", "old APIv3"}; !slices.Equal(names, want) {
		t.Errorf("the stack is %q, want %q", names, want)
	}
	if wechatpay.APIv2 != middleware.APIv2 || wechatpay.APIv3 != middleware.APIv3 {
		t.Error("the protocols have two names each")
	}
}

// New refuses two middlewares of a kind, and a list that cannot stand with what the
// caller did by name, before or after it.
func TestNewRefusesStacks(t *testing.T) {
	byName := func(edit func(s *middleware.Stack) error) middleware.Edit {
		return func(_ middleware.Protocol, s *middleware.Stack) error { return edit(s) }
	}
	own := byName(func(s *middleware.Stack) error { return s.Before("verifier", "retry", passOn) })
	bare := byName(func(s *middleware.Stack) error { return s.Remove("verifier") })
	inverted := byName(func(s *middleware.Stack) error {
		return errors.Join(s.Remove("signer"), s.Unshift("signer", passOn))
	})
	retry := place(middleware.NameRetry)
	for name, test := range map[string]struct {
		edits []middleware.Edit
		says  string // "" if the list can stand
	}{
		"one":                            {[]middleware.Edit{retry}, ""},
		"two of a kind":                  {[]middleware.Edit{retry, place(middleware.NameLog), retry}, "used twice"},
		"one of the caller's before":     {[]middleware.Edit{own, retry}, "used twice"},
		"one of the caller's after":      {[]middleware.Edit{retry, own}, "used twice"},
		"without the verifier, before":   {[]middleware.Edit{bare, retry}, `"verifier"`},
		"without the verifier, after":    {[]middleware.Edit{retry, bare}, `"verifier"`},
		"without the verifier, alone":    {[]middleware.Edit{bare}, ""},
		"the signer outermost, before":   {[]middleware.Edit{inverted, retry}, `"verifier" must be outside "signer"`},
		"the signer outermost, after":    {[]middleware.Edit{retry, inverted}, `must be outside "signer"`},
		"the signer outermost and alone": {[]middleware.Edit{inverted}, ""},
	} {
		out := new(recorder)
		config := newConfig(t, out)
		config.APIv2Key = strings.Repeat("k", 32)
		config.Middleware = middleware.Edits(test.edits...)
		client, err := wechatpay.New(config)
		if test.says == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if client != nil || !errors.Is(err, wechatpay.ErrConfig) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v, %v; want ErrConfig with %q", name, client, err, test.says)
		}
	}
}

// A call is for the main host, unless it names its host itself.
func TestCallsForTheMainHost(t *testing.T) {
	main := make(map[string]bool)
	config := newConfig(t, new(recorder))
	config.Middleware = func(_ wechatpay.Protocol, s *middleware.Stack) error {
		return s.Push("see", func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(req *http.Request) (*http.Response, error) {
				main[req.URL.Host+req.URL.Path] = middleware.ExchangeOf(req.Context()).Main
				return next.RoundTrip(req)
			})
		})
	}
	client := newClient(t, config)
	_, _ = client.Chain("v3/a").Get(background())
	_, _ = client.Chain("v3/b").Get(background(), wechatpay.BaseURL("https://other.example/"))
	_, _ = client.Chain("v3/c").Get(background(), wechatpay.BaseURL(wechatpay.DefaultBaseURL))
	for path, want := range map[string]bool{
		"api.mch.weixin.qq.com/v3/a": true, "other.example/v3/b": false, "api.mch.weixin.qq.com/v3/c": false,
	} {
		if got, sent := main[path]; !sent || got != want {
			t.Errorf("%s: Main is %v, sent %v", path, got, sent)
		}
	}
}
