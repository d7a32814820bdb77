package sandbox

import "github.com/wxchain/wechatpay/sandbox/internal/store"

// A Store keeps the state of a sandbox: buckets of JSON by key. It must be safe
// for any number of goroutines.
//
// View calls a function with a read-only transaction. Update calls a function
// with a transaction that reads and writes, while no other transaction writes. If
// the function returns nil, what it wrote is kept; otherwise it is dropped.
type Store = store.Store

// A Tx is a transaction of a [Store]. Do not use it after the function that
// received it returns.
//
// Get returns the value under a key of a bucket, or nil. Do not change it. Put
// stores a value; do not change it afterwards. Delete removes the value under a
// key, if there is one. Each calls a function with each key of a bucket that
// starts with a prefix and its value, in the order of the keys. It stops at the
// first error and returns it. It sees what the transaction has written before.
// The function must not write to the bucket.
type Tx = store.Tx

// NewMemory returns a Store in memory, which ends with the process.
func NewMemory() Store { return store.NewMemory() }

// A FileStore is a [Store] in a file, for one process at a time. When Update
// returns nil, what it wrote is on the disk and survives a crash of the process.
// Concurrent Updates share one write to the disk, but each function is still
// called once. A function must not start another transaction.
type FileStore struct{ file *store.File }

var _ Store = (*FileStore)(nil)

// OpenStore opens the store in the file at path. If there is no file, OpenStore
// makes one that only its owner can read. It is an error that the file is empty
// or damaged, or that another process has it open. Call Close at the end.
func OpenStore(path string) (*FileStore, error) {
	file, err := store.Open(path)
	if err != nil {
		return nil, err
	}
	return &FileStore{file}, nil
}

// Close waits for open transactions and closes the file. Later transactions fail.
func (s *FileStore) Close() error { return s.file.Close() }

// View calls f with a read-only transaction of what is on the disk.
func (s *FileStore) View(f func(Tx) error) error { return s.file.View(f) }

// Update calls f with a transaction that reads and writes, while no other
// transaction writes. It returns when what f wrote, and what f read of other
// Updates, is on the disk.
func (s *FileStore) Update(f func(Tx) error) error { return s.file.Update(f) }
