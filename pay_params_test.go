package wechatpay_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/signer"
)

// newPaying returns a client for both protocols with the nonce of the vectors.
func newPaying(t testing.TB) *wechatpay.Client {
	t.Helper()
	config := newConfig(t, new(recorder))
	config.APIv2Key = v2Key
	config.Nonce = func() string { return "nonce1" }
	return newClient(t, config)
}

func TestJSAPIParams(t *testing.T) {
	var v struct {
		JSAPIPaySign struct {
			Params  map[string]string
			PaySign string
		} `json:"jsapi_pay_sign"`
	}
	vectors.LoadFile(t, "crypto.json", &v)
	want := maps.Clone(v.JSAPIPaySign.Params)
	want["signType"], want["paySign"] = "RSA", v.JSAPIPaySign.PaySign
	got, err := newPaying(t).JSAPIParams(want["appId"], strings.TrimPrefix(want["package"], "prepay_id="))
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
}

func TestAppParams(t *testing.T) {
	got, err := newPaying(t).AppParams("wx8888888888888888", "wx201410272009395522657a690389285100")
	if err != nil {
		t.Fatal(err)
	}
	signature, err := base64.StdEncoding.DecodeString(got["sign"])
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte("wx8888888888888888\n1790000001\nnonce1\nwx201410272009395522657a690389285100\n"))
	key := vectors.MerchantKey(t)
	if err := rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], signature); err != nil {
		t.Error(err)
	}
	delete(got, "sign")
	if want := (map[string]string{
		"appid": "wx8888888888888888", "partnerid": "1900000109", "prepayid": "wx201410272009395522657a690389285100",
		"package": "Sign=WXPay", "noncestr": "nonce1", "timestamp": "1790000001",
	}); !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestV2Params(t *testing.T) {
	client := newPaying(t)
	for _, signType := range []string{"MD5", "HMAC-SHA256"} {
		jsapi, err := client.V2JSAPIParams("wx1", "wx2", signType)
		if err != nil {
			t.Fatal(err)
		}
		app, err := client.V2AppParams("wx1", "wx2", signType)
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			got, want map[string]string
			sign      string
		}{
			{jsapi, map[string]string{"appId": "wx1", "timeStamp": "1790000001", "nonceStr": "nonce1", "package": "prepay_id=wx2", "signType": signType}, "paySign"},
			{app, map[string]string{"appid": "wx1", "partnerid": "1900000109", "prepayid": "wx2", "package": "Sign=WXPay", "noncestr": "nonce1", "timestamp": "1790000001"}, "sign"},
		} {
			if tt.want[tt.sign], err = signer.V2Sign(signType, v2Key, tt.want); err != nil {
				t.Fatal(err)
			}
			if !maps.Equal(tt.got, tt.want) {
				t.Errorf("%v, want %v", tt.got, tt.want)
			}
		}
	}
	if got, err := client.V2JSAPIParams("wx1", "wx2"); err != nil || got["signType"] != "MD5" {
		t.Errorf("without a sign type: %v, %v", got, err)
	}
}

// The app of a sub-merchant pays under the sub-merchant's number, with the
// signature of the partner.
func TestV2PartnerAppParams(t *testing.T) {
	client := newPaying(t)
	for _, signType := range []string{"MD5", "HMAC-SHA256"} {
		got, err := client.V2PartnerAppParams("1900000301", "wx8888888888888888", "wx201410272009395522657a690389285100", signType)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{
			"appid": "wx8888888888888888", "partnerid": "1900000301", "prepayid": "wx201410272009395522657a690389285100",
			"package": "Sign=WXPay", "noncestr": "nonce1", "timestamp": "1790000001",
		}
		if want["sign"], err = signer.V2Sign(signType, v2Key, want); err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	}
	for _, sub := range []string{"", "wx8888888888888888", "190000030 1", "1900000301\n"} {
		if params, err := client.V2PartnerAppParams(sub, "wx1", "wx2"); params != nil || !errors.Is(err, wechatpay.ErrOption) || !strings.Contains(err.Error(), "subMchID") {
			t.Errorf("sub-merchant %q: %v, %v", sub, params, err)
		}
	}
}

// makers returns the functions that make payment parameters.
func makers(client *wechatpay.Client) map[string]func(appID, prepayID string) (map[string]string, error) {
	return map[string]func(appID, prepayID string) (map[string]string, error){
		"JSAPIParams":   client.JSAPIParams,
		"AppParams":     client.AppParams,
		"V2JSAPIParams": func(a, p string) (map[string]string, error) { return client.V2JSAPIParams(a, p) },
		"V2AppParams":   func(a, p string) (map[string]string, error) { return client.V2AppParams(a, p) },
		"V2PartnerAppParams": func(a, p string) (map[string]string, error) {
			return client.V2PartnerAppParams("1900000301", a, p)
		},
	}
}

func TestBadPrepayID(t *testing.T) {
	for name, params := range makers(newPaying(t)) {
		for prepayID, want := range map[string]string{
			"":                               "prepayID is missing",
			"null":                           "printed form of a missing value",
			"NULL":                           "printed form of a missing value",
			"nil":                            "printed form of a missing value",
			"<nil>":                          "printed form of a missing value",
			"%!s(<nil>)":                     "prepayID",
			"undefined":                      "printed form of a missing value",
			"None":                           "printed form of a missing value",
			`{"prepay_id":"wx2"}`:            "looks like JSON",
			`"wx2"`:                          "looks like JSON",
			"map[prepay_id:wx2]":             "looks like JSON",
			"prepay_id=wx2":                  "added here",
			"prepay_id%3Dwx2":                "encoded for a URL",
			"wx2%20":                         "encoded for a URL",
			"wx 2":                           "' '",
			" wx2":                           "' '",
			"wx2\n":                          `'\n'`,
			"wx2\r":                          `'\r'`,
			"wx\x002":                        `'\x00'`,
			"wx\u202e2":                      `'\u202e'`,
			"wx2&sign=":                      "'&'",
			"订单":                             "'订'",
			strings.Repeat("a", 129):         "129 characters",
			strings.Repeat("secret ", 10000): "70000 characters",
		} {
			got, err := params("wx8888888888888888", prepayID)
			if got != nil || !errors.Is(err, wechatpay.ErrOption) || !strings.Contains(err.Error(), want) || len(err.Error()) > 300 {
				t.Errorf("%s with %.40q: %v, error %.300v, want ErrOption with %s", name, prepayID, got, err, want)
			}
		}
		for _, prepayID := range []string{"wx201410272009395522657a690389285100", "up_wx15161150-a", strings.Repeat("a", 128)} {
			if _, err := params("wx8888888888888888", prepayID); err != nil {
				t.Errorf("%s with %s: %v", name, prepayID, err)
			}
		}
		for appID, want := range map[string]string{
			"":                      "appID is missing",
			"1900000109":            "a merchant's number",
			"gh_0123456789ab":       "original id",
			"null":                  "appid is like wx8888888888888888",
			"wx8888 888":            "appid is like wx8888888888888888",
			"wx8888\n":              "appid is like wx8888888888888888",
			strings.Repeat("a", 33): "appid is like wx8888888888888888",
		} {
			if got, err := params(appID, "wx2"); got != nil || !errors.Is(err, wechatpay.ErrOption) || !strings.Contains(err.Error(), want) {
				t.Errorf("%s for %q: %v, error %v, want ErrOption with %s", name, appID, got, err, want)
			}
		}
	}
}

// WeChat refuses other nonces only on the user's phone.
func TestBadNonce(t *testing.T) {
	for _, nonce := range []string{"", "a\nb", "a b", "a&b", "随机", strings.Repeat("a", 33), strings.Repeat("a", 1<<16)} {
		config := newConfig(t, new(recorder))
		config.APIv2Key = v2Key
		config.Nonce = func() string { return nonce }
		for name, params := range makers(newClient(t, config)) {
			got, err := params("wx1", "wx2")
			if got != nil || !errors.Is(err, wechatpay.ErrConfig) || !strings.Contains(err.Error(), "Config.Nonce") || len(err.Error()) > 300 {
				t.Errorf("%s with the nonce %.40q: %v, error %.300v, want ErrConfig", name, nonce, got, err)
			}
		}
	}
	config := newConfig(t, new(recorder))
	config.Nonce = func() string { return strings.Repeat("a", 32) }
	if _, err := newClient(t, config).JSAPIParams("wx1", "wx2"); err != nil {
		t.Error(err)
	}
}

func TestBadParams(t *testing.T) {
	both := newPaying(t)
	v3 := newClient(t, newConfig(t, new(recorder)))
	v2 := newV2(t, new(recorder))
	for _, tt := range []struct {
		name string
		call func() (map[string]string, error)
		kind error
		want string
	}{
		{"no appID", func() (map[string]string, error) { return both.JSAPIParams("", "wx2") }, wechatpay.ErrOption, "appID"},
		{"no prepayID", func() (map[string]string, error) { return both.AppParams("wx1", "") }, wechatpay.ErrOption, "prepayID"},
		{"package for prepayID", func() (map[string]string, error) { return both.JSAPIParams("wx1", "prepay_id=wx2") }, wechatpay.ErrOption, `added here`},
		{"a line break", func() (map[string]string, error) { return both.JSAPIParams("wx1", "wx2\n") }, wechatpay.ErrOption, "prepayID"},
		{"sign type", func() (map[string]string, error) { return both.V2AppParams("wx1", "wx2", "RSA") }, wechatpay.ErrSign, `"RSA"`},
		{"two sign types", func() (map[string]string, error) { return both.V2AppParams("wx1", "wx2", "MD5", "MD5") }, wechatpay.ErrOption, "2 sign types"},
		{"APIv3 with APIv2 alone", func() (map[string]string, error) { return v2.JSAPIParams("wx1", "wx2") }, wechatpay.ErrConfig, "PrivateKey"},
		{"APIv2 with APIv3 alone", func() (map[string]string, error) { return v3.V2JSAPIParams("wx1", "wx2") }, wechatpay.ErrConfig, "APIv2Key"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			params, err := tt.call()
			if params != nil || !errors.Is(err, tt.kind) || !strings.Contains(fmt.Sprint(err), tt.want) {
				t.Errorf("%v, %v; want %v with %q", params, err, tt.kind, tt.want)
			}
		})
	}
}
