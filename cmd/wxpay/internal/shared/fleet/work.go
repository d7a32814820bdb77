package fleet

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	fetchTime  = 2 * time.Second  // for lines that are not there yet
	leaveTime  = 30 * time.Second // for a batch whose calls fail
	extendTime = ackWait / 3      // between requests for more time
	lateTime   = 30 * time.Second // for storing results after the worker was told to stop
)

// A Handler works on a line. ctx ends when the worker should begin nothing new. A
// Handler calls one of Store and Release. After an error, the worker leaves the batch
// for a while.
type Handler func(ctx context.Context, t *Task) error

// A Worker takes lines of batches.
type Worker struct {
	Fleet       *Fleet
	Concurrency int
	// Accept returns the handler for a batch, or nil if this worker does not work on
	// the batch. first receives a function that lets the others begin after the first
	// line.
	Accept func(ctx context.Context, b *Batch, goOn func()) (Handler, error)
	// Report is told why the worker leaves a batch for a while.
	Report func(b *Batch, err error, pause time.Duration)

	slots chan struct{}
	late  context.Context
	held  struct {
		sync.Mutex
		tasks map[*Task]struct{}
	}
}

// Run works until ctx ends. Lines under way end first.
func (w *Worker) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	late, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	w.late, w.slots, w.held.tasks = late, make(chan struct{}, w.Concurrency), make(map[*Task]struct{})
	var background, batches sync.WaitGroup
	ended := make(chan struct{})
	background.Go(func() { w.extend(ended) })
	background.Go(func() { giveUpLate(ctx, ended, giveUp) })
	err := w.watch(ctx, &batches)
	stop()
	batches.Wait()
	close(ended)
	background.Wait()
	return err
}

// giveUpLate calls giveUp some time after ctx ended.
func giveUpLate(ctx context.Context, ended <-chan struct{}, giveUp func()) {
	select {
	case <-ended:
		return
	case <-ctx.Done():
	}
	timer := time.NewTimer(lateTime)
	defer timer.Stop()
	select {
	case <-ended:
	case <-timer.C:
		giveUp()
	}
}

// watch works on each batch that is not cancelled.
func (w *Worker) watch(ctx context.Context, running *sync.WaitGroup) error {
	kv, err := w.Fleet.batches(ctx, true)
	if err != nil {
		return err
	}
	watcher, err := kv.WatchAll(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = watcher.Stop() }() // the connection closes soon
	cancels := make(map[string]context.CancelFunc)
	for {
		var entry jetstream.KeyValueEntry
		select {
		case <-ctx.Done():
			return nil
		case entry = <-watcher.Updates():
		}
		if entry == nil { // after the entries that were there
			continue
		}
		if cancel := cancels[entry.Key()]; cancel != nil {
			cancel()
			delete(cancels, entry.Key())
		}
		if entry.Operation() != jetstream.KeyValuePut {
			continue
		}
		b, err := w.Fleet.decode(entry)
		if err != nil {
			return err
		}
		if b.Cancelled {
			continue
		}
		batchCtx, cancel := context.WithCancel(ctx)
		cancels[b.ID] = cancel
		running.Go(func() {
			defer cancel()
			for batchCtx.Err() == nil {
				err := w.workOn(batchCtx, b)
				if err == nil || batchCtx.Err() != nil {
					return
				}
				w.Report(b, err, leaveTime)
				pause(batchCtx, leaveTime)
			}
		})
	}
}

// workOn works on a batch until ctx ends. It makes the first call alone.
func (w *Worker) workOn(ctx context.Context, b *Batch) error {
	others := make(chan struct{})
	handle, err := w.Accept(ctx, b, sync.OnceFunc(func() { close(others) }))
	if err != nil || handle == nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	p := &puller{w: w, b: b, handle: handle, others: others, room: make(chan struct{}, w.Concurrency+max(1, w.Concurrency/2))}
	return p.run(ctx)
}

// A puller takes the lines of a batch.
type puller struct {
	w      *Worker
	b      *Batch
	handle Handler
	others <-chan struct{} // closed once the first call shows that the others may be made
	room   chan struct{}   // has an element for each line that this worker holds
	tasks  sync.WaitGroup

	mu     sync.Mutex
	failed error
}

func (p *puller) run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	defer p.tasks.Wait()
	consumer, err := p.consumer(ctx)
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		alone := p.isAlone()
		most := cap(p.room)
		if alone {
			most = 1
		}
		n := p.makeRoom(ctx, most)
		if n == 0 {
			break
		}
		got := p.fetch(ctx, consumer, n, stop)
		for range n - got {
			<-p.room
		}
		if alone {
			p.tasks.Wait()
		}
	}
	stop()
	p.tasks.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.failed
}

// isAlone reports whether no call has shown yet that others may be made.
func (p *puller) isAlone() bool {
	select {
	case <-p.others:
		return false
	default:
		return true
	}
}

func (p *puller) consumer(ctx context.Context) (c jetstream.Consumer, err error) {
	err = persist(ctx, func(ctx context.Context) error {
		c, err = p.w.Fleet.js.Consumer(ctx, p.b.linesStream(), consumerName)
		return err
	})
	return c, err
}

// makeRoom waits until there is room for a good number of lines, and returns how
// many there is room for, at most most. It returns 0 if ctx ends first.
func (p *puller) makeRoom(ctx context.Context, most int) int {
	least, n := min(most, max(1, cap(p.room)/4)), 0
	for n < least {
		select {
		case p.room <- struct{}{}:
			n++
		case <-ctx.Done():
			for range n {
				<-p.room
			}
			return 0
		}
	}
	for n < most {
		select {
		case p.room <- struct{}{}:
			n++
			continue
		default:
		}
		break
	}
	return n
}

// fetch takes up to n lines and returns how many it took.
func (p *puller) fetch(ctx context.Context, consumer jetstream.Consumer, n int, stop func()) (got int) {
	msgs, err := consumer.Fetch(n, jetstream.FetchMaxWait(fetchTime))
	if err != nil {
		pause(ctx, reconnectWait)
		return 0
	}
	for msg := range msgs.Messages() {
		got++
		t, err := newTask(p.w, p.b, msg)
		if err != nil {
			p.fail(err, stop)
			<-p.room
			continue
		}
		p.tasks.Go(func() {
			defer func() { <-p.room }()
			if err := p.do(ctx, t); err != nil {
				p.fail(err, stop)
			}
		})
	}
	if err := msgs.Error(); err != nil && !errors.Is(err, nats.ErrTimeout) {
		pause(ctx, reconnectWait)
	}
	return got
}

func (p *puller) fail(err error, stop func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failed == nil {
		p.failed = err
	}
	stop()
}

// do works on a line once there is a slot for it.
func (p *puller) do(ctx context.Context, t *Task) error {
	defer p.w.forget(t)
	select {
	case p.w.slots <- struct{}{}:
		defer func() { <-p.w.slots }()
	case <-ctx.Done():
		t.Release(0)
		return nil
	}
	if ctx.Err() != nil {
		t.Release(0)
		return nil
	}
	if t.Delivered > 1 {
		has, err := t.hasResult(ctx)
		if err != nil {
			t.Release(0)
			return nil
		}
		if has {
			return t.ack()
		}
	}
	return p.handle(ctx, t)
}

func (w *Worker) forget(t *Task) {
	w.held.Lock()
	defer w.held.Unlock()
	delete(w.held.tasks, t)
}

// extend asks for more time for the lines that the worker holds, until ended is
// closed.
func (w *Worker) extend(ended <-chan struct{}) {
	ticker := time.NewTicker(extendTime)
	defer ticker.Stop()
	for {
		select {
		case <-ended:
			return
		case <-ticker.C:
		}
		w.held.Lock()
		for t := range w.held.tasks {
			_ = t.msg.InProgress() // if it is lost, another worker repeats the line under the same number
		}
		w.held.Unlock()
	}
}

// A Task is a line that a worker holds.
type Task struct {
	Line      int64
	Data      []byte
	Delivered int // how often the line was handed to a worker, with this time

	msg      jetstream.Msg
	w        *Worker
	b        *Batch
	replaces uint64 // the sequence of the result that the new one replaces, 0 for none
}

func newTask(w *Worker, b *Batch, msg jetstream.Msg) (*Task, error) {
	line, err := lineOf(msg.Subject())
	if err != nil {
		return nil, err
	}
	meta, err := msg.Metadata()
	if err != nil {
		return nil, err
	}
	t := &Task{Line: line, Data: msg.Data(), Delivered: int(meta.NumDelivered), msg: msg, w: w, b: b}
	if text := msg.Headers().Get(resultHeader); text != "" {
		if t.replaces, err = strconv.ParseUint(text, 10, 64); err != nil {
			return nil, err
		}
	}
	w.held.Lock()
	defer w.held.Unlock()
	w.held.tasks[t] = struct{}{}
	return t, nil
}

// hasResult reports whether the line has its result already.
func (t *Task) hasResult(ctx context.Context) (bool, error) {
	return t.b.IsRenewed(ctx, Renewal{t.Line, t.replaces})
}

// Store stores the result of the line and acknowledges the line. again says that
// the line may be published once more. If the line has a result already, Store
// keeps that one.
func (t *Task) Store(data []byte, again bool) error {
	header := nats.Header{}
	if again {
		header.Set(againHeader, "true")
	}
	if err := t.b.put(t.w.late, t.b.resultSubject(t.Line), header, data, t.replaces); err != nil && !isRaced(err) {
		return err
	}
	return t.ack()
}

// ack acknowledges the line. If that is lost, the line comes again and is
// acknowledged then.
func (t *Task) ack() error {
	_ = t.msg.Ack()
	return nil
}

// Release gives the line back, for any worker after a delay.
func (t *Task) Release(delay time.Duration) { _ = t.msg.NakWithDelay(delay) }

// Late is the context for what must still be written after the worker was told to
// stop.
func (t *Task) Late() context.Context { return t.w.late }
