package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/wxchain/wechatpay/internal/boltfile"
	"github.com/wxchain/wechatpay/internal/wholefile"
)

// lockWait is how long another process may take to let go of the file.
const lockWait = time.Second

// A File is a [Store] in a file, for one process at a time. What an Update
// wrote is on the disk when Update returns nil, and survives the end of the
// process, however that comes. Updates that come at once share one write to the
// disk; each function is called once all the same. A function must not start
// another transaction.
type File struct {
	db      *bolt.DB
	waiting atomic.Int32 // Updates that are about to take mu

	mu    sync.Mutex // one function at a time
	batch *batch     // the open one, or nil
}

var _ Store = (*File)(nil)

// Open opens the store in the file at path, and makes it, for its owner
// alone, if there is none. It is an error that the file is empty or damaged or
// that another process has it open. Close must be called in the end.
func Open(path string) (*File, error) {
	if info, err := os.Stat(path); err == nil && info.Size() == 0 {
		// To bbolt that is a new file. What was in this one is lost.
		return nil, fmt.Errorf("sandbox: %s is empty; put back a copy of it, or begin anew in another folder", path)
	}
	db, err := boltfile.Open(path, &bolt.Options{Timeout: lockWait, FreelistType: bolt.FreelistMapType})
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, fmt.Errorf("sandbox: %s is in use by another process; end it, or take another folder", path)
	case errors.Is(err, boltfile.ErrDamaged):
		return nil, fmt.Errorf("sandbox: %s: %w; put back a copy of it, or begin anew in another folder", path, err)
	case err != nil:
		return nil, fmt.Errorf("sandbox: %s: %w", path, err)
	}
	if err := wholefile.SyncFolder(filepath.Dir(path)); err != nil {
		return nil, errors.Join(fmt.Errorf("sandbox: %w", err), db.Close())
	}
	return &File{db: db}, nil
}

// Close waits for the transactions that are open and closes the file.
// Transactions after it fail.
func (s *File) Close() error { return s.db.Close() }

// Path is where the file is.
func (s *File) Path() string { return s.db.Path() }

// View calls f with a transaction that reads what is on the disk.
func (s *File) View(f func(Tx) error) error {
	return s.db.View(func(tx *bolt.Tx) error { return f(&fileTx{tx: tx}) })
}

// Update calls f with a transaction that reads and writes, alone. It returns
// when what f wrote, and what f read of other Updates, is on the disk.
func (s *File) Update(f func(Tx) error) error {
	s.waiting.Add(1)
	s.mu.Lock()
	s.waiting.Add(-1)
	b, err := s.join(f)
	if b == nil {
		return err
	}
	<-b.done
	if b.err != nil {
		return b.err
	}
	return err
}

// join calls f in the open batch. It unlocks mu.
func (s *File) join(f func(Tx) error) (*batch, error) {
	defer s.mu.Unlock()
	if s.batch == nil {
		tx, err := s.db.Begin(true)
		if err != nil {
			return nil, fmt.Errorf("sandbox: %w", err)
		}
		s.batch = &batch{tx: tx, done: make(chan struct{})}
	}
	b := s.batch
	defer func() { // should f panic too: the others wait for the batch
		// Who is waiting will end the batch instead.
		if b.size++; s.waiting.Load() == 0 || b.size >= maxBatch {
			s.batch = nil
			b.end()
		}
	}()
	return b, b.run(f)
}
