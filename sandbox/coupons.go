package sandbox

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// coupons are cash coupons of users, and where their use is told.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012463767 (sending),
// https://pay.weixin.qq.com/wiki/doc/apiv3/wxpay/marketing/convention/chapter3_9.shtml (listing),
// https://pay.weixin.qq.com/wiki/doc/apiv3/wxpay/marketing/convention/chapter3_12.shtml (callbacks)
func coupons() map[string]handler {
	const user = "v3/marketing/favor/users/{openid}/coupons"
	return map[string]handler{
		"POST " + user:                 sendCoupon,
		"GET " + user:                  listCoupons,
		"GET " + user + "/{coupon_id}": queryCoupon,

		"POST v3/marketing/favor/callbacks": setCallback,
		"GET v3/marketing/favor/callbacks":  queryCallback,
	}
}

// queryCoupon shows a coupon to who created or sent it, or takes it.
func queryCoupon(c *call) (int, any, error) {
	k, err := loadCoupon(c.tx, c.vars["coupon_id"])
	if err != nil {
		return 0, nil, err
	}
	if k.OpenID != c.vars["openid"] || k.AppID != c.query.Get("appid") {
		return 0, nil, errNoCoupon
	}
	s, err := loadStock(c.tx, k.Creator, k.StockID)
	if err != nil {
		return 0, nil, err
	}
	if m := c.merchant.MchID; m != k.Creator && m != k.Sender && !slices.Contains(s.Merchants, m) {
		return 0, nil, errNoCoupon
	}
	return http.StatusOK, k.answer(s, c.now), nil
}

// listCoupons lists the coupons of a user that the merchant created, sent or
// takes, oldest first. Which of these it is, the query must say.
func listCoupons(c *call) (int, any, error) {
	q := c.query
	creator, sender, taker := q.Get("creator_mchid"), q.Get("sender_mchid"), q.Get("available_mchid")
	if m := c.merchant.MchID; m != creator && m != sender && m != taker {
		return 0, nil, paramError("query", "creator_mchid", cmp.Or(creator, sender, taker),
			"creator_mchid, sender_mchid or available_mchid must be the merchant that signed, which is "+m)
	}
	p, err := c.newPage(100)
	if err != nil {
		return 0, nil, err
	}
	type entry struct {
		coupon
		stock *stock
	}
	var found []entry
	err = store.Each(c.tx, couponBucket, userKey(c.vars["openid"], ""), func(k coupon) error {
		if k.AppID != q.Get("appid") || !passes(q.Get("stock_id"), k.StockID) || !passes(q.Get("status"), k.state(c.now)) ||
			!passes(creator, k.Creator) || !passes(sender, k.Sender) {
			return nil
		}
		s, err := loadStock(c.tx, k.Creator, k.StockID)
		if err == nil && (taker == "" || slices.Contains(s.Merchants, taker)) {
			found = append(found, entry{k, s})
		}
		return err
	})
	if err != nil {
		return 0, nil, err
	}
	slices.SortStableFunc(found, func(a, b entry) int { return a.Sent.Compare(b.Sent) })
	for _, e := range found {
		p.add(e.answer(e.stock, c.now))
	}
	return http.StatusOK, p, nil
}

// A callback is where a merchant is told that its coupons are used.
type callback struct {
	MchID     string `json:"mchid"`
	NotifyURL string `json:"notify_url"`
	Off       bool   `json:"off,omitempty"`
}

const callbackBucket = "coupon-callback" // by mchid

func setCallback(c *call) (int, any, error) {
	off := c.body.Get("switch")
	cb := callback{c.body.Get("mchid").String(), c.body.Get("notify_url").String(), off.Exists() && !off.Bool()}
	if err := c.checkMchID("body", "/mchid", cb.MchID); err != nil {
		return 0, nil, err
	}
	if u, err := url.Parse(cb.NotifyURL); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return 0, nil, badField("/notify_url", cb.NotifyURL, "a URL is wanted")
	}
	answer := map[string]string{"update_time": beijing.Format(c.now), "notify_url": cb.NotifyURL}
	return http.StatusOK, answer, store.Save(c.tx, callbackBucket, cb.MchID, cb)
}

func queryCallback(c *call) (int, any, error) {
	mchID := c.query.Get("mchid")
	if err := c.checkMchID("query", "mchid", mchID); err != nil {
		return 0, nil, err
	}
	cb, found, err := store.Load[callback](c.tx, callbackBucket, mchID)
	if err == nil && !found {
		err = &refusal{Status: http.StatusNotFound, Code: "RESOURCE_NOT_EXISTS", Message: "the merchant has set no notify_url for coupons"}
	}
	return http.StatusOK, map[string]string{"mchid": cb.MchID, "notify_url": cb.NotifyURL}, err
}
