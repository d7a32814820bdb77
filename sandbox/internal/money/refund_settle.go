package money

import (
	"fmt"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// SettleRefund ends a refund that is PROCESSING or ABNORMAL. The amount of a
// refund that is CLOSED can be refunded again, under another number. The refund
// is that of a merchant, or of one of its partners or sub-merchants.
func (l *Ledger) SettleRefund(mchID, outRefundNo string, state RefundState) error {
	r, err := find[Refund](l, refunds, mchID, outRefundNo, ErrNoRefund)
	if err != nil {
		return err
	}
	if was, _ := r.StateAt(l.Now); was != RefundProcessing && was != RefundAbnormal {
		return fmt.Errorf("it is %s already", was)
	}
	switch state {
	case RefundSuccess, RefundAbnormal:
	case RefundClosed:
		if err := l.takeRefundBack(r); err != nil {
			return err
		}
	default:
		return fmt.Errorf("the state is %q, want %s, %s or %s", state, RefundSuccess, RefundClosed, RefundAbnormal)
	}
	return l.endRefund(r, state, l.Now)
}

// takeRefundBack restores the order to its state before the refund.
func (l *Ledger) takeRefundBack(r *Refund) error {
	o, err := l.Order(r.Owner, r.OutTradeNo)
	if err != nil {
		return err
	}
	o.Refunded -= r.Amount
	o.keepDiscounts(r.Discounts)
	if err := l.freeze(o); err != nil {
		return err
	}
	return o.save(l.Tx)
}

// endRefund ends a refund at an instant.
func (l *Ledger) endRefund(r *Refund, state RefundState, at time.Time) error {
	asPosted := r.State == RefundProcessing && state == RefundSuccess && at.Equal(r.due())
	if r.State == RefundProcessing && !asPosted {
		l.Postings = append(l.Postings, Posting{At: r.due(), Kind: PostedRefund, Key: r.key(), MchIDs: r.members(), Moves: negate(r.Moves()), Corrects: true})
	}
	if state == RefundSuccess && !asPosted {
		l.postRefund(r, at)
	}
	r.State, r.Settled = state, at
	if err := l.settleHold(r, asPosted); err != nil {
		return err
	}
	l.Events = append(l.Events, RefundEnded{r})
	return r.save(l.Tx)
}

// settleHold sets aside the money of a refund that is ABNORMAL until it is retried
// or settled, and nothing of one that has ended. If the refund succeeds when it was
// due, its hold ends by itself.
func (l *Ledger) settleHold(r *Refund, asPosted bool) error {
	switch {
	case r.State == RefundAbnormal:
		return l.holdRefund(r, time.Time{})
	case asPosted:
		return nil
	}
	return l.hold(&r.Hold, Hold{})
}

// deadline returns when a refund succeeds, unless it is settled before.
func (r *Refund) deadline() Deadline {
	sent, due := *r, r.due()
	return Deadline{due, func(l *Ledger) error {
		stored, err := l.Refund(sent.Owner, sent.OutRefundNo)
		if err != nil || stored.State != RefundProcessing || !stored.started().Equal(sent.started()) {
			return err
		}
		at := l.Now // the timetable may run ahead of the clock
		if due.Before(at) {
			at = due
		}
		return l.endRefund(stored, RefundSuccess, at)
	}}
}

// PendingDeadlines returns the deadlines of all open refunds, sharings, transfers and
// batches in a store that an earlier sandbox left.
func PendingDeadlines(tx store.Tx) (all []Deadline, err error) {
	if err := store.Each(tx, refunds, "", func(r Refund) error {
		if r.State == RefundProcessing && r.NotifyURL != "" {
			all = append(all, r.deadline())
		}
		return nil
	}); err != nil {
		return nil, err
	}
	if err := store.Each(tx, shares, "", func(s Sharing) error {
		if s.Tells {
			all = append(all, s.deadline())
		}
		return nil
	}); err != nil {
		return nil, err
	}
	if err := store.Each(tx, transfers, "", func(t Transfer) error {
		if t.isAwaited() {
			all = append(all, t.deadline())
		}
		return nil
	}); err != nil {
		return nil, err
	}
	return all, store.Each(tx, batches, "", func(b Batch) error {
		if b.NotifyURL != "" && !b.Told {
			all = append(all, b.deadline())
		}
		return nil
	})
}
