package fleet

import (
	"cmp"
	"context"
	"errors"
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/internal/pause"
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
	// Skip is told why the worker cannot work on a batch.
	Skip func(err error)
	// Removed is called when somebody has removed the list of all batches.
	Removed func()
	// Report is told why the worker leaves a batch for a while.
	Report func(b *Batch, err error, pause time.Duration)

	slots  chan struct{}
	late   context.Context
	keeper *keeper
	held   struct {
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
	w.keeper = newKeeper(w.Fleet.js, w.holding)
	var background, batches sync.WaitGroup
	ended := make(chan struct{})
	background.Go(func() { w.extend(ended) })
	background.Go(func() { w.keeper.run(late, ended) })
	background.Go(func() { giveUpLate(ctx, ended, giveUp) })
	err := w.watch(ctx, &batches)
	if err != nil && w.Fleet.nc.IsClosed() { // the servers refused to log the worker in again
		err = lang.Errorf("the connection to NATS has closed: %w", cmp.Or(w.Fleet.nc.LastError(), err))
	}
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

// stayOn works on a batch until ctx ends, and again some time after each failure. It
// reports only once that the batch was removed, because that rarely changes.
func (w *Worker) stayOn(ctx context.Context, b *Batch) {
	wasRemoved := false
	for {
		err := w.workOn(ctx, b)
		if err == nil || ctx.Err() != nil {
			return
		}
		isRemoved := errors.Is(err, ErrRemoved)
		if !isRemoved || !wasRemoved {
			w.Report(b, err, leaveTime)
		}
		wasRemoved = isRemoved
		if pause.For(ctx, leaveTime) != nil {
			return
		}
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
	p := &puller{w: w, b: b, handle: handle, others: others, room: newRoom(w.Concurrency)}
	return p.run(ctx)
}

// A puller takes the lines of a batch.
type puller struct {
	w      *Worker
	b      *Batch
	handle Handler
	others <-chan struct{} // closed once the first call shows that the others may be made
	room   *room
	looks  bool           // each line may have a result, because the consumer was made again
	stop   func()         // ends the work on the batch
	tasks  sync.WaitGroup // lines that are held

	mu     sync.Mutex
	failed error
}

func (p *puller) run(ctx context.Context) error {
	ctx, p.stop = context.WithCancel(ctx)
	defer p.stop()
	defer p.tasks.Wait()
	lines, err := p.subscribe(ctx)
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = lines.Unsubscribe() }() // without it, the servers end the requests too
	taken := make(chan *Task, p.room.most())
	var callers sync.WaitGroup
	defer callers.Wait()
	defer close(taken)
	for range p.w.Concurrency { // a goroutine for each line would grow its stack anew for its signature
		callers.Go(func() {
			for t := range taken {
				p.do(ctx, t)
			}
		})
	}
	for ctx.Err() == nil {
		alone := p.isAlone()
		most := math.MaxInt
		if alone {
			most = 1
		}
		n := p.room.take(ctx, most)
		if n == 0 {
			break
		}
		p.room.giveBack(n - p.fetch(ctx, lines, n, taken))
		if alone {
			p.tasks.Wait()
		}
	}
	p.stop()
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

// subscribe returns the subscription to which all lines come that the puller asks for.
// The servers of a cluster tell each other of each new subscription, which costs them
// more than a line.
func (p *puller) subscribe(ctx context.Context) (*nats.Subscription, error) {
	if err := persist(ctx, func(ctx context.Context) error {
		consumer, err := p.consumer(ctx)
		if err != nil {
			return err
		}
		results, err := p.w.Fleet.js.Stream(ctx, p.b.resultsStream())
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			return ErrRemoved
		}
		if err == nil {
			first := results.CachedInfo().State.FirstTime
			p.looks = !first.IsZero() && first.Before(consumer.CachedInfo().Created)
		}
		return err
	}); err != nil {
		return nil, err
	}
	js, err := p.w.Fleet.nc.JetStream()
	if err != nil {
		return nil, err
	}
	return js.PullSubscribe("", "", nats.Bind(p.b.linesStream(), consumerName), nats.SkipConsumerLookup())
}

// consumer returns the consumer of the batch, or ErrRemoved.
func (p *puller) consumer(ctx context.Context) (jetstream.Consumer, error) {
	c, err := p.w.Fleet.js.Consumer(ctx, p.b.linesStream(), consumerName)
	if errors.Is(err, jetstream.ErrStreamNotFound) || errors.Is(err, jetstream.ErrConsumerNotFound) {
		err = ErrRemoved
	}
	return c, err
}

// rest waits after lines could not be fetched, and ends the work on a batch that was
// removed.
func (p *puller) rest(ctx context.Context) {
	once, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	if _, err := p.consumer(once); errors.Is(err, ErrRemoved) {
		p.fail(err)
		return
	}
	_ = pause.For(ctx, reconnectWait)
}

// fetch takes up to n lines and returns how many it took.
func (p *puller) fetch(ctx context.Context, lines *nats.Subscription, n int, taken chan<- *Task) (got int) {
	msgs, err := lines.FetchBatch(n, nats.MaxWait(fetchTime))
	if err != nil {
		p.rest(ctx)
		return 0
	}
	for msg := range msgs.Messages() {
		got++
		t, err := p.newTask(msg)
		if err != nil {
			p.fail(err)
			p.room.giveBack(1)
			continue
		}
		p.tasks.Add(1)
		taken <- t
	}
	if err := msgs.Error(); err != nil && !errors.Is(err, nats.ErrTimeout) {
		p.rest(ctx)
	}
	return got
}

func (p *puller) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failed == nil {
		p.failed = err
	}
	p.stop()
}

// do works on a line once there is a slot for it.
func (p *puller) do(ctx context.Context, t *Task) {
	if err := p.call(ctx, t); err != nil {
		p.fail(err)
	}
	if t.called {
		<-p.w.slots
	}
	p.room.end()
	if t.keeping == nil {
		p.end(t)
	} else {
		p.w.keeper.keep(t.keeping)
	}
}

func (p *puller) call(ctx context.Context, t *Task) error {
	select {
	case p.w.slots <- struct{}{}:
		t.called = true
	case <-ctx.Done():
		t.Release(0)
		return nil
	}
	if ctx.Err() != nil {
		t.Release(0)
		return nil
	}
	if t.Delivered > 1 || p.looks {
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

// end ends the work on a line.
func (p *puller) end(t *Task) {
	p.w.forget(t)
	p.tasks.Done()
}

func (w *Worker) forget(t *Task) {
	w.held.Lock()
	defer w.held.Unlock()
	delete(w.held.tasks, t)
}

// holding returns how many lines the worker holds.
func (w *Worker) holding() int {
	w.held.Lock()
	defer w.held.Unlock()
	return len(w.held.tasks)
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

	msg      *nats.Msg
	p        *puller
	replaces uint64   // the sequence of the result that the new one replaces, 0 for none
	called   bool     // the line has a slot
	keeping  *keeping // the result that is stored with others, or nil
}

func (p *puller) newTask(msg *nats.Msg) (*Task, error) {
	line, err := lineOf(msg.Subject)
	if err != nil {
		return nil, err
	}
	meta, err := msg.Metadata()
	if err != nil {
		return nil, err
	}
	t := &Task{Line: line, Data: msg.Data, Delivered: int(meta.NumDelivered), msg: msg, p: p}
	if text := msg.Header.Get(resultHeader); text != "" {
		if t.replaces, err = strconv.ParseUint(text, 10, 64); err != nil {
			return nil, err
		}
	}
	p.w.held.Lock()
	defer p.w.held.Unlock()
	p.w.held.tasks[t] = struct{}{}
	return t, nil
}

// hasResult reports whether the line has its result already.
func (t *Task) hasResult(ctx context.Context) (bool, error) {
	return t.p.b.IsRenewed(ctx, Renewal{t.Line, t.replaces})
}

// A Result is what a worker stores for a line.
type Result struct {
	Data   []byte
	Again  bool   // the line may be published once more
	Now    bool   // the result must not be lost: it does not wait to be stored with others
	Stored func() // is called once the servers have the result
}

// Store stores the result of the line and acknowledges the line. If the line has a
// result already, Store keeps that one. Unless the result is stored now, that happens
// after the Handler has returned, while the worker goes on with another line. If the
// result cannot be stored, the worker leaves the batch for a while.
func (t *Task) Store(r Result) error {
	header := nats.Header{}
	if r.Again {
		header.Set(againHeader, "true")
	}
	if !r.Now {
		t.keeping = &keeping{task: t, stored: r.Stored, msg: &nats.Msg{Subject: t.p.b.resultSubject(t.Line), Header: header, Data: r.Data}}
		return nil
	}
	err := t.p.b.put(t.p.w.late, t.p.b.resultSubject(t.Line), header, r.Data, t.replaces)
	if err != nil && !isRaced(err) {
		return t.notStored(err)
	}
	r.Stored()
	return t.ack()
}

func (t *Task) notStored(err error) error {
	return lang.Errorf("store the result of line %d: %w", t.Line, explained(err))
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
func (t *Task) Late() context.Context { return t.p.w.late }
