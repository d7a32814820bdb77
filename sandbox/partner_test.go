package sandbox_test

import (
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

const (
	partnerPath = "v3/pay/partner/transactions/"
	sub         = sandbox.DefaultSubMchID
)

// subOrder is the body of an order of a sub-merchant by QR code.
func (w *world) subOrder(subMchID, outTradeNo string, total int) wechatpay.M {
	return wechatpay.M{
		"sp_appid": "wxd678efh567hg6787", "sp_mchid": w.Merchant().MchID, "sub_mchid": subMchID, "description": "Image形象店",
		"out_trade_no": outTradeNo, "notify_url": "https://www.example.com/notify", "amount": wechatpay.M{"total": total},
	}
}

// subPaid places an order of a sub-merchant and pays it.
func (w *world) subPaid(t testing.TB, subMchID, outTradeNo string, total int) (transactionID string) {
	t.Helper()
	w.mustCall(t, "POST", partnerPath+"native", w.subOrder(subMchID, outTradeNo, total))
	id, err := w.Pay(w.Merchant().MchID+"/"+subMchID, outTradeNo)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// both returns the two numbers for the query of a partner.
func (w *world) both(subMchID string) wechatpay.Option {
	return wechatpay.Query(wechatpay.M{"sp_mchid": w.Merchant().MchID, "sub_mchid": subMchID})
}

func TestPartnerPays(t *testing.T) {
	w := newWorld(t)
	for way, tt := range map[string]struct{ field, start, tradeType string }{
		"jsapi":       {"prepay_id", "wx20180608", "JSAPI"},
		"miniprogram": {"prepay_id", "wx20180608", "JSAPI"},
		"app":         {"prepay_id", "wx20180608", "APP"},
		"h5":          {"h5_url", "http://127.0.0.1:", "MWEB"},
		"native":      {"code_url", "weixin://wxpay/bizpayurl?pr=", "NATIVE"},
	} {
		t.Run(way, func(t *testing.T) {
			number := "number-of-" + way
			order := w.subOrder(sub, number, 100)
			order["sub_appid"] = "wxd678efh567hg6999"
			switch way {
			case "jsapi", "miniprogram":
				order["payer"] = wechatpay.M{"sp_openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6p", "sub_openid": "oSub"}
			case "h5":
				order["scene_info"] = wechatpay.M{"payer_client_ip": "127.0.0.1", "h5_info": wechatpay.M{"type": "Wap"}}
			}
			resp := w.mustCall(t, "POST", partnerPath+way, order)
			documented(t, "POST", partnerPath+way, resp)
			if got := resp.Get(tt.field).String(); !strings.HasPrefix(got, tt.start) {
				t.Errorf("%s is %q, want it to start with %q", tt.field, got, tt.start)
			}
			if again := w.mustCall(t, "POST", partnerPath+way, order); string(again.Bytes()) != string(resp.Bytes()) {
				t.Errorf("repeated: %s, at first %s", again.Bytes(), resp.Bytes())
			}
			byNumber := partnerPath + "out-trade-no/" + number
			if got := w.mustCall(t, "GET", byNumber, nil, w.both(sub)); got.Get("trade_state").String() != "NOTPAY" {
				t.Errorf("before it is paid: %s", got.Bytes())
			}
			id, err := w.Pay(sub, number)
			if err != nil {
				t.Fatal(err)
			}
			got := w.mustCall(t, "GET", partnerPath+"id/"+id, nil, w.both(sub))
			for field, want := range map[string]string{
				"trade_state": "SUCCESS", "transaction_id": id, "trade_type": tt.tradeType, "out_trade_no": number,
				"sp_appid": "wxd678efh567hg6787", "sp_mchid": w.Merchant().MchID, "sub_appid": "wxd678efh567hg6999", "sub_mchid": sub,
				"amount.total": "100", "amount.payer_total": "100", "appid": "", "mchid": "", "payer.openid": "",
			} {
				if got.Get(field).String() != want {
					t.Errorf("%s is %q, want %q", field, got.Get(field), want)
				}
			}
			if order["payer"] != nil && (got.Get("payer.sp_openid").String() != "oUpF8uMuAJO_M2pxb1Q9zNjWeS6p" || got.Get("payer.sub_openid").String() != "oSub") {
				t.Errorf("payer %s", got.Get("payer"))
			}
			if other := w.mustCall(t, "GET", byNumber, nil, w.both(sub)); string(other.Bytes()) != string(got.Bytes()) {
				t.Errorf("by transaction_id %s, by out_trade_no %s", got.Bytes(), other.Bytes())
			}
			fits(t, "GET", partnerPath+"out-trade-no/{out_trade_no}", got)
		})
	}
}

// A sub_openid alone can name a user, together with its sub_appid.
func TestPartnerNamesUser(t *testing.T) {
	w := newWorld(t)
	order := w.subOrder(sub, number, 100)
	order["payer"] = wechatpay.M{"sub_openid": "oSub"}
	_, err := w.call("POST", partnerPath+"jsapi", order)
	refused(t, err, 400, "PARAM_ERROR")
	order["sub_appid"] = "wxd678efh567hg6999"
	w.mustCall(t, "POST", partnerPath+"jsapi", order)
	order["payer"] = wechatpay.M{}
	_, err = w.call("POST", partnerPath+"jsapi", order)
	refused(t, err, 400, "PARAM_ERROR")
}

func TestPartnerCloses(t *testing.T) {
	w := newWorld(t)
	w.mustCall(t, "POST", partnerPath+"native", w.subOrder(sub, number, 100))
	shut := func(subMchID string) error {
		_, err := w.call("POST", partnerPath+"out-trade-no/"+number+"/close", wechatpay.M{"sp_mchid": w.Merchant().MchID, "sub_mchid": subMchID})
		return err
	}
	refused(t, shut("1900000999"), 403, "NO_AUTH")
	for range 2 {
		if err := shut(sub); err != nil {
			t.Fatal(err)
		}
	}
	_, err := w.call("POST", partnerPath+"native", w.subOrder(sub, number, 100))
	refused(t, err, 400, "ORDER_CLOSED")
}

func TestPartnerRefunds(t *testing.T) {
	w := newWorld(t)
	id := w.subPaid(t, sub, number, 100)
	_, err := w.call("POST", refundPath, refundOf("r1", 60)) // of the merchant's own order
	refused(t, err, 404, "RESOURCE_NOT_EXISTS")
	body := refundOf("r1", 60)
	body["sub_mchid"] = sub
	first := w.mustCall(t, "POST", refundPath, body)
	documented(t, "POST", refundPath, first)
	if got := first.Get("transaction_id").String(); got != id {
		t.Errorf("transaction_id is %s, want %s", got, id)
	}
	if err := w.SettleRefund(sub, "r1", sandbox.RefundAbnormal); err != nil {
		t.Fatal(err)
	}
	_, err = w.call("GET", refundPath+"/r1", nil)
	refused(t, err, 404, "RESOURCE_NOT_EXISTS")
	got := w.mustCall(t, "GET", refundPath+"/r1", nil, wechatpay.Query(wechatpay.M{"sub_mchid": sub}))
	if got.Get("status").String() != "ABNORMAL" || got.Get("amount.refund").Int() != 60 {
		t.Errorf("settled: %s", got.Bytes())
	}
}

// What a partner may do for which sub-merchant, and what is refused.
func TestPartnerRefused(t *testing.T) {
	w := newWorld(t, func(c *sandbox.Config) {
		c.SubMerchants = []sandbox.SubMerchant{
			{SpMchID: sandbox.DefaultMchID, SubMchID: sub, SubAppID: "wxd678efh567hg6999"}, {SpMchID: sandbox.DefaultMchID, SubMchID: "1900000209"}}
	})
	id := w.subPaid(t, sub, number, 100)
	place := func(field string, value any) error {
		body := w.subOrder(sub, number, 100)
		body[field] = value
		_, err := w.call("POST", partnerPath+"native", body)
		return err
	}
	refused(t, place("sub_mchid", "1900000999"), 403, "NO_AUTH")
	refused(t, place("sp_mchid", "1900000999"), 400, "PARAM_ERROR")
	refused(t, place("sub_appid", "wx-another"), 400, "APPID_MCHID_NOT_MATCH")
	refused(t, place("amount", wechatpay.M{"total": 101}), 400, "INVALID_REQUEST")
	refused(t, place("sub_mchid", "1900000209"), 400, "INVALID_REQUEST") // the number is the partner's
	_, err := w.call("GET", partnerPath+"id/"+id, nil, w.both("1900000209"))
	refused(t, err, 404, "ORDER_NOT_EXIST")
	_, err = w.call("GET", "v3/pay/transactions/id/"+id, nil, wechatpay.Query(wechatpay.M{"mchid": w.Merchant().MchID}))
	refused(t, err, 404, "ORDER_NOT_EXIST")

	_, err = w.call("GET", "v3/pay/transactions/out-trade-no/{out_trade_no}", nil,
		wechatpay.Bind("out_trade_no", sub+"/"+number), wechatpay.Query(wechatpay.M{"mchid": w.Merchant().MchID}))
	refused(t, err, 404, "ORDER_NOT_EXIST")

	// The partner may use the number for an order of its own, which is found first.
	w.mustCall(t, "POST", native, w.order(number, 100))
	if err := w.Expire(sandbox.DefaultMchID, number); err != nil {
		t.Error(err)
	}
	if _, err := w.Pay(sandbox.DefaultMchID, number); err == nil {
		t.Error("an order is paid that has expired")
	}
}

func TestPartnerShares(t *testing.T) {
	w := newWorld(t)
	order := w.subOrder(sub, number, 100)
	order["settle_info"] = wechatpay.M{"profit_sharing": true}
	w.mustCall(t, "POST", partnerPath+"native", order)
	id, err := w.Pay(sub, number)
	if err != nil {
		t.Fatal(err)
	}
	w.clock.add(time.Minute)
	body := wechatpay.M{"transaction_id": id, "out_order_no": "rest", "description": "解冻"}
	_, err = w.call("POST", unfreezePath, body)
	refused(t, err, 400, "PARAM_ERROR")
	body["sub_mchid"] = sub
	w.mustCall(t, "POST", unfreezePath, body)
	w.clock.add(5 * time.Second)
	got := w.mustCall(t, "GET", sharePath+"/rest", nil, wechatpay.Query(wechatpay.M{"sub_mchid": sub, "transaction_id": id}))
	if got.Get("receivers.0.account").String() != sub || got.Get("receivers.0.amount").Int() != 100 {
		t.Errorf("the rest is given so: %s", got.Bytes())
	}
}

func TestSubMerchantsAreChecked(t *testing.T) {
	config := testConfig(t)
	for _, tt := range []struct {
		subs []sandbox.SubMerchant
		want string
	}{
		{[]sandbox.SubMerchant{{SpMchID: "1900000999", SubMchID: sub}}, "not one of the Merchants; add it"},
		{[]sandbox.SubMerchant{{SpMchID: sandbox.DefaultMchID}}, "not the number"},
		{[]sandbox.SubMerchant{{SpMchID: sandbox.DefaultMchID, SubMchID: "a/b"}}, "not the number"},
		{[]sandbox.SubMerchant{{SpMchID: sandbox.DefaultMchID, SubMchID: sandbox.DefaultMchID}}, "its own"},
		{[]sandbox.SubMerchant{{SpMchID: sandbox.DefaultMchID, SubMchID: sub}, {SpMchID: sandbox.DefaultMchID, SubMchID: sub}}, "twice"},
	} {
		config.SubMerchants = tt.subs
		if _, err := sandbox.New(config); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: error is %v, want %q", tt.subs, err, tt.want)
		}
	}
}
