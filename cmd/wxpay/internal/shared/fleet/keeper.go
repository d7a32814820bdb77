package fleet

import (
	"context"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// mostGathered is the number of results that are stored together.
const mostGathered = 256

// A keeper stores results. A message costs the servers of a cluster a round of
// writes, to the disk and to each other. Messages that arrive together share these,
// so the keeper gathers results until the moment at which all workers store, unless it
// has all that the worker can send.
type keeper struct {
	js      jetstream.JetStream
	holding func() int // how many lines the worker holds, with those whose results are here
	results chan *keeping
}

// A keeping is a result that waits to be stored.
type keeping struct {
	task   *Task
	msg    *nats.Msg
	stored func()
	future jetstream.PubAckFuture // nil if the message could not be sent
}

func newKeeper(js jetstream.JetStream, holding func() int) *keeper {
	return &keeper{js: js, holding: holding, results: make(chan *keeping, mostGathered)}
}

// keep stores a result, acknowledges its line and ends the work on it, soon.
func (k *keeper) keep(r *keeping) { k.results <- r }

// run stores results until ended is closed. Nobody may call keep after that.
func (k *keeper) run(late context.Context, ended <-chan struct{}) {
	timer := time.NewTimer(untilTogether())
	defer timer.Stop()
	for {
		var group []*keeping
		select {
		case r := <-k.results:
			group = append(group, r)
		case <-ended:
			return
		}
		timer.Reset(untilTogether())
		for gathering := true; gathering && len(group) < min(mostGathered, k.holding()); {
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
		if err := r.await(ctx); err != nil {
			r.task.p.fail(r.task.notStored(err))
		} else {
			r.stored()
			_ = r.task.ack()
		}
		r.task.p.end(r.task)
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
		err = r.task.p.b.put(ctx, r.msg.Subject, r.msg.Header, r.msg.Data, r.task.replaces)
	}
	if isRaced(err) {
		return nil
	}
	return err
}
