package notify_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/signer"
)

// checkParsed checks what holds of all that Parse returns.
func checkParsed(t *testing.T, n *notify.Notification, err error, body string) {
	t.Helper()
	if err != nil {
		var e *notify.Error
		if n != nil || !errors.As(err, &e) || e.StatusCode < 400 || http.StatusText(e.StatusCode) == "" || !utf8.ValidString(err.Error()) {
			t.Fatalf("Parse = %v, %q", n, err)
		}
		return
	}
	if n.ID == "" || string(n.Raw) != body || !json.Valid(n.Resource) {
		t.Fatalf("Parse = %+v", n)
	}
}

// FuzzParse reads anything that the platform signs, signed and not, and anything
// that it encrypts.
func FuzzParse(f *testing.F) {
	v := loadMaterial(f)
	for _, tt := range v.V3 {
		f.Add(tt.Body, tt.Plaintext, tt.Headers["Wechatpay-Timestamp"], tt.Headers["Wechatpay-Signature"])
	}
	for _, tt := range v.V2 {
		f.Add(tt.Body, "{}", "", "")
	}
	f.Add(envelope(f, "", "", ""), `{"a":`, "-1", "WECHATPAY/SIGNTEST/AAAA")
	f.Add(`{"id":"1","event_type":"X","resource":null}`, strings.Repeat("[", 100), "1790000001", "%")
	r := newReceiver(f)
	f.Fuzz(func(t *testing.T, body, text, timestamp, signature string) {
		n, err := r.Parse(signed(t, body))
		checkParsed(t, n, err, body)
		if errors.Is(err, signer.ErrVerify) {
			t.Fatalf("signed, but %v", err)
		}

		forged := signed(t, body)
		forged.Header.Set("Wechatpay-Timestamp", timestamp)
		forged.Header.Set("Wechatpay-Signature", signature)
		if n, err := r.Parse(forged); n != nil || body != "" && !errors.Is(err, signer.ErrVerify) {
			t.Fatalf("forged, but Parse = %v, %v", n, err)
		}

		sealed := envelope(t, "EV-1", "X", text)
		n, err = r.Parse(signed(t, sealed))
		checkParsed(t, n, err, sealed)
		if (err == nil) != json.Valid([]byte(text)) || err == nil && string(n.Resource) != text {
			t.Fatalf("of %q, Parse = %+v, %v", text, n, err)
		}
	})
}

// FuzzParseV2 reads any body without headers, any field that is signed, and any
// text in a req_info.
func FuzzParseV2(f *testing.F) {
	v := loadMaterial(f)
	for _, tt := range v.V2 {
		f.Add(tt.Body, "attach", "x", "<root><a>1</a></root>")
	}
	for _, tt := range v.V3 {
		f.Add(tt.Body, "sign_type", "MD5", "")
	}
	f.Add("<xml><sign>x</sign><sign/></xml>", "a", "]]>&lt;\r\n", "<root><a><b>1</b></a><a/></root>")
	f.Add(`<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`, "sign", "x", "<!DOCTYPE root><root/>")
	f.Add(strings.Repeat("<a>", 65), "req_info", "AAAA", "\xff")
	f.Add("", "nonce_str", "a&nonce_str=b", "text")
	r := newReceiver(f)
	f.Fuzz(func(t *testing.T, body, name, value, text string) {
		n, err := r.Parse(post(body))
		checkParsed(t, n, err, body)
		if err == nil && !n.Get("sign").Exists() && !n.Get("req_info").IsObject() {
			t.Fatalf("neither signed nor encrypted, but Parse = %s", n.Resource)
		}
		w := httptest.NewRecorder()
		if r.Handler(nil).ServeHTTP(w, post(body)); w.Code < 400 {
			t.Fatalf("answered %d", w.Code)
		}

		checkSignedField(t, r, name, value)
		checkReqInfo(t, r, text)
	})
}

// checkSignedField checks that Parse reads an order's field name as value,
// unless XML or a signature cannot hold it.
func checkSignedField(t *testing.T, r *notify.Receiver, name, value string) {
	t.Helper()
	_, unwritable := xmlmap.Encode(m{name: value})
	_, unsignable := signer.V2Sign("HMAC-SHA256", loadMaterial(t).APIv2Key, order(name, value))
	special := name == "sign" || name == "sign_type" || name == "req_info" || name == "return_code"
	if unwritable != nil || unsignable != nil || special {
		return
	}
	body := signedXML(t, "HMAC-SHA256", order(name, value))
	n, err := r.Parse(post(body))
	checkParsed(t, n, err, body)
	var fields map[string]string
	if err == nil {
		err = n.Decode(&fields)
	}
	if err != nil || fields[name] != value || fields["return_code"] == "" {
		t.Fatalf("signed with %q = %q, but Parse = %v, %v", name, value, fields, err)
	}
}

// checkReqInfo checks that Parse takes the req_info that text encrypts to, just
// when text is XML with fields.
func checkReqInfo(t *testing.T, r *notify.Receiver, text string) {
	t.Helper()
	body := xmlText(t, m{"return_code": "SUCCESS", "req_info": encrypted(t, text)})
	n, err := r.Parse(post(body))
	checkParsed(t, n, err, body)
	inner, bad := xmlmap.Decode([]byte(text))
	if (err == nil) != (bad == nil && len(inner) > 0) {
		t.Fatalf("req_info encrypts %q, and Parse = %v, %v", text, n, err)
	}
}
