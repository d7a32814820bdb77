package v3

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// coupons returns the handlers of users' cash coupons and of the callback for
// their use.
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

// sendCoupon gives a user a coupon. Repeating the number sends no second one.
func sendCoupon(c *call) (int, any, error) {
	openID := c.vars["openid"]
	print, err := c.fingerprint("coupon " + openID)
	if err != nil {
		return 0, nil, err
	}
	id, err := c.SendCoupon(money.Gift{
		Sender: c.merchant.MchID, Creator: c.text("stock_creator_mchid"), StockID: c.text("stock_id"),
		OpenID: openID, AppID: c.text("appid"), RequestNo: c.text("out_request_no"), Fingerprint: print,
		Amount: amountOf(c.body.Get("coupon_value")), Minimum: amountOf(c.body.Get("coupon_minimum")),
	})
	return http.StatusOK, map[string]string{"coupon_id": id}, err
}

// amountOf returns an amount of the body, or nil.
func amountOf(v gjson.Result) *int64 {
	if !v.Exists() {
		return nil
	}
	n := v.Int()
	return &n
}

// queryCoupon shows a coupon to the merchants that created it, sent it or accept
// it.
func queryCoupon(c *call) (int, any, error) {
	k, err := c.Coupon(c.vars["coupon_id"])
	if err != nil {
		return 0, nil, err
	}
	if k.OpenID != c.vars["openid"] || k.AppID != c.query.Get("appid") {
		return 0, nil, money.ErrNoCoupon
	}
	s, err := c.Stock(k.Creator, k.StockID)
	if err != nil {
		return 0, nil, err
	}
	if m := c.merchant.MchID; m != k.Creator && m != k.Sender && !slices.Contains(s.Merchants, m) {
		return 0, nil, money.ErrNoCoupon
	}
	return http.StatusOK, couponAnswerOf(k, s, c.Now), nil
}

// listCoupons lists the coupons of a user that the merchant created, sent or
// accepts, oldest first. The query must say which. With
// creator_mchid, available_mchid has no effect.
//
// https://pay.weixin.qq.com/wiki/doc/apiv3/wxpay/marketing/convention/chapter3_9.shtml
func listCoupons(c *call) (int, any, error) {
	q := c.query
	creator, sender, taker := q.Get("creator_mchid"), q.Get("sender_mchid"), q.Get("available_mchid")
	if m := c.merchant.MchID; m != creator && m != sender && m != taker {
		return 0, nil, wire.ParamError("query", "creator_mchid", cmp.Or(creator, sender, taker),
			"creator_mchid, sender_mchid or available_mchid must be the merchant that signed, which is "+m)
	}
	all, err := c.CouponsOf(c.vars["openid"], func(k *money.Coupon) bool {
		return q.Get("business_type") != multiUse && k.AppID == q.Get("appid") && passes(creator, k.Creator) && passes(sender, k.Sender)
	})
	if err != nil {
		return 0, nil, err
	}
	if creator == "" && taker != "" {
		return c.usableCoupons(all, taker)
	}
	p, err := c.newPage(100)
	if err != nil {
		return 0, nil, err
	}
	for _, k := range all {
		if !passes(q.Get("stock_id"), k.StockID) || !listed(k.StateAt(c.Now), q.Get("status")) {
			continue
		}
		s, err := c.Stock(k.Creator, k.StockID)
		if err != nil {
			return 0, nil, err
		}
		p.add(couponAnswerOf(k, s, c.Now))
	}
	return http.StatusOK, p, nil
}

// multiUse is the business_type of coupons that are used more than once, which
// are not among the ordinary ones.
const multiUse = "MULTIUSE"

// listed reports whether a status of the query lists coupons of a state: SENDED
// those that can be used, USED those that can be used and the used ones.
func listed(state money.CouponState, status string) bool {
	return state == money.CouponSent || state == money.CouponUsed && status != string(money.CouponSent)
}

// usableCoupons lists the coupons that a merchant accepts now. The query's
// status, stock_id, offset and limit have no effect.
func (c *call) usableCoupons(all []*money.Coupon, taker string) (int, any, error) {
	p := &page{Data: []any{}}
	for _, k := range all {
		s, err := c.Stock(k.Creator, k.StockID)
		if err != nil {
			return 0, nil, err
		}
		if k.StateAt(c.Now) == money.CouponSent && !c.Now.Before(s.Begin) && slices.Contains(s.Merchants, taker) {
			p.Data = append(p.Data, couponAnswerOf(k, s, c.Now))
		}
	}
	p.Total = len(p.Data)
	p.Limit = max(p.Total, 1)
	return http.StatusOK, p, nil
}

func setCallback(c *call) (int, any, error) {
	off := c.body.Get("switch")
	cb := money.Callback{MchID: c.text("mchid"), NotifyURL: c.text("notify_url"), Off: off.Exists() && !off.Bool()}
	if err := c.checkMchID("body", "/mchid", cb.MchID); err != nil {
		return 0, nil, err
	}
	return http.StatusOK, map[string]string{"update_time": beijing.Format(c.Now), "notify_url": cb.NotifyURL}, c.SetCallback(cb)
}

func queryCallback(c *call) (int, any, error) {
	mchID := c.query.Get("mchid")
	if err := c.checkMchID("query", "mchid", mchID); err != nil {
		return 0, nil, err
	}
	cb, err := c.Callback(mchID)
	return http.StatusOK, map[string]string{"mchid": cb.MchID, "notify_url": cb.NotifyURL}, err
}

// A couponAnswer is a coupon as the platform shows it.
type couponAnswer struct {
	Creator     string            `json:"stock_creator_mchid"`
	StockID     string            `json:"stock_id"`
	ID          string            `json:"coupon_id"`
	Name        string            `json:"coupon_name"`
	Status      money.CouponState `json:"status"`
	Description string            `json:"description"`
	Created     string            `json:"create_time"`
	Type        string            `json:"coupon_type"`
	Started     string            `json:"start_time"`
	Stopped     string            `json:"stop_time,omitempty"`
	NoCash      bool              `json:"no_cash"`
	SingleItem  bool              `json:"singleitem"`
	Begin       string            `json:"available_begin_time"`
	End         string            `json:"available_end_time"`
	Value       money.CouponValue `json:"normal_coupon_information"`
	Consumed    *consumption      `json:"consume_information,omitempty"`
}

type consumption struct {
	Time          string `json:"consume_time"`
	MchID         string `json:"consume_mchid"`
	TransactionID string `json:"transaction_id"`
}

func couponAnswerOf(k *money.Coupon, from *money.Stock, now time.Time) couponAnswer {
	of := stockAnswerOf(from, now)
	a := couponAnswer{
		Creator: k.Creator, StockID: k.StockID, ID: k.ID, Name: of.Name, Status: k.StateAt(now), Description: of.Description,
		Created: beijing.Format(k.Sent), Type: "NORMAL", Started: of.Started, Stopped: of.Stopped, NoCash: of.NoCash, SingleItem: of.SingleItem,
		Begin: of.Begin, End: beijing.Format(k.End), Value: k.CouponValue,
	}
	if a.Status == money.CouponUsed {
		a.Consumed = &consumption{beijing.Format(k.Used), k.UsedMchID, k.TransactionID}
	}
	return a
}
