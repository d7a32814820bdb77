package sandbox_test

import (
	"context"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// A time_expire before a minute after the order is moved to a minute after it, and
// one beyond 90 days, or 15 for the combined orders of e-commerce platforms, to that
// day. Other times stay.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012525167,
// https://pay.weixin.qq.com/docs/partner/apis/ecommerce-payment/jsapi-prepay.html
func TestTimeExpireIsMoved(t *testing.T) {
	const day = 24 * time.Hour
	direct := func(way string) func(*world) (string, wechatpay.M) {
		return func(w *world) (string, wechatpay.M) {
			body := wayToPay{way: way}.order(w)
			body["out_trade_no"] = number
			return "v3/pay/transactions/" + way, body
		}
	}
	for name, tt := range map[string]struct {
		order  func(*world) (path string, body wechatpay.M)
		pay    string // the number to pay
		most   time.Duration
		format string // of the time_expire
	}{
		"JSAPI":   {direct("jsapi"), number, 90 * day, time.RFC3339},
		"app":     {direct("app"), number, 90 * day, time.RFC3339},
		"H5":      {direct("h5"), number, 90 * day, time.RFC3339},
		"native":  {direct("native"), number, 90 * day, time.RFC3339},
		"partner": {func(w *world) (string, wechatpay.M) { return partnerPath + "native", w.subOrder(sub, number, 1) }, number, 90 * day, time.RFC3339},
		"combined": {func(w *world) (string, wechatpay.M) {
			return combinePath + "native", w.combination(w.part("", "part-1", 1), w.part("", "part-2", 1))
		}, combineNumber, 90 * day, time.RFC3339},
		"combined of a platform": {func(w *world) (string, wechatpay.M) {
			return combinePath + "native", w.combination(w.part(sub, "part-1", 1), w.part(sub, "part-2", 1))
		}, combineNumber, 15 * day, time.RFC3339},
		"APIv2": {func(*world) (string, wechatpay.M) { return unified, orderV2(number, 1, nil) }, number, 90 * day, "20060102150405"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, at := range []struct{ asked, ends time.Duration }{
				{-time.Hour, time.Minute}, {0, time.Minute}, {time.Minute - time.Second, time.Minute}, {time.Minute, time.Minute}, {time.Hour, time.Hour},
				{tt.most, tt.most}, {tt.most + time.Second, tt.most}, {10 * 365 * day, tt.most},
			} {
				w := newWorld(t)
				path, body := tt.order(w)
				body["time_expire"] = start.Add(at.asked).Format(tt.format)
				option := wechatpay.JSON(body)
				if path == unified {
					option = wechatpay.XML(body)
				}
				if _, err := w.client.Chain(path).Post(context.Background(), option); err != nil {
					t.Fatalf("%v: %v", at.asked, err)
				}
				w.clock.add(at.ends - time.Second)
				if err := w.FailPayment(sandbox.DefaultMchID, tt.pay); err != nil {
					t.Errorf("%v: %v before its end: %v", at.asked, at.ends, err)
				}
				w.clock.add(time.Second)
				if _, err := w.Pay(sandbox.DefaultMchID, tt.pay); err == nil {
					t.Errorf("%v: it is paid after %v", at.asked, at.ends)
				}
				w.clock.add(-time.Second)
				if _, err := w.Pay(sandbox.DefaultMchID, tt.pay); err != nil {
					t.Errorf("%v: before %v: %v", at.asked, at.ends, err)
				}
			}
		})
	}
}

// An order whose time_expire is more than seven days ahead can be paid until then.
// An order is closed after seven days at the earliest.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012525167
func TestTimeExpireAfterSevenDays(t *testing.T) {
	const day = 24 * time.Hour
	w := newWorld(t)
	for number, expire := range map[string]time.Duration{"in_ten_days": 10 * day, "in_an_hour": time.Hour} {
		w.mustCall(t, "POST", native, with(w.order(number, 1), wechatpay.M{"time_expire": start.Add(expire).Format(time.RFC3339)}))
	}
	for _, tt := range []struct {
		after            time.Duration
		tenDays, oneHour string
	}{
		{7*day - time.Second, "NOTPAY", "NOTPAY"}, {7 * day, "NOTPAY", "CLOSED"}, {10*day - time.Second, "NOTPAY", "CLOSED"}, {10 * day, "CLOSED", "CLOSED"},
	} {
		w.clock.add(start.Add(tt.after).Sub(w.clock.Now()))
		if a, b := w.tradeState(t, "in_ten_days"), w.tradeState(t, "in_an_hour"); a != tt.tenDays || b != tt.oneHour {
			t.Errorf("after %v the orders are %s and %s, want %s and %s", tt.after, a, b, tt.tenDays, tt.oneHour)
		}
	}
	w.mustCall(t, "POST", native, with(w.order("paid_late", 1), wechatpay.M{"time_expire": w.clock.Now().Add(30 * day).Format(time.RFC3339)}))
	w.clock.add(20 * day)
	if _, err := w.Pay(sandbox.DefaultMchID, "paid_late"); err != nil {
		t.Error(err)
	}
}
