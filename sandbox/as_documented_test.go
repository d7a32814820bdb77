package sandbox_test

import (
	"fmt"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// asDocumented makes the sandbox answer as the platform's pages say.
func asDocumented(c *sandbox.Config) { c.AsDocumented = true }

// An answer is the status of an answer and, if it refuses, its code.
type answer struct {
	status int
	code   string
}

// A difference is a call that the platform answers otherwise than a page says.
type difference struct {
	name   string
	page   string
	call   func(t *testing.T, w *world) (*wechatpay.Response, error)
	live   answer // of the platform
	stated answer // by the page
}

const prepayPage = "https://pay.weixin.qq.com/docs/merchant/apis/mini-program-payment/mini-prepay.html"

// usedNumbers are the differences of a number that comes with other parameters.
var usedNumbers = []difference{
	{"order", prepayPage, func(t *testing.T, w *world) (*wechatpay.Response, error) {
		w.mustCall(t, "POST", native, w.order(number, 100))
		return w.call("POST", native, w.order(number, 101))
	}, answer{400, "INVALID_REQUEST"}, answer{403, "OUT_TRADE_NO_USED"}},
	{"order of another kind", prepayPage, func(t *testing.T, w *world) (*wechatpay.Response, error) {
		w.mustCall(t, "POST", native, w.order(number, 100))
		return w.call("POST", "v3/pay/transactions/app", w.order(number, 100))
	}, answer{400, "INVALID_REQUEST"}, answer{403, "OUT_TRADE_NO_USED"}},
	{"order of a partner", "https://pay.weixin.qq.com/docs/partner/apis/partner-mini-program-payment/partner-mini-prepay.html",
		func(t *testing.T, w *world) (*wechatpay.Response, error) {
			w.mustCall(t, "POST", partnerPath+"native", w.subOrder(sub, number, 100))
			return w.call("POST", partnerPath+"native", w.subOrder(sub, number, 101))
		}, answer{400, "INVALID_REQUEST"}, answer{403, "OUT_TRADE_NO_USED"}},
	{"combined order", "https://pay.weixin.qq.com/wiki/doc/apiv3/apis/chapter7_3_12.shtml", func(t *testing.T, w *world) (*wechatpay.Response, error) {
		w.mustCall(t, "POST", combinePath+"app", w.combination(w.part("", number, 100), w.part("", "another-1", 100)))
		return w.call("POST", combinePath+"app", w.combination(w.part("", number, 101), w.part("", "another-1", 100)))
	}, answer{400, "INVALID_REQUEST"}, answer{403, "OUT_TRADE_NO_USED"}},
	{"payment by code", "https://pay.weixin.qq.com/doc/v3/merchant/4012382150", func(t *testing.T, w *world) (*wechatpay.Response, error) {
		w.mustCall(t, "POST", codePayPath, w.byCode(number, 100, userCode))
		return w.call("POST", codePayPath, w.byCode(number, 101, userCode))
	}, answer{400, "INVALID_REQUEST"}, answer{403, "OUT_TRADE_NO_USED"}},
	{"profit sharing", "https://pay.weixin.qq.com/doc/v3/merchant/4014547102", func(t *testing.T, w *world) (*wechatpay.Response, error) {
		id := w.readyToShare(t)
		w.mustShare(t, id, "s1", false, merchantPart(partner, 10))
		return w.share(id, "s1", false, merchantPart(partner, 11))
	}, answer{400, "PARAM_ERROR"}, answer{400, "INVALID_REQUEST"}},
}

// otherDifferences are the other differences.
var otherDifferences = []difference{
	{"51st profit sharing", "https://pay.weixin.qq.com/doc/v3/merchant/4014547102", func(t *testing.T, w *world) (*wechatpay.Response, error) {
		id := w.readyToShare(t)
		for i := range 50 {
			w.mustShare(t, id, fmt.Sprint("s", i), false, merchantPart(partner, 1))
		}
		return w.share(id, "s50", false, merchantPart(partner, 1))
	}, answer{400, "INVALID_REQUEST"}, answer{403, "RULE_LIMIT"}},
	{"close of an unknown order", "https://pay.weixin.qq.com/doc/v3/merchant/4012556398", func(_ *testing.T, w *world) (*wechatpay.Response, error) {
		return w.call("POST", "v3/pay/transactions/out-trade-no/never-used/close", wechatpay.M{"mchid": sandbox.DefaultMchID})
	}, answer{204, ""}, answer{404, "ORDER_NOT_EXIST"}},
	{"close of a partner's unknown order", "https://pay.weixin.qq.com/docs/partner/apis/partner-miniprogram-payment/close-order.html",
		func(_ *testing.T, w *world) (*wechatpay.Response, error) {
			return w.call("POST", partnerPath+"out-trade-no/never-used/close", wechatpay.M{"sp_mchid": sandbox.DefaultMchID, "sub_mchid": sub})
		}, answer{204, ""}, answer{404, "ORDER_NOT_EXIST"}},
	{"cancel of an unknown transfer", "https://pay.weixin.qq.com/doc/v3/merchant/4012716458", func(_ *testing.T, w *world) (*wechatpay.Response, error) {
		return w.call("POST", billsPath+billOf+"/cancel", nil, wechatpay.Options{"out_bill_no": bill})
	}, answer{400, "INVALID_REQUEST"}, answer{404, "NOT_FOUND"}},
	{"cancel of a partner's unknown transfer", "https://pay.weixin.qq.com/doc/v3/partner/4015469096", func(_ *testing.T, w *world) (*wechatpay.Response, error) {
		return w.cancelSub()
	}, answer{400, "INVALID_REQUEST"}, answer{404, "NOT_FOUND"}},
}

// Where the platform is known to answer otherwise than a page says, the sandbox
// answers as the platform does, and with AsDocumented as the page says.
func TestAsDocumented(t *testing.T) {
	for _, tt := range append(usedNumbers, otherDifferences...) {
		for want, edit := range map[answer]func(*sandbox.Config){tt.live: func(*sandbox.Config) {}, tt.stated: asDocumented} {
			t.Run(fmt.Sprint(tt.name, " ", want.status, want.code), func(t *testing.T) {
				resp, err := tt.call(t, newWorld(t, edit))
				switch {
				case want.code != "":
					refused(t, err, want.status, want.code)
				case err != nil || resp.StatusCode != want.status:
					t.Errorf("answered %v, %v; want %d; the page is %s", resp, err, want.status, tt.page)
				}
			})
		}
	}
}

// The answer to a payment by code that waits for the user's password has the
// trade_state alone; the page has all fields.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012382150
func TestUserPayingAsDocumented(t *testing.T) {
	w := newWorld(t, asDocumented)
	got := w.mustCall(t, "POST", codePayPath, w.byCode(number, 100, passwordCode))
	documented(t, "POST", codePayPath, got)
	if got.Get("trade_state").String() != "USERPAYING" || got.Get("out_trade_no").String() != number || got.Get("transaction_id").Exists() {
		t.Errorf("answered %s", got.Bytes())
	}
	order := with(w.byCode("another-1", 100, passwordCode), wechatpay.M{"sp_mchid": sandbox.DefaultMchID, "sub_mchid": sub, "mchid": nil, "appid": nil})
	if got := w.mustCall(t, "POST", partnerPath+"codepay", order); got.Get("sub_mchid").String() != sub {
		t.Errorf("a partner is answered %s", got.Bytes())
	}
	w = newWorld(t)
	if got := w.mustCall(t, "POST", partnerPath+"codepay", order); string(got.Bytes()) != `{"trade_state":"USERPAYING"}` {
		t.Errorf("a partner is answered %s", got.Bytes())
	}
}

// readyToShare returns the transaction_id of an order that can be shared with
// partner.
func (w *world) readyToShare(t testing.TB) string {
	t.Helper()
	if _, err := w.receiver("add", "MERCHANT_ID", partner, nil); err != nil {
		t.Fatal(err)
	}
	return w.paidToShare(t, number)
}
