package notify

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

const (
	defaultSize = 1 << 16
	// The platform sends a notification again for 24 h and 4 min.
	defaultTTL = 48 * time.Hour
)

// NewMemorySeen returns a [Seen] in memory. It remembers the last size handled IDs,
// each for ttl. If size is 0 or less, it is 65,536; if ttl is 0 or less, it is 48
// hours. In addition it holds up to size IDs that are being handled, and never
// forgets these.
func NewMemorySeen(size int, ttl time.Duration) Seen {
	if size <= 0 {
		size = defaultSize
	}
	if ttl <= 0 {
		ttl = defaultTTL
	}
	m := &memory{size: size, ttl: ttl, busy: make(map[string]struct{})}
	m.handled, _ = simplelru.NewLRU[string, time.Time](size, nil) // its one error is a size of 0 or less
	return m
}

type memory struct {
	size int
	ttl  time.Duration

	mu      sync.Mutex
	busy    map[string]struct{}
	handled *simplelru.LRU[string, time.Time] // and when, oldest first: none is looked up by Get
}

func (m *memory) Claim(_ context.Context, id string) (State, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget()
	if _, ok := m.busy[id]; ok {
		return Busy, nil
	}
	if m.handled.Contains(id) {
		return Handled, nil
	}
	if len(m.busy) >= m.size {
		return 0, errors.New("too many notifications are being handled")
	}
	m.busy[id] = struct{}{}
	return First, nil
}

// forget drops what was handled too long ago.
func (m *memory) forget() {
	for {
		_, at, ok := m.handled.GetOldest()
		if !ok || time.Since(at) < m.ttl {
			return
		}
		m.handled.RemoveOldest()
	}
}

func (m *memory) Done(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.busy, id)
	m.handled.Add(id, time.Now())
	return nil
}

func (m *memory) Release(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.busy, id)
	return nil
}
