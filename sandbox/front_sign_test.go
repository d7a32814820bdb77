package sandbox_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/signer"
)

func signed(t *testing.T, key *rsa.PrivateKey, message string) string {
	t.Helper()
	sum := sha256.Sum256([]byte(message))
	raw, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(raw)
}

// TestFrontSignature makes the mistakes of programs that sign. Each is recognized.
func TestFrontSignature(t *testing.T) {
	other, err := sandbox.NewMerchant("1900000110", start)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	w2 := newWorld(t, func(c *sandbox.Config) { c.Merchants = []sandbox.Merchant{w.Merchant(), other} })
	id := w2.prepaid(t, "jsapi", "front_signature")
	of, err := w2.client.JSAPIParams(frontApp, id)
	good := params(t, of, err)
	key := w2.Merchant().PrivateKey
	ts, nonce, pack := of["timeStamp"], of["nonceStr"], of["package"]
	right := strings.Join([]string{frontApp, ts, nonce, pack, ""}, "\n")
	raw, err := base64.StdEncoding.DecodeString(of["paySign"])
	if err != nil {
		t.Fatal(err)
	}
	sum := sha1.Sum([]byte(right))
	weak, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA1, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ sign, says string }{
		"no last line feed":     {signed(t, key, strings.TrimSuffix(right, "\n")), "lacks its line feed"},
		"CR LF":                 {signed(t, key, strings.ReplaceAll(right, "\n", "\r\n")), "CR LF"},
		"two characters":        {signed(t, key, strings.ReplaceAll(right, "\n", `\n`)), "two characters"},
		"no line feeds":         {signed(t, key, strings.ReplaceAll(right, "\n", "")), "no line feeds"},
		"bare prepay_id":        {signed(t, key, strings.Replace(right, "prepay_id=", "", 1)), "bare prepay_id"},
		"mchid for appid":       {signed(t, key, strings.Replace(right, frontApp, w2.Merchant().MchID, 1)), "merchant's number"},
		"signType signed":       {signed(t, key, right+"RSA\n"), "signType is signed"},
		"nonce first":           {signed(t, key, strings.Join([]string{frontApp, nonce, ts, pack, ""}, "\n")), "nonce comes before"},
		"another second":        {signed(t, key, strings.Replace(right, ts, ts[:9]+"9", 1)), "another time"},
		"another merchant's":    {signed(t, other.PrivateKey, right), "merchant 1900000110"},
		"SHA1":                  {base64.StdEncoding.EncodeToString(weak), "SHA1"},
		"encoded for a URL":     {url.QueryEscape(of["paySign"]), "URL"},
		"base64 for URLs":       {base64.URLEncoding.EncodeToString(raw), "URL"},
		"text of APIv2":         {signed(t, key, "appId="+frontApp+"&nonceStr="+nonce+"&package="+pack+"&signType=RSA&timeStamp="+ts), "APIv2"},
		"something else":        {signed(t, key, "something else"), "compare the signed text"},
		"appid missing":         {signed(t, key, strings.TrimPrefix(right, frontApp+"\n")), "appid, is missing"},
		"Sign=WXPay":            {signed(t, key, strings.Replace(right, pack, "Sign=WXPay", 1)), "Sign=WXPay"},
		"a digest as of APIv2":  {strings.Repeat("AB", 32), "digest of APIv2"},
		"plus became space":     {spaced(of["paySign"]), ""},
		"cut":                   {of["paySign"][:100], "compare the signed text"},
		"not even base64 at al": {"签名", "not base64"},
	} {
		v := w2.checkFront(t, sandbox.FrontJSAPI, set(good, "paySign", tt.sign))
		if tt.sign == of["paySign"] {
			continue // it had nothing to encode
		}
		if len(v.Mistakes) != 1 || v.Mistakes[0].Code != "pay_sign" || !strings.Contains(v.Mistakes[0].Message.EN, tt.says) {
			t.Errorf("%s: %+v, want it to say %q", name, v.Mistakes, tt.says)
		}
		if v.Signed != right {
			t.Errorf("%s: must sign %q, want %q", name, v.Signed, right)
		}
	}
}

func spaced(sign string) string { return strings.ReplaceAll(sign, "+", " ") }

// TestFrontV2Signature makes the mistakes of programs that sign by APIv2.
func TestFrontV2Signature(t *testing.T) {
	other, err := sandbox.NewMerchant("1900000110", start)
	if err != nil {
		t.Fatal(err)
	}
	first := newWorld(t).Merchant()
	w := newWorld(t, func(c *sandbox.Config) { c.Merchants = []sandbox.Merchant{first, other} })
	id := w.mustV2(t, unified, orderV2("front_v2_sign", 100, wechatpay.M{"trade_type": "JSAPI", "openid": frontUser, "product_id": nil})).Get("prepay_id").String()
	of, err := w.client.V2JSAPIParams(frontApp, id)
	good := params(t, of, err)
	sign := func(signType, key string, edit wechatpay.M) string {
		fields := make(map[string]string)
		for name, value := range with(wechatpay.M{"appId": frontApp, "timeStamp": of["timeStamp"], "nonceStr": of["nonceStr"], "package": of["package"], "signType": "MD5"}, edit) {
			fields[name] = value.(string)
		}
		made, err := signer.V2Sign(signType, key, fields)
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	key := first.APIv2Key
	for says, made := range map[string]string{
		"upper-case":              strings.ToLower(of["paySign"]),
		"name timestamp":          sign("MD5", key, wechatpay.M{"timeStamp": nil, "timestamp": of["timeStamp"]}),
		"name appid":              sign("MD5", key, wechatpay.M{"appId": nil, "appid": frontApp}),
		"signType is not signed":  sign("MD5", key, wechatpay.M{"signType": nil}),
		"bare prepay_id":          sign("MD5", key, wechatpay.M{"package": id}),
		"made with HMAC-SHA256":   sign("HMAC-SHA256", key, wechatpay.M{"signType": "HMAC-SHA256"}),
		"but signType is MD5":     sign("HMAC-SHA256", key, nil),
		"APIv3 key":               sign("MD5", first.APIv3Key, nil),
		"merchant 1900000110":     sign("MD5", other.APIv2Key, nil),
		"another time":            sign("MD5", key, wechatpay.M{"timeStamp": of["timeStamp"][:9] + "9"}),
		"not a digest":            base64.StdEncoding.EncodeToString(make([]byte, 256)),
		"compare the signed text": strings.Repeat("0", 32),
	} {
		v := w.checkFront(t, sandbox.FrontJSAPI, set(good, "paySign", made))
		if made == of["paySign"] {
			continue
		}
		if len(v.Mistakes) != 1 || v.Mistakes[0].Code != "pay_sign" || !strings.Contains(v.Mistakes[0].Message.EN, says) {
			t.Errorf("%+v, want it to say %q", v.Mistakes, says)
		}
		if v.Signed != "appId="+frontApp+"&nonceStr="+of["nonceStr"]+"&package="+of["package"]+"&signType=MD5&timeStamp="+of["timeStamp"] {
			t.Errorf("must sign %q", v.Signed)
		}
	}
}
