package wechatpay_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/internal/suitetest"
	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/signer"
)

const suiteSerial = "PUB_KEY_ID_0000000000000000000000000000"

// suitePlatform is a platform that works with the invented suite. It answers every
// request with what edit makes of the headers.
func suitePlatform(t *testing.T, edit func(http.Header)) (config wechatpay.Config, sent *recorder) {
	t.Helper()
	merchant, own := suitetest.New(t, "0A01"), suitetest.New(t, suiteSerial)
	sent = new(recorder)
	config = newConfig(t, nil)
	config.SerialNo, config.PrivateKey, config.Signer = "", nil, merchant
	config.PlatformKeys = keys.Static{suiteSerial: own.Platform()}
	now := strconv.FormatInt(config.Clock().Unix(), 10)
	config.Transport = roundTripper(func(req *http.Request) (*http.Response, error) {
		_, _ = sent.RoundTrip(req)
		body := []byte(sent.body[len(sent.body)-1])
		a, err := platform.ParseAuthorization(req.Header.Get("Authorization"), suitetest.Scheme)
		if err != nil {
			return nil, err
		}
		if err := platform.Verify(req.Context(), keys.Static{"0A01": merchant.Public()}, req.Method, req.URL.RequestURI(), a, body); err != nil {
			return nil, err
		}
		phone, err := merchant.Platform().Encrypt([]byte("13800000000"))
		if err != nil {
			return nil, err
		}
		answer := []byte(`{"phone":"` + base64.StdEncoding.EncodeToString(phone) + `"}`)
		resp := &http.Response{StatusCode: 200, Header: make(http.Header), Body: io.NopCloser(bytes.NewReader(answer))}
		err = platform.Sign(req.Context(), own, resp.Header, now, answer)
		edit(resp.Header)
		return resp, err
	})
	return config, sent
}

// A client whose Signer is a suite signs, verifies, encrypts and decrypts with it.
func TestClientOfASuite(t *testing.T) {
	config, sent := suitePlatform(t, func(http.Header) {})
	client := newClient(t, config)
	resp, err := client.Chain("v3/profitsharing/receivers/add").Post(background(), wechatpay.JSON(wechatpay.M{"name": wechatpay.Secret("张三")}))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.StdEncoding.DecodeString(gjson.Get(sent.body[0], "name").String())
	if err != nil {
		t.Fatal(err)
	}
	if name, err := suitetest.New(t, suiteSerial).Decrypt(t.Context(), raw); err != nil || string(name) != "张三" {
		t.Errorf("the name is sent as %q, %v", name, err)
	}
	if phone, err := resp.Decrypt("phone"); err != nil || phone != "13800000000" {
		t.Errorf("Response.Decrypt: %q, %v", phone, err)
	}
	if phone, err := client.Decrypt(background(), resp.Get("phone").String()); err != nil || phone != "13800000000" {
		t.Errorf("Client.Decrypt: %q, %v", phone, err)
	}
	if _, err := client.Decrypt(background(), gjson.Get(sent.body[0], "name").String()); !errors.Is(err, cipher.ErrDecrypt) {
		t.Errorf("a field for another key: %v", err)
	}
	if _, err := client.Decrypt(background(), "%"); err == nil || !strings.Contains(err.Error(), "not base64") {
		t.Errorf("not base64: %v", err)
	}
	ctx, cancel := context.WithCancel(background())
	cancel()
	if _, err := client.Decrypt(ctx, resp.Get("phone").String()); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that ended: %v", err)
	}
	var out bytes.Buffer
	if _, err := client.Chain("v3/x").Get(background(), wechatpay.Sink(&out)); err != nil || !gjson.Get(out.String(), "phone").Exists() {
		t.Errorf("into a sink: %q, %v", out.String(), err)
	}
}

// The receiver of a client opens notifications with the client's suite.
func TestNotifyOfASuite(t *testing.T) {
	config, _ := suitePlatform(t, func(http.Header) {})
	gcm, err := cipher.NewGCMOf(config.Signer.(signer.Suite), config.APIv3Key)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := gcm.Seal([]byte(`{"out_trade_no":"1"}`), "0123456789ab", "transaction")
	if err != nil {
		t.Fatal(err)
	}
	body := `{"id":"EV-1","event_type":"TRANSACTION.SUCCESS","resource":{"algorithm":"` + sealed.Algorithm + `","ciphertext":"` + sealed.Ciphertext +
		`","associated_data":"transaction","nonce":"0123456789ab"}}`
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://shop.example/notify", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	own := suitetest.New(t, suiteSerial)
	if err := platform.Sign(t.Context(), own, req.Header, strconv.FormatInt(config.Clock().Unix(), 10), []byte(body)); err != nil {
		t.Fatal(err)
	}
	type verifies struct{ signer.Verifier } // so that only the client knows the cipher
	config.PlatformKeys = keys.Static{suiteSerial: verifies{own.Platform()}}
	client := newClient(t, config)
	for _, r := range []*notify.Receiver{client.Notify(), client.Notify(notify.OnError(func(context.Context, error) {}))} {
		if n, err := r.Parse(req); err != nil || string(n.Resource) != `{"out_trade_no":"1"}` {
			t.Errorf("%+v, %v", n, err)
		}
	}
}

// An answer whose Wechatpay-Signature-Type is of another suite than the key is not
// verified, into memory or into a sink.
func TestAnswerOfTheWrongType(t *testing.T) {
	for _, tt := range []struct {
		name, typ string
		rsa       bool
		fits      bool
	}{
		{"RSA, no header", "", true, true},
		{"RSA", signer.SchemeRSA, true, true},
		{"RSA key, another suite", "WECHATPAY2-SM2-WITH-SM3", true, false},
		{"suite, no header", "", false, true},
		{"suite", suitetest.Scheme, false, true},
		{"suite key, RSA", signer.SchemeRSA, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			edit := func(h http.Header) {
				h.Del("Wechatpay-Signature-Type")
				if tt.typ != "" {
					h.Set("Wechatpay-Signature-Type", tt.typ)
				}
			}
			config, _ := suitePlatform(t, edit)
			if tt.rsa {
				config = newConfig(t, roundTripper(func(*http.Request) (*http.Response, error) {
					resp := answer(200, "{}")
					(&signing{key: platformKey(), serial: suiteSerial, now: vectors.Load(t).Now}).sign(resp.Header, []byte("{}"))
					edit(resp.Header)
					return resp, nil
				}))
				config.PlatformKeys = keys.Static{suiteSerial: platformKey().Public()}
			}
			client := newClient(t, config)
			for _, opts := range [][]wechatpay.Option{nil, {wechatpay.Sink(new(bytes.Buffer))}} {
				_, err := client.Chain("v3/x").Get(background(), opts...)
				var v *wechatpay.VerifyError
				switch {
				case tt.fits && err != nil:
					t.Error(err)
				case !tt.fits && (!errors.As(err, &v) || v.Reason != signer.ReasonHeader || !strings.Contains(err.Error(), "Wechatpay-Signature-Type is \""+tt.typ+"\"")):
					t.Errorf("error %v, want a VerifyError that names the header and its value", err)
				}
			}
		})
	}
}

// New checks keys that verify by themselves as far as it can.
func TestConfigOfASuite(t *testing.T) {
	config, _ := suitePlatform(t, func(http.Header) {})
	for _, tt := range []struct {
		name string
		edit func(*wechatpay.Config)
		want string // in the error, or "" for none
	}{
		{"good", func(*wechatpay.Config) {}, ""},
		{"a key that only verifies", func(c *wechatpay.Config) {
			c.PlatformKeys = keys.Static{suiteSerial: struct{ signer.Verifier }{suitetest.New(t, "1").Platform()}}
		}, ""},
		{"nil pointer", func(c *wechatpay.Config) { c.PlatformKeys = keys.Static{suiteSerial: (*suitetest.Public)(nil)} }, "nil pointer"},
		{"neither RSA nor a Verifier", func(c *wechatpay.Config) { c.PlatformKeys = keys.Static{suiteSerial: "key"} }, "not an RSA key"},
		{"the merchant's own key", func(c *wechatpay.Config) {
			c.PlatformKeys = keys.Static{suiteSerial: suitetest.New(t, "0A01").Platform()}
		}, "the merchant's own public key"},
	} {
		c := config
		tt.edit(&c)
		_, err := wechatpay.New(c)
		if tt.want == "" && err != nil || tt.want != "" && (!errors.Is(err, wechatpay.ErrConfig) || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
}

// A Secret needs a platform key that encrypts.
func TestSecretForAKeyThatOnlyVerifies(t *testing.T) {
	config, sent := suitePlatform(t, func(http.Header) {})
	config.PlatformKeys = keys.Static{suiteSerial: struct{ signer.Verifier }{suitetest.New(t, suiteSerial).Platform()}}
	_, err := newClient(t, config).Chain("v3/x").Post(background(), wechatpay.JSON(wechatpay.M{"name": wechatpay.Secret("张三")}))
	if !errors.Is(err, wechatpay.ErrConfig) || !strings.Contains(err.Error(), "signer.Encrypter") || sent.count() > 0 {
		t.Errorf("error %v after %d requests, want ErrConfig and none", err, sent.count())
	}
}

// The core and its dependencies have no OpenSSL and no SM cryptography.
func TestNoSuiteInTheCore(t *testing.T) {
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"emmansun", "golang-fips"} {
			if bytes.Contains(text, []byte(path)) {
				t.Errorf("%s names %s", name, path)
			}
		}
	}
}
