package sandbox_test

import (
	"bytes"
	"cmp"
	"crypto/md5"
	"crypto/rand"
	"encoding/hex"
	"encoding/xml"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/inprocess"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/signer"
)

// postV2 posts fields that are signed with the merchant's key as they are, and
// returns the return_code and the err_code.
func (w *world) postV2(t *testing.T, path string, fields map[string]string) (returned, code string) {
	t.Helper()
	sign, err := signer.V2Sign(fields["sign_type"], w.Merchant().APIv2Key, fields)
	if err != nil {
		t.Fatal(err)
	}
	return w.post(t, path, fields, sign)
}

func (w *world) post(t *testing.T, path string, fields map[string]string, sign string) (returned, code string) {
	t.Helper()
	var body bytes.Buffer
	body.WriteString("<xml>")
	for name, value := range fields {
		body.WriteString("<" + name + ">")
		if err := xml.EscapeText(&body, []byte(value)); err != nil {
			t.Fatal(err)
		}
		body.WriteString("</" + name + ">")
	}
	body.WriteString("<sign>" + sign + "</sign></xml>")
	req, err := http.NewRequestWithContext(t.Context(), "POST", "https://api.mch.weixin.qq.com"+path, &body)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := inprocess.Transport(w.Server).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Returned string `xml:"return_code"`
		Code     string `xml:"err_code"`
	}
	if err := xml.Unmarshal(text, &answer); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return answer.Returned, answer.Code
}

func redQuery(nonce, number string) map[string]string {
	return map[string]string{"mch_id": sandbox.DefaultMchID, "appid": "wx8888888888888888", "bill_type": "MCHT", "mch_billno": number, "nonce_str": nonce}
}

// A nonce_str is of one request: that may be repeated to the byte, as the
// documentation advises, and no other may have it.
func TestAPIv2Replay(t *testing.T) {
	w := newWorld(t)
	w.mustV2(t, sendRed, redPacket("r1", nil))
	const path = "/mmpaymkttransfers/gethbinfo"
	hmac := redQuery("N", "r1")
	hmac["sign_type"] = "HMAC-SHA256"
	for i, tt := range []struct {
		path   string
		fields map[string]string
		after  time.Duration
		code   string
	}{
		{path, redQuery("N", "r1"), 0, ""},
		{path, redQuery("N", "r1"), 0, ""},
		{path, redQuery("N", "r2"), 0, "SIGNERROR"},
		{path, hmac, 0, "SIGNERROR"},
		{"/mmpaymkttransfers/gettransferinfo", redQuery("N", "r1"), 0, "SIGNERROR"},
		{path, redQuery("N", "r1"), 10 * time.Minute, ""},
		{path, redQuery("M", "r1"), 0, ""},
		{path, redQuery("N", "r2"), 0, "SIGNERROR"},
		{path, redQuery("N", "r2"), 5 * time.Minute, "SIGNERROR"}, // as long as it is remembered
		{path, redQuery("N", "r2"), 21 * time.Minute, "NOT_FOUND"},
	} {
		w.clock.add(tt.after)
		if _, code := w.postV2(t, tt.path, tt.fields); code != tt.code {
			t.Errorf("%d: %s: %q, want %q", i, tt.path, code, tt.code)
		}
	}
}

// A repeated request does nothing more: there is one red packet.
func TestAPIv2RepeatedToTheByte(t *testing.T) {
	w := newWorld(t)
	var bodies []string
	client := w.between(t, func(req *http.Request) {
		body, _ := req.GetBody()
		text, _ := io.ReadAll(body)
		bodies = append(bodies, string(text))
	})
	if _, err := client.Chain(sendRed).Post(t.Context(), wechatpay.XML(redPacket("r1", nil))); err != nil {
		t.Fatal(err)
	}
	var answers []string
	for range 2 {
		req, err := http.NewRequestWithContext(t.Context(), "POST", "https://api.mch.weixin.qq.com/mmpaymkttransfers/sendredpack", strings.NewReader(bodies[0]))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := inprocess.Transport(w.Server).RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(resp.Body)
		_, id, _ := strings.Cut(string(text), "<send_listid>")
		id, _, _ = strings.Cut(id, "<")
		answers = append(answers, id)
	}
	if want := w.red(t, "r1").Get("detail_id").String(); answers[0] != want || answers[1] != want {
		t.Errorf("repeated, it was sent as %q, want %q", answers, want)
	}
}

func TestAPIv2Signatures(t *testing.T) {
	w := newWorld(t)
	query := func(edit map[string]string) map[string]string {
		fields := map[string]string{"mch_id": sandbox.DefaultMchID, "appid": "wxd678efh567hg6787", "out_trade_no": "number", "nonce_str": rand.Text()}
		maps.Copy(fields, edit)
		return fields
	}
	for name, tt := range map[string]struct {
		signType string
		fields   map[string]string
		changed  map[string]string // once it is signed
		code     string            // of what is not a merchant's request
	}{
		"MD5 by default":      {"", query(nil), nil, ""},
		"MD5":                 {"MD5", query(map[string]string{"sign_type": "MD5"}), nil, ""},
		"HMAC-SHA256":         {"HMAC-SHA256", query(map[string]string{"sign_type": "HMAC-SHA256"}), nil, ""},
		"an empty field more": {"", query(nil), map[string]string{"attach": ""}, ""},
		"a field more":        {"", query(nil), map[string]string{"attach": "1"}, "SIGNERROR"},
		"a field changed":     {"", query(nil), map[string]string{"out_trade_no": "others"}, "SIGNERROR"},
		"another sign_type":   {"MD5", query(map[string]string{"sign_type": "MD5"}), map[string]string{"sign_type": "HMAC-SHA256"}, "SIGNERROR"},
		"another merchant":    {"", query(nil), map[string]string{"mch_id": "1900000110"}, "MCHID_NOT_EXIST"},
		"no merchant":         {"", query(nil), map[string]string{"mch_id": ""}, "MCHID_NOT_EXIST"},
	} {
		sign, err := signer.V2Sign(tt.signType, w.Merchant().APIv2Key, tt.fields)
		if err != nil {
			t.Fatal(err)
		}
		maps.Copy(tt.fields, tt.changed)
		want := "FAIL"
		if tt.code == "" {
			want = "SUCCESS"
		}
		if returned, code := w.post(t, "/pay/orderquery", tt.fields, sign); returned != want || code != cmp.Or(tt.code, "ORDERNOTEXIST") {
			t.Errorf("%s: %s %s, want %s %s", name, returned, code, want, tt.code)
		}
	}
	// The field sign_type is signed, but names another type than signs it.
	fields := query(map[string]string{"sign_type": "HMAC-SHA256"})
	sum := md5.Sum([]byte(signer.V2Message(fields) + "&key=" + w.Merchant().APIv2Key))
	if _, code := w.post(t, "/pay/orderquery", fields, strings.ToUpper(hex.EncodeToString(sum[:]))); code != "SIGNERROR" {
		t.Errorf("MD5 that calls itself HMAC-SHA256: %s", code)
	}
}

// Answers and refusals are signed as the request was.
func TestAPIv2AnswersAreSignedAsAsked(t *testing.T) {
	w := newWorld(t)
	for signType, length := range map[string]int{"": 32, "MD5": 32, "HMAC-SHA256": 64} {
		named := wechatpay.M{}
		if signType != "" {
			named["sign_type"] = signType
		}
		resp := w.mustV2(t, unified, orderV2("signed-by-"+signType, 100, named))
		_, err := w.v2(queryPath, with(queryV2("nobodys"), named))
		refusal := refusedV2(t, err, "ORDERNOTEXIST")
		for _, sign := range []string{resp.Get("sign").String(), refusal.Response.Get("sign").String()} {
			if len(sign) != length {
				t.Errorf("sign_type %q is answered with a sign of %d characters, want %d", signType, len(sign), length)
			}
		}
		if !refusal.Verified {
			t.Errorf("sign_type %q: the refusal is not verified", signType)
		}
	}
}
