package wechatpay

import (
	"cmp"
	"context"
	"iter"
)

// Pool calls f for every element of in, at most limit (at least one) at a
// time, and yields each element with its outcome as it finishes. in is read as
// there is room for it, between two yields and never while the body of the
// loop runs, so it may be endless; memory does not grow with it. When the loop breaks or
// ctx ends, no call is started any more and those in flight are cancelled;
// Pool returns when they have ended. Those that ctx ended are still yielded.
// A panic in f is a [*PanicError]. A nil ctx is [context.Background].
func Pool[In, Out any](ctx context.Context, limit int, in iter.Seq[In], f func(context.Context, In) (Out, error)) iter.Seq2[In, Result[Out]] {
	type outcome struct {
		in     In
		result Result[Out]
	}
	return func(yield func(In, Result[Out]) bool) {
		limit := max(limit, 1)
		ctx, cancel := context.WithCancel(cmp.Or(ctx, context.Background()))
		next, stop := iter.Pull(in)
		outcomes := make(chan outcome)
		running := 0
		defer func() {
			for range running {
				<-outcomes
			}
		}()
		defer stop() // may panic, as next may
		defer cancel()

		for more := true; ; {
			// Hand over what is finished before asking for more: in may wait.
			select {
			case o := <-outcomes:
				running--
				if !yield(o.in, o.result) {
					return
				}
				continue
			default:
			}
			if more && running < limit && ctx.Err() == nil {
				var v In
				if v, more = next(); more {
					running++
					go func() {
						o := outcome{in: v, result: Result[Out]{Err: errGoexit}}
						defer func() { outcomes <- o }()
						if err := ctx.Err(); err != nil { // in may have waited
							o.result.Err = err
							return
						}
						o.result.Value, o.result.Err = protect(func() (Out, error) { return f(ctx, v) })
					}()
				}
				continue
			}
			if running == 0 {
				return
			}
			o := <-outcomes
			running--
			if !yield(o.in, o.result) {
				return
			}
		}
	}
}
