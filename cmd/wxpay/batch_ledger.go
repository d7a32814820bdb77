package main

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/wxchain/wechatpay/internal/boltfile"
)

// A ledger stands beside the results, in a file of the same name with .run at
// its end. It says what they belong to, and which calls were begun that must not
// be made twice. One process at a time has it open.
type ledger struct {
	db      *bbolt.DB
	results bool // there are some: whoever takes all of them away did not mean to

	mu    sync.Mutex
	ended []int64 // lines that are still written as begun
}

const ledgerSuffix = ".run"

var (
	runBucket   = []byte("run")
	begunBucket = []byte("begun") // by line
	identityKey = []byte("identity")
	resultsKey  = []byte("results")
)

const (
	ledgerPatience = 100 * time.Millisecond // for another process to end
	beginDelay     = time.Millisecond       // in which calls are begun together
)

// openLedger opens the ledger of the results at path, and makes it if need be.
func openLedger(path string) (*ledger, error) {
	db, err := boltfile.Open(path+ledgerSuffix, &bbolt.Options{Timeout: ledgerPatience})
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, fmt.Errorf("--out %s: another wxpay batch is writing it; wait for its end, or take another --out", path)
	case errors.Is(err, boltfile.ErrDamaged):
		return nil, fmt.Errorf("%s, which says what %s belongs to: %w; put back a copy of it, or take another --out for the lines that have no result", path+ledgerSuffix, path, err)
	case err != nil:
		return nil, fmt.Errorf("%s, which says what %s belongs to: %w", path+ledgerSuffix, path, err)
	}
	db.MaxBatchDelay = beginDelay
	l := &ledger{db: db}
	if err := db.Update(func(tx *bbolt.Tx) error {
		run, err := tx.CreateBucketIfNotExists(runBucket)
		if err == nil {
			l.results = run.Get(resultsKey) != nil
			_, err = tx.CreateBucketIfNotExists(begunBucket)
		}
		return err
	}); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return l, nil
}

// identity is what the ledger was claimed for, nil when it is new.
func (l *ledger) identity() (id *identity, err error) {
	err = l.db.View(func(tx *bbolt.Tx) error {
		if text := tx.Bucket(runBucket).Get(identityKey); text != nil {
			return json.Unmarshal(text, &id)
		}
		return nil
	})
	return id, err
}

func (l *ledger) claim(id identity) error {
	text, err := json.Marshal(id)
	if err != nil {
		return err
	}
	return l.db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(runBucket).Put(identityKey, text) })
}

// setResults notes, on the disk, whether there are results.
func (l *ledger) setResults(some bool) error {
	if l.results == some {
		return nil
	}
	l.results = some
	return l.db.Update(func(tx *bbolt.Tx) error {
		if !some {
			return tx.Bucket(runBucket).Delete(resultsKey)
		}
		return tx.Bucket(runBucket).Put(resultsKey, []byte("true"))
	})
}

// begin notes, on the disk, that the call of a line is about to be sent.
func (l *ledger) begin(line int64) error {
	ended := l.takeEnded()
	return l.db.Batch(func(tx *bbolt.Tx) error {
		b := tx.Bucket(begunBucket)
		return errors.Join(forget(b, ended), b.Put(lineKey(line), nil))
	})
}

// end notes that a line that was begun has a result, on the disk. That it was
// begun is written still, until something else is written.
func (l *ledger) end(line int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = append(l.ended, line)
}

func (l *ledger) takeEnded() []int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	ended := l.ended
	l.ended = nil
	return ended
}

func forget(b *bbolt.Bucket, lines []int64) error {
	for _, line := range lines {
		if err := b.Delete(lineKey(line)); err != nil {
			return err
		}
	}
	return nil
}

// close lets go of the ledger.
func (l *ledger) close() error {
	ended := l.takeEnded()
	if len(ended) == 0 {
		return l.db.Close()
	}
	return errors.Join(l.db.Update(func(tx *bbolt.Tx) error { return forget(tx.Bucket(begunBucket), ended) }), l.db.Close())
}

// begun lists the lines whose calls were begun, and which have not ended: no
// more than were under way at once, or ended since.
func (l *ledger) begun() (lines []int64, err error) {
	err = l.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(begunBucket).ForEach(func(key, _ []byte) error {
			lines = append(lines, int64(binary.BigEndian.Uint64(key)))
			return nil
		})
	})
	return lines, err
}

func lineKey(line int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(line)) }
