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
	if err := s.store.Update(func(tx Tx) error {
		l.tx, l.now, l.after = tx, s.clock(), nil
		return f(l)
	}); err != nil {
		return err
	}
	l.stored()
	return nil
}

// stored does what comes once it is stored.
func (l *ledger) stored() {
	for _, f := range l.after {
		f()
	}
}
