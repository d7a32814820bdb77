package wechatpay

import (
	"cmp"
	"context"
	"iter"
	"runtime"
	"sync"
)

// Pool calls f for every element of in, at most limit (at least one) at a
// time, and yields each element with its outcome as it finishes. in is read as
// there is room, on a goroutine of its own, so it may wait, or be endless;
// memory does not grow with it. When the loop breaks or ctx ends, no call is
// started any more and those in flight are cancelled; Pool returns when they
// and in have ended. Pool cannot wake an in that waits, such as for a channel:
// in must watch ctx itself and return when ctx ends, and a caller who breaks the
// loop must end ctx first. What ctx ended is still yielded. A panic in f is a
// [*PanicError]. A nil ctx is [context.Background].
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
			// The slot comes free after the body, which may end it all.
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
	slots    chan struct{} // one taken for each call whose outcome is not handed over
	outcomes chan outcome[In, Out]
	calls    sync.WaitGroup

	// How feed ended; to be read once outcomes is closed.
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

// slot takes a slot, unless ctx ends first.
func (p *pool[In, Out]) slot(ctx context.Context) bool {
	select {
	case p.slots <- struct{}{}:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// call makes one call and hands its outcome over.
func (p *pool[In, Out]) call(ctx context.Context, v In) {
	o := outcome[In, Out]{in: v, result: Result[Out]{Err: errGoexit}}
	defer func() { p.outcomes <- o }()
	if err := ctx.Err(); err != nil { // in may have waited
		o.result.Err = err
		return
	}
	o.result.Value, o.result.Err = protect(func() (Out, error) { return p.f(ctx, v) })
}

// end waits for all that runs. What became of in becomes of the loop.
func (p *pool[In, Out]) end() {
	for range p.outcomes { // cancelled, so that no slot is waited for
	}
	switch {
	case p.panicked != nil:
		panic(p.panicked)
	case !p.ended:
		runtime.Goexit()
	}
}
