package openapi_test

import (
	"context"
	"crypto"
	"net/http"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/wechatpaytest"
)

// What leaves is encrypted and signed so, a Secret once and not twice. The mock
// checks the signature.
func TestEncryptSensitiveInAClient(t *testing.T) {
	key, err := platformKey()
	if err != nil {
		t.Fatal(err)
	}
	platform := keys.Static{platformSerial: key.Public()}
	mock := wechatpaytest.New(t)
	var arrived gjson.Result
	mock.On("POST", "v3/applyment4sub/applyment/", func(req *http.Request) (*http.Response, error) {
		body, err := middleware.RequestBody(req)
		if err != nil {
			return nil, err
		}
		arrived = gjson.ParseBytes(body)
		if got := req.Header.Get("Wechatpay-Serial"); got != platformSerial {
			t.Errorf("Wechatpay-Serial %q, want %q", got, platformSerial)
		}
		return mock.JSON(200, wechatpay.M{"applyment_id": 1})(req)
	})
	client := mock.Client(func(c *wechatpay.Config) {
		c.PlatformKeys = both{c.PlatformKeys.(keys.Static), platform}
		c.Middleware = func(_ wechatpay.Protocol, s *middleware.Stack) error {
			return s.Before(middleware.NameSigner, "encrypt", openapi.EncryptSensitive(platform))
		}
	})
	if _, err := client.Chain("v3/applyment4sub/applyment/").Post(context.Background(), wechatpay.JSON(wechatpay.M{
		"business_code": "1", "contact_info": wechatpay.M{"contact_name": "张三", "mobile_phone": wechatpay.Secret("13800000000")},
	})); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"contact_info.contact_name": "张三", "contact_info.mobile_phone": "13800000000"} {
		if text, err := cipher.DecryptOAEP(key, arrived.Get(path).Str); err != nil || text != want {
			t.Errorf("%s is %q, %v; want %q", path, text, err, want)
		}
	}
	if got := arrived.Get("business_code").Str; got != "1" {
		t.Errorf("business_code %q, want it plain", got)
	}
}

// both verifies with two sets of keys, and encrypts with the second.
type both struct{ first, second keys.Static }

func (b both) PublicKey(ctx context.Context, serial string) (crypto.PublicKey, error) {
	if key, err := b.first.PublicKey(ctx, serial); err == nil {
		return key, nil
	}
	return b.second.PublicKey(ctx, serial)
}

func (b both) Current(ctx context.Context) (string, crypto.PublicKey, error) {
	return b.second.Current(ctx)
}
