package fleet

import (
	"context"
	"sync"
	"time"
)

const (
	togetherTime = time.Second          // between the moments at which workers take lines and store results
	aheadTime    = 3 * togetherTime / 2 // of calls whose lines are taken in advance
	mostAhead    = 8                    // lines that are taken in advance, for each call at the same time
	fewParts     = 6                    // of the lines in advance, one part is few: those of a quarter of a second
)

// untilTogether returns the time until all workers take lines and store results next, by
// their clocks. What they do at the same moment shares the writes of the servers, which
// cost more than the messages.
func untilTogether() time.Duration {
	now := time.Now()
	return now.Truncate(togetherTime).Add(togetherTime).Sub(now)
}

// A room counts the lines that a worker may hold of a batch: those that it calls, and
// those that it will call within aheadTime. Lines that are fetched together cost the
// servers less, but other workers may be idle while lines wait in this one.
type room struct {
	concurrency int
	freed       chan struct{} // has an element after a line has left

	mu    sync.Mutex
	held  int
	ahead int       // lines to hold in advance
	next  time.Time // when lines are taken even if some are left in advance
	ended int       // calls that have ended since the time since
	since time.Time
}

func newRoom(concurrency int) *room {
	return &room{concurrency: concurrency, freed: make(chan struct{}, 1), ahead: 1, since: time.Now()}
}

// most returns how many lines the worker ever holds of the batch.
func (r *room) most() int { return r.concurrency * (1 + mostAhead) }

// take waits until few lines in advance are left, or until the moment at which workers
// take lines, and returns how many lines may be fetched, at most most. It returns 0 if
// ctx ends first.
func (r *room) take(ctx context.Context, most int) int {
	timer := time.NewTimer(untilTogether())
	defer timer.Stop()
	for {
		if n := r.try(most); n > 0 {
			return n
		}
		select {
		case <-r.freed:
		case <-timer.C:
			timer.Reset(untilTogether())
		case <-ctx.Done():
			return 0
		}
	}
}

func (r *room) try(most int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n, now := min(most, r.concurrency+r.ahead-r.held), time.Now()
	left := r.held - r.concurrency
	if n <= 0 || left > r.ahead/fewParts && now.Before(r.next) {
		return 0
	}
	r.held += n
	r.next = now.Add(untilTogether())
	return n
}

// measure sets how many lines are taken in advance, when calls have ended.
func (r *room) measure(ended int) {
	r.ended += ended
	elapsed := time.Since(r.since)
	if elapsed < aheadTime/4 {
		return
	}
	r.ahead = min(max(1, int(float64(r.ended)*float64(aheadTime)/float64(elapsed))), mostAhead*r.concurrency)
	r.ended, r.since = 0, time.Now()
}

// giveBack gives back room for lines that were not called.
func (r *room) giveBack(lines int) { r.leave(lines, 0) }

// end gives back the room of a line whose call has ended.
func (r *room) end() { r.leave(1, 1) }

func (r *room) leave(lines, ended int) {
	r.mu.Lock()
	r.held -= lines
	if ended > 0 {
		r.measure(ended)
	}
	r.mu.Unlock()
	select {
	case r.freed <- struct{}{}:
	default:
	}
}
