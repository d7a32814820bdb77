package mcp

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/signer"
)

// A signing is a request that somebody signs.
type signing struct {
	method, url, body, timestamp, nonce string
	message                             []byte // that is signed; nil is the right one
	key                                 *rsa.PrivateKey
	mchID, serial                       string
}

// authorization returns the header Authorization.
func (s signing) authorization(t *testing.T) string {
	t.Helper()
	message := s.message
	if message == nil {
		message = signer.RequestMessage(s.method, signedRequest{URL: s.url}.target(), s.timestamp, s.nonce, []byte(s.body))
	}
	sum := sha256.Sum256(message)
	signature, err := rsa.SignPKCS1v15(rand.Reader, s.key, 5, sum[:]) // crypto.SHA256
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`WECHATPAY2-SHA256-RSA2048 mchid="%s",nonce_str="%s",timestamp="%s",serial_no="%s",signature="%s"`,
		s.mchID, s.nonce, s.timestamp, s.serial, base64.StdEncoding.EncodeToString(signature))
}

// For each mistake that is made with signatures, the tool names it and the line, whoever
// the merchant is, and never shows the signature.
func TestSignError(t *testing.T) {
	s := connect(t, newTestWorld(t), nil)
	config, err := testConfig()
	if err != nil {
		t.Fatal(err)
	}
	other, err := sandbox.NewMerchant("1900000333", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	const body = `{"mchid":"1900000109","note":"咖啡/茶"}`
	const target = "/v3/pay/transactions/out-trade-no/A1/close?x=1&a=%20b"
	for _, m := range []sandbox.Merchant{config.Merchants[0], other} {
		now := strconv.FormatInt(time.Now().Add(-30*24*time.Hour).Unix(), 10) // long ago, which does not matter
		right := signing{"POST", "https://api.mch.weixin.qq.com" + target, body, now, "593BEC0C930BF1AFEB40B4A08C8FB242", nil, m.PrivateKey, m.MchID, m.SerialNo}
		message := func(method, target, timestamp, body string) []byte {
			return signer.RequestMessage(method, target, timestamp, right.nonce, []byte(body))
		}
		for _, tt := range []struct {
			name  string
			edit  func(*signing)
			check string // that fails
			lines []string
		}{
			{"right", func(*signing) {}, "", nil},
			{"a path alone", func(s *signing) { s.url = target }, "", nil},
			{"method", func(s *signing) { s.message = message("GET", target, now, body) }, "signature", []string{"method"}},
			{"no query", func(s *signing) { s.message = message("POST", strings.Split(target, "?")[0], now, body) }, "signature", []string{"url"}},
			{"whole URL", func(s *signing) { s.message = message("POST", "https://api.mch.weixin.qq.com"+target, now, body) }, "signature", []string{"url"}},
			{"no body", func(s *signing) { s.message = message("POST", target, now, "") }, "signature", []string{"body"}},
			{"PHP's JSON", func(s *signing) {
				s.message = message("POST", target, now, `{"mchid":"1900000109","note":"\u5496\u5561\/\u8336"}`)
			}, "signature", []string{"body"}},
			{"spaces", func(s *signing) {
				s.message = message("POST", target, now, `{"mchid": "1900000109", "note": "咖啡/茶"}`)
			}, "signature", []string{"body"}},
			{"no newline at the end", func(s *signing) {
				s.message = message("POST", target, now, body)[:len(message("POST", target, now, body))-1]
			}, "signature", []string{"body"}},
			{"serial number", func(s *signing) { s.serial = "PUB_KEY_ID_0114232134912410000000000000" }, "serial_no", nil},
		} {
			t.Run(m.MchID+" "+tt.name, func(t *testing.T) {
				signed := right
				tt.edit(&signed)
				header := signed.authorization(t)
				args := map[string]any{"method": signed.method, "url": signed.url, "authorization": header, "body": signed.body}
				if m.MchID == other.MchID {
					args["certificate"] = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: m.Certificate.Raw}))
				}
				got := callTool[signExplanation](session{s.ClientSession, t}, "explain_sign_error", args)
				checkExplanation(t, got, tt.check, tt.lines, header)
			})
		}
	}
}

func checkExplanation(t *testing.T, got signExplanation, check string, lines []string, header string) {
	t.Helper()
	var failed, differ []string
	for _, c := range got.Checks {
		if c.State == "failed" {
			failed = append(failed, c.Name)
		}
	}
	for _, l := range got.Lines {
		if !l.Same {
			differ = append(differ, l.Line)
		}
	}
	if (check == "") != (failed == nil) || check != "" && !slices.Contains(failed, check) || !slices.Equal(differ, lines) || got.Verdict == "" || len(got.Lines) < 5 {
		t.Errorf("%q fail, %q differ in %+v", failed, differ, got)
	}
	text, err := json.Marshal(got)
	_, signature, _ := strings.Cut(header, `signature="`)
	if err != nil || strings.Contains(string(text), signature[:32]) {
		t.Errorf("the signature is in %s", text)
	}
}

// What the platform says that it computed, and what the program says that it signed, are
// compared without any key.
func TestSignErrorWithoutCertificate(t *testing.T) {
	s := connect(t, newTestWorld(t), nil)
	authorization := `WECHATPAY2-SHA256-RSA2048 mchid="1230000109",nonce_str="N1",timestamp="1790000000",serial_no="444F4864EA9B34415A4E",signature="c2lnbmF0dXJl"`
	theirs := platform.NewSignInformation("POST", "/v3/refund/domestic/refunds?via=proxy", platform.Authorization{Timestamp: "1790000000", Nonce: "N1"}, []byte(`{"a":1}`))
	args := m{"method": "POST", "url": "https://api.mch.weixin.qq.com/v3/refund/domestic/refunds", "headers": m{"Authorization": authorization}, "body": `{"a":1}`,
		"answer": m{"code": "SIGN_ERROR", "detail": m{"sign_information": theirs}}}
	got := callTool[signExplanation](s, "explain_sign_error", args)
	var differ []string
	for _, l := range got.Lines {
		if !l.Same {
			differ = append(differ, l.Against+" "+l.Line)
		}
	}
	if all := strings.Join(got.Findings, "\n"); !slices.Equal(differ, []string{"the platform url"}) || !strings.Contains(all, "not opened") || !strings.Contains(all, "proxy") {
		t.Errorf("%q differ: %+v", differ, got)
	}
	args = m{"method": "GET", "url": "/v3/certificates", "authorization": authorization, "signed": "GET\n/v3/certificates\n1790000001\nN1\n\n"}
	if got := callTool[signExplanation](s, "explain_sign_error", args); len(got.Lines) != 5 || got.Lines[2].Same || !got.Lines[1].Same || !got.Lines[4].Same {
		t.Errorf("the program's text: %+v", got)
	}
	args = m{"method": "GET", "url": "/gateway/v3/certificates", "authorization": authorization}
	if got := callTool[signExplanation](s, "explain_sign_error", args); !strings.Contains(strings.Join(got.Findings, "\n"), "prefix /gateway") {
		t.Errorf("a prefix: %+v", got)
	}
}

func TestSignErrorMisuse(t *testing.T) {
	s := connect(t, newTestWorld(t), nil)
	key, err := x509.MarshalPKCS8PrivateKey(mustConfig(t).Merchants[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	secret := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
	for _, tt := range []struct {
		args m
		want string
	}{
		{m{"method": "GET", "url": "/v3/certificates", "certificate": secret}, "private key"},
		{m{"method": "GET", "url": "/v3/certificates", "certificate": "/etc/passwd"}, "PEM text"},
		{m{"method": "GET", "url": "/v3/certificates", "certificate": "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----"}, "not a certificate"},
		{m{"method": "", "url": "/v3/certificates"}, "method"},
		{m{"method": "GET", "url": "v3/certificates"}, "url"},
		{m{"method": "GET", "url": "/v3/%zz"}, "url"},
		{m{"method": "GET", "url": "/v3/certificates", "body": strings.Repeat("x", maxSignedBody+1)}, "longer"},
	} {
		got := s.refused("explain_sign_error", tt.args)
		if !strings.Contains(got, tt.want) || strings.Contains(got, secret[40:80]) {
			t.Errorf("%.80v: %s", tt.args, got)
		}
	}
	for header, want := range map[string]string{
		"": "missing",
		`WECHATPAY2-SHA256-RSA2048 mchid="1",nonce_str="N",timestamp="1790000000000",serial_no="4",signature="x"`:   "milliseconds",
		`WECHATPAY2-SHA256-RSA2048 mchid="1",nonce_str="N",timestamp="2026-11-29",serial_no="4",signature="x"`:      "not a number of seconds",
		`WECHATPAY2-SHA256-RSA2048 mchid="1",nonce_str="N",timestamp="1790000000",serial_no="4"`:                    "signature",
		`WECHATPAY2-SHA256-RSA2048 mchid="1";nonce_str="N";timestamp="1790000000";serial_no="4";signature="secret"`: "commas",
	} {
		got := callTool[signExplanation](s, "explain_sign_error", m{"method": "GET", "url": "/v3/certificates", "authorization": header})
		if !strings.Contains(got.Verdict, want) {
			t.Errorf("%s: %+v", header, got)
		}
	}
}

func mustConfig(t *testing.T) sandbox.Config {
	t.Helper()
	config, err := testConfig()
	if err != nil {
		t.Fatal(err)
	}
	return config
}
