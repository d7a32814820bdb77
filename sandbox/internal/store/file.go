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

// lockWait is how long Open waits for another process to release the file.
const lockWait = time.Second

// A File is a [Store] in a file, for one process at a time. When Update returns
// nil, what it wrote is on the disk and survives a crash of the process.
// Concurrent Updates share one write to the disk, but each function is still
// called once. A function must not start another transaction.
type File struct {
	db      *bolt.DB
	waiting atomic.Int32 // Updates that are about to take mu

	mu    sync.Mutex // one function at a time
	batch *batch     // the open one, or nil
}

var _ Store = (*File)(nil)

// Open opens the store in the file at path. If there is no file, Open makes one
// that only its owner can read. It is an error that the file is empty or damaged,
// or that another process has it open. Call Close at the end.
func Open(path string) (*File, error) {
	if info, err := os.Stat(path); err == nil && info.Size() == 0 {
		// bbolt takes an empty file for a new one. The content of this file is
		// lost.
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

// Close waits for open transactions and closes the file. Later transactions fail.
func (s *File) Close() error { return s.db.Close() }

// Path returns the path of the file.
func (s *File) Path() string { return s.db.Path() }

// View calls f with a read-only transaction of what is on the disk.
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
	defer func() { // also if f panics, because the others wait for the batch
		// Another waiting Update will end the batch.
		if b.size++; s.waiting.Load() == 0 || b.size >= maxBatch {
			s.batch = nil
			b.end()
		}
	}()
	return b, b.run(f)
}
