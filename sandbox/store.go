package sandbox

import "github.com/wxchain/wechatpay/sandbox/internal/store"

// A Store keeps the state of a sandbox: buckets of JSON by key. It must be safe
// for any number of goroutines.
//
// View calls a function with a transaction that reads. Update calls one with a
// transaction that reads and writes, alone: what it wrote is kept if the function
// returns nil, and dropped otherwise.
type Store = store.Store

// A Tx is a transaction of a [Store]. It must not be used after the function
// that it was given to.
//
// Get returns what is stored under a key of a bucket, or nil; it must not be
// changed. Put stores a value, which must not be changed afterwards. Delete drops
// what is stored under a key, if there is something. Each calls a function with
// all keys of a bucket that start with a prefix and what is stored under them,
// in the order of the keys, up to the first error, which it returns. It sees what
// the transaction has written before; the function must not write to the bucket.
type Tx = store.Tx

// NewMemory returns a Store that is gone with the process.
func NewMemory() Store { return store.NewMemory() }

// A FileStore is a [Store] in a file, for one process at a time. What an Update
// wrote is on the disk when Update returns nil, and survives the end of the
// process, however that comes. Updates that come at once share one write to the
// disk; each function is called once all the same. A function must not start
// another transaction.
type FileStore struct{ file *store.File }

var _ Store = (*FileStore)(nil)

// OpenStore opens the store in the file at path, and makes it, for its owner
// alone, if there is none. It is an error that the file is empty or damaged or
// that another process has it open. Close must be called in the end.
func OpenStore(path string) (*FileStore, error) {
	file, err := store.Open(path)
	if err != nil {
		return nil, err
	}
	return &FileStore{file}, nil
}

// Close waits for the transactions that are open and closes the file.
// Transactions after it fail.
func (s *FileStore) Close() error { return s.file.Close() }

// View calls f with a transaction that reads what is on the disk.
func (s *FileStore) View(f func(Tx) error) error { return s.file.View(f) }

// Update calls f with a transaction that reads and writes, alone. It returns
// when what f wrote, and what f read of other Updates, is on the disk.
func (s *FileStore) Update(f func(Tx) error) error { return s.file.Update(f) }
