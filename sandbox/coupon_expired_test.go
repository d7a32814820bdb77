package sandbox_test

import (
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
)

// No list of a user's coupons has an expired one. A used coupon stays in the lists of
// its creator, also after it would have expired.
//
// https://pay.weixin.qq.com/wiki/doc/apiv3/wxpay/marketing/convention/chapter3_9.shtml
func TestExpiredCouponsAreNotListed(t *testing.T) {
	w := newWorld(t)
	m := w.Merchant().MchID
	stock := w.running(t, func(_, rule, use wechatpay.M) {
		rule["max_coupons_per_user"] = 3
		use["coupon_available_time"] = wechatpay.M{"available_time_after_receive": 60}
	})
	names := map[string]string{w.send(t, stock, "a"): "old", w.send(t, stock, "a"): "used"}
	for id, name := range names {
		if name != "used" {
			continue
		}
		if err := w.UseCoupon(m, id, w.paid(t, number, 200)); err != nil {
			t.Fatal(err)
		}
	}
	w.clock.add(30 * time.Minute)
	names[w.send(t, stock, "a")] = "new"
	list := func(query string) string {
		t.Helper()
		var got []string
		resp := w.mustCall(t, "GET", userPath+"a/coupons?appid="+appID+"&"+query, nil)
		for _, c := range resp.Get("data").Array() {
			got = append(got, names[c.Get("coupon_id").String()])
			if status := c.Get("status").String(); (status == "USED") != (got[len(got)-1] == "used") || status == "EXPIRED" {
				t.Errorf("%s: %s is %s", query, got[len(got)-1], status)
			}
		}
		if total := resp.Get("total_count").Int(); total != int64(len(got)) {
			t.Errorf("%s: %d coupons of %d", query, len(got), total)
		}
		return strings.Join(got, " ")
	}
	for _, at := range []struct {
		wait               time.Duration
		all, fresh, usable string // of the creator, those with SENDED, and what can be used now
	}{
		{0, "old used new", "old new", "old new"},
		{30*time.Minute - time.Second, "old used new", "old new", "old new"},
		{time.Second, "used new", "new", "new"},
		{30 * time.Minute, "used", "", ""},
	} {
		w.clock.add(at.wait)
		for query, want := range map[string]string{
			"creator_mchid=" + m:                                                  at.all,
			"creator_mchid=" + m + "&status=USED":                                 at.all,
			"creator_mchid=" + m + "&status=SENDED":                               at.fresh,
			"creator_mchid=" + m + "&status=SENDED&stock_id=" + stock:             at.fresh,
			"creator_mchid=" + m + "&status=SENDED&stock_id=1":                    "",
			"creator_mchid=" + m + "&sender_mchid=" + m + "&status=USED":          at.all,
			"creator_mchid=" + m + "&available_mchid=" + m:                        at.all,
			"creator_mchid=" + m + "&available_mchid=" + m + "&status=SENDED":     at.fresh,
			"sender_mchid=" + m:                                                   at.all,
			"sender_mchid=" + m + "&status=SENDED":                                at.fresh,
			"available_mchid=" + m:                                                at.usable,
			"available_mchid=" + m + "&status=USED":                               at.usable,
			"available_mchid=" + m + "&status=SENDED&stock_id=1&offset=3&limit=1": at.usable,
			"available_mchid=" + m + "&sender_mchid=" + m:                         at.usable,
			"creator_mchid=" + m + "&business_type=MULTIUSE":                      "",
			"available_mchid=" + m + "&business_type=MULTIUSE&status=SENDED":      "",
		} {
			if got := list(query); got != want {
				t.Errorf("at %s, %s: %q, want %q", w.clock.Now().Format(time.TimeOnly), query, got, want)
			}
		}
	}
}

// A stock that has not begun sends no coupons, so that no list has one.
//
// https://pay.weixin.qq.com/wiki/doc/apiv3/wxpay/marketing/convention/chapter3_9.shtml
func TestCouponsBeforeTheirStockBegins(t *testing.T) {
	w := newWorld(t)
	m := w.Merchant().MchID
	stock := w.running(t, func(body, _, _ wechatpay.M) {
		body["available_begin_time"] = start.Add(time.Hour).Format(time.RFC3339)
	})
	count := func(query string) int64 {
		return w.mustCall(t, "GET", userPath+"a/coupons?appid="+appID+"&"+query+m, nil).Get("total_count").Int()
	}
	w.clock.add(time.Hour - time.Second)
	_, err := w.call("POST", userPath+"a/coupons", w.sending(stock, "early"))
	refused(t, err, 400, "INVALID_REQUEST")
	if a, b := count("creator_mchid="), count("available_mchid="); a != 0 || b != 0 {
		t.Errorf("%d and %d coupons are listed before the stock begins", a, b)
	}
	w.clock.add(time.Second)
	w.mustCall(t, "POST", userPath+"a/coupons", w.sending(stock, "early"))
	if a, b := count("creator_mchid="), count("available_mchid="); a != 1 || b != 1 {
		t.Errorf("%d and %d coupons are listed, want one", a, b)
	}
}
