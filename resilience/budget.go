package resilience

import "sync"

// A budget limits how many calls are repeated, so that an outage is not made worse. It
// starts full. Each repetition takes 1. A call that succeeds gives back what its
// repetitions took, and a share of 1 beside.
type budget struct {
	mu         sync.Mutex
	left, full float64
	share      float64
}

func newBudget(full int, share float64) *budget {
	return &budget{left: float64(full), full: float64(full), share: share}
}

// take takes 1, and reports whether there was that much.
func (b *budget) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}

// succeeded is told of a call that succeeded after n repetitions.
func (b *budget) succeeded(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left = min(b.full, b.left+float64(n)+b.share)
}
