package wechatpay_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/bill"
	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/openapi"
)

// deepTexts are nested so deep that a recursive function exhausts the stack.
var deepTexts = map[string]string{
	"arrays":     strings.Repeat("[", 10<<20-1),
	"valid":      strings.Repeat("[", 5<<20-1) + strings.Repeat("]", 5<<20-1),
	"objects":    strings.Repeat(`{"a":`, 1<<18),
	"a field":    `{"code":"PARAM_ERROR","detail":` + strings.Repeat("[", 1<<19) + strings.Repeat("]", 1<<19) + `}`,
	"elements":   "<xml>" + strings.Repeat("<a>", 1<<18),
	"attributes": "<xml " + strings.Repeat("a='' ", 1<<18),
}

// An answer cannot end the process, whatever its status and however it is read.
func TestDeepAnswers(t *testing.T) {
	for name, text := range deepTexts {
		for _, status := range []int{200, 400} {
			_, config := newSigning(t, func(*http.Request, []byte) *http.Response { return answer(status, text) })
			config.APIv2Key = vectors.Load(t).APIv2Key
			client := newClient(t, config)
			for _, opts := range [][]wechatpay.Option{nil, {wechatpay.HTTPErrors(false)}} {
				resp, err := client.Chain("v3/x").Get(background(), opts...)
				var e *wechatpay.Error
				if errors.As(err, &e) {
					resp = e.Response
				}
				if resp == nil {
					t.Fatalf("%s, %d: %v", name, status, err)
				}
				if v := resp.Get("@pretty"); v.Exists() && strings.Contains(text, "[[[") {
					t.Errorf("%s, %d: a text nested too deep is read: %.64q", name, status, v.Raw)
				}
				resp.Get("a.#(b==1)#|@flatten|@ugly|@this|0")
				resp.JSON().Value()
				var v any
				if err := resp.Decode(&v); err == nil {
					t.Errorf("%s, %d: it is decoded", name, status)
				}
				_, err = client.Chain("v2/x").Post(background(), append(opts, wechatpay.XML(wechatpay.M{"a": "1"}))...)
				if err == nil && opts == nil {
					t.Errorf("%s, %d: APIv2 takes it", name, status)
				}
			}
			if _, err := bill.Download(background(), client, bill.Trade, "2026-01-02", bill.To(io.Discard)); err == nil {
				t.Errorf("%s, %d: it is a bill", name, status)
			}
		}
	}
}

// A request that is examined before it is sent cannot end the process either, and
// neither can the path of a field.
func TestDeepRequests(t *testing.T) {
	config := newConfig(t, new(recorder))
	config.Middleware = func(_ wechatpay.Protocol, s *middleware.Stack) error {
		return errors.Join(
			s.Before(middleware.NameSigner, "validate", openapi.Validate()),
			s.Before(middleware.NameSigner, "encrypt", openapi.EncryptSensitive(config.PlatformKeys)))
	}
	client := newClient(t, config)
	for name, text := range deepTexts {
		for _, path := range []string{"v3/pay/transactions/native", "v3/profitsharing/orders"} {
			_, err := client.Chain(path).Post(background(), wechatpay.Body("application/json", strings.NewReader(text[:min(len(text), 1<<20)])))
			if !errors.As(err, new(*openapi.ValidationError)) {
				t.Errorf("%s, %s: %v", path, name, err)
			}
		}
	}
	_, err := client.Chain("v3/x").Post(background(), wechatpay.Set(strings.Repeat("a.", 5<<20)+"a", 1))
	if !errors.Is(err, wechatpay.ErrOption) {
		t.Error(err)
	}
}
