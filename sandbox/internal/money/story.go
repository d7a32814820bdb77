package money

import (
	"cmp"
	"slices"
	"time"
)

// A Story is an order with its states.
type Story struct {
	Record
	NotifyURL, Attach, CodeURL, H5URL string
	Expire                            time.Time
	BankType                          string // "" of an order that is not paid
	PayerTotal                        int64
	Refunded                          int64
	Used                              []Record    // the coupons that paid a part of it
	Steps                             []StoryStep // oldest first
}

// A StoryStep is a state of an order or a refund, and since when.
type StoryStep struct {
	State  string
	At     time.Time
	Kind   RecordKind
	Number string
}

// The states of a story that no query shows.
const (
	stepFailed  = "PAYMENT_FAILED" // the user may try again
	stepExpires = "EXPIRED"
)

// Story returns an order with its states, its refunds and the coupons that its user
// can pay with, or could still use on it. The order is that of a merchant, or of one of its partners or
// sub-merchants.
func (l *Ledger) Story(mchID, outTradeNo string) (s Story, refunds, coupons []Record, err error) {
	o, err := find[Order](l, orders, mchID, outTradeNo, ErrNoOrder)
	if err != nil {
		return s, nil, nil, err
	}
	s = Story{Record: l.orderRecord(o), NotifyURL: o.NotifyURL, Attach: o.Attach, Expire: o.Expire, Refunded: o.Refunded}
	s.Kind = RecordOrder
	if o.PrepayID != "" && !o.IsPaid() {
		switch o.TradeType {
		case "NATIVE":
			s.CodeURL = o.CodeLink()
		case TradeByH5:
			s.H5URL = o.H5Link("/")
		}
	}
	s.addSteps(o, l.Now)
	if o.IsPaid() {
		s.BankType, s.PayerTotal = o.Bank(), o.PayerTotal()
	}
	for _, d := range o.Discounts {
		k, err := l.Coupon(d.CouponID)
		if err != nil {
			return s, nil, nil, err
		}
		s.Used = append(s.Used, l.listedCoupon(k))
	}
	all, err := l.RefundsOf(o)
	if err != nil {
		return s, nil, nil, err
	}
	for _, f := range all {
		r := l.refundRecord(f)
		r.Kind = RecordRefund
		refunds = append(refunds, r)
		s.addRefund(f, l.Now)
	}
	slices.SortStableFunc(s.Steps, func(a, b StoryStep) int { return a.At.Compare(b.At) })
	coupons, err = l.usableCoupons(o)
	return s, refunds, coupons, err
}

func (s *Story) add(state string, at time.Time) {
	if !at.IsZero() {
		s.Steps = append(s.Steps, StoryStep{state, at, s.Kind, s.Number})
	}
}

// addSteps adds the states of the order.
func (s *Story) addSteps(o *Order, now time.Time) {
	s.add(string(OrderNotPay), s.Created)
	s.add(stepFailed, o.Failed)
	s.add(string(OrderSuccess), o.Paid)
	s.add(string(OrderRevoked), o.Reversed)
	s.add(string(OrderIsClosed), o.Closed)
	if !o.IsPaid() && o.Closed.IsZero() && o.Reversed.IsZero() {
		s.add(stepExpires, o.Expire)
	}
	if o.Closed.IsZero() && o.StateAt(now) == OrderIsClosed {
		s.add(string(OrderIsClosed), o.Placed.AddDate(0, 0, unpaidDays))
	}
}

// addRefund adds the states of a refund.
func (s *Story) addRefund(f *Refund, now time.Time) {
	s.Steps = append(s.Steps, StoryStep{string(RefundProcessing), f.Created, RecordRefund, f.OutRefundNo})
	if state, since := f.StateAt(now); state != RefundProcessing {
		s.Steps = append(s.Steps, StoryStep{string(state), since, RecordRefund, f.OutRefundNo})
	}
}

// usableCoupons returns the coupons of the user of an order that can be used on it
// now, or when it is paid.
func (l *Ledger) usableCoupons(o *Order) (all []Record, err error) {
	fits := o.checkCoupon
	if l.checkPayable(o) == nil {
		fits = o.checkWorth
	}
	of, err := l.CouponsOf(cmp.Or(o.OpenID, o.SubOpenID, somebody), func(k *Coupon) bool { return fits(k) == nil })
	if err != nil {
		return nil, err
	}
	for _, k := range of {
		from, err := l.Stock(k.Creator, k.StockID)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(o.members(), func(mchID string) bool { return l.checkTakes(mchID, k, from) == nil }) {
			all = append(all, l.listedCoupon(k))
		}
	}
	return all, nil
}

func (l *Ledger) listedCoupon(k *Coupon) Record {
	r := l.couponRecord(k)
	r.Kind = RecordCoupon
	return r
}
