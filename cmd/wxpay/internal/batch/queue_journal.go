package batch

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/fleet"
)

// errBegun is the error of a call that another worker began, and that must not be
// sent again.
var errBegun = errors.New("the call was begun and must not be sent again")

// A queueJournal keeps the marks of a batch on the NATS servers.
type queueJournal struct {
	marks *fleet.Marks

	mu        sync.Mutex
	revisions map[int64]uint64 // of the marks of calls under way
}

// A queueMark is a mark with who wrote it.
type queueMark struct {
	mark
	By string `json:"by"`
}

func (j *queueJournal) begin(ctx context.Context, line int64, once bool, now time.Time) (mark, error) {
	by := rand.Text()
	var mine mark // what the mark of this call says
	for {
		before, revision, err := j.get(ctx, line)
		if err != nil {
			return mark{}, err
		}
		if before.By == by { // written in an earlier round, whose answer was lost
			j.remember(line, revision)
			return mine, nil
		}
		if before.Once {
			return mark{}, errBegun
		}
		m := before.mark
		if !m.MayBeDone { // no earlier attempt may have been done
			m = mark{First: now}
		}
		mine = m
		begun := queueMark{m, by}
		begun.MayBeDone, begun.Once = true, once // in case the worker ends now
		err = j.put(ctx, line, begun, revision)
		if errors.Is(err, fleet.ErrRaced) {
			var is queueMark
			if is, revision, err = j.get(ctx, line); err == nil && is.By == by { // the first attempt succeeded, and its answer was lost
				j.remember(line, revision)
				return m, nil
			}
			if err == nil {
				continue
			}
		}
		return m, err
	}
}

// end records that the call of a line may be sent again.
func (j *queueJournal) end(ctx context.Context, line int64, m mark) error {
	j.mu.Lock()
	revision := j.revisions[line]
	j.mu.Unlock()
	err := j.put(ctx, line, queueMark{mark: m}, revision)
	if errors.Is(err, fleet.ErrRaced) {
		return nil // another worker has the line now
	}
	return err
}

func (j *queueJournal) get(ctx context.Context, line int64) (m queueMark, revision uint64, err error) {
	text, revision, err := j.marks.Get(ctx, line)
	if err != nil || text == nil {
		return m, revision, err
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, 0, fmt.Errorf("the mark of line %d is damaged: %w", line, err)
	}
	return m, revision, nil
}

func (j *queueJournal) put(ctx context.Context, line int64, m queueMark, revision uint64) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	next, err := j.marks.Put(ctx, line, text, revision)
	if err == nil {
		j.remember(line, next)
	}
	return err
}

// forget drops what the journal remembers of a line that has its result.
func (j *queueJournal) forget(line int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	delete(j.revisions, line)
}

func (j *queueJournal) remember(line int64, revision uint64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.revisions == nil {
		j.revisions = make(map[int64]uint64)
	}
	j.revisions[line] = revision
}
