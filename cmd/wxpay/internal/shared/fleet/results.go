package fleet

import (
	"context"
	"errors"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
)

// A stored result.
type stored struct {
	line     int64
	sequence uint64
	again    bool
	data     []byte
}

// Results yields the results that the batch has now, in the order in which they were
// stored.
func (b *Batch) Results(ctx context.Context) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for r, err := range b.results(ctx, false) {
			if !yield(r.data, err) {
				return
			}
		}
	}
}

// results yields the results up to the one that is the last now, without their data
// if headersOnly is set.
func (b *Batch) results(ctx context.Context, headersOnly bool) iter.Seq2[stored, error] {
	return func(yield func(stored, error) bool) {
		info, err := b.info(ctx, b.resultsStream())
		if err != nil {
			yield(stored{}, err)
			return
		}
		last := info.State.LastSeq
		if info.State.Msgs == 0 {
			return
		}
		msgs, err := b.read(ctx, headersOnly)
		if err != nil {
			yield(stored{}, err)
			return
		}
		defer msgs.Stop()
		defer context.AfterFunc(ctx, msgs.Stop)()
		for {
			msg, err := msgs.Next()
			if ctx.Err() != nil {
				err = ctx.Err()
			}
			if errors.Is(err, jetstream.ErrNoHeartbeat) {
				continue
			}
			if err != nil {
				yield(stored{}, lang.Errorf("read the results: %w", err))
				return
			}
			r, left, err := decodeStored(msg)
			if err == nil && r.sequence > last { // those of a run that goes on
				return
			}
			if !yield(r, err) || err != nil || r.sequence == last || left == 0 {
				return
			}
		}
	}
}

// read begins to read the stream of results.
func (b *Batch) read(ctx context.Context, headersOnly bool) (msgs jetstream.MessagesContext, err error) {
	err = manage(ctx, func(ctx context.Context) error {
		c, err := b.f.js.OrderedConsumer(ctx, b.resultsStream(), jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverAllPolicy, HeadersOnly: headersOnly})
		if err == nil {
			msgs, err = c.Messages(jetstream.PullExpiry(10 * time.Second))
		}
		return err
	})
	return msgs, err
}

// decodeStored also returns how many results follow.
func decodeStored(msg jetstream.Msg) (r stored, left uint64, err error) {
	meta, err := msg.Metadata()
	if err != nil {
		return r, 0, err
	}
	line, err := lineOf(msg.Subject())
	return stored{line: line, sequence: meta.Sequence.Stream, again: msg.Headers().Get(againHeader) != "", data: msg.Data()}, meta.NumPending, err
}

// lineOf returns the number of the line that a subject ends in.
func lineOf(subject string) (int64, error) {
	return strconv.ParseInt(subject[strings.LastIndexByte(subject, '.')+1:], 10, 64)
}
