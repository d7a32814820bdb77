package money

import (
	"fmt"
	"slices"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// A Gift is a coupon of a stock that a merchant sends to a user.
type Gift struct {
	Sender, Creator, StockID string
	OpenID, AppID            string
	RequestNo, Fingerprint   string
	Amount, Minimum          *int64 // nil when the merchant does not say
}

// SendCoupon gives a user a coupon and returns its id. Repeating the number sends
// no second coupon.
func (l *Ledger) SendCoupon(g Gift) (couponID string, err error) {
	return l.once("coupon-request", g.Sender, g.RequestNo, g.Fingerprint, func() (string, error) {
		if err := l.noteOpenID(g.OpenID, g.AppID); err != nil {
			return "", err
		}
		s, err := l.stockToSend(g)
		if err != nil {
			return "", err
		}
		value, err := g.value(s)
		if err != nil {
			return "", err
		}
		if err := l.countCoupon(s, g.OpenID, value.Amount); err != nil {
			return "", err
		}
		return l.giveCoupon(g, s, value)
	})
}

// noteOpenID refuses a user of another appid. The first coupon sent to a user
// decides the appid.
//
// https://pay.weixin.qq.com/wiki/doc/apiv3/apis/chapter9_1_3.shtml
func (l *Ledger) noteOpenID(openID, appID string) error {
	known, found, err := store.Load[string](l.Tx, openIDs, openID)
	switch {
	case err != nil:
		return err
	case !found:
		return store.Save(l.Tx, openIDs, openID, appID)
	case known != appID:
		return UnfitField("openid", openID, "it does not belong to the appid")
	}
	return nil
}

// stockToSend returns the stock of a gift, if its coupons can be sent.
func (l *Ledger) stockToSend(g Gift) (*Stock, error) {
	s, err := l.Stock(g.Creator, g.StockID)
	switch {
	case err != nil:
		return nil, err
	case g.Creator != g.Sender && !slices.Contains(s.Senders, g.Sender):
		return nil, &Refusal{Reason: Blocked, Message: "the merchant may send no coupons that another one created"}
	}
	if state := s.StateAt(l.Now); state != StockRunning {
		return nil, Invalid("the stock is " + string(state) + ", but it must be " + string(StockRunning))
	}
	if l.Now.Before(s.Begin) {
		return nil, Invalid("the stock begins at " + beijing.Format(s.Begin))
	}
	return s, nil
}

// value returns the value of the coupon.
func (g Gift) value(s *Stock) (v CouponValue, err error) {
	if s.Fixed != nil {
		const fixed = "the coupons of this stock have a fixed value; leave it out"
		switch {
		case g.Amount != nil:
			return v, BadField("coupon_value", *g.Amount, fixed)
		case g.Minimum != nil:
			return v, BadField("coupon_minimum", *g.Minimum, fixed)
		}
		return *s.Fixed, nil
	}
	if g.Amount == nil || *g.Amount < 1 {
		return v, BadField("coupon_value", shown(g.Amount), "it is required for this stock, and must be 1 fen or more")
	}
	if g.Minimum == nil || *g.Minimum < *g.Amount {
		return v, BadField("coupon_minimum", shown(g.Minimum), "it is required for this stock, and must be coupon_value or more")
	}
	return CouponValue{*g.Amount, *g.Minimum}, nil
}

// shown returns an amount, or nil without one.
func shown(amount *int64) any {
	if amount == nil {
		return nil
	}
	return *amount
}

// countCoupon counts a coupon, within the limits of its stock.
func (l *Ledger) countCoupon(s *Stock, openID string, amount int64) error {
	had, _, err := store.Load[int64](l.Tx, taken, key(s.ID, openID))
	if err != nil {
		return err
	}
	today := beijing.Day(l.Now)
	if s.Day != today {
		s.Day, s.DayAmount = today, 0
	}
	spent := ""
	switch r := s.Rule; {
	case had >= r.MaxCouponsPerUser:
		return &Refusal{Reason: OverLimit, Message: fmt.Sprintf("the user has had %d coupons of the stock, which is the most", had)}
	case s.Sent >= r.MaxCoupons:
		spent = "all of its max_coupons are sent"
	case amount > r.MaxAmount-s.SentAmount:
		spent = "too little of its max_amount is left"
	case r.MaxAmountByDay > 0 && amount > r.MaxAmountByDay-s.DayAmount:
		spent = "too little of its max_amount_by_day is left"
	}
	if spent != "" {
		return &Refusal{Reason: NotEnough, Message: "the budget of the stock is spent: " + spent}
	}
	s.Sent++
	s.SentAmount += amount
	s.DayAmount += amount
	if err := store.Save(l.Tx, taken, key(s.ID, openID), had+1); err != nil {
		return err
	}
	return s.save(l.Tx)
}

// giveCoupon makes a coupon and returns its id.
func (l *Ledger) giveCoupon(g Gift, s *Stock, value CouponValue) (string, error) {
	n, err := l.NextNumber("coupon_id")
	if err != nil {
		return "", err
	}
	k := &Coupon{
		CouponValue: value, ID: "2" + n, StockID: s.ID, Creator: s.Creator, Sender: g.Sender,
		AppID: g.AppID, OpenID: g.OpenID, Sent: l.Now, End: s.End,
	}
	if end := l.Now.Add(s.Lifetime); s.Lifetime > 0 && end.Before(s.End) {
		k.End = end
	}
	if err := store.Save(l.Tx, couponKeys, k.ID, userKey(k.OpenID, k.ID)); err != nil {
		return "", err
	}
	return k.ID, k.save(l.Tx)
}
