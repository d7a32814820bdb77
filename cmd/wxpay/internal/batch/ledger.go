package batch

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
// its end. It says what they belong to, and when the calls were first sent that
// must not be made twice, or not for ever. One process at a time has it open.
type ledger struct {
	db      *bbolt.DB
	results bool // there are some: whoever takes all of them away did not mean to

	mu    sync.Mutex
	ended map[int64]*mark // lines whose mark is another by now, nil for none
}

// A mark says of a line that its call was begun.
type mark struct {
	First     time.Time `json:"first"`          // when it was first sent
	MayBeDone bool      `json:"may_be_done"`    // by an attempt whose outcome is not known
	Once      bool      `json:"once,omitempty"` // it must not be sent again
}

// ledgerFormat is the format of a ledger that this program reads and writes.
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
			err = fmt.Errorf("%s, which says what %s belongs to: %w", path+ledgerSuffix, path, err)
		}
		return nil, errors.Join(err, db.Close())
	}
	return l, nil
}

var errFormat = errors.New("finish the batch with the version of wxpay that began it, or take another --out for the lines that have no result")

// checkFormat checks the format of a ledger, and writes that of a new one.
func checkFormat(run *bbolt.Bucket) error {
	format := run.Get(formatKey)
	if format == nil && run.Get(identityKey) == nil {
		return run.Put(formatKey, []byte(ledgerFormat))
	}
	if string(format) != ledgerFormat {
		return fmt.Errorf("it has the format %q, this wxpay knows %q; %w", cutTo(string(format), 64), ledgerFormat, errFormat)
	}
	return nil
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

// begin notes, on the disk, that the call of a line is about to be sent, and
// returns the mark that it goes on from: that of an earlier run if there is one, or
// one of now. once says that it must not be sent again.
func (l *ledger) begin(line int64, once bool, now time.Time) (mark, error) {
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
		if !m.MayBeDone { // none of the attempts was taken up, if there were any
			m = mark{First: now}
		}
		begun := m
		begun.MayBeDone, begun.Once = true, once // should the process end now
		return putMark(b, line, &begun)
	})
	return m, err
}

// end notes that a line that was begun has a result, on the disk. If the line is
// sent again by the next run, it keeps m. That is written with what is written
// next.
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

// readMark reads a mark, or the zero one when there is none.
func readMark(text []byte) (m mark, err error) {
	if text == nil {
		return mark{}, nil
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return mark{}, fmt.Errorf("the file of the run has a line that is damaged: %w", err)
	}
	return m, nil
}

// close lets go of the ledger.
func (l *ledger) close() error {
	ended := l.takeEnded()
	if len(ended) == 0 {
		return l.db.Close()
	}
	return errors.Join(l.db.Update(func(tx *bbolt.Tx) error { return putMarks(tx.Bucket(begunBucket), ended) }), l.db.Close())
}

// begun lists the lines whose calls were begun and must not be sent again, and
// which have not ended: no more than were under way at once, or ended since.
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
