package sandbox

import (
	"errors"
	"fmt"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
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
	err := s.store.Update(func(tx Tx) error {
		ahead, err := loadAhead(tx)
		if err == nil && d > maxAhead-ahead {
			err = errors.New("it goes no further than a hundred years in all")
		}
		if err != nil {
			return err
		}
		return store.Save(tx, clockBucket, aheadKey, ahead+d)
	})
	if err != nil {
		return fmt.Errorf("sandbox: moving the clock by %v: %w", d, err)
	}
	s.ahead.Add(int64(d))
	s.timetable.Advance(d)
	return nil
}

// Where the store has how far the clock was moved.
const (
	clockBucket = "clock"
	aheadKey    = "ahead"
)

func loadAhead(tx Tx) (time.Duration, error) {
	ahead, _, err := store.Load[time.Duration](tx, clockBucket, aheadKey)
	return ahead, err
}

// resumeClock has the clock go on from where the store has it.
func (s *Server) resumeClock() error {
	return s.store.View(func(tx Tx) error {
		ahead, err := loadAhead(tx)
		s.ahead.Store(int64(ahead))
		return err
	})
}

// Close ends the notifications that are being sent and the delays of faults, and
// waits for them. Notifications that are not acknowledged wait in the store for
// the next sandbox. A Server needs it once it no longer serves, and before its
// store is closed.
func (s *Server) Close() {
	s.timetable.Close()
	s.notifier.Close()
}
