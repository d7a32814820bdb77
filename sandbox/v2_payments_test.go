package sandbox_test

import (
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/inprocess"
	"github.com/wxchain/wechatpay/sandbox"
)

const (
	closeV2   = "v2/pay/closeorder"
	reverseV2 = "v2/secapi/pay/reverse"
	micropay  = "v2/pay/micropay"
)

// queryV2 is an order as APIv2 shows it.
func (w *world) queryV2(t testing.TB, outTradeNo string) *wechatpay.Response {
	t.Helper()
	resp, err := w.v2(queryPath, queryV2(outTradeNo))
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

// has checks the texts of an answer's fields.
func has(t testing.TB, resp *wechatpay.Response, fields map[string]string) {
	t.Helper()
	for name, want := range fields {
		if got := resp.Get(name).String(); got != want {
			t.Errorf("%s is %q, want %q, in %s", name, got, want, resp.Bytes())
		}
	}
}

// An order of APIv2 is the same order for APIv3, and the other way round.
func TestAPIv2Order(t *testing.T) {
	w := newWorld(t)
	for tradeType, tt := range map[string]struct{ field, start string }{
		"JSAPI":  {"prepay_id", "wx20180608"},
		"APP":    {"prepay_id", "wx20180608"},
		"MWEB":   {"mweb_url", "http://127.0.0.1:"},
		"NATIVE": {"code_url", "weixin://wxpay/bizpayurl?pr="},
	} {
		t.Run(tradeType, func(t *testing.T) {
			number := "number-of-" + tradeType
			edit := wechatpay.M{"trade_type": tradeType, "device_info": "WEB"}
			if tradeType == "JSAPI" {
				edit["openid"] = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6p"
			}
			resp := w.mustV2(t, unified, orderV2(number, 100, edit))
			has(t, resp, map[string]string{"trade_type": tradeType, "appid": "wxd678efh567hg6787", "mch_id": sandbox.DefaultMchID, "device_info": "WEB", "return_msg": "OK"})
			if got := resp.Get(tt.field).String(); !strings.HasPrefix(got, tt.start) {
				t.Errorf("%s is %q, want it to start with %q", tt.field, got, tt.start)
			}
			again := w.mustV2(t, unified, orderV2(number, 100, edit))
			if got := again.Get("prepay_id").String(); got != resp.Get("prepay_id").String() {
				t.Errorf("repeated, the prepay_id is %s, at first %s", got, resp.Get("prepay_id"))
			}
			unpaid := w.queryV2(t, number)
			has(t, unpaid, map[string]string{"trade_state": "NOTPAY", "out_trade_no": number, "attach": "附加", "transaction_id": "", "openid": ""})
			id, err := w.Pay(sandbox.DefaultMchID, number)
			if err != nil {
				t.Fatal(err)
			}
			paid := w.queryV2(t, number)
			documentedV2(t, queryPath, paid)
			has(t, paid, map[string]string{
				"trade_state": "SUCCESS", "trade_type": tradeType, "transaction_id": id, "total_fee": "100", "cash_fee": "100", "fee_type": "CNY",
				"time_end": "20180608103000", "out_trade_no": number, "attach": "附加",
			})
			if openID := paid.Get("openid").String(); openID == "" || edit["openid"] != nil && openID != edit["openid"] {
				t.Errorf("paid by %q", openID)
			}
			byID := w.mustV2(t, queryPath, wechatpay.M{"appid": "wxd678efh567hg6787", "transaction_id": id})
			has(t, byID, map[string]string{"out_trade_no": number})
			v3 := w.query(t, "v3/pay/transactions/out-trade-no/"+number)
			has(t, v3, map[string]string{"trade_state": "SUCCESS", "transaction_id": id, "amount.total": "100", "trade_type": tradeType, "attach": "附加"})
		})
	}
	w.paid(t, "by-APIv3", 200)
	has(t, w.queryV2(t, "by-APIv3"), map[string]string{"trade_state": "SUCCESS", "total_fee": "200", "trade_type": "NATIVE"})
	_, err := w.v2(unified, orderV2("by-APIv3", 200, nil))
	refusedV2(t, err, "OUT_TRADE_NO_USED")
}

func TestAPIv2OrderRefusals(t *testing.T) {
	w := newWorld(t)
	w.mustV2(t, unified, orderV2(number, 100, nil))
	for name, tt := range map[string]struct {
		edit        wechatpay.M
		code, field string
	}{
		"other data":              {wechatpay.M{"total_fee": 101}, "OUT_TRADE_NO_USED", ""},
		"another trade_type":      {wechatpay.M{"trade_type": "APP"}, "OUT_TRADE_NO_USED", ""},
		"a trade_type of none":    {wechatpay.M{"trade_type": "MICROPAY"}, "PARAM_ERROR", "trade_type"},
		"JSAPI without a user":    {wechatpay.M{"trade_type": "JSAPI"}, "PARAM_ERROR", "openid"},
		"nothing":                 {wechatpay.M{"out_trade_no": "nothing", "total_fee": 0}, "PARAM_ERROR", "total_fee"},
		"dollars":                 {wechatpay.M{"fee_type": "USD"}, "PARAM_ERROR", "fee_type"},
		"a short number":          {wechatpay.M{"out_trade_no": "12345"}, "PARAM_ERROR", "out_trade_no"},
		"no URL":                  {wechatpay.M{"notify_url": "shop"}, "PARAM_ERROR", "notify_url"},
		"no time":                 {wechatpay.M{"time_expire": "tomorrow"}, "PARAM_ERROR", "time_expire"},
		"no time that there is":   {wechatpay.M{"time_expire": "00000000000000"}, "PARAM_ERROR", "time_expire"},
		"another's sub-merchant":  {wechatpay.M{"sub_mch_id": "1900000299"}, "NOAUTH", ""},
		"a field that is missing": {wechatpay.M{"body": nil}, "PARAM_ERROR", "body"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.v2(unified, orderV2(number, 100, tt.edit))
			if e := refusedV2(t, err, tt.code); !strings.HasPrefix(strings.TrimPrefix(e.Message, "/"), tt.field) {
				t.Errorf("message %q, want one about %s", e.Message, tt.field)
			}
		})
	}
	w.mustV2(t, unified, orderV2("in-time", 100, wechatpay.M{"time_expire": "20180608103100"}))
	w.clock.add(time.Minute)
	if _, err := w.Pay(sandbox.DefaultMchID, "in-time"); err == nil || !strings.Contains(err.Error(), "time_expire") {
		t.Errorf("paid after its time_expire: %v", err)
	}
}

// What an order's merchant and its user can do, in each of its states.
func TestAPIv2OrderStates(t *testing.T) {
	steps := map[string]func(*world) error{
		"order":   func(w *world) error { _, err := w.v2(unified, orderV2(number, 100, nil)); return err },
		"pay":     func(w *world) error { _, err := w.Pay(sandbox.DefaultMchID, number); return err },
		"fail":    func(w *world) error { return w.FailPayment(sandbox.DefaultMchID, number) },
		"close":   func(w *world) error { _, err := w.v2(closeV2, queryV2(number)); return err },
		"reverse": func(w *world) error { _, err := w.v2(reverseV2, queryV2(number)); return err },
		"refund":  func(w *world) error { _, err := w.v2(refundV2Path, refundV2("r1", 100, nil)); return err },
		"close v3": func(w *world) error {
			_, err := w.call("POST", "v3/pay/transactions/out-trade-no/"+number+"/close", wechatpay.M{"mchid": sandbox.DefaultMchID})
			return err
		},
	}
	for _, tt := range []struct{ steps, last, state string }{
		{"order,close", "", "CLOSED"},
		{"order,close,close", "ORDERCLOSED", "CLOSED"},
		{"order,close v3,close", "ORDERCLOSED", "CLOSED"},
		{"order,close,close v3", "", "CLOSED"},
		{"order,close,order", "ORDERCLOSED", "CLOSED"},
		{"order,close,pay", "CLOSED, not NOTPAY", "CLOSED"},
		{"order,fail", "", "NOTPAY"},
		{"order,fail,pay", "", "SUCCESS"},
		{"order,fail,close", "", "CLOSED"},
		{"order,pay,order", "ORDERPAID", "SUCCESS"},
		{"order,pay,close", "ORDERPAID", "SUCCESS"},
		{"order,pay,reverse", "TRADE_ERROR", "SUCCESS"}, // no code was paid by
		{"order,pay,refund", "", "REFUND"},
		{"order,refund", "TRADE_STATE_ERROR", "NOTPAY"},
		{"order,pay,refund,close", "ORDERPAID", "REFUND"},
		{"close", "ORDERNOTEXIST", ""},
		{"reverse", "ORDERNOTEXIST", ""},
		{"refund", "ORDERNOTEXIST", ""},
	} {
		t.Run(tt.steps, func(t *testing.T) {
			w := newWorld(t)
			w.take(t, steps, tt.steps, tt.last)
			resp, err := w.v2(queryPath, queryV2(number))
			if tt.state == "" {
				refusedV2(t, err, "ORDERNOTEXIST")
			} else if err != nil || resp.Get("trade_state").String() != tt.state || resp.Get("trade_state_desc").String() == "" {
				t.Errorf("the order is %s, %v; want %s", resp.Get("trade_state"), err, tt.state)
			}
		})
	}
}

// microV2 is the body of an order by a user's code.
func microV2(outTradeNo string, total int, code string) wechatpay.M {
	return orderV2(outTradeNo, total, wechatpay.M{"notify_url": nil, "trade_type": nil, "product_id": nil, "auth_code": code})
}

func TestAPIv2CodePayment(t *testing.T) {
	w := newWorld(t)
	paid := w.mustV2(t, micropay, microV2(number, 100, userCode))
	has(t, paid, map[string]string{"trade_type": "MICROPAY", "total_fee": "100", "out_trade_no": number, "time_end": "20180608103000", "attach": "附加"})
	has(t, w.mustV2(t, queryPath, queryV2(number)), map[string]string{"trade_state": "SUCCESS", "transaction_id": paid.Get("transaction_id").String()})
	if got := w.tradeState(t, number); got != "SUCCESS" {
		t.Errorf("for APIv3 it is %s", got)
	}
	for name, tt := range map[string]struct {
		body wechatpay.M
		code string
	}{
		"again":          {microV2(number, 100, userCode), "ORDERPAID"},
		"another amount": {microV2(number, 101, userCode), "OUT_TRADE_NO_USED"},
		"no code":        {microV2("no-code", 100, "130"), "AUTH_CODE_INVALID"},
		"an old code":    {microV2("old-code", 100, "130061098828000002"), "AUTHCODEEXPIRE"},
		"little money":   {microV2("little-money", 100, "130061098828000003"), "NOTENOUGH"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.v2(micropay, tt.body)
			refusedV2(t, err, tt.code)
		})
	}
}

// An order whose user must enter his password is refused with USERPAYING, and
// there is one to query all the same.
func TestAPIv2UserPaying(t *testing.T) {
	for _, tt := range []struct {
		name  string
		does  func(w *world) error
		state string
	}{
		{"nothing", func(*world) error { return nil }, "USERPAYING"},
		{"pay", func(w *world) error { _, err := w.Pay(sandbox.DefaultMchID, number); return err }, "SUCCESS"},
		{"wait", func(w *world) error { w.clock.add(time.Minute); return nil }, "PAYERROR"},
		{"reverse", func(w *world) error { _, err := w.v2(reverseV2, queryV2(number)); return err }, "REVOKED"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			for range 2 {
				_, err := w.v2(micropay, microV2(number, 100, passwordCode))
				refusedV2(t, err, "USERPAYING")
			}
			_, err := w.v2(closeV2, queryV2(number))
			refusedV2(t, err, "USERPAYING")
			if err := tt.does(w); err != nil {
				t.Fatal(err)
			}
			has(t, w.queryV2(t, number), map[string]string{"trade_state": tt.state})
		})
	}
}

func TestAPIv2Reverse(t *testing.T) {
	w := newWorld(t)
	w.mustV2(t, micropay, microV2(number, 100, userCode))
	for range 2 {
		has(t, w.mustV2(t, reverseV2, queryV2(number)), map[string]string{"recall": "N"})
	}
	has(t, w.queryV2(t, number), map[string]string{"trade_state": "REVOKED"})
	_, err := w.v2(refundV2Path, refundV2("r1", 1, nil))
	refusedV2(t, err, "TRADE_STATE_ERROR")
	_, err = w.v2(micropay, microV2(number, 100, userCode))
	refusedV2(t, err, "ORDERREVERSED")
	w.mustV2(t, micropay, microV2("paid-long-ago", 100, userCode))
	w.clock.add(8 * 24 * time.Hour)
	_, err = w.v2(reverseV2, queryV2("paid-long-ago"))
	if e := refusedV2(t, err, "REVERSE_EXPIRE"); e.Response.Get("recall").String() != "N" {
		t.Errorf("refused with %s", e.Response.Bytes())
	}
}

// Partners call for their sub-merchants with the same operations.
func TestAPIv2Partner(t *testing.T) {
	w := newWorld(t)
	sub := wechatpay.M{"sub_mch_id": sandbox.DefaultSubMchID, "sub_appid": "wx8888888888888888"}
	resp := w.mustV2(t, unified, orderV2(number, 100, with(wechatpay.M{"trade_type": "JSAPI", "sub_openid": "oSub"}, sub)))
	has(t, resp, map[string]string{"trade_type": "JSAPI", "sub_mch_id": sandbox.DefaultSubMchID})
	id, err := w.Pay(sandbox.DefaultSubMchID, number)
	if err != nil {
		t.Fatal(err)
	}
	paid := w.mustV2(t, queryPath, with(queryV2(number), sub))
	has(t, paid, map[string]string{
		"mch_id": sandbox.DefaultMchID, "sub_mch_id": sandbox.DefaultSubMchID, "sub_appid": "wx8888888888888888", "sub_openid": "oSub",
		"sub_is_subscribe": "N", "transaction_id": id, "trade_state": "SUCCESS",
	})
	_, err = w.v2(queryPath, queryV2(number))
	refusedV2(t, err, "ORDERNOTEXIST") // the merchant's own are others
	v3 := w.mustCall(t, "GET", partnerPath+"out-trade-no/"+number, nil, w.both(sandbox.DefaultSubMchID))
	has(t, v3, map[string]string{"trade_state": "SUCCESS", "sub_mchid": sandbox.DefaultSubMchID, "sp_appid": "wxd678efh567hg6787"})
	has(t, w.mustV2(t, refundV2Path, refundV2("r1", 40, sub)), map[string]string{"sub_mch_id": sandbox.DefaultSubMchID, "refund_fee": "40"})
	has(t, w.mustV2(t, refundQueryV2, with(wechatpay.M{"appid": "wxd678efh567hg6787", "out_refund_no": "r1"}, sub)), map[string]string{"refund_fee_0": "40"})
	_, err = w.v2(closeV2, with(queryV2(number), sub))
	refusedV2(t, err, "ORDERPAID")
	w.mustV2(t, micropay, with(microV2("by-code", 100, userCode), sub))
	w.mustV2(t, reverseV2, with(queryV2("by-code"), sub))
	w.mustV2(t, sendRed, redPacket("red", wechatpay.M{"sub_mch_id": sandbox.DefaultSubMchID}))
	for _, path := range []string{queryPath, closeV2, reverseV2} {
		_, err := w.v2(path, with(queryV2(number), wechatpay.M{"sub_mch_id": "1900000299"}))
		refusedV2(t, err, "NOAUTH")
	}
	_, err = w.v2(sendRed, redPacket("red2", wechatpay.M{"sub_mch_id": "1900000299"}))
	refusedV2(t, err, "NOAUTH")
}

// A merchant sees its own alone, whatever the numbers.
func TestAPIv2MerchantsAreApart(t *testing.T) {
	var merchants []sandbox.Merchant
	for _, mchID := range []string{sandbox.DefaultMchID, "1900000110"} {
		m, err := sandbox.KeyedMerchant(mchID, start)
		if err != nil {
			t.Fatal(err)
		}
		merchants = append(merchants, m)
	}
	first := newWorld(t, func(c *sandbox.Config) { c.Merchants = merchants })
	id := first.paidV2(t)
	refundID := first.mustV2(t, refundV2Path, refundV2("r1", 40, nil)).Get("refund_id").String()
	first.mustV2(t, sendRed, redPacket("red", nil))
	second := &world{Sandbox: first.Sandbox, clock: first.clock}
	as := func(key string) *wechatpay.Client {
		return first.Client(func(c *wechatpay.Config) {
			c.Transport, c.MchID, c.APIv2Key = inprocess.Transport(first.Server), merchants[1].MchID, key
			c.SerialNo, c.PrivateKey = merchants[1].SerialNo, merchants[1].PrivateKey
		})
	}
	second.client = as(merchants[1].APIv2Key)
	for path, tt := range map[string]struct {
		fields wechatpay.M
		code   string
	}{
		queryPath:     {wechatpay.M{"appid": "wxd678efh567hg6787", "transaction_id": id}, "ORDERNOTEXIST"},
		closeV2:       {queryV2(number), "ORDERNOTEXIST"},
		refundV2Path:  {refundV2("r1", 40, nil), "ORDERNOTEXIST"},
		refundQueryV2: {wechatpay.M{"appid": "wxd678efh567hg6787", "refund_id": refundID}, "REFUNDNOTEXIST"},
		queryRed:      {wechatpay.M{"mch_billno": "red", "appid": "wx8888888888888888", "bill_type": "MCHT"}, "NOT_FOUND"},
	} {
		_, err := second.v2(path, tt.fields)
		refusedV2(t, err, tt.code)
	}
	second.mustV2(t, unified, orderV2(number, 200, nil)) // the same number is another's
	second.mustV2(t, sendRed, redPacket("red", wechatpay.M{"total_amount": 200}))
	second.client = as(merchants[0].APIv2Key)
	_, err := second.v2(queryPath, queryV2(number))
	if !wechatpay.IsCode(err, "SIGNERROR") {
		t.Errorf("signed with the key of another: %v", err)
	}
}

// What the JSON of APIv3 can hold and XML cannot is left out.
func TestAPIv2ShowsAnyOrder(t *testing.T) {
	w := newWorld(t)
	order := w.order(number, 100)
	order["attach"] = "a\x01\uffffb\t"
	w.mustCall(t, "POST", native, order)
	has(t, w.queryV2(t, number), map[string]string{"attach": "ab\t"})
}
