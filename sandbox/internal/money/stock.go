package money

import (
	"slices"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// A StockState is the state of a stock of coupons.
type StockState string

// The states of stocks.
const (
	StockUnactivated StockState = "unactivated"
	StockRunning     StockState = "running"
	StockPaused      StockState = "paused"
	StockStopped     StockState = "stoped" // as the platform spells it
)

// A Stock is a stock of cash coupons.
type Stock struct {
	ID          string        `json:"stock_id"`
	Creator     string        `json:"creator"` // a mchid
	Name        string        `json:"name"`
	Description string        `json:"description,omitempty"`
	Type        string        `json:"type"`
	NoCash      bool          `json:"no_cash"`
	Begin       time.Time     `json:"begin"`
	End         time.Time     `json:"end"` // it stops then, whatever its state
	Rule        StockRule     `json:"rule"`
	Fixed       *CouponValue  `json:"fixed,omitempty"`    // of a coupon, unless it is named on sending
	Lifetime    time.Duration `json:"lifetime,omitempty"` // of a coupon, if it does not last as long as the stock
	Items       []string      `json:"items"`              // the goods that a coupon is for, all if there are none
	Merchants   []string      `json:"merchants"`          // who takes the coupons
	Senders     []string      `json:"senders,omitempty"`  // who sends them, beside the creator
	Created     time.Time     `json:"created"`
	Started     time.Time     `json:"started,omitzero"`
	Paused      bool          `json:"paused,omitempty"`
	Stopped     time.Time     `json:"stopped,omitzero"` // by its creator, before its end

	Sent       int64  `json:"sent"` // how many coupons
	SentAmount int64  `json:"sent_amount"`
	Day        string `json:"day,omitempty"` // of the latest coupon
	DayAmount  int64  `json:"day_amount,omitempty"`
	Hold       Hold   `json:"hold,omitzero"` // of max_amount, if the creator prepays the coupons
}

// A StockRule limits the coupons that are sent from a stock.
type StockRule struct {
	MaxCoupons         int64 `json:"max_coupons"`
	MaxAmount          int64 `json:"max_amount"`
	MaxAmountByDay     int64 `json:"max_amount_by_day"`
	MaxCouponsPerUser  int64 `json:"max_coupons_per_user"`
	NaturalPersonLimit bool  `json:"natural_person_limit"`
	PreventAPIAbuse    bool  `json:"prevent_api_abuse"`
}

// A CouponValue is the amount that a coupon takes off an order, and the minimum
// of the order.
type CouponValue struct {
	Amount  int64 `json:"coupon_amount"`
	Minimum int64 `json:"transaction_minimum"`
}

const stocks = "stock" // by creator/stock_id

func (s *Stock) save(tx store.Tx) error { return store.Save(tx, stocks, key(s.Creator, s.ID), s) }

// Stock returns a stock of a creator.
func (l *Ledger) Stock(creator, stockID string) (*Stock, error) {
	s, found, err := store.Load[Stock](l.Tx, stocks, key(creator, stockID))
	if err == nil && !found {
		err = &Refusal{Reason: NotFound, Message: "stock_creator_mchid has no such stock"}
	}
	return &s, err
}

// Stocks returns the stocks of a creator, oldest first.
func (l *Ledger) Stocks(creator string) (all []*Stock, err error) {
	err = store.Each(l.Tx, stocks, key(creator, ""), func(s Stock) error {
		all = append(all, &s)
		return nil
	})
	slices.SortStableFunc(all, func(a, b *Stock) int { return a.Created.Compare(b.Created) })
	return all, err
}

// StateAt returns the state at an instant.
func (s *Stock) StateAt(now time.Time) StockState {
	switch {
	case !s.Stopped.IsZero(), !now.Before(s.End):
		return StockStopped
	case s.Started.IsZero():
		return StockUnactivated
	case s.Paused:
		return StockPaused
	}
	return StockRunning
}

// StartStock starts a stock that is unactivated, and sets aside the budget of one
// whose coupons bring cash. Starting a running stock changes nothing.
//
// https://pay.weixin.qq.com/docs/merchant/apis/cash-coupons/stock/start-stock.html
func (l *Ledger) StartStock(s *Stock) error {
	return l.moveStock(s, StockUnactivated, StockRunning, func() error {
		s.Started = l.Now
		return l.prepay(s)
	})
}

// prepay sets aside the budget of a stock until its end.
func (l *Ledger) prepay(s *Stock) error {
	if s.NoCash {
		return nil
	}
	if err := l.checkBalance(s.Creator, AccountOperation, s.Rule.MaxAmount); err != nil {
		return err
	}
	return l.hold(&s.Hold, Hold{s.Creator, AccountOperation, s.Rule.MaxAmount, s.End})
}

// PauseStock pauses a stock that is running. Pausing a paused one changes nothing.
func (l *Ledger) PauseStock(s *Stock) error {
	return l.moveStock(s, StockRunning, StockPaused, func() error { s.Paused = true; return nil })
}

// RestartStock restarts a stock that is paused. Restarting a running one changes
// nothing.
func (l *Ledger) RestartStock(s *Stock) error {
	return l.moveStock(s, StockPaused, StockRunning, func() error { s.Paused = false; return nil })
}

// StopStock ends a stock for good. Stopping it again changes nothing.
func (l *Ledger) StopStock(s *Stock) error {
	if s.StateAt(l.Now) == StockStopped {
		return nil
	}
	s.Stopped = l.Now
	if err := l.hold(&s.Hold, Hold{}); err != nil {
		return err
	}
	return s.save(l.Tx)
}

// moveStock brings a stock from a state to another one, unless it has that state.
func (l *Ledger) moveStock(s *Stock, from, to StockState, move func() error) error {
	switch state := s.StateAt(l.Now); state {
	case from:
	case to:
		return nil
	default:
		return Invalid("the stock is " + string(state) + ", not " + string(from))
	}
	if err := move(); err != nil {
		return err
	}
	return s.save(l.Tx)
}

// A CouponUse is a coupon and the order that it was used on.
type CouponUse struct {
	*Coupon
	Order *Order
}

// Uses returns the used coupons of a stock. Stocks of different creators may have
// the same number, such as those of the documentation.
func (l *Ledger) Uses(s *Stock) (all []CouponUse, err error) {
	err = store.Each(l.Tx, usedCoupons, key(s.ID, ""), func(couponID string) error {
		k, err := l.Coupon(couponID)
		if err != nil || k.Creator != s.Creator {
			return err
		}
		o, err := l.PaidOrder(k.TransactionID)
		all = append(all, CouponUse{k, o})
		return err
	})
	return all, err
}

// CouponsOf returns the coupons of a user that pass a filter, oldest first.
func (l *Ledger) CouponsOf(openID string, passes func(*Coupon) bool) (all []*Coupon, err error) {
	err = store.Each(l.Tx, coupons, userKey(openID, ""), func(k Coupon) error {
		if passes(&k) {
			all = append(all, &k)
		}
		return nil
	})
	slices.SortStableFunc(all, func(a, b *Coupon) int { return a.Sent.Compare(b.Sent) })
	return all, err
}
