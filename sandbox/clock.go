package sandbox

import (
	"errors"
	"fmt"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// Now returns the time by the clock of the sandbox.
func (s *Server) Now() time.Time { return s.clock() }

const maxAhead = 100 * 365 * 24 * time.Hour

// Advance moves the clock of the sandbox forward by d, which must be above 0, and
// sends the notifications that become due. Signatures keep to the time of day,
// because clients know no other clock. Only a client of [Server.ClientConfig]
// signs by the clock of the sandbox, and its answers are signed by it too.
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
	s.watch.tell(changedClock)
	return nil
}

// The place in the store that says how far the clock was moved.
const (
	clockBucket = "clock"
	aheadKey    = "ahead"
)

func loadAhead(tx Tx) (time.Duration, error) {
	ahead, _, err := store.Load[time.Duration](tx, clockBucket, aheadKey)
	return ahead, err
}

// resumeClock sets the clock to where an earlier sandbox left it.
func (s *Server) resumeClock() error {
	return s.store.View(func(tx Tx) error {
		ahead, err := loadAhead(tx)
		s.ahead.Store(int64(ahead))
		return err
	})
}

// Close stops sending notifications, ends all calls of [Server.Watch], ends the delays of faults, and waits until
// both have ended. Notifications that were not acknowledged stay in the store for
// the next sandbox. Call Close when you no longer serve the sandbox, and before
// you close its store.
func (s *Server) Close() {
	s.watch.close()
	s.timetable.Close()
	s.notifier.Close()
}
