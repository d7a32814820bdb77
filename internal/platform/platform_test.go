package platform_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/signer"
)

const serialNo = "3775B6A45ACD588826D15E583A95F5DD12345678"

// newSigner signs for the merchant, and for the platform.
func newSigner(t testing.TB) (signer.Signer, keys.Static) {
	t.Helper()
	key := vectors.MerchantKey(t)
	s, err := signer.NewRSA(serialNo, key)
	if err != nil {
		t.Fatal(err)
	}
	return s, keys.Static{serialNo: key.Public()}
}

const good = `WECHATPAY2-SHA256-RSA2048 mchid="1900000109",nonce_str="N",timestamp="1790000001",serial_no="3775",signature="c2ln"`

func TestParseAuthorization(t *testing.T) {
	a, err := platform.ParseAuthorization(good)
	want := platform.Authorization{
		Scheme: "WECHATPAY2-SHA256-RSA2048", MchID: "1900000109", Nonce: "N",
		Timestamp: "1790000001", SerialNo: "3775", Signature: "c2ln",
	}
	if err != nil || a != want {
		t.Errorf("ParseAuthorization = %+v, %v; want %+v", a, err, want)
	}
}

// The SDKs for PHP and Node.js write the fields in another order than those for
// Go and Java.
func TestParseAuthorizationInAnyOrder(t *testing.T) {
	want, err := platform.ParseAuthorization(good)
	if err != nil {
		t.Fatal(err)
	}
	for _, header := range []string{
		`WECHATPAY2-SHA256-RSA2048 mchid="1900000109",serial_no="3775",timestamp="1790000001",nonce_str="N",signature="c2ln"`,
		`WECHATPAY2-SHA256-RSA2048 signature="c2ln", serial_no="3775", timestamp="1790000001", nonce_str="N", mchid="1900000109"`,
	} {
		if got, err := platform.ParseAuthorization(header); err != nil || got != want {
			t.Errorf("ParseAuthorization(%q) = %+v, %v; want %+v", header, got, err, want)
		}
	}
}

func TestSignInformation(t *testing.T) {
	a := platform.Authorization{Nonce: "N", Timestamp: "1790000001"}
	got := platform.NewSignInformation("POST", "/v3/x", a, []byte(`{"name":"值"}`))
	want := platform.SignInformation{Method: "POST", URL: "/v3/x", Truncated: "POST\n/v3/x\n1790000001\nN\n{\"name\":\n", Length: 39}
	if got != want {
		t.Errorf("NewSignInformation = %+v, want %+v", got, want)
	}
}

func TestParseAuthorizationRefuses(t *testing.T) {
	replace := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("%q is not in the header", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	tests := []struct{ name, header, want string }{
		{"nothing", "", "missing"},
		{"a scheme alone", "WECHATPAY2-SHA256-RSA2048", "form"},
		{"no scheme", replace("WECHATPAY2-SHA256-RSA2048 ", ""), "form"},
		{"another scheme", replace("RSA2048", "RSA4096"), `"WECHATPAY2-SHA256-RSA4096"`},
		{"scheme in small letters", strings.ToLower(good), "wechatpay2"},
		{"basic", "Basic dXNlcjpwYXNz", "form"},
		{"no mchid", replace(`mchid="1900000109",`, ""), "form"},
		{"no nonce", replace(`nonce_str="N",`, ""), "form"},
		{"no timestamp", replace(`timestamp="1790000001",`, ""), "form"},
		{"no serial", replace(`serial_no="3775",`, ""), "form"},
		{"no signature", replace(`,signature="c2ln"`, ""), "form"},
		{"timestamp in words", replace("1790000001", "now"), "form"},
		{"negative timestamp", replace("1790000001", "-1"), "form"},
		{"empty timestamp", replace("1790000001", ""), "form"},
		{"timestamp too long", replace("1790000001", "1790000001000"), "form"},
		{"without quotes", strings.ReplaceAll(good, `"`, ""), "form"},
		{"an empty nonce", replace(`nonce_str="N"`, `nonce_str=""`), "nonce_str has 0 bytes"},
		{"a long nonce", replace(`nonce_str="N"`, `nonce_str="`+strings.Repeat("N", 129)+`"`), "nonce_str has 129 bytes"},
		{"a field twice", replace(`nonce_str="N"`, `mchid="1900000110"`), "form"},
		{"all fields, and one twice", replace(`nonce_str="N"`, `nonce_str="N",nonce_str="N"`), "form"},
		{"too long", replace(`nonce_str="N"`, `nonce_str="`+strings.Repeat("N", 5000)+`"`), "form"},
		{"more behind", good + `,x="y"`, "form"},
		{"a line more", good + "\n", "form"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := platform.ParseAuthorization(tt.header)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %v, want one that says %q", err, tt.want)
			}
		})
	}
}

func TestCheckTime(t *testing.T) {
	a := platform.Authorization{Timestamp: "1790000001"}
	at := time.Unix(1790000001, 0)
	for skew, ok := range map[time.Duration]bool{
		0:                  true,
		300 * time.Second:  true,
		-300 * time.Second: true,
		301 * time.Second:  false,
		-301 * time.Second: false,
		24 * time.Hour:     false,
	} {
		err := a.CheckTime(at.Add(skew))
		if (err == nil) != ok {
			t.Errorf("CheckTime %v later: %v", skew, err)
		}
		if err != nil && (!strings.Contains(err.Error(), "1790000001") || !strings.Contains(err.Error(), "5m0s")) {
			t.Errorf("error %q does not name the timestamp and what is allowed", err)
		}
	}
	for _, timestamp := range []string{"", "now", "0", "999999999999"} {
		if err := (platform.Authorization{Timestamp: timestamp}).CheckTime(at); err == nil {
			t.Errorf("CheckTime of %q: no error", timestamp)
		}
	}
}

func TestVerify(t *testing.T) {
	s, merchants := newSigner(t)
	const body = `{"name":"值"}`
	var sent *http.Request
	rt := middleware.Signer("1900000109", s)(roundTripper(func(req *http.Request) (*http.Response, error) {
		sent = req
		return &http.Response{Body: http.NoBody}, nil
	}))
	req, err := http.NewRequestWithContext(t.Context(), "POST", "https://api.mch.weixin.qq.com/v3/x/a%2Fb?c=%E5%80%BC", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rt.RoundTrip(req); err != nil {
		t.Fatal(err)
	}
	a, err := platform.ParseAuthorization(sent.Header.Get("Authorization"))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(sent.Body); err != nil || string(text) != body {
		t.Fatalf("sent %q, %v", text, err)
	}

	const target = "/v3/x/a%2Fb?c=%E5%80%BC"
	edit := func(f func(*platform.Authorization)) platform.Authorization {
		b := a
		f(&b)
		return b
	}
	tests := []struct {
		name                 string
		method, target, body string
		a                    platform.Authorization
		want                 string // in the text of the error; "" for none
	}{
		{"good", "POST", target, body, a, ""},
		{"another method", "PUT", target, body, a, "does not match"},
		{"another target", "POST", "/v3/x/a/b?c=%E5%80%BC", body, a, "does not match"},
		{"no query", "POST", "/v3/x/a%2Fb", body, a, "does not match"},
		{"another body", "POST", target, body + "\n", a, "does not match"},
		{"another nonce", "POST", target, body, edit(func(a *platform.Authorization) { a.Nonce += "x" }), "does not match"},
		{"another timestamp", "POST", target, body, edit(func(a *platform.Authorization) { a.Timestamp = "1" }), "does not match"},
		{"unknown serial", "POST", target, body, edit(func(a *platform.Authorization) { a.SerialNo = "NOPE" }), `"NOPE"`},
		{"not base64", "POST", target, body, edit(func(a *platform.Authorization) { a.Signature = "%" }), "not base64"},
		{"no signature", "POST", target, body, edit(func(a *platform.Authorization) { a.Signature = "" }), "does not match"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := platform.Verify(t.Context(), merchants, tt.method, tt.target, tt.a, []byte(tt.body))
			if tt.want == "" {
				if err != nil {
					t.Error(err)
				}
			} else if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %v, want one that says %q", err, tt.want)
			}
			if got, want := errors.Is(err, signer.ErrUnknownSerial), tt.a.SerialNo == "NOPE"; got != want {
				t.Errorf("errors.Is(%v, ErrUnknownSerial) is %v", err, got)
			}
		})
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func TestSign(t *testing.T) {
	s, platformKeys := newSigner(t)
	nonces := make(map[string]bool)
	for _, body := range []string{"", "{}", `{"name":"值"}`} {
		h := http.Header{"Wechatpay-Signature": {"stale"}}
		if err := platform.Sign(t.Context(), s, h, "1790000001", []byte(body)); err != nil {
			t.Fatal(err)
		}
		nonces[h.Get("Wechatpay-Nonce")] = true
		seal := signer.Seal{
			Timestamp: h.Get("Wechatpay-Timestamp"),
			Nonce:     h.Get("Wechatpay-Nonce"),
			Serial:    h.Get("Wechatpay-Serial"),
			Signature: h.Get("Wechatpay-Signature"),
		}
		if seal.Timestamp != "1790000001" || seal.Serial != serialNo {
			t.Errorf("signed with %+v", seal)
		}
		if err := seal.Verify(t.Context(), platformKeys, time.Unix(1790000001, 0), []byte(body)); err != nil {
			t.Error(err)
		}
	}
	if len(nonces) != 3 {
		t.Errorf("three answers have %d nonces", len(nonces))
	}
}
