package batch

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/item"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
)

// A batch makes the same call for each line of an input.
type batch struct {
	chain       wechatpay.Chain
	method      string
	concurrency int
	retry       int
	limiter     limiter
	guard       guard
	orders      spacing
	journal     journal
	notes       io.Writer // messages for people

	fits func(r record) error // reports a record that is too long to publish, or nil
	goOn func()               // called when a call shows that the others may be made
}

// A limiter limits the rate of calls.
type limiter interface {
	Wait(ctx context.Context) error
}

// A spacing keeps the calls for one order apart. wait reports false if ctx ends
// first.
type spacing interface {
	wait(ctx context.Context, order string) bool
}

// A journal records calls before they are sent, where whoever continues the batch
// finds them.
type journal interface {
	// begin records that the call of a line is about to be sent. It returns the mark
	// as it was before this attempt: that of an earlier run if the call may have been
	// done then, otherwise a new mark. once says that the call must not be sent again.
	begin(ctx context.Context, line int64, once bool, now time.Time) (mark, error)
}

// options returns the options for the call of a record.
func (b *batch) options(r record) ([]wechatpay.Option, error) {
	return item.Options(b.method, b.chain.String(), r.items, nil)
}

// waiting is the number of results per worker that may wait for the disk. It
// lets calls continue while the disk is slow.
const waiting = 4

// run makes the calls of all records that have no result. When whole ends, the
// calls in progress finish and their results are written. The first call is
// made alone: if a key is wrong, only one call fails. The error says why run
// stopped early.
func (b *batch) run(whole context.Context, in *input, out *output, show *term.Progress) error {
	ctx, stop := context.WithCancelCause(whole)
	defer stop(nil)
	work, results, others := make(chan record), make(chan result, waiting*b.concurrency), make(chan struct{})
	b.goOn = sync.OnceFunc(func() { close(others) })
	var workers, writer sync.WaitGroup
	for range b.concurrency {
		workers.Go(func() { b.work(ctx, work, results, stop) })
	}
	writer.Go(func() { out.writer(show).writeAll(results, stop) })
	err := feed(ctx, in, out.done, work, others)
	close(work)
	if whole.Err() != nil {
		lang.From(whole).Fprintf(b.notes, "\nthe calls that are under way end first; ctrl-C again ends at once\n")
	}
	workers.Wait()
	close(results)
	writer.Wait()
	if err == nil {
		err = context.Cause(ctx)
	}
	return err
}

// feed sends the records that are not done to the workers until ctx ends. It
// sends the first record alone, and the others once others is closed.
func feed(ctx context.Context, in *input, done *lineSet, work chan<- record, others <-chan struct{}) error {
	for r, err := range in.records(io.Discard) {
		if changed := in.unchanged(); changed != nil {
			return changed
		}
		if err != nil {
			return err
		}
		if done.has(r.line) {
			continue
		}
		select {
		case work <- r:
		case <-ctx.Done():
			return nil
		}
		select {
		case <-others:
		case <-ctx.Done():
			return nil
		}
	}
	return nil
}

// work makes calls until no records are left.
func (b *batch) work(ctx context.Context, work <-chan record, results chan<- result, stop func(error)) {
	for r := range work {
		res, sent, err := b.send(ctx, r)
		if err != nil {
			stop(err)
		}
		if sent {
			results <- res
		}
	}
}
