package sandbox_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
)

const (
	appID     = "wx233544546545989"
	stockPath = "v3/marketing/favor/stocks/"
	userPath  = "v3/marketing/favor/users/"
)

// stock is the body that creates a stock of ten coupons of 1 yuan, two for a
// user, which are good for a month.
func (w *world) stock(outRequestNo string, edit func(body, rule, use wechatpay.M)) wechatpay.M {
	m, begin := w.Merchant().MchID, time.Now()
	if w.clock != nil {
		begin = w.clock.Now()
	}
	rule := wechatpay.M{
		"max_coupons": 10, "max_amount": 1000, "max_coupons_per_user": 2,
		"natural_person_limit": false, "prevent_api_abuse": false,
	}
	use := wechatpay.M{"fixed_normal_coupon": wechatpay.M{"coupon_amount": 100, "transaction_minimum": 200}}
	body := wechatpay.M{
		"stock_name": "微信支付代金券批次", "belong_merchant": m, "out_request_no": outRequestNo,
		"available_begin_time": begin.Format(time.RFC3339), "available_end_time": begin.AddDate(0, 1, 0).Format(time.RFC3339),
		"no_cash": false, "stock_type": "NORMAL", "stock_use_rule": rule, "coupon_use_rule": use,
		"pattern_info": wechatpay.M{"description": "满两元减一元"},
	}
	if edit != nil {
		edit(body, rule, use)
	}
	return body
}

// onSending has the value of a coupon be named when it is sent.
func onSending(body, _, use wechatpay.M) {
	body["stock_type"] = "RANDOM"
	delete(use, "fixed_normal_coupon")
}

// newStock creates a stock, each time another one.
func (w *world) newStock(t testing.TB, edit func(body, rule, use wechatpay.M)) (stockID string) {
	t.Helper()
	number := fmt.Sprintf("stock-%d", len(w.Requests()))
	return w.mustCall(t, "POST", "v3/marketing/favor/coupon-stocks", w.stock(number, edit)).Get("stock_id").String()
}

// move starts, pauses or restarts a stock.
func (w *world) move(stockID, how string) (*wechatpay.Response, error) {
	return w.call("POST", stockPath+stockID+"/"+how, wechatpay.M{"stock_creator_mchid": w.Merchant().MchID})
}

// running creates a stock and starts it.
func (w *world) running(t testing.TB, edit func(body, rule, use wechatpay.M)) (stockID string) {
	t.Helper()
	stockID = w.newStock(t, edit)
	if _, err := w.move(stockID, "start"); err != nil {
		t.Fatal(err)
	}
	return stockID
}

// sending is the body that sends a coupon.
func (w *world) sending(stockID, outRequestNo string) wechatpay.M {
	return wechatpay.M{"stock_id": stockID, "out_request_no": outRequestNo, "appid": appID, "stock_creator_mchid": w.Merchant().MchID}
}

// send sends a user a coupon, each time another one.
func (w *world) send(t testing.TB, stockID, openID string) (couponID string) {
	t.Helper()
	body := w.sending(stockID, fmt.Sprintf("coupon-%d", len(w.Requests())))
	return w.mustCall(t, "POST", userPath+openID+"/coupons", body).Get("coupon_id").String()
}

// coupon is a coupon as its user's merchant sees it.
func (w *world) coupon(t testing.TB, openID, couponID string) *wechatpay.Response {
	t.Helper()
	resp := w.mustCall(t, "GET", userPath+openID+"/coupons/"+couponID+"?appid="+appID, nil)
	documented(t, "GET", userPath+"{openid}/coupons/{coupon_id}", resp)
	return resp
}

func (w *world) setCallback(t testing.TB, url string) *wechatpay.Response {
	t.Helper()
	return w.mustCall(t, "POST", "v3/marketing/favor/callbacks", wechatpay.M{"mchid": w.Merchant().MchID, "notify_url": url, "switch": true})
}
