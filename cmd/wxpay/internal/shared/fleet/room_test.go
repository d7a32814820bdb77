package fleet

import (
	"context"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A worker takes in advance the lines of about a second, and of at least one line.
func TestRoom(t *testing.T) {
	const concurrency = 4
	for _, tt := range []struct {
		name        string
		call        time.Duration
		least, most int // lines that are held beside those under way
	}{
		{"calls of 20 seconds", 20 * time.Second, 1, 1},
		{"calls of a second", time.Second, concurrency, 2 * concurrency},
		{"calls of half a second", time.Second / 2, 2 * concurrency, 4 * concurrency},
		{"calls of 10 milliseconds", 10 * time.Millisecond, mostAhead * concurrency, mostAhead * concurrency},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, most, lines := newRoom(concurrency), 0, make(chan struct{}, 1000)
				var calls sync.WaitGroup
				for range concurrency {
					calls.Go(func() {
						for range lines {
							time.Sleep(tt.call) // in the time of the bubble
							r.end()
						}
					})
				}
				defer calls.Wait()
				defer close(lines)
				for end := time.Now().Add(5 * time.Minute); time.Now().Before(end); {
					for range r.take(t.Context(), math.MaxInt) {
						lines <- struct{}{}
					}
					r.mu.Lock()
					most = max(most, r.held)
					r.mu.Unlock()
				}
				if ahead := most - concurrency; ahead < tt.least || ahead > tt.most {
					t.Errorf("it takes up to %d lines in advance, want %d to %d", ahead, tt.least, tt.most)
				}
			})
		})
	}
}

// What was given back may be taken again, and what is taken is at most what was asked
// for.
func TestRoomGivesBack(t *testing.T) {
	r := newRoom(4)
	for range 3 {
		if n := r.take(t.Context(), 1); n != 1 {
			t.Fatalf("take 1: %d", n)
		}
	}
	if n := r.take(t.Context(), math.MaxInt); n != 2 {
		t.Errorf("take what is left of 5: %d, want 2", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if n := r.take(ctx, 1); n != 0 {
		t.Errorf("take of a full room: %d, want 0", n)
	}
	r.giveBack(5)
	if n := r.take(t.Context(), math.MaxInt); n != 5 {
		t.Errorf("take of an empty room: %d, want 5", n)
	}
}

// Workers take lines at the same moments, whenever they began, and do not run out of
// lines in between.
func TestRoomTogether(t *testing.T) {
	const concurrency, call = 4, 500 * time.Millisecond
	synctest.Test(t, func(t *testing.T) {
		var workers sync.WaitGroup
		for i := range 3 {
			workers.Go(func() {
				time.Sleep(time.Duration(i) * 300 * time.Millisecond)
				r, lines := newRoom(concurrency), make(chan struct{}, 1000)
				var calls sync.WaitGroup
				for range concurrency {
					calls.Go(func() {
						for range lines {
							time.Sleep(call) // in the time of the bubble
							r.end()
						}
					})
				}
				defer calls.Wait()
				defer close(lines)
				const warm, seconds, perSecond = 10, 60, concurrency * int(time.Second/call)
				taken, start := 0, time.Now()
				for time.Since(start) < (warm+seconds)*time.Second {
					n := r.take(t.Context(), math.MaxInt)
					for range n {
						lines <- struct{}{}
					}
					if time.Since(start) < warm*time.Second {
						continue
					}
					taken += n
					if now := time.Now(); !now.Equal(now.Truncate(time.Second)) {
						t.Errorf("worker %d takes %d lines at %v", i, n, now)
					}
				}
				if want := seconds * perSecond; taken < want*9/10 {
					t.Errorf("worker %d takes %d lines in %d s, could call %d", i, taken, seconds, want)
				}
			})
		}
		workers.Wait()
	})
}
