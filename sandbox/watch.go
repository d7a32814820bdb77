package sandbox

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A Change is a kind of what changes in a sandbox.
type Change string

// The kinds of changes, beside those of [Record].
const (
	changedRequests      Change = "request"
	changedNotifications Change = "notification"
	changedClock         Change = "clock"
	changedFaults        Change = "fault"
)

// watchInterval is the least time between two calls of a function that watches.
const watchInterval = 400 * time.Millisecond

// A watch tells of changes to those who watch.
type watch struct {
	watched atomic.Bool // somebody watches

	mu      sync.Mutex
	all     map[*watcher]struct{}
	closed  bool
	closing chan struct{}
}

// A watcher has what changed since it was last told.
type watcher struct {
	changed []Change
	wake    chan struct{}
}

func newWatch() *watch {
	return &watch{all: make(map[*watcher]struct{}), closing: make(chan struct{})}
}

// tell tells all who watch of a change.
func (w *watch) tell(c Change) {
	if !w.watched.Load() {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for to := range w.all {
		if !slices.Contains(to.changed, c) {
			to.changed = append(to.changed, c)
		}
		select {
		case to.wake <- struct{}{}:
		default:
		}
	}
}

func (w *watch) add(to *watcher) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all[to] = struct{}{}
	w.watched.Store(true)
}

func (w *watch) remove(to *watcher) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.all, to)
	w.watched.Store(len(w.all) > 0)
}

// take returns what changed for a watcher.
func (w *watch) take(of *watcher) []Change {
	w.mu.Lock()
	defer w.mu.Unlock()
	changed := of.changed
	of.changed = nil
	return changed
}

// close ends all who watch.
func (w *watch) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closed {
		w.closed = true
		close(w.closing)
	}
}

// Watch calls f with the kinds of what changed: "request", "notification", "clock",
// "fault", and the kinds of records. It is called soon after a change, but not more
// often than twice a second or so. Watch returns when ctx ends, when the sandbox is
// closed, or with the error of f.
func (s *Server) Watch(ctx context.Context, f func([]Change) error) error {
	to := &watcher{wake: make(chan struct{}, 1)}
	s.watch.add(to)
	defer s.watch.remove(to)
	pause := time.NewTimer(0)
	defer pause.Stop()
	for await(ctx, s.watch.closing, pause.C) && await(ctx, s.watch.closing, to.wake) {
		if err := f(s.watch.take(to)); err != nil {
			return err
		}
		pause.Reset(watchInterval)
	}
	return nil
}

// await waits for c, and returns false if ctx or the sandbox ends before.
func await[T any](ctx context.Context, closing <-chan struct{}, c <-chan T) bool {
	select {
	case <-c:
		return true
	case <-ctx.Done():
	case <-closing:
	}
	return false
}
