package wechatpay_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"encoding/base64"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"math/big"
	"net/url"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/middleware"
)

// publicOnly is a key in an HSM that only reveals its public half.
type publicOnly struct{ public crypto.PublicKey }

func (k publicOnly) Public() crypto.PublicKey { return k.public }
func (k publicOnly) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return nil, errors.New("the HSM is locked")
}

func TestConfigErrors(t *testing.T) {
	short := &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 1023), E: 65537}
	even := &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 2047), E: 65537}
	elliptic, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		edit func(*wechatpay.Config)
		want string
	}{
		{"no mchid", func(c *wechatpay.Config) { c.MchID = "" }, "MchID is missing"},
		{"mchid with a quote", func(c *wechatpay.Config) { c.MchID = `1"2` }, "MchID"},
		{"mchid with a line break", func(c *wechatpay.Config) { c.MchID = "1\n" }, "MchID"},
		{"no serial", func(c *wechatpay.Config) { c.SerialNo = "" }, "SerialNo is missing"},
		{"serial with a space", func(c *wechatpay.Config) { c.SerialNo = "37 75" }, "SerialNo"},
		{"no key", func(c *wechatpay.Config) { c.PrivateKey = nil }, "private key is missing"},
		{"nil key", func(c *wechatpay.Config) { c.PrivateKey = (*rsa.PrivateKey)(nil) }, "private key is missing"},
		{"elliptic key", func(c *wechatpay.Config) { c.PrivateKey = elliptic }, "not an RSA key"},
		{"short key", func(c *wechatpay.Config) { c.PrivateKey = publicOnly{short} }, "1024 bits"},
		{"key and signer", func(c *wechatpay.Config) { c.Signer = remote{} }, "both PrivateKey and Signer"},
		{"signer of another serial", func(c *wechatpay.Config) { c.PrivateKey, c.Signer = nil, remote{} }, "SerialNo is"},
		{"nil signer", func(c *wechatpay.Config) { c.PrivateKey, c.SerialNo, c.Signer = nil, "", (*remote)(nil) }, "nil pointer"},
		{"nil key store", func(c *wechatpay.Config) { c.PlatformKeys = (*failing)(nil) }, "PlatformKeys is missing"},
		{"no platform keys", func(c *wechatpay.Config) { c.PlatformKeys = nil }, "PlatformKeys is missing"},
		{"empty platform keys", func(c *wechatpay.Config) { c.PlatformKeys = keys.Static{} }, "PlatformKeys is empty"},
		{"nil platform key", func(c *wechatpay.Config) { c.PlatformKeys = keys.Static{"PUB_KEY_ID_1": nil} }, `PlatformKeys["PUB_KEY_ID_1"]`},
		{"elliptic platform key", func(c *wechatpay.Config) { c.PlatformKeys = keys.Static{"PUB_KEY_ID_1": elliptic.Public()} }, `PlatformKeys["PUB_KEY_ID_1"]`},
		{"short platform key", func(c *wechatpay.Config) { c.PlatformKeys = keys.Static{"PUB_KEY_ID_1": short} }, "1024 bits"},
		{"its own key as the platform's", func(c *wechatpay.Config) { c.PlatformKeys = keys.Static{"PUB_KEY_ID_1": c.PrivateKey.Public()} }, `PlatformKeys["PUB_KEY_ID_1"]: it is the merchant's own`},
		{"its own key among the platform's", func(c *wechatpay.Config) {
			c.PlatformKeys = keys.Combined(failing{}, keys.Static{"PUB_KEY_ID_1": platformKey().Public(), "ABCD": c.PrivateKey.Public()})
		}, `PlatformKeys["ABCD"]: it is the merchant's own`},
		{"exponent 1", func(c *wechatpay.Config) {
			c.PlatformKeys = keys.Static{"PUB_KEY_ID_1": &rsa.PublicKey{N: platformKey().N, E: 1}}
		}, "exponent 1"},
		{"exponent 2", func(c *wechatpay.Config) { c.PrivateKey = publicOnly{&rsa.PublicKey{N: platformKey().N, E: 2}} }, "exponent 2"},
		{"even modulus", func(c *wechatpay.Config) { c.PlatformKeys = keys.Static{"PUB_KEY_ID_1": even} }, "modulus is even"},
		{"even modulus of the merchant", func(c *wechatpay.Config) { c.PrivateKey = publicOnly{even} }, "modulus is even"},
		{"serial of the platform", func(c *wechatpay.Config) { c.SerialNo = strings.ToLower(vectors.Load(t).PlatformSerialNo) }, "is also a key of PlatformKeys"},
		{"APIv3 key", func(c *wechatpay.Config) { c.APIv3Key = "c7acc1c7811ed" }, "APIv3Key has 13 bytes"},
		{"other APIv3 key", func(c *wechatpay.Config) { c.OtherAPIv3Key = "c7acc1c7811ed" }, "OtherAPIv3Key has 13 bytes"},
		{"APIv2 key", func(c *wechatpay.Config) { c.APIv2Key = strings.Repeat("x", 33) }, "APIv2Key has 33 bytes"},
		{"client certificate", func(c *wechatpay.Config) { c.ClientCert = &tls.Certificate{} }, "ClientCert"},
		{"base URL", func(c *wechatpay.Config) { c.BaseURL = "api.mch.weixin.qq.com" }, "BaseURL"},
		{"limit", func(c *wechatpay.Config) { c.MaxBodyBytes = -1 }, "MaxBodyBytes"},
		{"middleware fails", func(c *wechatpay.Config) {
			c.Middleware = func(_ wechatpay.Protocol, s *middleware.Stack) error { return s.Remove("singer") }
		}, `middleware "singer"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			config := newConfig(t, new(recorder))
			tc.edit(&config)
			client, err := wechatpay.New(config)
			if !errors.Is(err, wechatpay.ErrConfig) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want ErrConfig with %q", err, tc.want)
			}
			if client != nil {
				t.Error("a client in spite of the error")
			}
		})
	}

	_, err = wechatpay.New(wechatpay.Config{APIv3Key: "short"})
	for _, want := range []string{"MchID", "SerialNo", "PrivateKey", "PlatformKeys", "APIv3Key"} {
		if !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("the error does not name %s: %v", want, err)
		}
	}
}

// pasted returns texts that somebody may paste into the wrong field.
func pasted(t *testing.T) map[string]string {
	t.Helper()
	v := vectors.Load(t)
	block, _ := pem.Decode([]byte(v.MerchantPrivateKeyPEM))
	base64Text := base64.StdEncoding.EncodeToString(block.Bytes)
	return map[string]string{
		"PEM":             v.MerchantPrivateKeyPEM,
		"PEM with \\n":    strings.ReplaceAll(v.MerchantPrivateKeyPEM, "\n", `\n`),
		"base64":          base64Text,
		"a line":          base64Text[64:128],
		"hexadecimal":     hex.EncodeToString(block.Bytes),
		"DER":             string(block.Bytes),
		"an APIv3 key":    v.APIv3Key,
		"a key and blank": " " + v.APIv3Key,
	}
}

// New's error shows nothing of a key and little of any other text, whichever
// field holds it.
func TestConfigErrorsShowNoKey(t *testing.T) {
	for what, text := range pasted(t) {
		for field, edit := range map[string]func(*wechatpay.Config){
			"MchID":    func(c *wechatpay.Config) { c.MchID = text },
			"SerialNo": func(c *wechatpay.Config) { c.SerialNo = text },
			"both": func(c *wechatpay.Config) {
				c.SerialNo, c.PlatformKeys = text, keys.Static{text: platformKey().Public()}
			},
			"PlatformKeys": func(c *wechatpay.Config) {
				c.PlatformKeys = keys.Static{text: nil, text + "\n": platformKey().Public()}
			},
			"its own key":    func(c *wechatpay.Config) { c.PlatformKeys = keys.Static{text: c.PrivateKey.Public()} },
			"combined":       func(c *wechatpay.Config) { c.PlatformKeys = keys.Combined(keys.Static{text: nil}) },
			"BaseURL":        func(c *wechatpay.Config) { c.BaseURL = text },
			"BaseURL, query": func(c *wechatpay.Config) { c.BaseURL = "https://api.example/?" + url.QueryEscape(text) },
			"Signer": func(c *wechatpay.Config) {
				c.SerialNo, c.PrivateKey, c.Signer = text, nil, remote{}
			},
		} {
			config := newConfig(t, nil)
			edit(&config)
			_, err := wechatpay.New(config)
			if err == nil {
				if len(text) > 40 || field == "MchID" { // a short one may be an id
					t.Errorf("%s as %s: no error", what, field)
				}
				continue
			}
			for _, shown := range []string{err.Error(), fmt.Sprint(config), fmt.Sprintf("%#v", &config)} {
				for i := range len(text) - 12 {
					if part := text[i : i+12]; !strings.Contains(part, "KEY---") && strings.Contains(shown, part) {
						t.Fatalf("%s as %s: %q is in %.300s", what, field, part, shown)
					}
				}
			}
		}
	}
	config := newConfig(t, nil)
	config.SerialNo = strings.Repeat("x y", 1000)
	if _, err := wechatpay.New(config); err == nil || len(err.Error()) > 200 {
		t.Errorf("error %.300v", err)
	}
}

// An impossible value of a field is an error that says why.
func TestConfigNames(t *testing.T) {
	serials := map[string]string{
		"":         "is missing",
		"37 75":    "a blank",
		"3775\t":   "a blank",
		"3775\n":   "a line break",
		"\r\n3775": "a line break",
		"37\x0075": "a control character",
		"3775é":    "beyond ASCII",
		`37"75`:    `the character "`,
		"37,75":    "the character ,",
		"37:75:B6": "has colons",
		"37:75:B6:A4:5A:CD:58:88:26:D1:5E:58:3A:95:F5:DD:90:41:42:43": "has colons",
		"0x3775B6":      "starts with 0x",
		"0X3775B6":      "starts with 0x",
		"serial=3775B6": "starts with serial=",
		"316565454545456566565656565645454545454545454545": "decimal",
		strings.Repeat("AB", 21):                           "has 42 characters",
		strings.Repeat("1", 41):                            "decimal",
	}
	check := func(config wechatpay.Config, field, want string) {
		t.Helper()
		_, err := wechatpay.New(config)
		if !errors.Is(err, wechatpay.ErrConfig) || !strings.Contains(err.Error(), "config: "+field) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want ErrConfig for %s with %q", err, field, want)
		}
	}
	for serial, want := range serials {
		config := newConfig(t, nil)
		config.SerialNo = serial
		check(config, "SerialNo ", want)
		config = newConfig(t, nil)
		config.PlatformKeys = keys.Static{serial: platformKey().Public(), "PUB_KEY_ID_1": platformKey().Public()}
		check(config, "an id of PlatformKeys ", want)
		config.PlatformKeys = keys.Combined(keys.Combined(keys.Static{serial: platformKey().Public()}), failing{})
		check(config, "an id of PlatformKeys ", want)
	}
	for id, want := range map[string]string{
		"PUB_KEY_ID_…":                          "beyond ASCII",
		"PUB_KEY_ID_" + strings.Repeat("0", 60): "has 71 characters",
	} {
		config := newConfig(t, nil)
		config.PlatformKeys = keys.Static{id: platformKey().Public()}
		check(config, "an id of PlatformKeys ", want)
	}
	for mchID, want := range map[string]string{
		"":                   "is missing",
		"wx8888888888888888": "is an appid",
		"WX8888888888888888": "is an appid",
		"ww1234567890abcdef": "is an appid",
		"oUpF8uMuAJO_M2pxb1": "not made of digits",
		"gh_0123456789ab":    "not made of digits",
		"1900000109 ":        "a blank",
		"1900000109\n":       "a line break",
		"１９０００００１０９":         "beyond ASCII",
	} {
		config := newConfig(t, nil)
		config.MchID = mchID
		check(config, "MchID ", want)
	}
	config := newConfig(t, nil)
	config.SerialNo = "PUB_KEY_ID_0114232134912410000000000000"
	check(config, "SerialNo ", "is the id of a platform public key")

	for _, serial := range []string{"0", "ABCDEF", "5157F09EFDC096DE15EBE81A47057A7232F1B8E1", strings.Repeat("1", 40)} {
		config := newConfig(t, nil)
		config.SerialNo = serial
		if _, err := wechatpay.New(config); err != nil {
			t.Errorf("SerialNo %s: %v", serial, err)
		}
	}
}

func TestBaseURLs(t *testing.T) {
	for _, tt := range []struct{ url, want string }{
		{"https://api.mch.weixin.qq.com/v3/", "ends in v3/"},
		{"https://api.mch.weixin.qq.com/v3", "ends in v3/"},
		{"https://api.mch.weixin.qq.com/V3/", "ends in v3/"},
		{"https://gateway.example/wx/v3/", "ends in v3/"},
		{"http://127.0.0.1:8080/v3/", "ends in v3/"},
		{"https://api.mch.weixin.qq.com/v2/", "ends in v2/"},
		{"http://api.mch.weixin.qq.com/", "must start with https://"},
		{"http://API2.mch.weixin.qq.com:80", "must start with https://"},
		{"http://apihk.mch.weixin.qq.com./", "must start with https://"},
		{"HTTP://api.wechatpay.cn/", "must start with https://"},
		{"api.mch.weixin.qq.com", `"api.mch.weixin.qq.com" must start with https:// or http:// and a host; write "https://api.mch.weixin.qq.com"`},
		{"ftp://api.mch.weixin.qq.com/", `write "https://api.mch.weixin.qq.com/"`},
		{"localhost:8686", `write "http://localhost:8686"`},
		{"127.0.0.1:8686/x", `write "http://127.0.0.1:8686/x"`},
		{":8686", `write "http://localhost:8686"`},
		{"//gateway.example", `write "https://gateway.example"`},
		{"htp://gateway.example", `write "https://gateway.example"`},
		{" http://gateway.example", `write "http://gateway.example"`},
		{"http:/gateway.example", `write "http://gateway.example"`},
		{"https://", "has no host"},
		{"https://me:sekret@api.example/", "leave out what stands before the @"},
		{"https://api.example/?a=b", "a query or a fragment"},
		{"https://api.example/#a", "a query or a fragment"},
		{"https://a b/", "is not a URL"},
	} {
		config := newConfig(t, new(recorder))
		config.BaseURL = tt.url
		_, err := wechatpay.New(config)
		if !errors.Is(err, wechatpay.ErrConfig) || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "sekret") {
			t.Errorf("New with %s: error %v, want ErrConfig with %q", tt.url, err, tt.want)
		}
		_, err = newClient(t, newConfig(t, new(recorder))).Chain("v3/x").Get(background(), wechatpay.BaseURL(tt.url))
		if !errors.Is(err, wechatpay.ErrOption) || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "sekret") {
			t.Errorf("a call with %s: error %v, want ErrOption with %q", tt.url, err, tt.want)
		}
	}
	for _, url := range []string{
		"https://api.mch.weixin.qq.com/xdc/apiv2sandbox/", "http://127.0.0.1:8080/", "http://localhost/wx", "http://gateway.example/v3/wx/",
		"https://gateway.example/v2/", "http://notqq.com/",
	} {
		config := newConfig(t, nil)
		config.BaseURL = url
		if _, err := wechatpay.New(config); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestProtocols(t *testing.T) {
	v := vectors.Load(t)
	out := new(recorder)
	v2, err := wechatpay.New(wechatpay.Config{MchID: "1900000109", APIv2Key: v.APIv2Key, Transport: out})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v2.Chain("v3/x").Get(background()); !errors.Is(err, wechatpay.ErrConfig) || !strings.Contains(err.Error(), "APIv2 alone") {
		t.Errorf("APIv3 call: %v", err)
	}
	v3 := newClient(t, newConfig(t, out))
	for _, chain := range []wechatpay.Chain{v3.Chain("V2/pay/orderquery"), v3.Segment("v2", "pay", "orderquery")} {
		if _, err := chain.Post(background()); !errors.Is(err, wechatpay.ErrConfig) || !strings.Contains(err.Error(), "APIv2Key") {
			t.Errorf("APIv2 call: %v", err)
		}
	}
	if n := out.count(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// Printing a Config, a Client or a value that holds them shows no secret.
func TestNoSecretIsPrinted(t *testing.T) {
	v := vectors.Load(t)
	config := newConfig(t, new(recorder))
	config.APIv2Key = v.APIv2Key
	client := newClient(t, config)
	key := config.PrivateKey.(*rsa.PrivateKey)
	secrets := []string{v.APIv3Key, v.APIv2Key, key.D.String(), key.D.Text(16), key.Primes[0].String()}

	var texts []string
	var logs bytes.Buffer
	text, structured := slog.New(slog.NewTextHandler(&logs, nil)), slog.New(slog.NewJSONHandler(&logs, nil))
	for _, value := range []any{config, &config, client, *client, struct{ C *wechatpay.Client }{client}, struct{ C wechatpay.Config }{config}, []any{config, client}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
			texts = append(texts, fmt.Sprintf(verb, value))
		}
		text.Info("x", "value", value)
		structured.Info("x", "value", value)
		if data, err := json.Marshal(value); err == nil {
			texts = append(texts, string(data))
		}
	}
	texts = append(texts, logs.String(), fmt.Sprint(client.Chain("v3/x")), fmt.Sprintf("%+v", client.Chain("v3/x")), fmt.Sprintf("%#v", client.Chain("v3/x")))
	for _, text := range texts {
		for _, secret := range secrets {
			if strings.Contains(text, secret) || strings.Contains(text, fmt.Sprintf("%x", secret)) {
				t.Errorf("a secret is in %.300s", text)
			}
		}
	}
	// Codecs that call the methods of a Config get no key.
	var b bytes.Buffer
	for _, value := range []any{config, &config, []wechatpay.Config{config}, map[string]*wechatpay.Config{"a": &config}} {
		if err := gob.NewEncoder(&b).Encode(value); err == nil {
			t.Errorf("gob writes a %T", value)
		}
		xml.NewEncoder(&b).Encode(value)
	}
	for _, secret := range secrets {
		if strings.Contains(b.String(), secret) {
			t.Errorf("a secret is encoded in %.300q", b.String())
		}
	}
	config.BaseURL = "https://me:sekret@x:port/"
	if text := fmt.Sprint(config); strings.Contains(text, "sekret") {
		t.Errorf("a password is in %s", text)
	}
	if got := fmt.Sprint(client); !strings.Contains(got, "1900000109") {
		t.Errorf("client prints as %s, which does not tell whose it is", got)
	}
}

func TestLargestLimit(t *testing.T) {
	out := new(recorder)
	config := newConfig(t, out)
	config.MaxBodyBytes = math.MaxInt64
	if _, err := newClient(t, config).Chain("v3/x").Post(background(), wechatpay.Body("", strings.NewReader("body"))); !errors.As(err, new(errNotSent)) {
		t.Fatal(err)
	}
	if out.body[0] != "body" {
		t.Errorf("sent %q", out.body[0])
	}
}
