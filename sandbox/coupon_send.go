package sandbox

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// sendCoupon gives a user a coupon; the same number sends one.
func sendCoupon(c *call) (int, any, error) {
	openID := c.vars["openid"]
	print, err := fingerprint("coupon "+openID, c.body)
	if err != nil {
		return 0, nil, err
	}
	id, err := c.once("coupon-request", print, func() (string, error) {
		if err := c.checkOpenID(openID, c.body.Get("appid").String()); err != nil {
			return "", err
		}
		s, err := c.stockToSend()
		if err != nil {
			return "", err
		}
		value, err := c.valueToSend(s)
		if err != nil {
			return "", err
		}
		if err := c.takeCoupon(s, openID, value.Amount); err != nil {
			return "", err
		}
		return c.giveCoupon(s, openID, value)
	})
	return http.StatusOK, map[string]string{"coupon_id": id}, err
}

const openIDs = "openid" // the appid, by openid

// checkOpenID refuses a user of another appid. Whose a user is shows when he is
// sent the first coupon.
func (c *call) checkOpenID(openID, appID string) error {
	known, found, err := store.Load[string](c.tx, openIDs, openID)
	switch {
	case err != nil:
		return err
	case !found:
		return store.Save(c.tx, openIDs, openID, appID)
	case known != appID:
		return paramError("uri_template", "openid", openID, "it does not belong to the appid")
	}
	return nil
}

// stockToSend is the stock that the body names, if coupons of it can be sent.
func (c *call) stockToSend() (*stock, error) {
	creator := c.body.Get("stock_creator_mchid").String()
	s, err := loadStock(c.tx, creator, c.body.Get("stock_id").String())
	switch {
	case err != nil:
		return nil, err
	case creator != c.merchant.MchID && !slices.Contains(s.Senders, c.merchant.MchID):
		return nil, &refusal{Status: http.StatusForbidden, Code: "REQUEST_BLOCKED", Message: "the merchant may send no coupons that another one created"}
	}
	if state := s.state(c.now); state != stockRunning {
		return nil, invalid("the stock is " + state + ", but it must be " + stockRunning)
	}
	if c.now.Before(s.Begin) {
		return nil, invalid("the stock begins at " + beijing.Format(s.Begin))
	}
	return s, nil
}

// valueToSend is what the coupon is worth.
func (c *call) valueToSend(s *stock) (couponValue, error) {
	amount, minimum := c.body.Get("coupon_value"), c.body.Get("coupon_minimum")
	if s.Fixed != nil {
		const fixed = "the coupons of this stock have a fixed value; leave it out"
		switch {
		case amount.Exists():
			return couponValue{}, badField("/coupon_value", amount.Value(), fixed)
		case minimum.Exists():
			return couponValue{}, badField("/coupon_minimum", minimum.Value(), fixed)
		}
		return *s.Fixed, nil
	}
	v := couponValue{amount.Int(), minimum.Int()}
	if v.Amount < 1 {
		return v, badField("/coupon_value", amount.Value(), "it is required for this stock, and must be 1 fen or more")
	}
	if v.Minimum < v.Amount {
		return v, badField("/coupon_minimum", minimum.Value(), "it is required for this stock, and must be coupon_value or more")
	}
	return v, nil
}

const takenBucket = "coupon-taken" // how many coupons a user has had, by stock_id/openid

// takeCoupon counts a coupon, within the limits of its stock.
func (c *call) takeCoupon(s *stock, openID string, amount int64) error {
	key := orderKey(s.ID, openID)
	taken, _, err := store.Load[int64](c.tx, takenBucket, key)
	if err != nil {
		return err
	}
	today := beijing.Day(c.now)
	if s.Day != today {
		s.Day, s.DayAmount = today, 0
	}
	spent := ""
	switch r := s.Rule; {
	case taken >= r.MaxCouponsPerUser:
		return &refusal{Status: http.StatusForbidden, Code: "RULE_LIMIT", Message: fmt.Sprintf("the user has had %d coupons of the stock, which is the most", taken)}
	case s.Sent >= r.MaxCoupons:
		spent = "all of its max_coupons are sent"
	case amount > r.MaxAmount-s.SentAmount:
		spent = "too little of its max_amount is left"
	case r.MaxAmountByDay > 0 && amount > r.MaxAmountByDay-s.DayAmount:
		spent = "too little of its max_amount_by_day is left"
	}
	if spent != "" {
		return &refusal{Status: http.StatusForbidden, Code: "NOT_ENOUGH", Message: "the budget of the stock is spent: " + spent}
	}
	s.Sent++
	s.SentAmount += amount
	s.DayAmount += amount
	if err := store.Save(c.tx, takenBucket, key, taken+1); err != nil {
		return err
	}
	return s.save(c.tx)
}

// giveCoupon makes a coupon and returns its id.
func (c *call) giveCoupon(s *stock, openID string, value couponValue) (string, error) {
	n, err := c.number("coupon_id")
	if err != nil {
		return "", err
	}
	k := &coupon{
		couponValue: value, ID: "2" + n, StockID: s.ID, Creator: s.Creator, Sender: c.merchant.MchID,
		AppID: c.body.Get("appid").String(), OpenID: openID, Sent: c.now, End: s.End,
	}
	if end := c.now.Add(s.Lifetime); s.Lifetime > 0 && end.Before(s.End) {
		k.End = end
	}
	if err := store.Save(c.tx, couponKeys, k.ID, userKey(openID, k.ID)); err != nil {
		return "", err
	}
	return k.ID, k.save(c.tx)
}
