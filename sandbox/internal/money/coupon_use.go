package money

import (
	"errors"
	"fmt"
	"net/url"
	"slices"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// UseCoupon uses a coupon on a payment to a merchant, as its user does when
// paying. A payment that names no user is that of the coupon's.
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
	if err := l.checkTakes(mchID, k, from); err != nil {
		return err
	}
	if err := o.checkCoupon(k); err != nil {
		return err
	}
	if err := o.setPayer(k.OpenID); err != nil {
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
	return l.useCoupon(k, from, mchID, transactionID)
}

// checkTakes returns why a merchant does not take a coupon.
func (l *Ledger) checkTakes(mchID string, k *Coupon, from *Stock) error {
	switch state := k.StateAt(l.Now); {
	case state != CouponSent:
		return fmt.Errorf("it is %s, not %s", state, CouponSent)
	case !slices.Contains(from.Merchants, mchID):
		return errors.New("its stock does not name the merchant as one that takes it")
	}
	return nil
}

// useCoupon marks a coupon as used at a merchant.
func (l *Ledger) useCoupon(k *Coupon, from *Stock, mchID, transactionID string) error {
	k.Used, k.UsedMchID, k.TransactionID = l.Now, mchID, transactionID
	if err := store.Save(l.Tx, usedCoupons, key(k.StockID, k.ID), k.ID); err != nil {
		return err
	}
	if err := k.save(l.Tx); err != nil {
		return err
	}
	return l.tellUsed(k, from)
}

// A tender is a coupon that pays a part of an order.
type tender struct {
	coupon *Coupon
	stock  *Stock
	order  *Order
	mchID  string // that takes it
}

// takeCoupons takes the values of coupons off unpaid orders, and adds the tenders to
// all. Each coupon is used on the first order that it fits. An order that names no
// user is that of the coupon's.
func (l *Ledger) takeCoupons(all []tender, couponIDs []string, parts ...*Order) ([]tender, error) {
	for _, id := range couponIDs {
		if hasTender(all, id) {
			return nil, fmt.Errorf("coupon %.64q is named twice", id)
		}
		k, err := l.Coupon(id)
		if err != nil {
			return nil, fmt.Errorf("coupon %.64q: %w", id, err)
		}
		from, err := l.Stock(k.Creator, k.StockID)
		if err != nil {
			return nil, fmt.Errorf("coupon %.64q: %w", id, err)
		}
		t, err := l.takeCoupon(k, from, parts)
		if err != nil {
			return nil, fmt.Errorf("coupon %.64q: %w", id, err)
		}
		all = append(all, t)
	}
	return all, nil
}

func hasTender(all []tender, couponID string) bool {
	for _, t := range all {
		if t.coupon.ID == couponID {
			return true
		}
	}
	return false
}

// takeCoupon takes the value of a coupon off the first order that it fits. The error
// is that of the last order.
func (l *Ledger) takeCoupon(k *Coupon, from *Stock, parts []*Order) (t tender, err error) {
	for _, o := range parts {
		for _, mchID := range o.members() {
			if err = l.checkTakes(mchID, k, from); err != nil {
				continue
			}
			if err = o.checkWorth(k); err != nil {
				break
			}
			if err = o.setPayer(k.OpenID); err != nil {
				break
			}
			o.addDiscount(k, from)
			return tender{k, from, o, mchID}, nil
		}
	}
	return t, err
}

// useTenders marks coupons as used on orders that are paid.
func (l *Ledger) useTenders(all []tender) error {
	for _, t := range all {
		if err := l.useCoupon(t.coupon, t.stock, t.mchID, t.order.TransactionID); err != nil {
			return err
		}
	}
	return nil
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
