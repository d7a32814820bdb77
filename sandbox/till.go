package sandbox

import (
	"context"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/bill"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/notifier"
	"github.com/wxchain/wechatpay/sandbox/internal/records"
)

// ledger returns the state in a transaction, at an instant.
func (s *Server) ledger(tx Tx, now time.Time) money.Ledger {
	return money.Ledger{Tx: tx, Now: now, Seed: s.seed, Parties: s.parties, Terms: s.terms}
}

// A turn is a transaction of the domain.
type turn struct {
	money.Ledger
	s     *Server
	f     func(*money.Ledger) error
	told  []*notifier.Delivery
	noted []records.Noted
}

// transact runs f in a transaction, as of now. If reads is true, the transaction
// only reads. Otherwise the same transaction keeps the postings of f for the bills
// and the balances, and its events for the notifier. Once that is stored, the notifier starts to
// send, and the deadlines of f are awaited.
func (s *Server) transact(now time.Time, reads bool, f func(*money.Ledger) error) error {
	t := &turn{Ledger: s.ledger(nil, now), s: s, f: f}
	if reads {
		return s.store.View(t.read)
	}
	if err := s.store.Update(t.write); err != nil {
		return err
	}
	s.notifier.Start(t.told)
	s.note(t.noted)
	for _, d := range t.Deadlines {
		s.await(d)
	}
	return nil
}

func (t *turn) read(tx Tx) error {
	t.Tx = tx
	return t.f(&t.Ledger)
}

func (t *turn) write(tx Tx) (err error) {
	t.Tx, t.noted = records.Note(tx, &t.noted), nil
	if t.Now.IsZero() {
		t.Now = t.s.clock()
	}
	if err := t.f(&t.Ledger); err != nil {
		return err
	}
	if err := bill.Keep(tx, t.Postings); err != nil {
		return err
	}
	if err := t.Book(t.Postings); err != nil {
		return err
	}
	t.told, err = t.s.notifier.Keep(tx, t.Now, t.Events)
	return err
}

// change runs f in a transaction that writes, as of the instant at which that
// begins.
func (s *Server) change(f func(*money.Ledger) error) error {
	return s.transact(time.Time{}, false, f)
}

// await ends something at its deadline.
func (s *Server) await(d money.Deadline) {
	s.timetable.After(d.At.Sub(s.clock()), func(context.Context) {
		_ = s.change(d.End) // a store that fails ends nothing
	})
}

// resume continues with what waits in the store of an earlier sandbox:
// notifications, and refunds and transfers whose merchants must be told of the
// end. What is overdue happens at once.
func (s *Server) resume() error {
	if err := s.notifier.Resume(); err != nil {
		return err
	}
	return s.store.View(func(tx Tx) error {
		pending, err := money.PendingDeadlines(tx)
		for _, d := range pending {
			s.await(d)
		}
		return err
	})
}
