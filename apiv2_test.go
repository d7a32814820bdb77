package wechatpay_test

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/signer"
)

type M = wechatpay.M

const v2Key = "exposed_your_key_here_have_risks"

// newV2 returns a client for APIv2 only.
func newV2(t testing.TB, transport http.RoundTripper) *wechatpay.Client {
	t.Helper()
	return newClient(t, wechatpay.Config{
		MchID: "1900000109", APIv2Key: v2Key, Transport: transport,
		Nonce: func() string { return "5K8264ILTKCH16CQ2502SI8ZNMTM67VS" },
	})
}

// v2Answer returns an answer with these fields, signed by signType, or unsigned
// if that is "".
func v2Answer(t testing.TB, signType string, fields wechatpay.M) string {
	t.Helper()
	if signType != "" {
		texts := make(map[string]string)
		for name, v := range fields {
			texts[name], _ = v.(string)
		}
		sign, err := signer.V2Sign(signType, v2Key, texts)
		if err != nil {
			t.Fatal(err)
		}
		fields["sign"] = sign
	}
	body, err := xmlmap.Encode(fields)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// sentFields makes one call and returns the fields that left.
func sentFields(t *testing.T, path string, opts ...wechatpay.Option) map[string]any {
	t.Helper()
	out := new(recorder)
	if _, err := newV2(t, out).Chain(path).Post(background(), opts...); !errors.As(err, new(errNotSent)) {
		t.Fatal(err)
	}
	return fieldsOf(t, out.body[0])
}

func TestV2Request(t *testing.T) {
	type goods struct {
		ID    string `json:"goods_id"`
		Price int    `json:"price"`
	}
	got := sentFields(t, "v2/pay/unifiedorder", wechatpay.Options{"xml": M{
		"body": `杯<&>"子`, "total_fee": 100, "zero": 0, "on": true, "empty": "", "absent": nil, "cdata": "a]]>b", "lines": "a\r\nb",
		"detail":     M{"goods_detail": []goods{{"1001", 100}}},
		"scene_info": goods{"<1>", 2},
		"receivers":  []M{{"type": "MERCHANT_ID"}},
		"nested":     M{"a": 1, "b": M{"detail": M{"c": "d"}}},
		"list":       []int{1, 2},
		"any_struct": goods{"7", 8},
		"when":       time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}})
	sign := got["sign"]
	delete(got, "sign")
	want := M{
		"mch_id": "1900000109", "nonce_str": "5K8264ILTKCH16CQ2502SI8ZNMTM67VS",
		"body": `杯<&>"子`, "total_fee": "100", "zero": "0", "on": "true", "empty": "", "cdata": "a]]>b", "lines": "a\r\nb",
		"detail":     `{"goods_detail":[{"goods_id":"1001","price":100}]}`,
		"scene_info": `{"goods_id":"<1>","price":2}`,
		"receivers":  `[{"type":"MERCHANT_ID"}]`,
		"nested":     M{"a": "1", "b": M{"detail": M{"c": "d"}}},
		"list":       M{"item": []any{"1", "2"}},
		"any_struct": `{"goods_id":"7","price":8}`,
		"when":       "2026-01-02T03:04:05Z",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("sent %v\nwant %v", got, want)
	}
	texts := make(map[string]string)
	for name, v := range want {
		texts[name], _ = v.(string)
	}
	if s, err := signer.V2Sign("", v2Key, texts); err != nil || s != sign {
		t.Errorf("sign %v, want %s (%v)", sign, s, err)
	}
}

func TestV2RequestIsTheSameBytes(t *testing.T) {
	out := new(recorder)
	client := newV2(t, out)
	for range 5 {
		_, err := client.Chain("v2/pay/orderquery").Post(background(), wechatpay.XML(M{"z": 1, "a": "&", "m": M{"y": 1, "b": 2}, "out_trade_no": "1"}))
		if !errors.As(err, new(errNotSent)) {
			t.Fatal(err)
		}
	}
	want := `<xml><a><![CDATA[&]]></a><m><b>2</b><y>1</y></m><mch_id>1900000109</mch_id><nonce_str>5K8264ILTKCH16CQ2502SI8ZNMTM67VS</nonce_str><out_trade_no>1</out_trade_no><sign>`
	for _, body := range out.body {
		if body != out.body[0] || !strings.HasPrefix(body, want) {
			t.Errorf("body %s, want %s…", body, want)
		}
	}
}

func TestV2Nonceless(t *testing.T) {
	for name, opt := range map[string]wechatpay.Option{
		"option":     wechatpay.Nonceless(),
		"bag":        wechatpay.Options{"nonceless": true},
		"last wins":  wechatpay.Options{"nonceless": true, "xml": M{"a": 1}},
		"not at all": wechatpay.Options{"nonceless": false},
	} {
		got := sentFields(t, "v2/pay/orderquery", opt)
		if _, has := got["nonce_str"]; has != (name == "not at all") || got["sign"] == nil {
			t.Errorf("%s: sent %v", name, got)
		}
	}
}

func TestV2MchID(t *testing.T) {
	for _, tt := range []struct{ path, name string }{
		{"v2/pay/unifiedorder", "mch_id"},
		{"V2/pay/unifiedorder", "mch_id"},
		{"v2/mmpaymkttransfers/promotion/transfers", "mchid"},
		{"v2/pay/settlementquery", "mchid"},
		{"v2/pay/combinedorder", "combine_mch_id"},
	} {
		for _, opts := range []wechatpay.Options{nil, {"xml": M{"a": 1}}, {"xml": M{tt.name: ""}}, {"xml": M{tt.name: "1900000109"}}, {"xml": M{tt.name: 1900000109}}} {
			got := sentFields(t, tt.path, opts)
			for _, name := range []string{"mch_id", "mchid", "combine_mch_id"} {
				if want := name == tt.name; (got[name] == "1900000109") != want {
					t.Errorf("%s with %v: %s is %v", tt.path, opts, name, got[name])
				}
			}
		}
	}
	// A number that the caller gives is used, under each of its names.
	if got := sentFields(t, "v2/pay/unifiedorder", wechatpay.XML(M{"mchid": "1900000109"})); got["mch_id"] != nil {
		t.Errorf("mch_id %v beside mchid", got["mch_id"])
	}
}

func TestV2SignOfTheCallerIsMadeAnew(t *testing.T) {
	want := sentFields(t, "v2/pay/orderquery", wechatpay.XML(M{"a": 1}))["sign"]
	if got := sentFields(t, "v2/pay/orderquery", wechatpay.XML(M{"a": 1, "sign": "C380BEC2BFD727A4B6845133519F3AD6"})); got["sign"] != want {
		t.Errorf("sign %v, want %v", got["sign"], want)
	}
}

func TestV2Get(t *testing.T) {
	out := new(recorder)
	client := newV2(t, out)
	chain := client.Chain("v2/papay/entrustweb")
	for _, call := range []func() error{
		func() error {
			_, err := chain.Get(background(), wechatpay.Query(M{"plan_id": 1, "url": "a b&c"}))
			return err
		},
		func() error { _, err := chain.Chain("?plan_id=1&url=a%20b%26c&sign=x").Get(background()); return err },
		func() error {
			_, err := chain.Get(background(), wechatpay.Query(M{"plan_id": 1, "url": "a b&c", "mch_id": 1900000109}))
			return err
		},
	} {
		if err := call(); !errors.As(err, new(errNotSent)) {
			t.Fatal(err)
		}
	}
	sign, err := signer.V2Sign("", v2Key, map[string]string{"plan_id": "1", "url": "a b&c", "mch_id": "1900000109", "nonce_str": "5K8264ILTKCH16CQ2502SI8ZNMTM67VS"})
	if err != nil {
		t.Fatal(err)
	}
	for i, req := range out.sent {
		q := req.URL.Query()
		if q.Get("sign") != sign || q.Get("mch_id") != "1900000109" || len(q) != 5 || len(q["sign"]) != 1 {
			t.Errorf("%d: query %v, want sign %s", i, q, sign)
		}
		if out.body[i] != "" {
			t.Errorf("%d: body %s", i, out.body[i])
		}
	}
}

func TestV2BadInput(t *testing.T) {
	out := new(recorder)
	client := newV2(t, out)
	self := M{}
	self["self"] = self
	for _, tt := range []struct {
		name   string
		method string
		opts   wechatpay.Options
		kind   error
		want   string
	}{
		{"json", "POST", wechatpay.Options{"json": M{}}, wechatpay.ErrOption, `"json" is for APIv3`},
		{"xml with GET", "GET", wechatpay.Options{"xml": M{}}, wechatpay.ErrOption, `use "query"`},
		{"another merchant", "POST", wechatpay.Options{"xml": M{"mch_id": "1900000110"}}, wechatpay.ErrOption, `mch_id is "1900000110"`},
		{"another mchid", "POST", wechatpay.Options{"xml": M{"mchid": 1}}, wechatpay.ErrOption, `mchid is "1"`},
		{"another merchant in the query", "GET", wechatpay.Options{"query": M{"mch_id": "1"}}, wechatpay.ErrOption, `mch_id is "1"`},
		{"sign type", "POST", wechatpay.Options{"xml": M{"sign_type": "SHA1"}}, wechatpay.ErrSign, `"SHA1"`},
		{"sign type in small letters", "POST", wechatpay.Options{"xml": M{"sign_type": "md5"}}, wechatpay.ErrSign, `"md5"`},
		{"element name", "POST", wechatpay.Options{"xml": M{"a b": 1}}, wechatpay.ErrOption, `"a b"`},
		{"empty element name", "POST", wechatpay.Options{"xml": M{"": 1}}, wechatpay.ErrOption, `name`},
		{"markup as a name", "POST", wechatpay.Options{"xml": M{"a><b": 1}}, wechatpay.ErrOption, `name`},
		{"a channel", "POST", wechatpay.Options{"xml": M{"a": make(chan int)}}, wechatpay.ErrOption, "a: chan int"},
		{"a function within", "POST", wechatpay.Options{"xml": M{"a": M{"b": func() {}}}}, wechatpay.ErrOption, "a: b: func()"},
		{"bytes", "POST", wechatpay.Options{"xml": M{"a": []byte("x")}}, wechatpay.ErrOption, "make it a string"},
		{"not UTF-8", "POST", wechatpay.Options{"xml": M{"a": "\xff"}}, wechatpay.ErrOption, "UTF-8"},
		{"a control character", "POST", wechatpay.Options{"xml": M{"a": "\x00"}}, wechatpay.ErrOption, "U+0000"},
		{"an inexact float", "POST", wechatpay.Options{"xml": M{"a": 1e300}}, wechatpay.ErrOption, "exactly"},
		{"itself", "POST", wechatpay.Options{"xml": self}, wechatpay.ErrOption, "holds itself"},
		{"a raw body that is no XML", "POST", wechatpay.Options{"body": "a=b"}, wechatpay.ErrSign, "XML"},
		{"a field twice in the query", "GET", wechatpay.Options{"query": M{"a": []int{1, 2}}}, wechatpay.ErrSign, `"a" twice`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := client.Chain("v2/pay/orderquery").Do(background(), tt.method, tt.opts)
			if !errors.Is(err, tt.kind) || !strings.Contains(fmt.Sprint(err), tt.want) {
				t.Errorf("error %v, want %v with %q", err, tt.kind, tt.want)
			}
		})
	}
	if n := out.count(); n > 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestV2Answer(t *testing.T) {
	ok := M{"return_code": "SUCCESS", "result_code": "SUCCESS", "prepay_id": "wx1", "coupon_id_0": "9", "attach": "a<b"}
	for _, tt := range []v2AnswerTest{
		{name: "MD5", body: v2Answer(t, "MD5", copyM(ok))},
		{name: "HMAC", body: v2Answer(t, "HMAC-SHA256", copyM(ok))},
		{name: "unsigned", body: v2Answer(t, "", ok), verify: "missing"},
		{name: "changed", body: strings.Replace(v2Answer(t, "MD5", copyM(ok)), "wx1", "wx2", 1), verify: "does not match"},
		{name: "unsigned on a path without", path: "v2/mmpaymkttransfers/promotion/transfers", body: v2Answer(t, "", ok)},
		{name: "return_code", body: v2Answer(t, "", M{"return_code": "FAIL", "return_msg": "签名错误"}), code: "FAIL", message: "签名错误"},
		{name: "result_code", body: v2Answer(t, "MD5", M{"return_code": "SUCCESS", "return_msg": "OK", "result_code": "FAIL", "err_code": "ORDERPAID", "err_code_des": "该订单已支付"}), code: "ORDERPAID", message: "该订单已支付", verified: true},
		{name: "result_code unsigned", body: v2Answer(t, "", M{"return_code": "SUCCESS", "result_code": "FAIL", "err_code": "SYSTEMERROR"}), code: "SYSTEMERROR"},
		{name: "result_code wrongly signed", body: v2Answer(t, "", M{"return_code": "SUCCESS", "result_code": "FAIL", "err_code": "E", "sign": strings.Repeat("A", 32)}), code: "E"},
		{name: "failed on a path without", path: "v2/pay/downloadbill", body: v2Answer(t, "", M{"return_code": "FAIL", "return_msg": "No Bill Exist"}), code: "FAIL", message: "No Bill Exist"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			chain := newV2(t, canAnswer(200, nil, tt.body)).Chain(cmp.Or(tt.path, "v2/pay/unifiedorder"))
			resp, err := chain.Post(background())
			switch {
			case tt.verify != "":
				tt.checkUnverified(t, err)
			case tt.code != "":
				tt.checkRefused(t, err)
				quiet, err := chain.Post(background(), wechatpay.HTTPErrors(false))
				if err != nil || quiet.StatusCode != 200 || string(quiet.Bytes()) != tt.body {
					t.Errorf("with http_errors false: %v, %v", quiet, err)
				}
			case err != nil:
				t.Fatal(err)
			default:
				tt.checkRead(t, resp)
			}
		})
	}
}

// A v2AnswerTest is the body of an APIv2 answer and the expected result.
type v2AnswerTest struct {
	name, path, body string
	verify           string // what a VerifyError says
	code, message    string // of an Error
	verified         bool
}

func (tt v2AnswerTest) checkUnverified(t *testing.T, err error) {
	t.Helper()
	var bad *wechatpay.VerifyError
	if !errors.Is(err, wechatpay.ErrVerify) || !errors.As(err, &bad) || bad.Reason != "signature" || !strings.Contains(err.Error(), tt.verify) {
		t.Fatalf("error %v, want a VerifyError with %q", err, tt.verify)
	}
	if string(bad.Response.Bytes()) != tt.body || bad.Response.Get("return_code").Str != "SUCCESS" {
		t.Errorf("response %q", bad.Response.Bytes())
	}
}

func (tt v2AnswerTest) checkRefused(t *testing.T, err error) {
	t.Helper()
	var refused *wechatpay.Error
	if !errors.As(err, &refused) || refused.Code != tt.code || refused.Message != tt.message || refused.Verified != tt.verified || !wechatpay.IsCode(err, tt.code) {
		t.Fatalf("error %+v", err)
	}
}

// checkRead checks how a good answer is read.
func (tt v2AnswerTest) checkRead(t *testing.T, resp *wechatpay.Response) {
	t.Helper()
	var into struct {
		PrepayID string `json:"prepay_id"`
	}
	if err := resp.Decode(&into); err != nil || into.PrepayID != "wx1" {
		t.Errorf("decoded %+v, %v", into, err)
	}
	if resp.Get("prepay_id").Str != "wx1" || resp.Get("coupon_id_0").Str != "9" || resp.JSON().Get("attach").Str != "a<b" || string(resp.Bytes()) != tt.body {
		t.Errorf("read %s of %s", resp.JSON(), resp.Bytes())
	}
}

func copyM(m M) M {
	c := make(M, len(m))
	for k, v := range m {
		c[k] = v
	}
	return c
}

func TestV2BadAnswer(t *testing.T) {
	for name, body := range map[string]string{
		"empty":           "",
		"HTML":            "<html><body>502</body></html",
		"JSON":            `{"code":"X"}`,
		"a DTD":           `<!DOCTYPE xml [<!ENTITY a "b">]><xml><return_code>&a;</return_code></xml>`,
		"an entity":       `<xml><return_code>&nbsp;</return_code></xml>`,
		"nested":          strings.Repeat("<a>", 65) + strings.Repeat("</a>", 65),
		"cut":             `<xml><return_code>SUCCESS</ret`,
		"more at the end": `<xml></xml><xml></xml>`,
		"binary":          "\x1f\x8b\x08\x00\xff",
	} {
		resp, err := newV2(t, canAnswer(200, nil, body)).Chain("v2/pay/orderquery").Post(background())
		if !errors.Is(err, wechatpay.ErrVerify) || resp != nil {
			t.Errorf("%s: %v, %v; want ErrVerify", name, resp, err)
		}
	}
	// An unsigned answer must at least be the platform's XML.
	for _, body := range []string{"", "<html><body>sign in</body></html>", "ok", `{"return_code":"SUCCESS"}`, "<xml></xml>", "<xml><a>b</a></xml>",
		"<xml><return_code/></xml>", "<xml><return_code>FAIL</return_code><return_code>FAIL</return_code></xml>"} {
		for _, opts := range []wechatpay.Options{nil, {"sink": io.Discard}} {
			resp, err := newV2(t, canAnswer(200, nil, body)).Chain("v2/mmpaymkttransfers/promotion/transfers").Post(background(), opts)
			if !errors.Is(err, wechatpay.ErrVerify) || resp != nil {
				t.Errorf("transfers answered %q: %v, %v; want ErrVerify", body, resp, err)
			}
		}
	}
	huge := roundTripper(func(*http.Request) (*http.Response, error) {
		resp := answer(200, "")
		resp.ContentLength, resp.Body = -1, io.NopCloser(io.MultiReader(strings.NewReader("<xml>"), strings.NewReader(strings.Repeat("<a></a>", 11<<20/7))))
		return resp, nil
	})
	if _, err := newV2(t, huge).Chain("v2/pay/orderquery").Post(background()); err == nil || !strings.Contains(err.Error(), "too long") {
		t.Errorf("an answer over 10 MiB: %v", err)
	}
	if _, err := newV2(t, canAnswer(502, nil, "<html>bad gateway")).Chain("v2/pay/orderquery").Post(background()); err == nil || !strings.Contains(err.Error(), "502") || errors.Is(err, wechatpay.ErrVerify) {
		t.Errorf("an answer of 502: %v", err)
	}
}

func TestV2Bill(t *testing.T) {
	bill := "交易时间,公众账号ID\n`2026-11-23,`wx1\n"
	client := newV2(t, canAnswer(200, nil, bill))
	chain := client.Chain("v2/pay/downloadbill")
	resp, err := chain.Post(background(), wechatpay.XML(M{"bill_date": "20261123"}))
	if err != nil || string(resp.Bytes()) != bill || resp.Get("return_code").Exists() {
		t.Errorf("held: %v, %v", resp, err)
	}
	var sink bytes.Buffer
	if resp, err := chain.Post(background(), wechatpay.Sink(&sink)); err != nil || sink.String() != bill || len(resp.Bytes()) > 0 {
		t.Errorf("sink: %q, %v, %v", sink.String(), resp, err)
	}
	sink.Reset()
	failed := newV2(t, canAnswer(200, nil, v2Answer(t, "", M{"return_code": "FAIL", "return_msg": "No Bill Exist"})))
	if _, err := failed.Chain("v2/pay/downloadbill").Post(background(), wechatpay.Sink(&sink)); !wechatpay.IsCode(err, "FAIL") || sink.Len() > 0 {
		t.Errorf("failed: %q, %v", sink.String(), err)
	}
	// A sink receives only verified content.
	forged := newV2(t, canAnswer(200, nil, v2Answer(t, "", M{"return_code": "SUCCESS"})))
	if _, err := forged.Chain("v2/pay/orderquery").Post(background(), wechatpay.Sink(&sink)); !errors.Is(err, wechatpay.ErrVerify) || sink.Len() > 0 {
		t.Errorf("forged: %q, %v", sink.String(), err)
	}
	good := v2Answer(t, "MD5", M{"return_code": "SUCCESS", "a": "b"})
	if _, err := newV2(t, canAnswer(200, nil, good)).Chain("v2/pay/orderquery").Post(background(), wechatpay.Sink(&sink)); err != nil || sink.String() != good {
		t.Errorf("signed: %q, %v", sink.String(), err)
	}
}
