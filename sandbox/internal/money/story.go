package money

import (
	"slices"
	"time"
)

// A Story is an order with its states.
type Story struct {
	Record
	NotifyURL, Attach, CodeURL, H5URL string
	Expire                            time.Time
	Refunded                          int64
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
// could use on it. The order is that of a merchant, or of one of its partners or
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

// usableCoupons returns the coupons of the user of a paid order that can be used on
// it.
func (l *Ledger) usableCoupons(o *Order) (all []Record, err error) {
	if o.State != OrderSuccess {
		return nil, nil
	}
	of, err := l.CouponsOf(o.OpenID, func(k *Coupon) bool {
		return k.StateAt(l.Now) == CouponSent && o.checkCoupon(k) == nil
	})
	for _, k := range of {
		r := l.couponRecord(k)
		r.Kind = RecordCoupon
		all = append(all, r)
	}
	return all, err
}
