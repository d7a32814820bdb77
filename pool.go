package wechatpay

import (
	"cmp"
	"context"
	"iter"
	"runtime"
	"sync"
)

// Pool calls f for every element of in, at most limit calls at a time (at least
// one), and yields each element with its outcome as the call finishes. Pool reads
// in as calls finish, on a goroutine of its own, so in may wait or be endless.
// Memory does not grow with the length of in. A panic in f becomes a
// [*PanicError]. A nil ctx means [context.Background].
//
// When the loop breaks or ctx ends, Pool starts no more calls and cancels those
// in flight. It returns when they and in have ended. Pool still yields the
// outcomes of calls that ctx ended. Pool cannot wake an in that waits, such as
// for a channel: in must watch ctx and return when ctx ends, and a caller that
// breaks the loop must end ctx first.
func Pool[In, Out any](ctx context.Context, limit int, in iter.Seq[In], f func(context.Context, In) (Out, error)) iter.Seq2[In, Result[Out]] {
	return func(yield func(In, Result[Out]) bool) {
		if in == nil {
			return
		}
		ctx, cancel := context.WithCancel(cmp.Or(ctx, context.Background()))
		p := &pool[In, Out]{
			f:        f,
			slots:    make(chan struct{}, max(limit, 1)),
			outcomes: make(chan outcome[In, Out]),
		}
		go p.feed(ctx, cancel, in)
		defer p.end()
		defer cancel()
		for o := range p.outcomes {
			// The slot is freed after the loop's body, because the body may break
			// the loop.
			if !yield(o.in, o.result) {
				return
			}
			<-p.slots
		}
	}
}

// pool is one run of Pool.
type pool[In, Out any] struct {
	f        func(context.Context, In) (Out, error)
	slots    chan struct{} // one is taken for each call whose outcome is not handed over yet
	outcomes chan outcome[In, Out]
	calls    sync.WaitGroup

	// These tell how feed ended. Read them only after outcomes is closed.
	ended    bool
	panicked any
}

type outcome[In, Out any] struct {
	in     In
	result Result[Out]
}

// feed starts a call for each element, as slots come free.
func (p *pool[In, Out]) feed(ctx context.Context, cancel context.CancelFunc, in iter.Seq[In]) {
	defer close(p.outcomes)
	defer p.calls.Wait()
	defer func() {
		if !p.ended {
			p.panicked = recover() // nil if in ended its goroutine
			cancel()
		}
	}()
	if p.slot(ctx) {
		for v := range in {
			p.calls.Go(func() { p.call(ctx, v) })
			if !p.slot(ctx) {
				break
			}
		}
	}
	p.ended = true
}

// slot waits for a slot and takes it. It reports false if ctx ends first.
func (p *pool[In, Out]) slot(ctx context.Context) bool {
	select {
	case p.slots <- struct{}{}:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// call makes one call and hands over its outcome.
func (p *pool[In, Out]) call(ctx context.Context, v In) {
	o := outcome[In, Out]{in: v, result: Result[Out]{Err: errGoexit}}
	defer func() { p.outcomes <- o }()
	if err := ctx.Err(); err != nil { // ctx may have ended while in waited
		o.result.Err = err
		return
	}
	o.result.Value, o.result.Err = protect(func() (Out, error) { return p.f(ctx, v) })
}

// end waits for everything that still runs. If in panics or exits, so does the
// loop.
func (p *pool[In, Out]) end() {
	for range p.outcomes { // ctx is cancelled, so feed does not wait for a slot
	}
	switch {
	case p.panicked != nil:
		panic(p.panicked)
	case !p.ended:
		runtime.Goexit()
	}
}
