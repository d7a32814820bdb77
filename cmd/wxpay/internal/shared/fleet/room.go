package fleet

import (
	"context"
	"sync"
	"time"
)

const (
	aheadTime = time.Second // of calls whose lines are taken in advance
	mostAhead = 4           // lines that are taken in advance, for each call at the same time
)

// A room counts the lines that a worker may hold of a batch: those that it calls, and
// those that it will call within aheadTime. Lines that are fetched together cost the
// servers less, but other workers may be idle while lines wait in this one.
type room struct {
	concurrency int
	freed       chan struct{} // has an element after a line has left

	mu    sync.Mutex
	held  int
	ahead int // lines to hold in advance
	ended int // calls that have ended since the time since
	since time.Time
}

func newRoom(concurrency int) *room {
	return &room{concurrency: concurrency, freed: make(chan struct{}, 1), ahead: 1, since: time.Now()}
}

// take waits until half of the lines in advance are used up, and returns how many
// lines may be fetched, at most most. It returns 0 if ctx ends first.
func (r *room) take(ctx context.Context, most int) int {
	for {
		if n := r.try(most); n > 0 {
			return n
		}
		select {
		case <-r.freed:
		case <-ctx.Done():
			return 0
		}
	}
}

func (r *room) try(most int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.measure()
	n := min(most, r.concurrency+r.ahead-r.held)
	if n < min(most, max(1, r.ahead/2)) {
		return 0
	}
	r.held += n
	return n
}

// measure sets how many lines are taken in advance.
func (r *room) measure() {
	elapsed := time.Since(r.since)
	if elapsed < aheadTime/4 {
		return
	}
	ended := int(float64(r.ended) * float64(aheadTime) / float64(elapsed))
	r.ahead = min(max(1, ended), mostAhead*r.concurrency)
	r.ended, r.since = 0, time.Now()
}

// giveBack gives back room for lines that were not called.
func (r *room) giveBack(lines int) { r.leave(lines, 0) }

// end gives back the room of a line whose call has ended.
func (r *room) end() { r.leave(1, 1) }

func (r *room) leave(lines, ended int) {
	r.mu.Lock()
	r.held -= lines
	r.ended += ended
	r.mu.Unlock()
	select {
	case r.freed <- struct{}{}:
	default:
	}
}
