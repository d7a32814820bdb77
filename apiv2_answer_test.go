package wechatpay_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/middleware"
)

func TestV2AnswerReadsLikeJSON(t *testing.T) {
	body := v2Answer(t, "MD5", M{
		"return_code": "SUCCESS", "result_code": "SUCCESS", "coupon_count": "2", "coupon_id_0": "10000", "coupon_id_1": "10001",
		"total_fee": "9223372036854775807", "markup": `<a href="b">&amp;`, "empty": "", "name": "中文",
		"hblist": M{"hbinfo": []any{M{"openid": "o1", "amount": "100"}, M{"openid": "o2", "amount": "200"}}},
		"row":    []any{"x", "y"},
	})
	resp, err := newV2(t, canAnswer(200, nil, body)).Chain("v2/pay/orderquery").Post(background())
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"coupon_id_0": "10000", "coupon_id_1": "10001", "total_fee": "9223372036854775807", "markup": `<a href="b">&amp;`, "name": "中文", "empty": "",
		"hblist.hbinfo.#": "2", "hblist.hbinfo.1.openid": "o2", `hblist.hbinfo.#(openid=="o1").amount`: "100", "row.#": "2", "row.0": "x", "absent": "",
	} {
		if got := resp.Get(path); got.String() != want || got.Exists() != (path != "absent") {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	if got := resp.Get("total_fee").Int(); got != 9223372036854775807 {
		t.Errorf("total_fee is %d", got)
	}
	var into struct {
		TotalFee int64 `json:"total_fee,string"`
		HBList   struct {
			HBInfo []struct{ OpenID string }
		}
	}
	if err := resp.Decode(&into); err != nil || into.TotalFee != 9223372036854775807 || len(into.HBList.HBInfo) != 2 || into.HBList.HBInfo[1].OpenID != "o2" {
		t.Errorf("decoded %+v, %v", into, err)
	}
}

// Every change of an answer on its way is noticed.
func TestV2AnswerChanged(t *testing.T) {
	for _, signType := range []string{"MD5", "HMAC-SHA256"} {
		good := v2Answer(t, signType, M{"return_code": "SUCCESS", "result_code": "SUCCESS", "trade_state": "SUCCESS", "total_fee": "100"})
		if _, err := newV2(t, canAnswer(200, nil, good)).Chain("v2/pay/orderquery").Post(background()); err != nil {
			t.Fatal(err)
		}
		for _, change := range [][2]string{
			{"<total_fee>100<", "<total_fee>101<"},
			{"<total_fee>100</total_fee>", ""},
			{"</xml>", "<attach>1</attach></xml>"},
			{"<total_fee>100<", "<total_fee>100</total_fee><total_fee>100<"},
			{"<sign>", "<sign>0</sign><sign>"},
			{"<sign>", "<Sign>"},
			{"sign>", "signature>"},
			{"<sign>", "<sign> "},
			{"<return_code>SUCCESS</return_code>", ""},
			{"<result_code>SUCCESS</result_code>", ""},
			{"<sign>", "<sign><a/>"},
		} {
			bad := strings.ReplaceAll(good, change[0], change[1])
			if bad == good {
				t.Fatalf("%q changes nothing", change)
			}
			if resp, err := newV2(t, canAnswer(200, nil, bad)).Chain("v2/pay/orderquery").Post(background()); !errors.Is(err, wechatpay.ErrVerify) || resp != nil {
				t.Errorf("%s with %q: %v, %v; want ErrVerify", signType, change, resp, err)
			}
		}
	}
}

// If an answer is not the platform's XML, the error shows its first bytes.
func TestV2BadAnswerIsShown(t *testing.T) {
	for body, want := range map[string]string{
		"<html><body>sign in to the wifi</body></html": `<html><body>sign in`,
		`{"code":"SYSTEM_ERROR"}`:                      `{\"code\":`,
		`<!DOCTYPE xml [<!ENTITY a "b">]><xml/>`:       `<!DOCTYPE xml`,
		strings.Repeat("<a>", 65):                      `<a><a><a>`,
	} {
		_, err := newV2(t, canAnswer(200, nil, body)).Chain("v2/pay/orderquery").Post(background())
		var bad *wechatpay.VerifyError
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), want) || string(bad.Response.Bytes()) != body {
			t.Errorf("%.20s…: %v, want an error that shows %s", body, err, want)
		}
	}
}

func TestV2AnswerTooLong(t *testing.T) {
	long := "<xml>" + strings.Repeat("<a></a>", 11<<20/7) + "</xml>"
	for _, length := range []int64{-1, int64(len(long))} {
		client := newV2(t, roundTripper(func(*http.Request) (*http.Response, error) {
			resp := answer(200, long)
			resp.ContentLength = length
			return resp, nil
		}))
		_, err := client.Chain("v2/pay/orderquery").Post(background())
		var bad *wechatpay.VerifyError
		if !errors.As(err, &bad) || !errors.Is(err, wechatpay.ErrVerify) || !errors.Is(err, middleware.ErrTooLong) || len(bad.Response.Bytes()) > 0 {
			t.Errorf("over 10 MiB: %v", err)
		}
		// A bill may be that long, in a sink.
		_, err = client.Chain("v2/pay/downloadbill").Post(background())
		if !errors.Is(err, middleware.ErrTooLong) || errors.Is(err, wechatpay.ErrVerify) || !strings.Contains(err.Error(), "Sink") {
			t.Errorf("a bill over 10 MiB: %v", err)
		}
	}
}

// A bill is returned unchanged: text or gzip, in memory or into a sink, of any
// length.
func TestV2BillOfAnyKind(t *testing.T) {
	text := "\ufeff交易时间,公众账号ID\n`2026-11-23,`wx1\n"
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat(text, 11<<20/len(text)+1)
	for _, path := range []string{"v2/pay/downloadbill", "v2/pay/downloadfundflow"} {
		for name, bill := range map[string]string{"text": text, "gzip": packed.String(), "short": "0", "empty": "", "long": long} {
			chain := newV2(t, canAnswer(200, nil, bill)).Chain(path)
			if name != "long" {
				if resp, err := chain.Post(background()); err != nil || string(resp.Bytes()) != bill {
					t.Errorf("%s, %s: %v, %v", path, name, resp, err)
				}
			}
			var sink strings.Builder
			if resp, err := chain.Post(background(), wechatpay.Sink(&sink)); err != nil || sink.String() != bill || len(resp.Bytes()) > 0 {
				t.Errorf("%s, %s, sink: %d bytes, %v", path, name, sink.Len(), err)
			}
		}
	}
}

// The reason for a missing bill is an error, however its XML starts.
func TestV2BillRefused(t *testing.T) {
	for _, path := range []string{"v2/pay/downloadbill", "v2/pay/downloadfundflow"} {
		for _, before := range []string{"", "\ufeff", "\r\n", `<?xml version="1.0" encoding="UTF-8"?>` + "\n"} {
			none := before + `<xml><return_code><![CDATA[FAIL]]></return_code><return_msg><![CDATA[No Bill Exist]]></return_msg><error_code>20002</error_code></xml>`
			for _, opts := range []wechatpay.Options{nil, {"sink": io.Discard}} {
				_, err := newV2(t, canAnswer(200, nil, none)).Chain(path).Post(background(), opts)
				var refused *wechatpay.Error
				if !errors.As(err, &refused) || !wechatpay.IsCode(err, "20002") || refused.Message != "No Bill Exist" {
					t.Errorf("%s, %q: %v", path, before, err)
				}
			}
		}
	}
}

// Without its key, nothing is sent.
func TestV2NeedsItsKey(t *testing.T) {
	out := new(recorder)
	client := newClient(t, newConfig(t, out)) // of APIv3
	for name, call := range map[string]func() error{
		"chain":   func() error { _, err := client.Chain("v2/pay/orderquery").Post(background()); return err },
		"segment": func() error { _, err := client.Segment("v2", "pay", "orderquery").Post(background()); return err },
		"tree":    func() error { _, err := client.V2().Pay().Orderquery().Post(background()); return err },
		"get":     func() error { _, err := client.V2().Papay().Entrustweb().Get(background()); return err },
		"upload": func() error {
			_, err := client.Chain("v2/secapi/mch/uploadmedia").Post(background(), wechatpay.Upload("x.png", strings.NewReader("x")))
			return err
		},
	} {
		if err := call(); !errors.Is(err, wechatpay.ErrConfig) || !strings.Contains(fmt.Sprint(err), "APIv2Key") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if out.count() > 0 {
		t.Error("something was sent")
	}
}

// A result_code that occurs twice is not a success.
func TestV2ResultCodeTwice(t *testing.T) {
	body := `<xml><return_code>SUCCESS</return_code><result_code>FAIL</result_code><result_code>FAIL</result_code></xml>`
	_, err := newV2(t, canAnswer(200, nil, body)).Chain("v2/mmpaymkttransfers/promotion/transfers").Post(background())
	if !errors.As(err, new(*wechatpay.Error)) {
		t.Errorf("%v, want an *Error", err)
	}
}
