package notifier

import (
	"cmp"
	"slices"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// outbox has the waiting notifications by ID. The transaction of an event puts
// its notification there.
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
func (n *Notifier) keep(tx store.Tx, d *Delivery, due time.Time) error {
	n.mu.Lock()
	w := waiting{d.Notification, d.form == n.V2, d.Body, d.Serial, d.tries, due}
	n.mu.Unlock()
	return store.Save(tx, outbox, d.ID, w)
}

// postpone stores the state of a delivery and when it is due again. If that were
// lost, the notification would be sent once too often.
func (n *Notifier) postpone(d *Delivery, due time.Time) {
	_ = n.Store.Update(func(tx store.Tx) error { return n.keep(tx, d, n.Clock().Add(time.Until(due))) })
}

// forget removes a delivery from the outbox. If that were lost, the notification
// would be sent once more, which receivers must tolerate.
func (n *Notifier) forget(d *Delivery) {
	_ = n.Store.Update(func(tx store.Tx) error { return tx.Delete(outbox, d.ID) })
}

// Resume continues with the notifications that an earlier sandbox left in the
// store. Overdue ones are sent at once.
func (n *Notifier) Resume() error {
	var left []waiting
	err := n.Store.View(func(tx store.Tx) error {
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
		d := &Delivery{Notification: w.Notification, form: n.V3, Body: w.Body, Serial: w.Serial, tries: w.Tries}
		if w.V2 {
			d.form = n.V2
		}
		n.add(d)
		n.deliverAt(d, time.Now().Add(max(0, w.Due.Sub(n.Clock()))))
	}
	return nil
}
