package money

import (
	"fmt"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// A RefundState is the state of a refund.
type RefundState string

// The states of refunds.
const (
	RefundProcessing RefundState = "PROCESSING"
	RefundSuccess    RefundState = "SUCCESS"
	RefundClosed     RefundState = "CLOSED"   // the money stays with the merchant
	RefundAbnormal   RefundState = "ABNORMAL" // the user's bank does not take it
)

// refundTime is how long a refund takes if nobody settles it.
const refundTime = 5 * time.Second

// A Refund is a refund of a paid order.
type Refund struct {
	Owner
	AppID         string      `json:"appid,omitempty"` // of APIv2, which asked for it; "" when APIv3 did
	SubAppID      string      `json:"sub_appid,omitempty"`
	OutRefundNo   string      `json:"out_refund_no"`
	OutTradeNo    string      `json:"out_trade_no"`
	TransactionID string      `json:"transaction_id"`
	RefundID      string      `json:"refund_id"`
	Amount        int64       `json:"amount"`
	Total         int64       `json:"total"`               // of the order
	Discounts     []Discount  `json:"discounts,omitempty"` // that were used on the order
	BankType      string      `json:"bank_type,omitempty"` // by which the order was paid
	FundsAccount  string      `json:"funds_account"`
	NotifyURL     string      `json:"notify_url,omitempty"`
	Reason        string      `json:"-"` // which nothing shows
	Created       time.Time   `json:"created"`
	Fingerprint   string      `json:"fingerprint"` // of the parameters
	State         RefundState `json:"state"`       // before refundTime
	Settled       time.Time   `json:"settled,omitzero"`

	Retried  time.Time `json:"retried,omitzero"`   // to another account, after it was ABNORMAL
	RetryOf  string    `json:"retry_of,omitempty"` // the fingerprint of that
	Received string    `json:"received,omitempty"` // by that account

	Advance *Advance `json:"advance,omitempty"`

	Hold Hold `json:"hold,omitzero"` // of what the user gets, until it leaves the account
}

// An Advance is the money that a partner advances for a sub-merchant's refund.
type Advance struct {
	ReturnID string    `json:"return_id,omitempty"` // of giving it back to the partner
	Returned time.Time `json:"returned,omitzero"`
}

const (
	refunds   = "refund"    // by owner and out_refund_no
	refundIDs = "refund-id" // the key of the refund, by refund_id
	refundsOf = "refund-of" // the key of the refund, by nthRefund
)

// nthRefund returns the key of the n-th refund of an order; n starts at 0.
func nthRefund(o *Order, n int) string { return fmt.Sprintf("%s/%d", o.Key(), n) }

func (r *Refund) key() string { return r.Owner.key(r.OutRefundNo) }

func (r *Refund) save(tx store.Tx) error { return store.Save(tx, refunds, r.key(), r) }

// Refund returns the refund of an owner's number.
func (l *Ledger) Refund(w Owner, outRefundNo string) (*Refund, error) {
	return l.refundAt(w, w.key(outRefundNo))
}

// RefundByID returns the refund of an owner with that refund_id.
func (l *Ledger) RefundByID(w Owner, refundID string) (*Refund, error) {
	key, _, err := store.Load[string](l.Tx, refundIDs, refundID)
	if err != nil {
		return nil, err
	}
	return l.refundAt(w, key)
}

func (l *Ledger) refundAt(w Owner, key string) (*Refund, error) {
	r, found, err := store.Load[Refund](l.Tx, refunds, key)
	if err == nil && (!found || r.Owner != w) {
		err = ErrNoRefund
	}
	return &r, err
}

// RefundsOf returns the refunds of an order, in the order in which they were
// asked for.
func (l *Ledger) RefundsOf(o *Order) ([]*Refund, error) {
	var all []*Refund
	for n := range o.Refunds {
		key, _, err := store.Load[string](l.Tx, refundsOf, nthRefund(o, n))
		if err != nil {
			return nil, err
		}
		r, err := l.refundAt(o.Owner, key)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// started returns when the money was last sent.
func (r *Refund) started() time.Time {
	if r.Retried.IsZero() {
		return r.Created
	}
	return r.Retried
}

// due returns when a refund succeeds by itself.
func (r *Refund) due() time.Time { return r.started().Add(refundTime) }

// StateAt returns the state at an instant, and when that state began.
func (r *Refund) StateAt(now time.Time) (RefundState, time.Time) {
	if done := r.due(); r.State == RefundProcessing && !now.Before(done) {
		return RefundSuccess, done
	}
	return r.State, r.Settled
}

// RefundAmounts are the amounts of a refund, and the totals that they are part
// of.
type RefundAmounts struct {
	PayerTotal, PayerRefund           int64 // what the user pays without coupons
	SettlementTotal, SettlementRefund int64 // what the merchant gets
	DiscountRefund                    int64 // by coupons
}

// Amounts returns the amounts of a refund.
func (r *Refund) Amounts() RefundAmounts {
	a := RefundAmounts{PayerTotal: r.Total, PayerRefund: r.Amount, SettlementTotal: r.Total, SettlementRefund: r.Amount}
	for _, d := range r.Discounts {
		a.PayerTotal -= d.Amount
		a.DiscountRefund += d.Refunded
		a.PayerRefund -= d.Refunded
		if d.NoCash {
			a.SettlementRefund -= d.Refunded
			a.SettlementTotal -= d.Amount
		}
	}
	return a
}

// Rechargeable returns the part of a refund that coupons with cash paid.
func (r *Refund) Rechargeable() (sum int64) {
	for _, d := range r.Discounts {
		if !d.NoCash {
			sum += d.Refunded
		}
	}
	return sum
}

// Fee returns what the platform gives back of its fee: the same part as of the
// order, rounded down.
func (r *Refund) Fee() int64 {
	a := r.Amounts()
	if a.SettlementTotal == 0 {
		return 0 // all of it was paid by coupons
	}
	return part(Fee(a.SettlementTotal), a.SettlementRefund, a.SettlementTotal)
}

// Channel returns how a refund goes back and who receives it, as answers show
// both.
func (r *Refund) Channel() (channel, received string) {
	if r.Received != "" {
		return "OTHER_BANKCARD", r.Received
	}
	return "ORIGINAL", receivedAt(r.BankType)
}
