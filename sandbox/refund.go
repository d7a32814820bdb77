package sandbox

import (
	"cmp"
	"fmt"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// A RefundState is the state of a refund.
type RefundState string

// The states that [Server.SettleRefund] can bring a refund to.
const (
	RefundSuccess  RefundState = "SUCCESS"
	RefundClosed   RefundState = "CLOSED"   // the money stays with the merchant
	RefundAbnormal RefundState = "ABNORMAL" // the user's bank does not take it

	refundProcessing RefundState = "PROCESSING"
)

// refundTime is how long a refund takes that nobody settles.
const refundTime = 5 * time.Second

// A refund is money on its way back. Amounts are in fen.
type refund struct {
	owner
	AppID         string      `json:"appid,omitempty"` // of APIv2, which asked for it; "" when APIv3 did
	SubAppID      string      `json:"sub_appid,omitempty"`
	OutRefundNo   string      `json:"out_refund_no"`
	OutTradeNo    string      `json:"out_trade_no"`
	TransactionID string      `json:"transaction_id"`
	RefundID      string      `json:"refund_id"`
	Amount        int64       `json:"amount"`
	Total         int64       `json:"total"`               // of the order
	Discounts     []discount  `json:"discounts,omitempty"` // that were used on the order
	FundsAccount  string      `json:"funds_account"`
	NotifyURL     string      `json:"notify_url,omitempty"`
	Created       time.Time   `json:"created"`
	Fingerprint   string      `json:"fingerprint"` // of the parameters
	State         RefundState `json:"state"`       // before refundTime
	Settled       time.Time   `json:"settled,omitzero"`

	Retried  time.Time `json:"retried,omitzero"`   // to another account, after it was ABNORMAL
	RetryOf  string    `json:"retry_of,omitempty"` // the fingerprint of that
	Received string    `json:"received,omitempty"` // by that account

	Advance *advance `json:"advance,omitempty"`
}

const (
	refundBucket = "refund"    // by owner and out_refund_no
	refundIDs    = "refund-id" // the key of the refund, by refund_id
	refundsOf    = "refund-of" // the key of the refund, by nthRefund
)

// nthRefund is the key of the n-th refund of an order, n from 0 on.
func nthRefund(o *order, n int) string { return fmt.Sprintf("%s/%d", o.key(), n) }

func (r *refund) key() string { return r.owner.key(r.OutRefundNo) }

func (r *refund) save(tx Tx) error { return store.Save(tx, refundBucket, r.key(), r) }

func loadRefund(tx Tx, w owner, outRefundNo string) (*refund, error) {
	return loadRefundAt(tx, w, w.key(outRefundNo))
}

// loadRefundID returns the refund of an owner with that refund_id.
func loadRefundID(tx Tx, w owner, refundID string) (*refund, error) {
	key, _, err := store.Load[string](tx, refundIDs, refundID)
	if err != nil {
		return nil, err
	}
	return loadRefundAt(tx, w, key)
}

func loadRefundAt(tx Tx, w owner, key string) (*refund, error) {
	r, found, err := store.Load[refund](tx, refundBucket, key)
	if err == nil && (!found || r.owner != w) {
		err = errNoRefund
	}
	return &r, err
}

// refunds are those of an order, in the order in which they were asked for.
func (o *order) refunds(tx Tx) ([]*refund, error) {
	var all []*refund
	for n := range o.Refunds {
		key, _, err := store.Load[string](tx, refundsOf, nthRefund(o, n))
		if err != nil {
			return nil, err
		}
		r, err := loadRefundAt(tx, o.owner, key)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// started is when the money was sent for the last time.
func (r *refund) started() time.Time {
	if r.Retried.IsZero() {
		return r.Created
	}
	return r.Retried
}

// state is the state at an instant, and since when it is that.
func (r *refund) state(now time.Time) (RefundState, time.Time) {
	if done := r.due(); r.State == refundProcessing && !now.Before(done) {
		return RefundSuccess, done
	}
	return r.State, r.Settled
}

// SettleRefund ends a refund that is PROCESSING or ABNORMAL. One that nobody
// settles succeeds five seconds after it was asked for. What a refund that is
// CLOSED was of can be refunded again, by another number. The refund is found
// as [Server.Pay] finds an order.
func (s *Server) SettleRefund(mchID, outRefundNo string, state RefundState) error {
	err := s.change(func(l *ledger) error {
		r, err := find[refund](l, refundBucket, mchID, outRefundNo, errNoRefund)
		if err != nil {
			return err
		}
		return l.settle(r, state)
	})
	if err != nil {
		return fmt.Errorf("sandbox: settling refund %q of merchant %q: %w", outRefundNo, mchID, err)
	}
	return nil
}

// settle ends a refund and tells its merchant.
func (l *ledger) settle(r *refund, state RefundState) error {
	if was, _ := r.state(l.now); was != refundProcessing && was != RefundAbnormal {
		return fmt.Errorf("it is %s already", was)
	}
	switch state {
	case RefundSuccess, RefundAbnormal:
	case RefundClosed:
		o, err := loadOrder(l.tx, r.owner, r.OutTradeNo)
		if err != nil {
			return err
		}
		o.Refunded -= r.Amount
		o.keepDiscounts(r.Discounts)
		if err := o.save(l.tx); err != nil {
			return err
		}
	default:
		return fmt.Errorf("%q is none of %s, %s, %s", state, RefundSuccess, RefundClosed, RefundAbnormal)
	}
	if err := r.repost(l.tx, state, l.now); err != nil {
		return err
	}
	r.State, r.Settled = state, l.now
	if err := r.save(l.tx); err != nil {
		return err
	}
	return l.tellRefund(r)
}

// A refundAnswer is a refund as the platform shows it.
type refundAnswer struct {
	RefundID      string            `json:"refund_id"`
	OutRefundNo   string            `json:"out_refund_no"`
	TransactionID string            `json:"transaction_id"`
	OutTradeNo    string            `json:"out_trade_no"`
	Channel       string            `json:"channel"`
	Received      string            `json:"user_received_account"`
	SuccessTime   string            `json:"success_time,omitempty"`
	CreateTime    string            `json:"create_time"`
	Status        RefundState       `json:"status"`
	FundsAccount  string            `json:"funds_account"`
	Amount        refundAmount      `json:"amount"`
	Promotions    []refundPromotion `json:"promotion_detail,omitempty"`
}

type refundAmount struct {
	Total            int64  `json:"total"`
	Refund           int64  `json:"refund"`
	PayerTotal       int64  `json:"payer_total"`
	PayerRefund      int64  `json:"payer_refund"`
	SettlementRefund int64  `json:"settlement_refund"`
	SettlementTotal  int64  `json:"settlement_total"`
	DiscountRefund   int64  `json:"discount_refund"`
	Currency         string `json:"currency"`
}

func (r *refund) answer(now time.Time) refundAnswer {
	state, since := r.state(now)
	a := refundAnswer{
		RefundID: r.RefundID, OutRefundNo: r.OutRefundNo, TransactionID: r.TransactionID, OutTradeNo: r.OutTradeNo,
		Channel: "ORIGINAL", Received: cmp.Or(r.Received, "支付用户零钱"), CreateTime: beijing.Format(r.Created), Status: state, FundsAccount: r.FundsAccount,
		Amount: r.amounts(), Promotions: r.promotions(),
	}
	if r.Received != "" {
		a.Channel = "OTHER_BANKCARD"
	}
	if state == RefundSuccess {
		a.SuccessTime = beijing.Format(since)
	}
	return a
}

func (r *refund) amounts() refundAmount {
	a := refundAmount{
		Total: r.Total, Refund: r.Amount, PayerTotal: r.Total, PayerRefund: r.Amount,
		SettlementRefund: r.Amount, SettlementTotal: r.Total, Currency: "CNY",
	}
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
