package sandbox

import (
	"fmt"
	"time"
)

const maxAhead = 100 * 365 * 24 * time.Hour

// Advance moves the clock of the sandbox by d, which is more than 0, and sends
// what notifications are due by then. Signatures are of the time of day all the
// same, for a client has no other clock; one that [Server.ClientConfig] made
// keeps to that of the sandbox, and is answered by it.
func (s *Server) Advance(d time.Duration) error {
	if d <= 0 {
		return fmt.Errorf("sandbox: moving the clock by %v: it only goes forward", d)
	}
	for {
		ahead := s.ahead.Load()
		if d > maxAhead-time.Duration(ahead) {
			return fmt.Errorf("sandbox: moving the clock by %v: it goes no further than a hundred years in all", d)
		}
		if s.ahead.CompareAndSwap(ahead, ahead+int64(d)) {
			s.timetable.advance(d)
			return nil
		}
	}
}

// Close drops the notifications that are not acknowledged, ends those that are
// being sent and the delays of faults, and waits for them. A Server needs it
// once it no longer serves.
func (s *Server) Close() {
	s.timetable.close()
	s.notifier.own.CloseIdleConnections()
}
