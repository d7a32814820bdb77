package notify_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/signer"
)

func TestVectorsAPIv2(t *testing.T) {
	v, accepted := loadMaterial(t), 0
	for _, tt := range v.V2 {
		t.Run(tt.Name, func(t *testing.T) {
			n, err := newReceiver(t).Parse(post(tt.Body))
			if !tt.Accept {
				checkRefusal(t, err, 401, "does not match")
				checkUnverified(t, err, signer.ReasonSignature)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			accepted++
			for name, want := range tt.Fields {
				if got := n.Get(name).String(); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
			for name, want := range tt.ReqInfo {
				if got := n.Get("req_info." + name).String(); got != want {
					t.Errorf("req_info.%s is %q, want %q", name, got, want)
				}
			}
			if string(n.Raw) != tt.Body || n.EventType != "" || n.Summary != "" || !n.CreateTime.IsZero() || len(n.ID) != 64 {
				t.Errorf("Parse = %+v", n)
			}
		})
	}
	if accepted != 3 || len(v.V2) != 4 {
		t.Errorf("%d of %d notifications accepted, want 3 of 4", accepted, len(v.V2))
	}
}

// signedXML is the body of a notification with these fields and their sign.
func signedXML(t testing.TB, signType string, fields map[string]string) string {
	t.Helper()
	sign, err := signer.V2Sign(signType, loadMaterial(t).APIv2Key, fields)
	if err != nil {
		t.Fatal(err)
	}
	all := m{"sign": sign}
	for name, value := range fields {
		all[name] = value
	}
	return xmlText(t, all)
}

func xmlText(t testing.TB, fields m) string {
	t.Helper()
	text, err := xmlmap.Encode(fields)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// encrypted is a req_info that encrypts text.
func encrypted(t testing.TB, text string) string {
	t.Helper()
	reqInfo, err := cipher.EncryptECB(loadMaterial(t).APIv2Key, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return reqInfo
}

func order(more ...string) map[string]string {
	fields := map[string]string{
		"return_code": "SUCCESS", "result_code": "SUCCESS", "mch_id": "1900000109", "nonce_str": "n1", "out_trade_no": "1409811653", "total_fee": "1",
	}
	for i := 0; i < len(more); i += 2 {
		fields[more[i]] = more[i+1]
	}
	return fields
}

func parseID(t *testing.T, body string) string {
	t.Helper()
	n, err := newReceiver(t).Parse(post(body))
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return n.ID
}

func TestAPIv2ID(t *testing.T) {
	one := signedXML(t, "MD5", order())
	want := sha256.Sum256([]byte("mch_id=1900000109&out_trade_no=1409811653&result_code=SUCCESS&return_code=SUCCESS&total_fee=1"))
	if got := parseID(t, one); got != hex.EncodeToString(want[:]) {
		t.Errorf("ID %s", got)
	}
	same := map[string]string{
		"another nonce":  signedXML(t, "MD5", order("nonce_str", "n2")),
		"another sign":   signedXML(t, "HMAC-SHA256", order()),
		"an empty field": strings.Replace(one, "<xml>", "<xml><attach></attach>", 1),
	}
	for name, body := range same {
		if parseID(t, body) != parseID(t, one) {
			t.Errorf("%s makes another ID", name)
		}
	}
	other := map[string]string{
		"another order": signedXML(t, "MD5", order("out_trade_no", "1409811654")),
		"a field more":  signedXML(t, "MD5", order("attach", "x")),
	}
	for name, body := range other {
		if parseID(t, body) == parseID(t, one) {
			t.Errorf("%s makes the same ID", name)
		}
	}
	// Free text may hold what reads as other fields. Both have one sign.
	whole := signedXML(t, "MD5", order("attach", "x", "bank_type", "CMC"))
	merged := strings.NewReplacer("<attach>x</attach>", "<attach><![CDATA[x&bank_type=CMC]]></attach>", "<bank_type>CMC</bank_type>", "").Replace(whole)
	if parseID(t, merged) != parseID(t, whole) {
		t.Error("two fields in one free text make another ID")
	}

	refund := func(text string, more ...string) string {
		fields := m{"return_code": "SUCCESS", "req_info": encrypted(t, text)}
		for i := 0; i < len(more); i += 2 {
			fields[more[i]] = more[i+1]
		}
		return parseID(t, xmlText(t, fields))
	}
	const text = "<root><a>1</a><b>2</b></root>"
	if refund(text) != refund(text, "nonce_str", "n", "appid", "x") || refund(text) != refund("<root><b>2</b>\n<a>1</a></root>") {
		t.Error("what does not matter makes another ID of a refund")
	}
	if refund(text) == refund("<root><a>1</a><b>3</b></root>") {
		t.Error("two refunds have one ID")
	}
}

// What nothing signs but anybody may write must not pass for an order.
func TestRefundKeepsOnlyItsOwnFields(t *testing.T) {
	forged := m{"req_info": encrypted(t, "<root><refund_id>5</refund_id></root>"), "return_code": "SUCCESS", "mch_id": "1900000109", "sub_mch_id": "1", "nonce_str": "n",
		"result_code": "SUCCESS", "out_trade_no": "1409811653", "total_fee": "1", "sign_type": "MD5"}
	n, err := newReceiver(t).Parse(post(xmlText(t, forged)))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := n.Get("@keys").Raw, `["mch_id","nonce_str","req_info","return_code","sub_mch_id"]`; got != want || n.Get("req_info.refund_id").String() != "5" {
		t.Errorf("the fields are %s, want %s", n.Resource, want)
	}
}

func TestAPIv2Takes(t *testing.T) {
	reqInfo := encrypted(t, "<root><refund_fee>3960</refund_fee><list><i>1</i><i>2</i></list></root>")
	tests := []struct {
		name, body, path, want string
	}{
		{"a failure", signedXML(t, "MD5", order("return_code", "FAIL", "result_code", "")), "return_code", "FAIL"},
		{"space before it", "\ufeff\r\n" + signedXML(t, "MD5", order()), "total_fee", "1"},
		{"a declaration", `<?xml version="1.0" encoding="UTF-8"?>` + signedXML(t, "MD5", order()), "total_fee", "1"},
		{"markup", signedXML(t, "HMAC-SHA256", order("attach", "]]>&lt;<b>\"张三\"\r\n")), "attach", "]]>&lt;<b>\"张三\"\r\n"},
		{"text that reads as a field", signedXML(t, "MD5", order("attach", "a&b=c")), "attach", "a&b=c"},
		{"signed and encrypted", signedXML(t, "MD5", order("req_info", reqInfo)), "req_info.refund_fee", "3960"},
		{"encrypted", xmlText(t, m{"req_info": reqInfo}), "req_info.list.i.1", "2"},
		{"many digits", signedXML(t, "MD5", order("transaction_id", "1004400740201409030005092168")), "transaction_id", "1004400740201409030005092168"},
	}
	only := newReceiver(t, func(c *notify.Config) { c.Keys, c.APIv3Key = nil, "" })
	for _, tt := range tests {
		for protocols, r := range map[string]*notify.Receiver{"both": newReceiver(t), "APIv2 alone": only} {
			n, err := r.Parse(post(tt.body))
			if err != nil {
				t.Errorf("%s, %s: %v", tt.name, protocols, err)
				continue
			}
			if got := n.Get(tt.path).String(); got != tt.want {
				t.Errorf("%s, %s: %s is %q, want %q", tt.name, protocols, tt.path, got, tt.want)
			}
		}
	}
	var v struct {
		TotalFee int `json:"total_fee,string"`
	}
	n, err := only.Parse(post(signedXML(t, "MD5", order("total_fee", "101"))))
	if err == nil {
		err = n.Decode(&v)
	}
	if err != nil || v.TotalFee != 101 {
		t.Errorf("Decode: %+v, %v", v, err)
	}
}

func TestAPIv2Refuses(t *testing.T) {
	one := signedXML(t, "MD5", order())
	within := func(more string) string { return strings.Replace(one, "</xml>", more+"</xml>", 1) }
	unsigned := func(more ...string) string {
		fields := m{}
		for name, value := range order(more...) {
			fields[name] = value
		}
		return xmlText(t, fields)
	}
	reqInfo := encrypted(t, "<root><a>1</a></root>")
	tests := []struct {
		name, body string
		status     int
		reason     string
		want       string
	}{
		{"no sign", unsigned(), 401, signer.ReasonSignature, "sign is missing"},
		{"no sign of a failure", unsigned("return_code", "FAIL"), 401, signer.ReasonSignature, "sign is missing"},
		{"empty sign", unsigned("sign", ""), 401, signer.ReasonSignature, "sign is missing"},
		{"empty sign beside req_info", unsigned("sign", "", "req_info", reqInfo), 401, signer.ReasonSignature, "sign is missing"},
		{"wrong sign", unsigned("sign", strings.Repeat("0", 32)), 401, signer.ReasonSignature, "does not match"},
		{"wrong sign beside req_info", unsigned("sign", strings.Repeat("0", 64), "req_info", reqInfo), 401, signer.ReasonSignature, "does not match"},
		{"another fee", strings.Replace(one, "<total_fee>1<", "<total_fee>2<", 1), 401, signer.ReasonSignature, "does not match"},
		{"a field twice", within("<total_fee>1</total_fee>"), 401, signer.ReasonSignature, `"total_fee" repeats`},
		{"a field that holds fields", within("<coupon><fee>9</fee></coupon>"), 401, signer.ReasonSignature, `"coupon" repeats or holds others`},
		{"two signs", within("<sign>x</sign>"), 401, signer.ReasonSignature, `"sign" repeats`},
		{"nothing", "<xml></xml>", 401, signer.ReasonSignature, "sign is missing"},
		{"no return_code", signedXML(t, "MD5", order("return_code", "")), 401, signer.ReasonSignature, "return_code is missing"},
		{"two fields in one", strings.NewReplacer("<out_trade_no>1409811653</out_trade_no>", "", "<nonce_str>n1</nonce_str>", "<nonce_str><![CDATA[n1&out_trade_no=1409811653]]></nonce_str>").Replace(one),
			401, signer.ReasonSignature, `"nonce_str" holds "&out_trade_no="`},
		{"the nonce in another field", strings.NewReplacer("<mch_id>1900000109</mch_id>", "<mch_id><![CDATA[1900000109&nonce_str=n1]]></mch_id>", "<nonce_str>n1</nonce_str>", "").Replace(one),
			401, signer.ReasonSignature, `"mch_id" holds "&nonce_str="`},

		{"req_info of another key", xmlText(t, m{"req_info": "AAAAAAAAAAAAAAAAAAAAAA=="}), 401, signer.ReasonSignature, "APIv2Key"},
		{"req_info is not base64", xmlText(t, m{"req_info": "%"}), 401, signer.ReasonSignature, "base64"},
		{"req_info is empty", xmlText(t, m{"req_info": ""}), 401, signer.ReasonSignature, "APIv2Key"},
		{"req_info encrypts no XML", xmlText(t, m{"req_info": encrypted(t, "secret text")}), 401, signer.ReasonSignature, "APIv2Key"},
		{"req_info encrypts a DTD", xmlText(t, m{"req_info": encrypted(t, "<!DOCTYPE root><root><a>1</a></root>")}), 401, signer.ReasonSignature, "APIv2Key"},
		{"req_info encrypts nothing", xmlText(t, m{"req_info": encrypted(t, "<root></root>")}), 401, signer.ReasonSignature, "APIv2Key"},
		{"req_info twice", xmlText(t, m{"req_info": []any{reqInfo, reqInfo}}), 401, signer.ReasonSignature, "req_info repeats"},
		{"req_info in the clear", xmlText(t, m{"req_info": m{"refund_fee": "1"}}), 401, signer.ReasonSignature, "req_info repeats, or holds"},
		{"signed, req_info of another key", signedXML(t, "MD5", order("req_info", "AAAAAAAAAAAAAAAAAAAAAA==")), 500, "", "APIv2Key"},
		{"signed, req_info encrypts no XML", signedXML(t, "MD5", order("req_info", encrypted(t, "secret text"))), 500, "", "APIv2Key"},

		{"a DTD", `<!DOCTYPE xml [<!ENTITY a SYSTEM "file:///etc/passwd">]>` + one, 400, "", `<!DOCTYPE xml`},
		{"an entity", within("<attach>&a;</attach>"), 400, "", "not the XML of APIv2"},
		{"65 levels", strings.Repeat("<a>", 65) + strings.Repeat("</a>", 65), 400, "", "64 levels"},
		{"more after it", one + "<xml/>", 400, "", "after the root"},
		{"cut off", one[:len(one)-9], 400, "", "EOF"},
		{"HTML", "<html><head><meta></head></html>", 400, "", `<html><head>`},
		{"GBK", "<xml><a>\xd6\xd0</a></xml>", 400, "", "not the XML of APIv2"},
		{"too long", within("<a>" + strings.Repeat("x", 1<<20) + "</a>"), 413, "", "1048576"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n, err := newReceiver(t).Parse(post(tt.body))
			if n != nil {
				t.Errorf("Parse = %s", n.Resource)
			}
			checkRefusal(t, err, tt.status, tt.want)
			checkUnverified(t, err, tt.reason)
			if strings.Contains(err.Error(), "secret text") {
				t.Errorf("error %q shows what was encrypted", err)
			}
			if got := errors.Is(err, cipher.ErrDecrypt); tt.status == 500 && !got {
				t.Errorf("error %v is no ErrDecrypt", err)
			}
			h := newReceiver(t).Handler(func(context.Context, *notify.Notification) error { t.Error("handed over"); return nil })
			// What is too long is not read, and so has no protocol.
			checkAnswer(t, serve(h, post(tt.body)), tt.status, tt.status != 413)
		})
	}
}

// Which protocol a request is of is not left to its body alone.
func TestProtocols(t *testing.T) {
	xml, json := signedXML(t, "MD5", order()), envelope(t, "EV-1", "X", `{}`)
	v2only := func(c *notify.Config) { c.Keys, c.APIv3Key = nil, "" }
	v3only := func(c *notify.Config) { c.APIv2Key = "" }
	both := func(*notify.Config) {}
	with := func(body, name string) *http.Request {
		req := post(body)
		req.Header.Set(name, "x")
		return req
	}
	tests := []struct {
		name   string
		edit   func(*notify.Config)
		req    *http.Request
		status int
		v2     bool
		want   string
	}{
		{"XML with a header of APIv3", both, with(xml, "Wechatpay-Serial"), 401, false, "Wechatpay-Timestamp is missing"},
		{"XML with a signature of APIv3", v2only, with(xml, "Wechatpay-Signature"), 401, false, "APIv3Key"},
		{"XML without APIv2Key", v3only, post(xml), 401, true, "APIv2Key"},
		{"JSON without headers", both, post(json), 401, false, "Wechatpay-Timestamp"},
		{"JSON where APIv2 is expected", v2only, post(json), 400, true, "not the XML"},
		{"nothing where APIv2 is expected", v2only, post(""), 400, true, "the body is empty: something read it before"},
		{"nothing", both, post(""), 400, false, "the body is empty: something read it before"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body, err := io.ReadAll(tt.req.Body)
			if err != nil {
				t.Fatal(err)
			}
			again := func() *http.Request {
				req := post(string(body))
				maps.Copy(req.Header, tt.req.Header)
				return req
			}
			_, err = newReceiver(t, tt.edit).Parse(again())
			checkRefusal(t, err, tt.status, tt.want)
			checkAnswer(t, serve(newReceiver(t, tt.edit).Handler(nil), again()), tt.status, tt.v2)
		})
	}
	get := post("")
	get.Method = "GET"
	checkAnswer(t, serve(newReceiver(t, v2only).Handler(nil), get), 405, true)
}

// A req_info that opens by chance under another key is no notification.
func TestRefundUnderAnotherKeyByChance(t *testing.T) {
	sealed := encrypted(t, "<root><out_refund_no>1</out_refund_no><refund_status>SUCCESS</refund_status></root>")
	for i := range 4096 {
		key := fmt.Sprintf("%032d", i)
		if _, err := cipher.DecryptECB(key, sealed); err != nil {
			continue
		}
		_, err := newReceiver(t, func(c *notify.Config) { c.APIv2Key = key }).Parse(post(xmlText(t, m{"return_code": "SUCCESS", "req_info": sealed})))
		checkRefusal(t, err, 401, "does not decrypt to the XML of a refund")
		checkUnverified(t, err, signer.ReasonSignature)
		return
	}
	t.Error("no key opens it by chance")
}

// All that a notification of APIv2 says is text, the refund in req_info aside.
func TestAPIv2FieldsAreTexts(t *testing.T) {
	body := "<xml><return_code>SUCCESS</return_code><appid>a</appid><appid>b</appid><mch_id><x>1</x></mch_id>" +
		"<nonce_str>n</nonce_str><req_info>" + encrypted(t, "<root><out_refund_no>1</out_refund_no></root>") + "</req_info></xml>"
	n, err := newReceiver(t).Parse(post(body))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := n.Get("@this").Raw, `{"nonce_str":"n","req_info":{"out_refund_no":"1"},"return_code":"SUCCESS"}`; got != want {
		t.Errorf("Resource is %s, want %s", got, want)
	}
}
