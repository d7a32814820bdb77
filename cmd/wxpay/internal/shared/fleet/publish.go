package fleet

import (
	"context"
	"errors"
	"iter"
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
)

// A Line is a line of a batch.
type Line struct {
	Number int64
	Data   []byte
}

const (
	maxPending = 8192 // messages without an answer of the server
	together   = 1024 // lines that are published together
)

// resultHeader names, in the message of a line that is published once more, the
// sequence of the result that a new one replaces.
const resultHeader = "Wxpay-Result"

// againHeader marks a result after which the line may be published once more.
const againHeader = "Wxpay-Again"

// Publish publishes the lines that the servers do not have yet. It calls progress
// with the number of lines that are there, a few at a time. Publishing lines again
// adds nothing.
func (b *Batch) Publish(ctx context.Context, lines iter.Seq2[Line, error], progress func(n int64)) error {
	group := make([]Line, 0, together)
	flush := func() error {
		if err := b.publishGroup(ctx, group); err != nil {
			return err
		}
		progress(int64(len(group)))
		group = group[:0]
		return nil
	}
	for line, err := range lines {
		if err != nil {
			return err
		}
		if group = append(group, line); len(group) == together {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// publishGroup returns once the servers have all lines.
func (b *Batch) publishGroup(ctx context.Context, lines []Line) error {
	futures := make([]jetstream.PubAckFuture, len(lines))
	for i, line := range lines {
		if future, err := b.f.js.PublishMsgAsync(&nats.Msg{Subject: b.lineSubject(line.Number), Data: line.Data}, jetstream.WithExpectLastSequencePerSubject(0)); err == nil {
			futures[i] = future
		}
	}
	for i, line := range lines {
		err := error(jetstream.ErrAsyncPublishTimeout)
		if futures[i] != nil {
			select {
			case <-futures[i].Ok():
				err = nil
			case err = <-futures[i].Err():
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if err != nil && isTemporary(err) { // perhaps it is there
			err = b.put(ctx, b.lineSubject(line.Number), nil, line.Data, 0)
		}
		if err != nil && !isRaced(err) {
			return lang.Errorf("publish line %d: %w", line.Number, explained(err))
		}
	}
	return nil
}

// put stores a message if last is the sequence of the last message of its subject. It
// returns ErrRemoved if the stream of the subject does not exist.
func (b *Batch) put(ctx context.Context, subject string, header nats.Header, data []byte, last uint64) error {
	return persist(ctx, func(ctx context.Context) error {
		_, err := b.f.js.PublishMsg(ctx, &nats.Msg{Subject: subject, Header: header, Data: data}, jetstream.WithExpectLastSequencePerSubject(last))
		return b.f.orRemoved(ctx, err, subject)
	})
}

// lastOf returns the last message of a subject, or nil.
func (b *Batch) lastOf(ctx context.Context, stream, subject string) (msg *jetstream.RawStreamMsg, err error) {
	err = persist(ctx, func(ctx context.Context) error {
		s, err := b.f.js.Stream(ctx, stream)
		if err == nil {
			msg, err = s.GetLastMsgForSubject(ctx, subject)
		}
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			msg, err = nil, nil
		}
		return err
	})
	return msg, err
}

// A Renewal is a line that waits for another result.
type Renewal struct {
	line int64
	old  uint64 // the sequence of the result that is replaced
}

// Renew publishes the lines once more whose results say that they may be sent again.
// A line that waits already is not published a third time.
func (b *Batch) Renew(ctx context.Context) (all []Renewal, err error) {
	for r, err := range b.results(ctx, true) {
		if err != nil {
			return nil, err
		}
		if r.again {
			all = append(all, Renewal{r.line, r.sequence})
		}
	}
	for _, r := range all {
		if err := b.renew(ctx, r); err != nil {
			return nil, lang.Errorf("publish line %d again: %w", r.line, explained(err))
		}
	}
	return all, nil
}

func (b *Batch) renew(ctx context.Context, r Renewal) error {
	msg, err := b.lastOf(ctx, b.linesStream(), b.lineSubject(r.line))
	if err != nil {
		return err
	}
	old := strconv.FormatUint(r.old, 10)
	if msg == nil || msg.Header.Get(resultHeader) == old {
		return nil
	}
	err = b.put(ctx, b.lineSubject(r.line), nats.Header{resultHeader: []string{old}}, msg.Data, msg.Sequence)
	if isRaced(err) {
		return nil // another machine was faster, or the first attempt succeeded
	}
	return err
}

// IsRenewed reports whether the line of r has its new result.
func (b *Batch) IsRenewed(ctx context.Context, r Renewal) (bool, error) {
	msg, err := b.lastOf(ctx, b.resultsStream(), b.resultSubject(r.line))
	return msg != nil && msg.Sequence > r.old, err
}
