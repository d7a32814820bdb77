package batch

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/internal/boltfile"
)

// A ledger is a file next to the results, with the same name and the suffix
// .run. It records which batch the results belong to. It also records when a
// call was first sent, for calls that must not be repeated or only for a
// limited time. Only one process at a time can open it.
type ledger struct {
	db      *bbolt.DB
	results bool // the file of results had results; if they are missing now, that was a mistake

	mu    sync.Mutex
	ended map[int64]*mark // lines whose mark in the file is out of date; nil removes the mark
}

// A mark records that the call of a line has begun.
type mark struct {
	First     time.Time `json:"first"`          // when it was first sent
	MayBeDone bool      `json:"may_be_done"`    // an attempt with an unknown outcome may have done it
	Once      bool      `json:"once,omitempty"` // it must not be sent again
}

// ledgerFormat is the ledger format that this program reads and writes.
const ledgerFormat = "1"

const ledgerSuffix = ".run"

var (
	runBucket   = []byte("run")
	begunBucket = []byte("begun") // by line
	identityKey = []byte("identity")
	formatKey   = []byte("format")
	resultsKey  = []byte("results")
)

const (
	ledgerPatience = 100 * time.Millisecond // how long to wait for another process to end
	beginDelay     = time.Millisecond       // how long begin waits to write several marks together
)

// openLedger opens the ledger of the results at path. It creates the ledger if
// it does not exist.
func openLedger(path string) (*ledger, error) {
	db, err := boltfile.Open(path+ledgerSuffix, &bbolt.Options{Timeout: ledgerPatience})
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, lang.Errorf("--out %s: another wxpay batch is writing it; wait until it ends, or use another --out", path)
	case errors.Is(err, boltfile.ErrDamaged):
		return nil, lang.Errorf("%s, which says what %s belongs to: %w; put back a copy of it, or take another --out for the lines that have no result", path+ledgerSuffix, path, err)
	case err != nil:
		return nil, lang.Errorf("%s, which says what %s belongs to: %w", path+ledgerSuffix, path, err)
	}
	db.MaxBatchDelay = beginDelay
	l := &ledger{db: db, ended: make(map[int64]*mark)}
	if err := db.Update(func(tx *bbolt.Tx) error {
		run, err := tx.CreateBucketIfNotExists(runBucket)
		if err == nil {
			err = checkFormat(run)
		}
		if err == nil {
			l.results = run.Get(resultsKey) != nil
			_, err = tx.CreateBucketIfNotExists(begunBucket)
		}
		return err
	}); err != nil {
		if errors.Is(err, errFormat) {
			err = lang.Errorf("%s, which says what %s belongs to: %w", path+ledgerSuffix, path, err)
		}
		return nil, errors.Join(err, db.Close())
	}
	return l, nil
}

var errFormat = lang.Errorf("finish the batch with the version of wxpay that began it, or take another --out for the lines that have no result")

// checkFormat checks the format of a ledger. It writes the format into a new
// ledger.
func checkFormat(run *bbolt.Bucket) error {
	format := run.Get(formatKey)
	if format == nil && run.Get(identityKey) == nil {
		return run.Put(formatKey, []byte(ledgerFormat))
	}
	if string(format) != ledgerFormat {
		return lang.Errorf("it has the format %q, this wxpay knows %q; %w", cutTo(string(format), 64), ledgerFormat, errFormat)
	}
	return nil
}

// identity returns the identity stored in the ledger, or nil if the ledger is
// new.
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

// setResults records on disk whether there are results.
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

// begin makes the ledger a journal, on disk.
func (l *ledger) begin(_ context.Context, line int64, once bool, now time.Time) (mark, error) {
	ended := l.takeEnded()
	var m mark
	err := l.db.Batch(func(tx *bbolt.Tx) error {
		b := tx.Bucket(begunBucket)
		if err := putMarks(b, ended); err != nil {
			return err
		}
		var err error
		if m, err = readMark(b.Get(lineKey(line))); err != nil {
			return err
		}
		if !m.MayBeDone { // no earlier attempt may have been done
			m = mark{First: now}
		}
		begun := m
		begun.MayBeDone, begun.Once = true, once // in case the process ends now
		return putMark(b, line, &begun)
	})
	return m, err
}

// end records that a begun line has a result on disk. If the next run sends the
// line again, the ledger keeps m. The change is written together with the next
// one.
func (l *ledger) end(line int64, again bool, m mark) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended[line] = nil
	if again {
		l.ended[line] = &m
	}
}

func (l *ledger) takeEnded() map[int64]*mark {
	l.mu.Lock()
	defer l.mu.Unlock()
	ended := l.ended
	l.ended = make(map[int64]*mark)
	return ended
}

func putMarks(b *bbolt.Bucket, marks map[int64]*mark) error {
	for line, m := range marks {
		if err := putMark(b, line, m); err != nil {
			return err
		}
	}
	return nil
}

func putMark(b *bbolt.Bucket, line int64, m *mark) error {
	if m == nil {
		return b.Delete(lineKey(line))
	}
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return b.Put(lineKey(line), text)
}

// readMark reads a mark. It returns the zero mark if there is none.
func readMark(text []byte) (m mark, err error) {
	if text == nil {
		return mark{}, nil
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return mark{}, lang.Errorf("the file of the run has a line that is damaged: %w", err)
	}
	return m, nil
}

// close releases the ledger.
func (l *ledger) close() error {
	ended := l.takeEnded()
	if len(ended) == 0 {
		return l.db.Close()
	}
	return errors.Join(l.db.Update(func(tx *bbolt.Tx) error { return putMarks(tx.Bucket(begunBucket), ended) }), l.db.Close())
}

// begun lists the lines whose calls have begun, must not be sent again and have
// no recorded end. There are no more such lines than calls that ran at the same
// time, plus those that ended since the last write.
func (l *ledger) begun() (lines []int64, err error) {
	err = l.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(begunBucket).ForEach(func(key, text []byte) error {
			m, err := readMark(text)
			if err == nil && m.Once {
				lines = append(lines, int64(binary.BigEndian.Uint64(key)))
			}
			return err
		})
	})
	return lines, err
}

func lineKey(line int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(line)) }
