package config

import (
	"context"
	"errors"
	"time"
)

// Watch reads the sources every interval until ctx ends, and reloads what changed as
// [Clients.Reload] does. It takes a change only when two readings in a row are the
// same, so that a file or a pair of files that is being written is never taken half;
// while the settings are wrong, the clients keep those that they have.
//
// Watch tells onChange the numbers of the merchants whose clients were replaced or
// removed, or why a change cannot be taken: once for each such error. onChange may be
// nil. Watch returns the cause of the end of ctx. It runs in the goroutine of its
// caller:
//
//	go clients.Watch(ctx, 10*time.Second, func(mchIDs []string, err error) { … })
func (c *Clients) Watch(ctx context.Context, interval time.Duration, onChange func(mchIDs []string, err error)) error {
	if interval <= 0 {
		return wrong(errors.New("the interval of Watch must be longer than 0"))
	}
	if onChange == nil {
		onChange = func([]string, error) {}
	}
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	w := watcher{clients: c}
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ticker.C:
		}
		if mchIDs, err := w.look(); len(mchIDs) > 0 || err != nil {
			onChange(mchIDs, err)
		}
	}
}

// A watcher remembers what the last reading found.
type watcher struct {
	clients *Clients
	last    string // state of the last reading
	told    string // the last error that was told
}

// look reads the sources, and replaces the clients if the reading before found the
// same.
func (w *watcher) look() (changed []string, err error) {
	r := w.clients.options.readAll()
	state := r.state()
	settled := state == w.last
	w.last = state
	if !settled {
		return nil, nil
	}
	if changed, err = w.clients.replace(r); err == nil {
		w.told = ""
		return changed, nil
	}
	if err.Error() == w.told {
		return nil, nil
	}
	w.told = err.Error()
	return nil, err
}
