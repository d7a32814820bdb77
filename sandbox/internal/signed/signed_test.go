package signed_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/party"
	"github.com/wxchain/wechatpay/sandbox/internal/signed"
	"github.com/wxchain/wechatpay/signer"
)

var now = time.Unix(1790000000, 0)

// parties returns an Explainer of two merchants, and them.
func parties(t *testing.T) (signed.Explainer, party.Caller, party.Caller) {
	t.Helper()
	var both []party.Merchant
	for _, mchID := range []string{"1900000109", "1900000110"} {
		m, err := party.NewMerchant(mchID, now)
		if err != nil {
			t.Fatal(err)
		}
		both = append(both, m)
	}
	made, err := party.NewMerchants(both, party.RSA{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	all := made.All()
	return signed.Explainer{Merchants: all, Schemes: []string{signer.SchemeRSA}}, all["1900000109"], all["1900000110"]
}

const (
	target = "/v3/pay/transactions/out-trade-no/1?mchid=1900000109&b=%E4%B8%AD"
	body   = `{"description": "中/文 <b>", "amount": {"total": 1}}`
	stamp  = "1790000000"
	nonce  = "593BEC0C930BF1AFEB40B4A08C8FB242"
)

// request returns a request that is signed with a text in place of the expected one.
func request(t *testing.T, m party.Caller, text string, edit ...string) signed.Request {
	t.Helper()
	signature, err := m.Key.Sign(context.Background(), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return sealed(m.MchID, m.SerialNo, base64.StdEncoding.EncodeToString(signature), edit...)
}

func sealed(mchID, serial, signature string, edit ...string) signed.Request {
	header := fmt.Sprintf(`%s mchid="%s",nonce_str="%s",timestamp="%s",serial_no="%s",signature="%s"`, signer.SchemeRSA, mchID, nonce, stamp, serial, signature)
	return signed.Request{Method: "POST", Target: target, Path: "/v3/pay/transactions/out-trade-no/1", Query: "mchid=1900000109&b=%E4%B8%AD",
		Header: http.Header{"Authorization": {strings.NewReplacer(edit...).Replace(header)}}, Body: []byte(body), Wall: now, Now: now, Host: "127.0.0.1:8686"}
}

// failed returns the checks that failed.
func failed(e signed.Explanation) (names []string) {
	for _, c := range e.Checks {
		if c.State == signed.Bad {
			names = append(names, c.Name)
		}
	}
	return names
}

// The text that a signature fits is found, whatever mistake or two were made.
func TestTextThatFits(t *testing.T) {
	x, m, _ := parties(t)
	text := func(method, target, body string) string {
		return method + "\n" + target + "\n" + stamp + "\n" + nonce + "\n" + body + "\n"
	}
	good := text("POST", target, body)
	if e := x.V3(request(t, m, good)); len(failed(e)) > 0 || e.Fits != "" || e.Expected != good {
		t.Errorf("a good request: %+v", e)
	}
	path, _, _ := strings.Cut(target, "?")
	for name, sent := range map[string]string{
		"no query":         text("POST", path, body),
		"whole URL":        text("POST", "http://127.0.0.1:8686"+target, body),
		"platform's URL":   text("POST", "https://api.mch.weixin.qq.com"+target, body),
		"decoded":          text("POST", strings.Replace(target, "%E4%B8%AD", "中", 1), body),
		"sorted query":     text("POST", path+"?b=%E4%B8%AD&mchid=1900000109", body),
		"no slash":         text("POST", target[1:], body),
		"no v3":            text("POST", target[3:], body),
		"lower case":       text("post", target, body),
		"GET":              text("GET", target, body),
		"no body":          text("POST", target, ""),
		"compact":          text("POST", target, `{"description":"中/文 <b>","amount":{"total":1}}`),
		"python":           text("POST", target, `{"description": "\u4e2d/\u6587 <b>", "amount": {"total": 1}}`),
		"php":              text("POST", target, `{"description":"\u4e2d\/\u6587 <b>","amount":{"total":1}}`),
		"sorted":           text("POST", target, `{"amount":{"total":1},"description":"中/文 <b>"}`),
		"html":             text("POST", target, `{"description":"中/文 \u003cb\u003e","amount":{"total":1}}`),
		"indented":         text("POST", target, "{\n  \"description\": \"中/文 <b>\",\n  \"amount\": {\n    \"total\": 1\n  }\n}"),
		"no last newline":  strings.TrimSuffix(good, "\n"),
		"crlf":             strings.ReplaceAll(good, "\n", "\r\n"),
		"php single quote": strings.ReplaceAll(good, "\n", `\n`),
		"nonce first":      "POST\n" + target + "\n" + nonce + "\n" + stamp + "\n" + body + "\n",
		"as an answer":     stamp + "\n" + nonce + "\n" + body + "\n",
		"two mistakes":     text("POST", path, `{"description":"中/文 <b>","amount":{"total":1}}`),
		"three mistakes":   strings.TrimSuffix(text("POST", path, `{"description":"\u4e2d\/\u6587 <b>","amount":{"total":1}}`), "\n"),
	} {
		e := x.V3(request(t, m, sent))
		if got := failed(e); fmt.Sprint(got) != "[signature]" || e.Fits != sent || len(e.Changes) == 0 || e.Expected != good {
			t.Errorf("%s: %v failed, fits %q by %q", name, got, e.Fits, e.Changes)
		}
	}
	e := x.V3(request(t, m, "something else"))
	if got := failed(e); fmt.Sprint(got) != "[signature]" || e.Fits != "" {
		t.Errorf("something else: %v failed, fits %q", got, e.Fits)
	}
}

// Each step of the check says what is wrong.
func TestChecks(t *testing.T) {
	x, m, other := parties(t)
	good := "POST\n" + target + "\n" + stamp + "\n" + nonce + "\n" + body + "\n"
	sum := sha1.Sum([]byte(good))
	bySHA1, err := rsa.SignPKCS1v15(rand.Reader, m.PrivateKey, crypto.SHA1, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		r         signed.Request
		want, why string
	}{
		"no header":       {request(t, m, good, signer.SchemeRSA, ""), "[authorization]", "missing"},
		"a field twice":   {request(t, m, good, "nonce_str", "mchid"), "[authorization]", "each once"},
		"milliseconds":    {request(t, m, good, stamp, stamp+"000"), "[authorization]", ""},
		"old":             {request(t, m, good, stamp, "1780000000"), "[timestamp signature]", "five minutes"},
		"merchant":        {request(t, m, good, `mchid="1900000109"`, `mchid="1"`), "[mchid]", "no merchant"},
		"other's key":     {request(t, other, good, `mchid="1900000110"`, `mchid="1900000109"`, other.SerialNo, m.SerialNo), "[key]", "another merchant"},
		"other's serial":  {request(t, m, good, m.SerialNo, other.SerialNo), "[serial_no]", "another merchant"},
		"public key's id": {request(t, m, good, m.SerialNo, "PUB_KEY_ID_0114"), "[serial_no]", "platform public key"},
		"no key":          {sealed(m.MchID, m.SerialNo, base64.StdEncoding.EncodeToString(make([]byte, 256))), "[key]", "apiclient_key.pem"},
		"hexadecimal":     {sealed(m.MchID, m.SerialNo, hex.EncodeToString(make([]byte, 255))+"a"), "[encoding]", "base64"},
		"SHA-1":           {sealed(m.MchID, m.SerialNo, base64.StdEncoding.EncodeToString(bySHA1)), "[signature]", "SHA-256"},
	} {
		e := x.V3(tt.r)
		why := ""
		for _, c := range e.Checks {
			if c.State == signed.Bad {
				why += c.Why
			}
		}
		if got := fmt.Sprint(failed(e)); got != tt.want && name != "milliseconds" || !strings.Contains(why, tt.why) {
			t.Errorf("%s: %s failed: %s", name, got, why)
		}
	}
	replayed := request(t, m, good)
	replayed.Code, replayed.Message = "SIGN_ERROR", "the nonce was used before"
	if got := fmt.Sprint(failed(x.V3(replayed))); got != "[nonce_str]" {
		t.Errorf("a nonce that was used: %s failed", got)
	}
}

// What an APIv2 sign fits is found too, and no key is shown.
func TestV2(t *testing.T) {
	x, m, other := parties(t)
	fields := map[string]string{"appid": "wx1", "mch_id": m.MchID, "nonce_str": nonce, "body": "中文", "attach": "", "total_fee": "1"}
	for name, tt := range map[string]struct {
		key  string
		sent map[string]string
		want string
	}{
		"good":           {m.APIv2Key, fields, "[]"},
		"APIv3 key":      {m.APIv3Key, fields, "[sign]"},
		"other merchant": {other.APIv2Key, fields, "[sign]"},
		"less":           {m.APIv2Key, map[string]string{"appid": "wx1", "mch_id": m.MchID, "nonce_str": nonce, "total_fee": "1"}, "[sign]"},
	} {
		sign, err := signer.V2Sign("MD5", tt.key, tt.sent)
		if err != nil {
			t.Fatal(err)
		}
		got := maps.Clone(fields)
		got["sign"] = sign
		e := x.V2(signed.Request{}, got, nil)
		if names := fmt.Sprint(failed(e)); names != tt.want || (e.Fits != "") != (name != "good") {
			t.Errorf("%s: %s failed, fits %q by %q", name, names, e.Fits, e.Changes)
		}
		if text := fmt.Sprintf("%+v", e); strings.Contains(text, m.APIv2Key) || strings.Contains(text, m.APIv3Key) || strings.Contains(text, other.APIv2Key) {
			t.Errorf("%s: %s shows a key", name, text)
		}
	}
}
