package sandbox

import (
	"context"
	"sync"
	"time"
)

// maxWaiting is how many functions wait for their time; more are dropped, for
// a load test need not be told of each payment sixteen times.
const maxWaiting = 1 << 16

// A timetable calls functions at their time, each in a goroutine, until it is
// closed.
type timetable struct {
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

func newTimetable() *timetable {
	t := &timetable{waiting: make(map[*entry]struct{})}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	return t
}

// after calls f once d has passed, with a context that ends with the timetable.
func (t *timetable) after(d time.Duration, f func(context.Context)) {
	t.at(time.Now().Add(d), func(ctx context.Context, _ time.Time) { f(ctx) })
}

// at calls f when it is due, and tells it when it was: long ago, after advance,
// so that what comes next can be due by then as well. It is false that too many
// wait.
func (t *timetable) at(due time.Time, f func(ctx context.Context, due time.Time)) (ok bool) {
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

// take tells whether it is for the caller to call the function of e, and when
// that was due.
func (t *timetable) take(e *entry) (due time.Time, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, ok := t.waiting[e]; !ok {
		return due, false // closed, or called already when advance was called
	}
	delete(t.waiting, e)
	t.running.Add(1)
	return e.due, true
}

// advance brings the time of all that wait closer by d.
func (t *timetable) advance(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for e := range t.waiting {
		e.due = e.due.Add(-d)
		e.timer.Reset(max(0, time.Until(e.due)))
	}
}

// close drops what waits, cancels what runs, and waits for its end.
func (t *timetable) close() {
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
