package money

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// A CouponState is the state of a coupon.
type CouponState string

// The states of coupons.
const (
	CouponSent    CouponState = "SENDED"
	CouponUsed    CouponState = "USED"
	CouponExpired CouponState = "EXPIRED"
)

// A Coupon is a cash coupon that a user has.
type Coupon struct {
	CouponValue
	ID      string    `json:"coupon_id"`
	StockID string    `json:"stock_id"`
	Creator string    `json:"creator"` // of the stock, a mchid
	Sender  string    `json:"sender"`  // a mchid
	AppID   string    `json:"appid"`
	OpenID  string    `json:"openid"`
	Sent    time.Time `json:"sent"`
	End     time.Time `json:"end"` // the user cannot use it from then on

	Used          time.Time `json:"used,omitzero"`
	UsedMchID     string    `json:"used_mchid,omitempty"`
	TransactionID string    `json:"transaction_id,omitempty"`
}

const (
	coupons     = "coupon"       // by openid/coupon_id
	couponKeys  = "coupon-key"   // the key of the coupon, by coupon_id
	usedCoupons = "coupon-used"  // the coupon_id, by stock_id/coupon_id
	openIDs     = "openid"       // the appid, by openid
	taken       = "coupon-taken" // how many coupons a user has had, by stock_id/openid
)

// userKey keeps apart users of which one's openid and a slash begin the other's.
func userKey(openID, couponID string) string { return url.PathEscape(openID) + "/" + couponID }

func (k *Coupon) save(tx store.Tx) error {
	return store.Save(tx, coupons, userKey(k.OpenID, k.ID), k)
}

// ErrNoCoupon refuses a number that is not a coupon of the user.
var ErrNoCoupon = &Refusal{Reason: NotFound, Message: "the user has no such coupon"}

// Coupon returns a coupon.
func (l *Ledger) Coupon(couponID string) (*Coupon, error) {
	key, found, err := store.Load[string](l.Tx, couponKeys, couponID)
	if err == nil && !found {
		err = ErrNoCoupon
	}
	if err != nil {
		return nil, err
	}
	k, found, err := store.Load[Coupon](l.Tx, coupons, key)
	if err == nil && !found {
		err = ErrNoCoupon
	}
	return &k, err
}

// StateAt is the state at an instant.
func (k *Coupon) StateAt(now time.Time) CouponState {
	switch {
	case k.TransactionID != "":
		return CouponUsed
	case !now.Before(k.End):
		return CouponExpired
	}
	return CouponSent
}

// A Gift is a coupon that a merchant sends to a user, of a stock.
type Gift struct {
	Sender, Creator, StockID string
	OpenID, AppID            string
	RequestNo, Fingerprint   string
	Amount, Minimum          *int64 // nil when the merchant does not say
}

// SendCoupon gives a user a coupon, and returns its id; the same number sends
// one.
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

// noteOpenID refuses a user of another appid. Whose a user is shows when he is
// sent the first coupon.
func (l *Ledger) noteOpenID(openID, appID string) error {
	known, found, err := store.Load[string](l.Tx, openIDs, openID)
	switch {
	case err != nil:
		return err
	case !found:
		return store.Save(l.Tx, openIDs, openID, appID)
	case known != appID:
		return BadField("openid", openID, "it does not belong to the appid")
	}
	return nil
}

// stockToSend is the stock of a gift, if coupons of it can be sent.
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

// value is what the coupon is worth.
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

// shown is an amount, or nil for none.
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

// UseCoupon uses a coupon on a payment to a merchant, as its user does when he
// pays.
func (l *Ledger) UseCoupon(mchID, couponID, transactionID string) error {
	k, err := l.Coupon(couponID)
	if err != nil {
		return err
	}
	from, err := l.Stock(k.Creator, k.StockID)
	if err != nil {
		return err
	}
	o, err := l.PaidOrder(transactionID)
	if err == nil && !o.has(mchID) {
		err = ErrNoOrder
	}
	if err != nil {
		return err
	}
	switch state := k.StateAt(l.Now); {
	case state != CouponSent:
		return fmt.Errorf("it is %s, not %s", state, CouponSent)
	case !slices.Contains(from.Merchants, mchID):
		return errors.New("the merchant is none of those that take it")
	}
	if err := o.checkCoupon(k); err != nil {
		return err
	}
	before := negate(o.Moves())
	o.addDiscount(k, from)
	l.Postings = append(l.Postings, Posting{At: o.Paid, Kind: PostedOrder, Key: o.Key(), MchIDs: o.members(), Moves: append(before, o.Moves()...), Corrects: true})
	if err := o.save(l.Tx); err != nil {
		return err
	}
	k.Used, k.UsedMchID, k.TransactionID = l.Now, mchID, transactionID
	if err := store.Save(l.Tx, usedCoupons, key(k.StockID, k.ID), k.ID); err != nil {
		return err
	}
	if err := k.save(l.Tx); err != nil {
		return err
	}
	return l.tellUsed(k, from)
}

// A Callback is where a merchant is told that its coupons are used.
type Callback struct {
	MchID     string `json:"mchid"`
	NotifyURL string `json:"notify_url"`
	Off       bool   `json:"off,omitempty"`
}

const callbacks = "coupon-callback" // by mchid

// SetCallback sets where a merchant is told.
func (l *Ledger) SetCallback(c Callback) error {
	if u, err := url.Parse(c.NotifyURL); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return BadField("notify_url", c.NotifyURL, "a URL is wanted")
	}
	return store.Save(l.Tx, callbacks, c.MchID, c)
}

// Callback is where a merchant is told.
func (l *Ledger) Callback(mchID string) (Callback, error) {
	c, found, err := store.Load[Callback](l.Tx, callbacks, mchID)
	if err == nil && !found {
		err = &Refusal{Reason: NotFound, Message: "the merchant has set no notify_url for coupons"}
	}
	return c, err
}

// tellUsed tells who created a coupon that it is used, if he wants to know.
func (l *Ledger) tellUsed(k *Coupon, from *Stock) error {
	c, _, err := store.Load[Callback](l.Tx, callbacks, k.Creator)
	if err == nil && !c.Off {
		l.Events = append(l.Events, CouponWasUsed{k, from, c.NotifyURL})
	}
	return err
}
