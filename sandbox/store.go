package sandbox

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
)

// A Store keeps the state of a sandbox: buckets of JSON by key. It must be safe
// for any number of goroutines.
type Store interface {
	// View calls f with a transaction that reads.
	View(f func(Tx) error) error
	// Update calls f with a transaction that reads and writes, alone. What it
	// wrote is kept if f returns nil, and dropped otherwise.
	Update(f func(Tx) error) error
}

// A Tx is a transaction of a [Store]. It must not be used after the function
// that it was given to.
type Tx interface {
	// Get returns what is stored under a key, or nil. It must not be changed.
	Get(bucket, key string) ([]byte, error)
	// Put stores value, which must not be changed afterwards, under a key.
	Put(bucket, key string, value []byte) error
	// Each calls f with all keys of a bucket that start with prefix and what is
	// stored under them, which must not be changed, in the order of the keys, up
	// to the first error, which it returns. It sees what the transaction has
	// written before; f must not write to the bucket.
	Each(bucket, prefix string, f func(key string, value []byte) error) error
}

// NewMemory returns a Store that is gone with the process.
func NewMemory() Store { return &memory{data: make(map[place][]byte)} }

type place struct{ bucket, key string }

type memory struct {
	mu   sync.RWMutex
	data map[place][]byte
}

func (m *memory) View(f func(Tx) error) error {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return f(memoryTx{data: m.data})
}

func (m *memory) Update(f func(Tx) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	tx := memoryTx{m.data, make(map[place][]byte)}
	if err := f(tx); err != nil {
		return err
	}
	maps.Copy(m.data, tx.written)
	return nil
}

type memoryTx struct {
	data    map[place][]byte
	written map[place][]byte // nil when the transaction only reads
}

var errReadOnly = errors.New("sandbox: the transaction only reads")

func (tx memoryTx) Get(bucket, key string) ([]byte, error) {
	at := place{bucket, key}
	if value, ok := tx.written[at]; ok {
		return value, nil
	}
	return tx.data[at], nil
}

func (tx memoryTx) Put(bucket, key string, value []byte) error {
	if tx.written == nil {
		return errReadOnly
	}
	tx.written[place{bucket, key}] = value
	return nil
}

func (tx memoryTx) Each(bucket, prefix string, f func(key string, value []byte) error) error {
	found := make(map[string][]byte)
	for _, values := range [...]map[place][]byte{tx.data, tx.written} {
		for at, value := range values {
			if at.bucket == bucket && strings.HasPrefix(at.key, prefix) {
				found[at.key] = value
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(found)) {
		if err := f(key, found[key]); err != nil {
			return err
		}
	}
	return nil
}
