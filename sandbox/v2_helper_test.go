package sandbox_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox"
)

// v2 calls an operation of APIv2 with fields.
func (w *world) v2(path string, fields wechatpay.M, opts ...wechatpay.Option) (*wechatpay.Response, error) {
	return w.client.Chain(path).Post(context.Background(), append(opts, wechatpay.XML(fields))...)
}

// mustV2 is v2 for what must succeed, with an answer as the catalogue has it.
func (w *world) mustV2(t testing.TB, path string, fields wechatpay.M, opts ...wechatpay.Option) *wechatpay.Response {
	t.Helper()
	resp, err := w.v2(path, fields, opts...)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	documentedV2(t, path, resp)
	return resp
}

// refusedV2 checks that an error is a refusal of that code, or of any for "",
// that the platform signed.
func refusedV2(t testing.TB, err error, code string) *wechatpay.Error {
	t.Helper()
	var e *wechatpay.Error
	if !errors.As(err, &e) || e.StatusCode != 200 || code != "" && e.Code != code || e.Code == "" || e.Code == "FAIL" || e.Message == "" {
		t.Fatalf("error is %v, want %s", err, code)
	}
	if e.Response.Get("return_code").String() != "SUCCESS" || e.Response.Get("result_code").String() != "FAIL" || e.Response.Get("sign").String() == "" {
		t.Errorf("refused with %s", e.Response.Bytes())
	}
	return e
}

var numbered = regexp.MustCompile(`_\d+(_\d+)?$`)

// undigited is the name of a numbered field as the catalogue has it.
func undigited(name string) string {
	return numbered.ReplaceAllStringFunc(name, func(digits string) string {
		if strings.Count(digits, "_") == 2 {
			return "_$n_$m"
		}
		return "_$n"
	})
}

// documentedV2 checks that the answer of an operation has the fields that the
// catalogue requires, but those of a failure, and none that it does not know.
// The catalogue has no sign of red packets, and forgets some of the fields of
// partners.
func documentedV2(t testing.TB, path string, resp *wechatpay.Response) {
	t.Helper()
	r, _ := openapi.Lookup("POST", path).Response(200)
	known := map[string]bool{"nonce_str": true, "sign": true, "sub_appid": true, "sub_mch_id": true}
	for _, p := range r.Body.Properties {
		known[p.Name] = true
		name := strings.ReplaceAll(p.Name, "$n", "0") // no field of a second coupon is required
		if p.Required && !resp.Get(name).Exists() && !strings.HasPrefix(name, "err_") {
			t.Errorf("%s: the answer lacks %s: %s", path, name, resp.Bytes())
		}
	}
	for name := range resp.Get("@this").Map() {
		if !known[name] && !known[undigited(name)] {
			t.Errorf("%s: the answer has the unknown %s", path, name)
		}
	}
}

const (
	unified   = "v2/pay/unifiedorder"
	queryPath = "v2/pay/orderquery"
	shop2     = "https://shop.example.com/v2"
)

// orderV2 is the body of an order by QR code.
func orderV2(outTradeNo string, total int, edit wechatpay.M) wechatpay.M {
	return with(wechatpay.M{
		"appid": "wxd678efh567hg6787", "body": "Image形象店", "attach": "附加", "out_trade_no": outTradeNo, "total_fee": total,
		"spbill_create_ip": "127.0.0.1", "notify_url": shop2, "trade_type": "NATIVE", "product_id": "1",
	}, edit)
}

// queryV2 is the body of a query by out_trade_no.
func queryV2(outTradeNo string) wechatpay.M {
	return wechatpay.M{"appid": "wxd678efh567hg6787", "out_trade_no": outTradeNo}
}

// redPacket is the body that sends a user 1 yuan.
func redPacket(mchBillNo string, edit wechatpay.M) wechatpay.M {
	return with(wechatpay.M{
		"mch_billno": mchBillNo, "wxappid": "wx8888888888888888", "send_name": "天虹百货", "re_openid": "oxTWIuGaIt6gTKsQRLau2M0yL16E",
		"total_amount": 100, "total_num": 1, "wishing": "恭喜发财", "client_ip": "192.168.0.1", "act_name": "猜灯谜抢红包活动", "remark": "快来抢",
	}, edit)
}

// with is fields with some others; nil takes one away.
func with(fields, edit wechatpay.M) wechatpay.M {
	for name, v := range edit {
		if v == nil {
			delete(fields, name)
		} else {
			fields[name] = v
		}
	}
	return fields
}

// open has a user open a red packet.
func (w *world) open(t testing.TB, mchBillNo, openID string) int64 {
	t.Helper()
	amount, err := w.OpenRedPacket(sandbox.DefaultMchID, mchBillNo, openID)
	if err != nil {
		t.Fatal(err)
	}
	return amount
}

func user(i int) string { return fmt.Sprintf("oxTWIuGaIt6gTKsQRLau2M0yL%03d", i) }
