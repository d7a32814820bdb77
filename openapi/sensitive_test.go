package openapi_test

import (
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/signer"
)

const platformSerial = "PUB_KEY_ID_0000000000000000000000000000"

var platformKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// sealing sends one request through EncryptSensitive and returns what arrived.
func sealing(t *testing.T, method, path, body string, header http.Header, platform signer.PublicKeys) (*http.Request, string, error) {
	t.Helper()
	var got *http.Request
	var arrived string
	next := roundTripper(func(req *http.Request) (*http.Response, error) {
		got = req
		if req.Body != nil {
			b, err := io.ReadAll(req.Body)
			if err != nil {
				t.Fatal(err)
			}
			arrived = string(b)
		}
		return &http.Response{StatusCode: 204, Body: http.NoBody}, nil
	})
	req, err := http.NewRequest(method, "https://api.mch.weixin.qq.com/"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header.Clone()
	if req.Header == nil {
		req.Header = make(http.Header)
	}
	_, err = openapi.EncryptSensitive(platform)(next).RoundTrip(req)
	if got != nil && header.Get("Wechatpay-Serial") != req.Header.Get("Wechatpay-Serial") {
		t.Error("the caller's request was changed")
	}
	return got, arrived, err
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func TestEncryptSensitive(t *testing.T) {
	key, err := platformKey()
	if err != nil {
		t.Fatal(err)
	}
	platform := keys.Static{platformSerial: key.Public()}
	already, err := cipher.EncryptOAEP(&key.PublicKey, "已加密")
	if err != nil {
		t.Fatal(err)
	}
	const path = "v3/applyment4sub/applyment/"
	body := ` {"business_code":"1","contact_info":{"contact_name":"张三","contact_id_number":"` + already + `","mobile_phone":"","contact_email":null,"openid":"o<&>"},
		"subject_info":{"identity_info":{"id_card_info":{"id_card_name":"A\"é"}}, "ubo_info_list":[{"ubo_id_doc_name":"一"},{"ubo_id_doc_name":"二"}]},"big":12345678901234567890}`
	for _, header := range []http.Header{nil, {"Wechatpay-Serial": {platformSerial}}} {
		req, arrived, err := sealing(t, "POST", path, body, header, platform)
		if err != nil {
			t.Fatal(err)
		}
		if got := req.Header.Get("Wechatpay-Serial"); got != platformSerial {
			t.Errorf("Wechatpay-Serial %q", got)
		}
		if req.ContentLength != int64(len(arrived)) {
			t.Errorf("Content-Length %d of %d bytes", req.ContentLength, len(arrived))
		}
		plain := arrived
		for path, want := range map[string]string{
			"contact_info.contact_name":                            "张三",
			"contact_info.contact_id_number":                       "已加密",
			"subject_info.identity_info.id_card_info.id_card_name": `A"é`,
			"subject_info.ubo_info_list.0.ubo_id_doc_name":         "一",
			"subject_info.ubo_info_list.1.ubo_id_doc_name":         "二",
		} {
			ciphertext := gjson.Get(arrived, path).Str
			text, err := cipher.DecryptOAEP(key, ciphertext)
			if err != nil || text != want {
				t.Errorf("%s is %q, %v; want %q", path, text, err, want)
			}
			if want != "已加密" {
				plain = strings.Replace(plain, `"`+ciphertext+`"`, gjson.Get(body, path).Raw, 1)
			}
		}
		// All else is as it was, byte for byte.
		if plain != body {
			t.Errorf("body %s\nwant %s", plain, body)
		}
	}
}

func TestEncryptSensitiveLeavesTheRest(t *testing.T) {
	key, err := platformKey()
	if err != nil {
		t.Fatal(err)
	}
	platform := keys.Static{platformSerial: key.Public()}
	for _, tt := range []struct{ method, path, body string }{
		{"POST", "v3/marketing/favor/users/o/coupons", `{"stock_id":"1","name":"张三"}`},
		{"POST", "v3/not/known", `{"contact_info":{"contact_name":"张三"}}`},
		{"POST", "v3/applyment4sub/applyment/", `{"contact_info":{"contact_name":"张三"`},
		{"POST", "v3/applyment4sub/applyment/", ``},
		{"POST", "v3/applyment4sub/applyment/", `{"contact_info":["张三",1]}`},
	} {
		if _, arrived, err := sealing(t, tt.method, tt.path, tt.body, nil, platform); err != nil || arrived != tt.body {
			t.Errorf("%s: %s, %v; want it as it was", tt.path, arrived, err)
		}
	}
}

func TestEncryptSensitiveRefuses(t *testing.T) {
	key, err := platformKey()
	if err != nil {
		t.Fatal(err)
	}
	platform := keys.Static{platformSerial: key.Public()}
	const path = "v3/applyment4sub/applyment/"
	long := `{"contact_info":{"contact_name":"` + strings.Repeat("张", 100) + `"}}`
	if req, _, err := sealing(t, "POST", path, long, nil, platform); req != nil || err == nil || !strings.Contains(err.Error(), `"contact_info.contact_name"`) || strings.Contains(err.Error(), "张") {
		t.Errorf("a text too long: %v", err)
	}
	short := `{"contact_info":{"contact_name":"张三"}}`
	if req, _, err := sealing(t, "POST", path, short, http.Header{"Wechatpay-Serial": {"X"}}, platform); req != nil || !errors.Is(err, signer.ErrUnknownSerial) {
		t.Errorf("an unknown serial: %v", err)
	}
	if req, _, err := sealing(t, "POST", path, short, nil, keys.Static{}); req != nil || err == nil {
		t.Errorf("no key: %v", err)
	}
}

// Every operation that is marked has its fields encrypted, as its example has
// them.
func TestEncryptSensitiveOfTheCatalogue(t *testing.T) {
	key, err := platformKey()
	if err != nil {
		t.Fatal(err)
	}
	platform := keys.Static{platformSerial: key.Public()}
	ran := 0
	for op := range openapi.Operations() {
		if !op.Encrypts || op.JSON == nil {
			continue
		}
		body := string(openapi.Example(op, 0))
		_, arrived, err := sealing(t, op.Method, op.Template, body, nil, platform)
		if err != nil {
			t.Errorf("%s: %v", op, err)
			continue
		}
		if arrived != body {
			ran++
		}
		if got, want := shape(gjson.Parse(arrived)), shape(gjson.Parse(body)); got != want {
			t.Errorf("%s: the fields have changed: %s, want %s", op, got, want)
		}
	}
	if ran < 60 {
		t.Errorf("fields of %d operations were encrypted, want 60 or more", ran)
	}
}

// shape is the names of a value, in their order.
func shape(v gjson.Result) string {
	var b strings.Builder
	v.ForEach(func(name, value gjson.Result) bool {
		b.WriteString(name.Str + "(")
		if value.IsObject() || value.IsArray() {
			b.WriteString(shape(value))
		}
		b.WriteString(")")
		return true
	})
	return b.String()
}
