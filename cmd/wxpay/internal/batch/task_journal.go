package batch

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"time"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/fleet"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
)

// errBegun is the error of a call that another worker began, and that must not be
// sent again.
var errBegun = lang.Errorf("the call was begun and must not be sent again")

// A taskJournal keeps the mark of a task's line on the NATS servers. The marks are
// written under the task's late context: if the worker stopped waiting for the answer
// as soon as it is told to leave the batch, it would not know whether the line is
// marked, and a marked line without a merchant's number is never sent again.
type taskJournal struct {
	marks *fleet.Marks
	task  *fleet.Task

	revision uint64 // of the mark that this worker wrote
}

// A queueMark is a mark with who wrote it.
type queueMark struct {
	mark
	By string `json:"by"`
}

func (j *taskJournal) begin(ctx context.Context, line int64, once bool, now time.Time) (mark, error) {
	by := rand.Text()
	var mine mark // what the mark of this call says
	for {
		before, revision, err := j.get(ctx, line)
		if err != nil {
			return mark{}, err
		}
		if before.By == by { // written in an earlier round, whose answer was lost
			j.revision = revision
			return mine, nil
		}
		if before.Once {
			return mark{}, errBegun
		}
		mine = before.mark
		if !mine.MayBeDone { // no earlier attempt may have been done
			mine = mark{First: now}
		}
		begun := queueMark{mine, by}
		begun.MayBeDone, begun.Once = true, once // in case the worker ends now
		ctx = j.task.Late()
		if err = j.put(ctx, line, begun, revision); !errors.Is(err, fleet.ErrRaced) {
			return mine, err
		}
	}
}

// end records that the call of a line may be sent again.
func (j *taskJournal) end(line int64, m mark) error {
	err := j.put(j.task.Late(), line, queueMark{mark: m}, j.revision)
	if errors.Is(err, fleet.ErrRaced) {
		return nil // another worker has the line now
	}
	return err
}

func (j *taskJournal) get(ctx context.Context, line int64) (m queueMark, revision uint64, err error) {
	text, revision, err := j.marks.Get(ctx, line)
	if err != nil || text == nil {
		return m, revision, err
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, 0, lang.Errorf("the mark of line %d is damaged: %w", line, err)
	}
	return m, revision, nil
}

func (j *taskJournal) put(ctx context.Context, line int64, m queueMark, revision uint64) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	next, err := j.marks.Put(ctx, line, text, revision)
	if err == nil {
		j.revision = next
	}
	return err
}
