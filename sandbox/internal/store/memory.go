package store

import (
	"strings"
	"sync"

	"github.com/tidwall/btree"
)

// NewMemory returns a Store in memory, which ends with the process.
func NewMemory() Store { return &memory{data: new(btree.Map[string, []byte])} }

// A memory has all values in one tree, where the name of the bucket starts the
// key. A transaction reads only what it asks for.
type memory struct {
	mu   sync.RWMutex
	data *btree.Map[string, []byte] // by place
}

// place returns the key of a value in the tree. The name of a bucket does not
// contain a 0.
func place(bucket, key string) string { return bucket + "\x00" + key }

func (m *memory) View(f func(Tx) error) error {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return f(memoryTx{m.data, false})
}

// Update writes to a copy, which shares unchanged parts with the tree.
func (m *memory) Update(f func(Tx) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	next := m.data.Copy()
	if err := f(memoryTx{next, true}); err != nil {
		return err
	}
	m.data = next
	return nil
}

type memoryTx struct {
	data   *btree.Map[string, []byte]
	writes bool
}

func (tx memoryTx) Get(bucket, key string) ([]byte, error) {
	value, _ := tx.data.Get(place(bucket, key))
	return value, nil
}

func (tx memoryTx) Put(bucket, key string, value []byte) error {
	if !tx.writes {
		return errReadOnly
	}
	tx.data.Set(place(bucket, key), value)
	return nil
}

func (tx memoryTx) Delete(bucket, key string) error {
	if !tx.writes {
		return errReadOnly
	}
	tx.data.Delete(place(bucket, key))
	return nil
}

func (tx memoryTx) Each(bucket, prefix string, f func(key string, value []byte) error) (err error) {
	first, all := place(bucket, prefix), place(bucket, "")
	tx.data.Ascend(first, func(at string, value []byte) bool {
		if !strings.HasPrefix(at, first) {
			return false
		}
		err = f(at[len(all):], value)
		return err == nil
	})
	return err
}
