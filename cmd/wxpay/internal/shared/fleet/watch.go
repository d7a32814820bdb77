package fleet

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/wxchain/wechatpay/internal/pause"
)

// listTime is the time between questions whether the bucket of batches is still the same.
// Of a bucket that was made again, its watcher does not see the first entries.
const listTime = 5 * time.Second

// watch works on each batch that is not cancelled. If the bucket of batches is removed,
// watch ends the work on all of them, and goes on with a new bucket.
func (w *Worker) watch(ctx context.Context, running *sync.WaitGroup) error {
	for {
		kv, err := w.Fleet.batches(ctx, true)
		if err != nil {
			return err
		}
		err = w.watchList(ctx, kv, running)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, ErrRemoved):
			w.Removed()
		case errors.Is(err, errUnwatched):
			_ = pause.For(ctx, reconnectWait)
		default:
			return err
		}
	}
}

// listMade returns when the bucket of batches was made, or ErrRemoved.
func (f *Fleet) listMade(ctx context.Context) (time.Time, error) {
	s, err := f.js.Stream(ctx, "KV_"+batchesBucket)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		err = ErrRemoved
	}
	if err != nil {
		return time.Time{}, err
	}
	return s.CachedInfo().Created, nil
}

// isReplaced reports whether the bucket that was made at a time was removed.
func (w *Worker) isReplaced(ctx context.Context, made time.Time) bool {
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	now, err := w.Fleet.listMade(ctx)
	return errors.Is(err, ErrRemoved) || err == nil && !now.Equal(made)
}

// errUnwatched is that a watcher has ended, and the connection has not.
var errUnwatched = nats.ErrBadSubscription

// watchList works on each batch of a bucket until ctx ends, or the bucket is removed.
func (w *Worker) watchList(ctx context.Context, kv jetstream.KeyValue, running *sync.WaitGroup) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var made time.Time
	var watcher jetstream.KeyWatcher
	if err := manage(ctx, func(once context.Context) (err error) {
		if made, err = w.Fleet.listMade(once); err == nil {
			watcher, err = kv.WatchAll(ctx) // it keeps its context
		}
		return err
	}); err != nil {
		return err
	}
	defer func() { _ = watcher.Stop() }() // the connection closes soon, or the bucket is gone
	ticker := time.NewTicker(listTime)
	defer ticker.Stop()
	works := works{w: w, running: running, cancels: make(map[string]context.CancelFunc)}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			if w.isReplaced(ctx, made) {
				return ErrRemoved
			}
		case entry, ok := <-watcher.Updates():
			switch {
			case !ok && w.Fleet.nc.IsClosed():
				return nats.ErrConnectionClosed
			case !ok:
				return errUnwatched
			case entry != nil: // it is nil after the entries that were there
				works.update(ctx, entry)
			}
		}
	}
}

// works are those on the batches of a bucket.
type works struct {
	w       *Worker
	running *sync.WaitGroup
	cancels map[string]context.CancelFunc // by the id of the batch
}

// update ends the work on a batch, and begins anew if its entry says so.
func (s *works) update(ctx context.Context, entry jetstream.KeyValueEntry) {
	if cancel := s.cancels[entry.Key()]; cancel != nil {
		cancel()
		delete(s.cancels, entry.Key())
	}
	if entry.Operation() != jetstream.KeyValuePut {
		return
	}
	b, err := s.w.Fleet.decode(entry)
	if err != nil {
		s.w.Skip(err)
		return
	}
	if b.Cancelled {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	s.cancels[b.ID] = cancel
	s.running.Go(func() {
		defer cancel()
		s.w.stayOn(ctx, b)
	})
}
