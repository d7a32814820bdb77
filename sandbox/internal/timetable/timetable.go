// Package timetable calls functions at their time, until it is closed. Its time
// can be moved forward.
package timetable

import (
	"context"
	"sync"
	"time"
)

// maxWaiting is how many functions can wait for their time. More are dropped,
// because a load test does not need sixteen notifications of each payment.
const maxWaiting = 1 << 16

// A Timetable calls functions at their time, each in a goroutine, until it is
// closed.
type Timetable struct {
	ctx     context.Context // of the functions
	cancel  context.CancelFunc
	running sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	waiting map[*entry]struct{}
}

type entry struct {
	timer *time.Timer
	due   time.Time
}

// New returns a timetable. Call Close at the end.
func New() *Timetable {
	t := &Timetable{waiting: make(map[*entry]struct{})}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	return t
}

// Done returns a channel that is closed when the timetable is closed.
func (t *Timetable) Done() <-chan struct{} { return t.ctx.Done() }

// After calls f once d has passed, with a context that ends with the timetable.
func (t *Timetable) After(d time.Duration, f func(context.Context)) {
	t.At(time.Now().Add(d), func(ctx context.Context, _ time.Time) { f(ctx) })
}

// At calls f when it is due, and passes the time at which it was due. After
// Advance that can be long ago, so that what f schedules next can be due too. At
// returns false if too many functions wait.
func (t *Timetable) At(due time.Time, f func(ctx context.Context, due time.Time)) (ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return true
	}
	if len(t.waiting) >= maxWaiting {
		return false
	}
	e := &entry{due: due}
	t.waiting[e] = struct{}{}
	e.timer = time.AfterFunc(max(0, time.Until(due)), func() {
		if due, ok := t.take(e); ok {
			defer t.running.Done()
			f(t.ctx, due)
		}
	})
	return true
}

// take reports whether the caller must call the function of e, and returns when
// it was due.
func (t *Timetable) take(e *entry) (due time.Time, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, ok := t.waiting[e]; !ok {
		return due, false // closed, or called already when Advance was called
	}
	delete(t.waiting, e)
	t.running.Add(1)
	return e.due, true
}

// Advance moves the time of all waiting functions closer by d.
func (t *Timetable) Advance(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for e := range t.waiting {
		e.due = e.due.Add(-d)
		e.timer.Reset(max(0, time.Until(e.due)))
	}
}

// Close drops the functions that wait, cancels those that run, and waits until
// they end.
func (t *Timetable) Close() {
	t.mu.Lock()
	t.closed = true
	for e := range t.waiting {
		e.timer.Stop()
	}
	clear(t.waiting)
	t.mu.Unlock()
	t.cancel()
	t.running.Wait()
}
