package sandbox_test

import (
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

const (
	combinePath   = "v3/combine-transactions/"
	combineNumber = "P20150806125346"
)

// part is an order to be combined, of a sub-merchant or, with none, of the
// merchant.
func (w *world) part(subMchID, outTradeNo string, total int) wechatpay.M {
	p := wechatpay.M{"mchid": w.Merchant().MchID, "attach": "深圳分店", "out_trade_no": outTradeNo, "description": "Image形象店",
		"amount": wechatpay.M{"total_amount": total, "currency": "CNY"}}
	if subMchID != "" {
		p["sub_mchid"] = subMchID
	}
	return p
}

func (w *world) combination(parts ...wechatpay.M) wechatpay.M {
	return wechatpay.M{"combine_appid": "wxd678efh567hg6787", "combine_mchid": w.Merchant().MchID, "combine_out_trade_no": combineNumber,
		"notify_url": "https://www.example.com/notify", "sub_orders": parts}
}

// closing is the body of closing a combined order.
func (w *world) closing(parts ...wechatpay.M) wechatpay.M {
	list := make([]wechatpay.M, len(parts))
	for i, p := range parts {
		list[i] = wechatpay.M{"mchid": p["mchid"], "out_trade_no": p["out_trade_no"]}
		if p["sub_mchid"] != nil {
			list[i]["sub_mchid"] = p["sub_mchid"]
		}
	}
	return wechatpay.M{"combine_appid": "wxd678efh567hg6787", "sub_orders": list}
}

func (w *world) combined(t testing.TB) *wechatpay.Response {
	t.Helper()
	got := w.mustCall(t, "GET", combinePath+"out-trade-no/"+combineNumber, nil)
	documented(t, "GET", combinePath+"out-trade-no/{combine_out_trade_no}", got)
	return got
}

func states(resp *wechatpay.Response) string {
	var all []string
	for _, v := range resp.Get("sub_orders.#.trade_state").Array() {
		all = append(all, v.String())
	}
	return strings.Join(all, " ")
}

func TestCombinedWays(t *testing.T) {
	for _, tt := range []combinedWay{
		{"jsapi", "prepay_id", "wx20180608", "JSAPI"},
		{"miniprogram", "prepay_id", "wx20180608", "JSAPI"},
		{"app", "prepay_id", "wx20180608", "APP"},
		{"h5", "h5_url", "http://127.0.0.1:", "MWEB"},
		{"native", "code_url", "weixin://wxpay/bizpayurl?pr=", "NATIVE"},
	} {
		t.Run(tt.way, func(t *testing.T) {
			w := newWorld(t)
			tt.checkOrder(t, w)
			id, err := w.Pay(w.Merchant().MchID, combineNumber)
			if err != nil {
				t.Fatal(err)
			}
			tt.checkPaid(t, w, id)
		})
	}
}

// A combinedWay is a way to pay a combined order: the field of the answer that
// takes the user there and how it starts, and the trade_type.
type combinedWay struct{ way, field, start, tradeType string }

// order is a combined order of two, with what the way asks for.
func (tt combinedWay) order(w *world) wechatpay.M {
	parts := []wechatpay.M{w.part("", "number-of-mine", 100), w.part(sub, "number-of-sub", 23)}
	body := w.combination(parts...)
	switch tt.way {
	case "jsapi":
		body["combine_payer_info"] = wechatpay.M{"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6p"}
	case "miniprogram":
		body["combine_payer_info"] = wechatpay.M{"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6p"}
		delete(parts[1], "sub_mchid")
		for _, p := range parts {
			p["individual_auth_id"] = "1900000555"
		}
	case "h5":
		body["scene_info"] = wechatpay.M{"payer_client_ip": "127.0.0.1", "device_id": "POS1:1", "h5_info": wechatpay.M{"type": "iOS"}}
	}
	return body
}

// checkOrder places the order twice, and checks the answers and that it is not
// paid.
func (tt combinedWay) checkOrder(t *testing.T, w *world) {
	t.Helper()
	body := tt.order(w)
	resp := w.mustCall(t, "POST", combinePath+tt.way, body)
	documented(t, "POST", combinePath+tt.way, resp)
	if got := resp.Get(tt.field).String(); !strings.HasPrefix(got, tt.start) {
		t.Errorf("%s is %q, want it to start with %q", tt.field, got, tt.start)
	}
	if again := w.mustCall(t, "POST", combinePath+tt.way, body); string(again.Bytes()) != string(resp.Bytes()) {
		t.Errorf("repeated: %s, at first %s", again.Bytes(), resp.Bytes())
	}
	if got := w.combined(t); states(got) != "NOTPAY NOTPAY" || got.Get("combine_payer_info").Exists() {
		t.Errorf("before it is paid: %s", got.Bytes())
	}
}

// checkPaid checks the order as it is paid, found by its number and by id.
func (tt combinedWay) checkPaid(t *testing.T, w *world, id string) {
	t.Helper()
	got := w.combined(t)
	for field, want := range map[string]string{
		"combine_transaction_id": id, "combine_mchid": w.Merchant().MchID, "combine_out_trade_no": combineNumber,
		"sub_orders.0.out_trade_no": "number-of-mine", "sub_orders.0.trade_type": tt.tradeType, "sub_orders.0.trade_state": "SUCCESS",
		"sub_orders.0.amount.payer_amount": "100", "sub_orders.1.amount.total_amount": "23", "sub_orders.0.attach": "深圳分店",
	} {
		if got.Get(field).String() != want {
			t.Errorf("%s is %q, want %q", field, got.Get(field), want)
		}
	}
	byID := w.mustCall(t, "GET", combinePath+"id/"+id, nil)
	if string(byID.Bytes()) != string(got.Bytes()) {
		t.Errorf("by id %s, by number %s", byID.Bytes(), got.Bytes())
	}
	if tt.way == "miniprogram" {
		documented(t, "GET", combinePath+"id/{combine_transaction_id}", byID)
	} else if tt.way == "h5" && byID.Get("scene_info.device_id").String() != "POS1:1" {
		t.Errorf("scene_info is %s", byID.Get("scene_info"))
	}
	if a, b := byID.Get("sub_orders.0.transaction_id").String(), byID.Get("sub_orders.1.transaction_id").String(); a == b || a == id || a == "" {
		t.Errorf("transaction_id of the orders: %s and %s, of all %s", a, b, id)
	}
}

// Each order that is combined is one of its merchant's, and is refunded by its
// own number.
func TestCombinedRefunds(t *testing.T) {
	w := newWorld(t)
	w.mustCall(t, "POST", combinePath+"app", w.combination(w.part("", number, 100), w.part(sub, number, 100)))
	if _, err := w.Pay(w.Merchant().MchID, combineNumber); err != nil {
		t.Fatal(err)
	}
	if err := w.refund("r1", 60); err != nil {
		t.Error(err)
	}
	refused(t, w.refund("r2", 41), 400, "INVALID_REQUEST")
	if got := states(w.combined(t)); got != "REFUND SUCCESS" {
		t.Errorf("the orders are %s", got)
	}
	body := refundOf("r1", 100)
	body["sub_mchid"] = sub
	w.mustCall(t, "POST", refundPath, body)
	if got := states(w.combined(t)); got != "REFUND REFUND" {
		t.Errorf("the orders are %s", got)
	}
	path := combinePath + "out-trade-no/" + combineNumber + "/close"
	_, err := w.call("POST", path, w.closing(w.part("", number, 100)))
	refused(t, err, 400, "INVALID_REQUEST")
}

// https://pay.weixin.qq.com/doc/v3/merchant/4013421298
func TestCombinedCloses(t *testing.T) {
	w := newWorld(t)
	parts := []wechatpay.M{w.part("", number, 100), w.part(sub, number, 100)}
	body := w.combination(parts...)
	w.mustCall(t, "POST", combinePath+"app", body)
	shut := func(parts ...wechatpay.M) error {
		_, err := w.call("POST", combinePath+"out-trade-no/"+combineNumber+"/close", w.closing(parts...))
		return err
	}
	for name, listed := range map[string][]wechatpay.M{
		"one":                      {parts[1]},
		"none":                     {},
		"one twice":                {parts[0], parts[0]},
		"one more":                 {parts[0], parts[1], parts[1]},
		"another number":           {parts[0], w.part(sub, "another-number", 100)},
		"another merchant's order": {parts[0], w.part("", "another-number", 100)},
	} {
		t.Log(name)
		refused(t, shut(listed...), 400, "INVALID_REQUEST")
	}
	if got := states(w.combined(t)); got != "NOTPAY NOTPAY" {
		t.Errorf("the orders are %s after they were not closed", got)
	}
	for range 2 {
		if err := shut(parts...); err != nil {
			t.Fatal(err)
		}
	}
	if got := states(w.combined(t)); got != "CLOSED CLOSED" {
		t.Errorf("the orders are %s", got)
	}
	if _, err := w.Pay(w.Merchant().MchID, combineNumber); err == nil {
		t.Error("a combined order is paid that is closed")
	}
	_, err := w.call("POST", combinePath+"app", body)
	refused(t, err, 400, "ORDER_CLOSED")
}

func TestCombinedRefused(t *testing.T) {
	w := newWorld(t)
	w.mustCall(t, "POST", native, w.order("used-before", 100))
	edit := func(field string, value any) wechatpay.M {
		body := w.combination(w.part("", number, 100), w.part("", "another-1", 100))
		body[field] = value
		return body
	}
	stranger := w.part("", number, 100)
	stranger["mchid"] = "1900000999"
	broken := w.part("", number, 100)
	broken["individual_auth_id"], broken["amount"] = "1900000555", wechatpay.M{"total_amount": 0.5, "currency": "CNY"}
	body := w.combination(broken, w.part("", "another-1", 100))
	body["combine_payer_info"] = wechatpay.M{"openid": "a"}
	_, err := w.call("POST", combinePath+"miniprogram", body)
	refused(t, err, 400, "PARAM_ERROR")
	for name, tt := range map[string]struct {
		body   wechatpay.M
		status int
		code   string
	}{
		"another merchant":         {edit("combine_mchid", "1900000999"), 400, "PARAM_ERROR"},
		"number":                   {edit("combine_out_trade_no", "a b"), 400, "PARAM_ERROR"},
		"unknown merchant":         {w.combination(stranger, w.part("", "another-1", 100)), 400, "MCH_NOT_EXISTS"},
		"unknown sub-merchant":     {w.combination(w.part("1900000999", number, 100)), 403, "NO_AUTH"},
		"twice the same":           {w.combination(w.part("", number, 100), w.part("", number, 100)), 400, "INVALID_REQUEST"},
		"number of an order":       {w.combination(w.part("", "another-1", 100), w.part("", "used-before", 100)), 400, "INVALID_REQUEST"},
		"nothing":                  {w.combination(w.part("", "another-1", 100), w.part("", number, 0)), 400, "PARAM_ERROR"},
		"number of a part":         {w.combination(w.part("", "another-1", 100), w.part("", "a", 100)), 400, "PARAM_ERROR"},
		"expires at no known time": {edit("time_expire", "2018-06-08"), 400, "PARAM_ERROR"},
		"notify_url with a query":  {edit("notify_url", "https://www.example.com/?a=b"), 400, "PARAM_ERROR"},
	} {
		t.Log(name)
		_, err := w.call("POST", combinePath+"app", tt.body)
		refused(t, err, tt.status, tt.code)
	}
	_, err = w.call("GET", combinePath+"out-trade-no/"+combineNumber, nil)
	refused(t, err, 404, "ORDER_NOT_EXIST")

	w.mustCall(t, "POST", combinePath+"app", edit("time_expire", "2018-06-08T10:35:00+08:00"))
	_, err = w.call("POST", combinePath+"app", w.combination(w.part("", number, 101), w.part("", "another-1", 100)))
	refused(t, err, 400, "INVALID_REQUEST")
	_, err = w.call("POST", native, w.order(number, 100))
	refused(t, err, 400, "INVALID_REQUEST")
	_, err = w.call("POST", "v3/pay/transactions/out-trade-no/"+number+"/close", wechatpay.M{"mchid": w.Merchant().MchID})
	refused(t, err, 400, "INVALID_REQUEST")
	_, err = w.v2("v2/pay/closeorder", queryV2(number))
	refusedV2(t, err, "TRADE_ERROR")
	if _, err := w.Pay(w.Merchant().MchID, number); err == nil || !strings.Contains(err.Error(), combineNumber) {
		t.Errorf("paying a part alone: %v", err)
	}
	w.clock.add(5 * time.Minute)
	if _, err := w.Pay(w.Merchant().MchID, combineNumber); err == nil {
		t.Error("a combined order is paid that has expired")
	}
	if err := w.FailPayment(w.Merchant().MchID, combineNumber); err != nil || states(w.combined(t)) != "NOTPAY NOTPAY" {
		t.Errorf("the order is %s, %v", states(w.combined(t)), err)
	}
}

// Orders are there when a sandbox starts again on the same store.
func TestOrdersStay(t *testing.T) {
	store := sandbox.NewMemory()
	again := func() *world { return newWorld(t, func(c *sandbox.Config) { c.Store = store }) }
	w := again()
	w.mustCall(t, "POST", combinePath+"app", w.combination(w.part("", number, 100), w.part(sub, number, 100)))
	w.mustCall(t, "POST", partnerPath+"native", w.subOrder(sub, "partner", 100))
	w.mustCall(t, "POST", codePayPath, w.byCode("at-the-till", 100, passwordCode))
	w = again()
	for _, number := range []string{combineNumber, "partner", "at-the-till"} {
		if _, err := w.Pay(w.Merchant().MchID, number); err != nil {
			t.Error(err)
		}
	}
	if err := w.refund("r1", 60); err != nil {
		t.Error(err)
	}
	w = again()
	if got := states(w.combined(t)); got != "REFUND SUCCESS" {
		t.Errorf("the combined orders are %s", got)
	}
	if got := w.mustCall(t, "GET", partnerPath+"out-trade-no/partner", nil, w.both(sub)); got.Get("trade_state").String() != "SUCCESS" {
		t.Errorf("the order of a sub-merchant is %s", got.Bytes())
	}
	if got := w.tradeState(t, "at-the-till"); got != "SUCCESS" {
		t.Errorf("the order at the till is %s", got)
	}
	refused(t, w.refund("r2", 41), 400, "INVALID_REQUEST")
}
