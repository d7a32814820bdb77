package sandbox_test

import (
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

const (
	codePayPath  = "v3/pay/transactions/codepay"
	userCode     = "130061098828009406"
	passwordCode = "130061098828000001"
)

// byCode is the body of an order by a user's code.
func (w *world) byCode(outTradeNo string, total int, code string) wechatpay.M {
	return wechatpay.M{
		"appid": "wxd678efh567hg6787", "mchid": w.Merchant().MchID, "description": "Image形象店",
		"out_trade_no": outTradeNo, "amount": wechatpay.M{"total": total}, "payer": wechatpay.M{"auth_code": code},
		"scene_info": wechatpay.M{"store_info": wechatpay.M{"out_id": "A1111"}},
	}
}

func (w *world) reverse(outTradeNo string) (*wechatpay.Response, error) {
	return w.call("POST", "v3/pay/transactions/out-trade-no/"+outTradeNo+"/reverse",
		wechatpay.M{"appid": "wxd678efh567hg6787", "mchid": w.Merchant().MchID})
}

func (w *world) tradeState(t testing.TB, outTradeNo string) string {
	t.Helper()
	return w.query(t, "v3/pay/transactions/out-trade-no/"+outTradeNo).Get("trade_state").String()
}

func TestCodePayment(t *testing.T) {
	w := newWorld(t)
	got := w.mustCall(t, "POST", codePayPath, w.byCode(number, 100, userCode))
	documented(t, "POST", codePayPath, got)
	for field, want := range map[string]string{
		"trade_state": "SUCCESS", "trade_type": "MICROPAY", "out_trade_no": number, "mchid": w.Merchant().MchID,
		"appid": "wxd678efh567hg6787", "amount.total": "100", "amount.payer_total": "100", "success_time": "2018-06-08T10:30:00+08:00",
	} {
		if got.Get(field).String() != want {
			t.Errorf("%s is %q, want %q", field, got.Get(field), want)
		}
	}
	if got.Get("payer.openid").String() == "" {
		t.Errorf("nobody has paid: %s", got.Bytes())
	}
	byID := w.query(t, "v3/pay/transactions/id/"+got.Get("transaction_id").String())
	fits(t, "GET", "v3/pay/transactions/id/{transaction_id}", byID)
	if byID.Get("out_trade_no").String() != number {
		t.Errorf("by transaction_id: %s", byID.Bytes())
	}
	for name, body := range map[string]wechatpay.M{
		"again":         w.byCode(number, 100, userCode),
		"another code":  w.byCode(number, 100, "130061098828009407"),
		"another total": w.byCode(number, 101, userCode),
	} {
		t.Log(name)
		_, err := w.call("POST", codePayPath, body)
		refused(t, err, 400, "INVALID_REQUEST")
	}
}

func TestCodeIsRefused(t *testing.T) {
	w := newWorld(t)
	broken := w.byCode(number, 100, userCode)
	broken["amount"] = wechatpay.M{"total": 100.5}
	_, err := w.call("POST", codePayPath, broken)
	refused(t, err, 400, "PARAM_ERROR")
	for code, want := range map[string]struct {
		status int
		code   string
	}{
		"not a code":          {400, "AUTH_CODE_INVALID"},
		"930061098828009406":  {400, "AUTH_CODE_INVALID"},
		"160061098828009406":  {400, "AUTH_CODE_INVALID"},
		"1300610988280094061": {400, "AUTH_CODE_INVALID"},
		"130061098828000002":  {400, "AUTHCODEEXPIRE"},
		"130061098828000003":  {403, "NOT_ENOUGH"},
	} {
		_, err := w.call("POST", codePayPath, w.byCode(number, 100, code))
		refused(t, err, want.status, want.code)
	}
	_, err = w.call("GET", "v3/pay/transactions/out-trade-no/"+number, nil, wechatpay.Query(wechatpay.M{"mchid": w.Merchant().MchID}))
	refused(t, err, 404, "ORDER_NOT_EXIST")
}

// A user must enter his password: what he, his merchant and the clock do then.
func TestUserPaying(t *testing.T) {
	for _, tt := range []struct {
		name  string
		does  func(w *world) error
		state string
	}{
		{"nothing", func(*world) error { return nil }, "USERPAYING"},
		{"pay", func(w *world) error { _, err := w.Pay(w.Merchant().MchID, number); return err }, "SUCCESS"},
		{"fail", func(w *world) error { return w.FailPayment(w.Merchant().MchID, number) }, "PAYERROR"},
		{"expire", func(w *world) error { return w.Expire(w.Merchant().MchID, number) }, "PAYERROR"},
		{"wait", func(w *world) error { w.clock.add(time.Minute); return nil }, "PAYERROR"},
		{"reverse", func(w *world) error { _, err := w.reverse(number); return err }, "REVOKED"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			first := w.mustCall(t, "POST", codePayPath, w.byCode(number, 100, passwordCode))
			again := w.mustCall(t, "POST", codePayPath, w.byCode(number, 100, passwordCode))
			if string(first.Bytes()) != string(again.Bytes()) || string(first.Bytes()) != `{"trade_state":"USERPAYING"}` {
				t.Errorf("answered %s, and again %s", first.Bytes(), again.Bytes())
			}
			if err := tt.does(w); err != nil {
				t.Fatal(err)
			}
			if got := w.tradeState(t, number); got != tt.state {
				t.Errorf("the order is %s, want %s", got, tt.state)
			}
			if _, err := w.Pay(w.Merchant().MchID, number); (err == nil) != (tt.state == "USERPAYING") {
				t.Errorf("paying an order that is %s: %v", tt.state, err)
			}
		})
	}
	w := newWorld(t)
	w.mustCall(t, "POST", codePayPath, w.byCode(number, 1000_01, userCode))
	if got := w.tradeState(t, number); got != "USERPAYING" {
		t.Errorf("a payment above 1000 yuan is %s, want USERPAYING", got)
	}
}

func TestReverse(t *testing.T) {
	w := newWorld(t)
	w.mustCall(t, "POST", codePayPath, w.byCode(number, 100, userCode))
	for range 2 {
		got, err := w.reverse(number)
		if err != nil {
			t.Fatal(err)
		}
		documented(t, "POST", "v3/pay/transactions/out-trade-no/{out_trade_no}/reverse", got)
		if got := w.tradeState(t, number); got != "REVOKED" {
			t.Errorf("the order is %s, want REVOKED", got)
		}
	}
	if err := w.refund("r1", 1); err == nil {
		t.Error("what is reversed is refunded too")
	}
	_, err := w.call("POST", codePayPath, w.byCode(number, 100, userCode))
	refused(t, err, 400, "INVALID_REQUEST")

	_, err = w.reverse("unknown-number")
	refused(t, err, 404, "ORDER_NOT_EXIST")
	w.paid(t, "by-qr-code", 100)
	_, err = w.reverse("by-qr-code")
	refused(t, err, 400, "INVALID_REQUEST")
	w.mustCall(t, "POST", codePayPath, w.byCode("paid-long-ago", 100, userCode))
	w.clock.add(8 * 24 * time.Hour)
	_, err = w.reverse("paid-long-ago")
	refused(t, err, 400, "INVALID_REQUEST")
	w.mustCall(t, "POST", codePayPath, w.byCode("refunded", 100, userCode))
	body := refundOf("r2", 40)
	body["out_trade_no"] = "refunded"
	w.mustCall(t, "POST", refundPath, body)
	_, err = w.reverse("refunded")
	refused(t, err, 400, "INVALID_REQUEST")
}

func TestPartnerCodePayment(t *testing.T) {
	w := newWorld(t)
	order := w.byCode(number, 100, userCode)
	delete(order, "appid")
	delete(order, "mchid")
	order["sp_mchid"], order["sub_mchid"] = w.Merchant().MchID, sandbox.DefaultSubMchID
	got := w.mustCall(t, "POST", partnerPath+"codepay", order)
	documented(t, "POST", partnerPath+"codepay", got)
	if got.Get("trade_state").String() != "SUCCESS" || got.Get("payer.sp_openid").String() == "" {
		t.Errorf("answered %s", got.Bytes())
	}
	path := partnerPath + "out-trade-no/" + number
	reversed := w.mustCall(t, "POST", path+"/reverse", wechatpay.M{"sp_mchid": w.Merchant().MchID, "sub_mchid": sandbox.DefaultSubMchID})
	documented(t, "POST", partnerPath+"out-trade-no/{out_trade_no}/reverse", reversed)
	if got := w.mustCall(t, "GET", path, nil, w.both(sandbox.DefaultSubMchID)); got.Get("trade_state").String() != "REVOKED" {
		t.Errorf("the order is %s", got.Bytes())
	}
}
