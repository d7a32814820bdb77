package sandbox

import (
	"cmp"
	"slices"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// outbox has the notifications that wait, by ID. Each is put there by the
// transaction that does what it tells of, so that none is lost with the process
// of the sandbox.
const outbox = "notification"

// A waiting is a delivery in the outbox.
type waiting struct {
	Notification
	V2     bool      `json:"v2,omitempty"`
	Body   []byte    `json:"body"`
	Serial string    `json:"serial,omitempty"`
	Tries  int       `json:"tries"`
	Due    time.Time `json:"due"` // by the clock of the sandbox
}

// keep puts a delivery into the outbox.
func (s *Server) keep(tx Tx, d *delivery, due time.Time) error {
	s.notifier.mu.Lock()
	w := waiting{d.Notification, d.form == formV2{}, d.body, d.serial, d.tries, due}
	s.notifier.mu.Unlock()
	return store.Save(tx, outbox, d.ID, w)
}

// postpone keeps what has become of a delivery, and when it is due again. Were
// that lost, it would be sent once more than the schedule has it.
func (s *Server) postpone(d *delivery, due time.Time) {
	_ = s.store.Update(func(tx Tx) error { return s.keep(tx, d, s.clock().Add(time.Until(due))) })
}

// forget takes a delivery out of the outbox. Were that lost, it would be sent
// once more, which a receiver must bear.
func (s *Server) forget(d *delivery) {
	_ = s.store.Update(func(tx Tx) error { return tx.Delete(outbox, d.ID) })
}

func (w waiting) delivery() *delivery {
	d := &delivery{Notification: w.Notification, form: formV3{}, body: w.Body, serial: w.Serial, tries: w.Tries}
	if w.V2 {
		d.form = formV2{}
	}
	return d
}

// resume takes up what waited in the store when the sandbox before this one
// ended: notifications, and refunds and transfers whose end is to be told. What
// should have happened since then happens at once.
func (s *Server) resume() error {
	var left []waiting
	err := s.store.View(func(tx Tx) error {
		return store.Each(tx, outbox, "", func(w waiting) error {
			left = append(left, w)
			return nil
		})
	})
	if err != nil {
		return err
	}
	slices.SortFunc(left, func(a, b waiting) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID)) })
	for _, w := range left {
		d := w.delivery()
		s.notifier.add(d)
		s.deliverAt(d, time.Now().Add(max(0, w.Due.Sub(s.clock()))))
	}
	return s.resumeEnds()
}

// resumeEnds has refunds and transfers end that are on their way.
func (s *Server) resumeEnds() error {
	return s.store.View(func(tx Tx) error {
		if err := store.Each(tx, refundBucket, "", func(r refund) error {
			if r.State == refundProcessing {
				s.settleInTime(r)
			}
			return nil
		}); err != nil {
			return err
		}
		return store.Each(tx, transferBucket, "", func(t transfer) error {
			if ended, ok := t.next(); ok {
				s.endInTime(t, ended.Changed.Sub(s.clock()))
			}
			return nil
		})
	})
}
