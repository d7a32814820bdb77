package sandbox

import "time"

// A ledger is the state of a sandbox within a transaction, at an instant. The
// rules of orders and refunds are its methods: they know of no protocol.
type ledger struct {
	*Server
	tx    Tx // reads alone when the method is GET
	now   time.Time
	after []func() // what comes once it is stored
}

// change runs f in a transaction, and then what it has left for after it.
func (s *Server) change(f func(*ledger) error) error {
	l := &ledger{Server: s}
	return l.transact(false, func() error {
		l.now = s.clock()
		return f(l)
	})
}

// transact runs f in a transaction, one that reads alone when f does, and then
// what f has left for after it.
func (l *ledger) transact(reads bool, f func() error) error {
	transaction := l.store.Update
	if reads {
		transaction = l.store.View
	}
	err := transaction(func(tx Tx) error {
		l.tx, l.after = tx, nil
		return f()
	})
	if err != nil {
		return err
	}
	for _, f := range l.after {
		f()
	}
	return nil
}
