package money

import (
	"errors"
	"fmt"
	"net/url"
	"slices"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// UseCoupon uses a coupon on a payment to a merchant, as its user does when
// paying.
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
	if err := l.freeze(o); err != nil {
		return err
	}
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

// A Callback is the URL where a merchant is notified that its coupons are used.
type Callback struct {
	MchID     string `json:"mchid"`
	NotifyURL string `json:"notify_url"`
	Off       bool   `json:"off,omitempty"`
}

const callbacks = "coupon-callback" // by mchid

// SetCallback sets the callback of a merchant.
func (l *Ledger) SetCallback(c Callback) error {
	if u, err := url.Parse(c.NotifyURL); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return BadField("notify_url", c.NotifyURL, "a URL is wanted")
	}
	return store.Save(l.Tx, callbacks, c.MchID, c)
}

// Callback returns the callback of a merchant.
func (l *Ledger) Callback(mchID string) (Callback, error) {
	c, found, err := store.Load[Callback](l.Tx, callbacks, mchID)
	if err == nil && !found {
		err = &Refusal{Reason: NotFound, Message: "the merchant has set no notify_url for coupons"}
	}
	return c, err
}

// tellUsed notifies the creator of a coupon that it is used, if the creator has
// set a callback.
func (l *Ledger) tellUsed(k *Coupon, from *Stock) error {
	c, _, err := store.Load[Callback](l.Tx, callbacks, k.Creator)
	if err == nil && !c.Off {
		l.Events = append(l.Events, CouponWasUsed{k, from, c.NotifyURL})
	}
	return err
}
