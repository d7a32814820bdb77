package fleet

import (
	"context"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	gatherTime   = 250 * time.Millisecond // for results that are stored together
	mostGathered = 256
)

// A keeper stores results. A message costs the servers of a cluster a round of
// writes, to the disk and to each other. Messages that arrive together share these,
// so the keeper gathers results for a moment.
type keeper struct {
	js      jetstream.JetStream
	results chan *keeping
}

// A keeping is a result that waits to be stored.
type keeping struct {
	task   *Task
	msg    *nats.Msg
	future jetstream.PubAckFuture // nil if the message could not be sent
	done   chan error
}

func newKeeper(js jetstream.JetStream) *keeper {
	return &keeper{js: js, results: make(chan *keeping, mostGathered)}
}

// keep returns once the result of a task is stored and the task is acknowledged, or
// cannot be stored.
func (k *keeper) keep(t *Task, msg *nats.Msg) error {
	r := &keeping{task: t, msg: msg, done: make(chan error, 1)}
	k.results <- r
	return <-r.done
}

// run stores results until ended is closed. Nobody may call keep after that.
func (k *keeper) run(late context.Context, ended <-chan struct{}) {
	timer := time.NewTimer(gatherTime)
	defer timer.Stop()
	for {
		var group []*keeping
		select {
		case r := <-k.results:
			group = append(group, r)
		case <-ended:
			return
		}
		timer.Reset(gatherTime)
		for gathering := true; gathering && len(group) < mostGathered; {
			select {
			case r := <-k.results:
				group = append(group, r)
			case <-timer.C:
				gathering = false
			case <-late.Done():
				gathering = false
			}
		}
		k.store(late, group)
	}
}

// store stores the results of a group.
func (k *keeper) store(ctx context.Context, group []*keeping) {
	for _, r := range group {
		r.future, _ = k.js.PublishMsgAsync(r.msg, jetstream.WithExpectLastSequencePerSubject(r.task.replaces)) // await publishes it if that fails
	}
	for _, r := range group {
		err := r.await(ctx)
		if err == nil {
			err = r.task.ack()
		}
		r.done <- err
	}
}

// await returns once the servers have the result.
func (r *keeping) await(ctx context.Context) error {
	err := error(jetstream.ErrAsyncPublishTimeout)
	if r.future != nil {
		select {
		case <-r.future.Ok():
			return nil
		case err = <-r.future.Err():
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if isTemporary(err) { // perhaps it is there
		err = r.task.b.put(ctx, r.msg.Subject, r.msg.Header, r.msg.Data, r.task.replaces)
	}
	if isRaced(err) {
		return nil
	}
	return err
}
