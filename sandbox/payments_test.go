package sandbox_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/inprocess"
	"github.com/wxchain/wechatpay/sandbox"
)

const number = "1217752501201407033233368018"

func (w *world) query(t testing.TB, path string) *wechatpay.Response {
	t.Helper()
	return w.mustCall(t, "GET", path, nil, wechatpay.Query(wechatpay.M{"mchid": w.Merchant().MchID}))
}

func TestWaysToPay(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []wayToPay{
		{"jsapi", "prepay_id", "wx20180608", "JSAPI"},
		{"app", "prepay_id", "wx20180608", "APP"},
		{"h5", "h5_url", "http://127.0.0.1:", "MWEB"},
		{"native", "code_url", "weixin://wxpay/bizpayurl?pr=", "NATIVE"},
	} {
		t.Run(tt.way, func(t *testing.T) {
			tt.checkOrder(t, w)
			w.clock.add(time.Second)
			id, err := w.Pay(w.Merchant().MchID, "number-of-"+tt.way)
			if err != nil {
				t.Fatal(err)
			}
			tt.checkPaid(t, w, id)
		})
	}
}

// A wayToPay is a way to pay an order: the field of the answer that takes the
// user there and how it starts, and the trade_type.
type wayToPay struct{ way, field, start, tradeType string }

// payer is the openid that the order of TestWaysToPay by JSAPI names.
const payer = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6p"

// order is an order with what the way asks for.
func (tt wayToPay) order(w *world) wechatpay.M {
	order := w.order("number-of-"+tt.way, 100)
	order["attach"] = "自定义数据"
	switch tt.way {
	case "jsapi":
		order["payer"] = wechatpay.M{"openid": payer}
	case "h5":
		order["scene_info"] = wechatpay.M{"payer_client_ip": "127.0.0.1", "h5_info": wechatpay.M{"type": "Wap"}}
	}
	return order
}

// checkOrder places the order twice, and checks the answers and that it is not
// paid.
func (tt wayToPay) checkOrder(t *testing.T, w *world) {
	t.Helper()
	order := tt.order(w)
	resp := w.mustCall(t, "POST", "v3/pay/transactions/"+tt.way, order)
	if got := resp.Get(tt.field).String(); !strings.HasPrefix(got, tt.start) {
		t.Errorf("%s is %q, want it to start with %q", tt.field, got, tt.start)
	}
	again := w.mustCall(t, "POST", "v3/pay/transactions/"+tt.way, order)
	if string(again.Bytes()) != string(resp.Bytes()) {
		t.Errorf("repeated: %s, at first %s", again.Bytes(), resp.Bytes())
	}
	got := w.query(t, "v3/pay/transactions/out-trade-no/number-of-"+tt.way)
	fits(t, "GET", "v3/pay/transactions/out-trade-no/{out_trade_no}", got)
	if got.Get("trade_state").String() != "NOTPAY" || got.Get("transaction_id").Exists() || got.Get("amount.total").Int() != 100 {
		t.Errorf("before it is paid: %s", got.Bytes())
	}
}

// checkPaid checks the order as it is paid, found by its number and by id.
func (tt wayToPay) checkPaid(t *testing.T, w *world, id string) {
	t.Helper()
	got := w.query(t, "v3/pay/transactions/out-trade-no/number-of-"+tt.way)
	for field, want := range map[string]string{
		"trade_state": "SUCCESS", "transaction_id": id, "trade_type": tt.tradeType, "attach": "自定义数据",
		"appid": "wxd678efh567hg6787", "mchid": w.Merchant().MchID, "out_trade_no": "number-of-" + tt.way,
		"amount.payer_total": "100", "amount.currency": "CNY",
	} {
		if got.Get(field).String() != want {
			t.Errorf("%s is %q, want %q", field, got.Get(field), want)
		}
	}
	if paid, err := time.Parse(time.RFC3339, got.Get("success_time").String()); err != nil || !paid.Equal(w.clock.Now()) {
		t.Errorf("success_time %s, %v", got.Get("success_time"), err)
	}
	if openid := got.Get("payer.openid").String(); openid == "" || tt.way == "jsapi" && openid != payer {
		t.Errorf("payer %s", got.Get("payer"))
	}
	if byID := w.query(t, "v3/pay/transactions/id/"+id); string(byID.Bytes()) != string(got.Bytes()) {
		t.Errorf("by transaction_id %s, by out_trade_no %s", byID.Bytes(), got.Bytes())
	}
}

// TestOrderStates does everything that a merchant and a user can do to an order,
// in each of its states.
func TestOrderStates(t *testing.T) {
	order := func(w *world, total int) error {
		body := w.order(number, total)
		body["time_expire"] = "2018-06-08T10:35:00+08:00"
		_, err := w.call("POST", native, body)
		return err
	}
	pay := func(w *world) error { _, err := w.Pay(w.Merchant().MchID, number); return err }
	expire := func(w *world) error { return w.Expire(w.Merchant().MchID, number) }
	shut := func(w *world) error {
		_, err := w.call("POST", "v3/pay/transactions/out-trade-no/"+number+"/close", wechatpay.M{"mchid": w.Merchant().MchID})
		return err
	}
	steps := map[string]func(*world) error{
		"order":       func(w *world) error { return order(w, 100) },
		"other total": func(w *world) error { return order(w, 101) },
		"app": func(w *world) error {
			_, err := w.call("POST", "v3/pay/transactions/app", w.order(number, 100))
			return err
		},
		"pay": pay, "expire": expire, "close": shut,
		"wait": func(w *world) error { w.clock.add(5 * time.Minute); return nil },
	}
	for _, tt := range []struct{ steps, last, state string }{
		{"order", "", "NOTPAY"},
		{"order,order", "", "NOTPAY"},
		{"order,other total", "INVALID_REQUEST", "NOTPAY"},
		{"order,app", "INVALID_REQUEST", "NOTPAY"},
		{"order,pay", "", "SUCCESS"},
		{"order,pay,pay", "SUCCESS, not NOTPAY", "SUCCESS"},
		{"order,pay,order", "INVALID_REQUEST", "SUCCESS"},
		{"order,pay,other total", "INVALID_REQUEST", "SUCCESS"},
		{"order,pay,close", "INVALID_REQUEST", "SUCCESS"},
		{"order,pay,expire", "SUCCESS, not NOTPAY", "SUCCESS"},
		{"order,close", "", "CLOSED"},
		{"order,close,close", "", "CLOSED"},
		{"order,close,order", "ORDER_CLOSED", "CLOSED"},
		{"order,close,pay", "CLOSED, not NOTPAY", "CLOSED"},
		{"order,expire", "", "NOTPAY"},
		{"order,expire,pay", "time_expire", "NOTPAY"},
		{"order,expire,order", "time_expire", "NOTPAY"},
		{"order,expire,close", "", "CLOSED"},
		{"order,wait,pay", "time_expire", "NOTPAY"},
		{"order,wait,close", "", "CLOSED"},
		{"close", "", ""}, // as the platform is known to answer
		{"pay", "ORDER_NOT_EXIST", ""},
		{"expire", "ORDER_NOT_EXIST", ""},
	} {
		t.Run(tt.steps, func(t *testing.T) {
			w := newWorld(t)
			w.take(t, steps, tt.steps, tt.last)
			resp, err := w.call("GET", "v3/pay/transactions/out-trade-no/"+number, nil, wechatpay.Query(wechatpay.M{"mchid": w.Merchant().MchID}))
			if tt.state == "" {
				refused(t, err, 404, "ORDER_NOT_EXIST")
			} else if err != nil || resp.Get("trade_state").String() != tt.state {
				t.Errorf("the order is %s, %v; want %s", resp.Get("trade_state"), err, tt.state)
			}
		})
	}
}

// A merchant sees only its own orders, whatever their numbers.
func TestMerchantsAreApart(t *testing.T) {
	var merchants []sandbox.Merchant
	for _, mchID := range []string{"1900000109", "1900000110"} {
		m, err := sandbox.KeyedMerchant(mchID, start)
		if err != nil {
			t.Fatal(err)
		}
		merchants = append(merchants, m)
	}
	first := newWorld(t, func(c *sandbox.Config) { c.Merchants = merchants })
	id := first.paid(t, number, 100)
	second := &world{Sandbox: first.Sandbox, clock: first.clock}
	second.client = first.Client(func(c *wechatpay.Config) {
		c.Transport = inprocess.Transport(first.Server)
		c.MchID, c.SerialNo, c.PrivateKey = merchants[1].MchID, merchants[1].SerialNo, merchants[1].PrivateKey
	})
	own := wechatpay.Query(wechatpay.M{"mchid": "1900000110"})
	_, err := second.call("GET", "v3/pay/transactions/id/"+id, nil, own)
	refused(t, err, 404, "ORDER_NOT_EXIST")
	_, err = second.call("GET", "v3/pay/transactions/out-trade-no/"+number, nil, own)
	refused(t, err, 404, "ORDER_NOT_EXIST")
	_, err = second.call("POST", "v3/refund/domestic/refunds", wechatpay.M{"transaction_id": id, "out_refund_no": "1",
		"amount": wechatpay.M{"refund": 100, "total": 100, "currency": "CNY"}})
	refused(t, err, 404, "RESOURCE_NOT_EXISTS")
	order := second.order(number, 200)
	order["mchid"] = "1900000110"
	second.mustCall(t, "POST", native, order) // the same number is another's
}

// The same seed gives the same numbers, and another seed gives others.
func TestSeed(t *testing.T) {
	numbers := func(seed uint64) string {
		w := newWorld(t, func(c *sandbox.Config) { c.Seed = seed })
		var all []string
		for i := range 3 {
			all = append(all, w.paid(t, fmt.Sprint("number-", i), 1))
		}
		return strings.Join(all, " ")
	}
	a := numbers(7)
	if b := numbers(7); a != b {
		t.Errorf("the same seed gives %s and %s", a, b)
	}
	if b := numbers(8); a == b {
		t.Errorf("two seeds give %s", a)
	}
	if ids := strings.Fields(a); ids[0] == ids[1] || len(ids[0]) != 28 {
		t.Errorf("transaction ids %s", a)
	}
}
