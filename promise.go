package wechatpay

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
)

// A Promise is the outcome of work that has begun: a value or an error, available
// now or later. Any number of goroutines may use its methods at the same time.
//
// Then, Otherwise, Finally and [Map] return another promise: the outcome after
// their callback. Each callback runs in a goroutine of its own. All promises that
// derive from one piece of work are one chain: cancelling any of them cancels the
// work.
type Promise[T any] struct {
	done   chan struct{}
	cancel context.CancelFunc
	value  T // read value and err only after done is closed
	err    error
}

// A Result is the outcome of one piece of work among many.
type Result[T any] struct {
	Value T
	Err   error
}

// Go starts f in its own goroutine and returns a promise of its outcome. The
// context that f receives ends when ctx ends or when the promise is cancelled.
// The promise is settled when f returns, even if the context ended before. A
// panic in f becomes a [*PanicError].
func Go[T any](ctx context.Context, f func(context.Context) (T, error)) *Promise[T] {
	if ctx == nil {
		return rejected[T](&fault{what: "promise", kind: ErrOption, err: errors.New("the context is nil; pass context.Background()")})
	}
	ctx, cancel := context.WithCancel(ctx)
	return start(cancel, func() (T, error) {
		defer cancel()
		return f(ctx)
	})
}

func start[T any](cancel context.CancelFunc, f func() (T, error)) *Promise[T] {
	p := &Promise[T]{done: make(chan struct{}), cancel: cancel, err: errGoexit}
	go func() {
		defer close(p.done)
		if v, err := protect(f); err != nil {
			p.err = err
		} else {
			p.value, p.err = v, nil
		}
	}()
	return p
}

func rejected[T any](err error) *Promise[T] {
	p := &Promise[T]{done: make(chan struct{}), cancel: func() {}, err: err}
	close(p.done)
	return p
}

// Wait waits for the outcome and returns it. If the promise is nil, or was not
// made by this package, Wait returns an error.
func (p *Promise[T]) Wait() (T, error) {
	if p == nil || p.done == nil {
		var none T
		return none, errNoPromise
	}
	<-p.done
	return p.value, p.err
}

// Done returns a channel that is closed when the outcome is available.
func (p *Promise[T]) Done() <-chan struct{} {
	if p == nil || p.done == nil {
		return rejected[T](errNoPromise).done
	}
	return p.done
}

// Cancel asks the work to stop. The outcome is still what the work returns,
// usually [context.Canceled]. A request that has left may still take effect.
// Cancel does nothing after the work has ended.
func (p *Promise[T]) Cancel() {
	if p != nil && p.cancel != nil {
		p.cancel()
	}
}

// Then runs f if p succeeds. If f returns an error, the error replaces the value.
// If the callback is nil, Then, Otherwise and Finally return p.
func (p *Promise[T]) Then(f func(T) error) *Promise[T] {
	if f == nil {
		return p
	}
	return Map(p, func(v T) (T, error) { return v, f(v) })
}

// Otherwise runs f if p fails. What f returns replaces the outcome, so f recovers
// by returning a nil error.
func (p *Promise[T]) Otherwise(f func(error) (T, error)) *Promise[T] {
	if f == nil {
		return p
	}
	return start(p.Cancel, func() (T, error) {
		v, err := p.Wait()
		if err != nil {
			return f(err)
		}
		return v, nil
	})
}

// Finally runs f whether p succeeds or fails. The outcome of p stays.
func (p *Promise[T]) Finally(f func()) *Promise[T] {
	if f == nil {
		return p
	}
	return start(p.Cancel, func() (T, error) {
		v, err := p.Wait()
		f()
		return v, err
	})
}

// Map runs f on the value of p and returns a promise of the result. If p fails, f
// does not run and the error stays.
func Map[T, U any](p *Promise[T], f func(T) (U, error)) *Promise[U] {
	return start(p.Cancel, func() (U, error) {
		v, err := p.Wait()
		if err != nil {
			var none U
			return none, err
		}
		return f(v)
	})
}

// All waits for all promises and returns their values in order. If a promise
// fails, All cancels the other promises, waits for them, and returns the error
// that came first.
func All[T any](ps ...*Promise[T]) *Promise[[]T] {
	ps = own(ps)
	cancel := cancelAll(ps)
	return start(cancel, func() ([]T, error) {
		values := make([]T, len(ps))
		var first error
		var once sync.Once
		var wg sync.WaitGroup
		for i, p := range ps {
			wg.Go(func() {
				v, err := p.Wait()
				if err != nil {
					once.Do(func() { first = err })
					cancel()
					return
				}
				values[i] = v
			})
		}
		wg.Wait()
		if first != nil {
			return nil, first
		}
		return values, nil
	})
}

// Settle waits for all promises and returns their outcomes in order, both values
// and errors. The promise that Settle returns never fails.
func Settle[T any](ps ...*Promise[T]) *Promise[[]Result[T]] {
	ps = own(ps)
	return start(cancelAll(ps), func() ([]Result[T], error) {
		results := make([]Result[T], len(ps))
		for i, p := range ps {
			results[i].Value, results[i].Err = p.Wait()
		}
		return results, nil
	})
}

// own copies ps, which the caller may change, and replaces a nil promise with a
// rejected one.
func own[T any](ps []*Promise[T]) []*Promise[T] {
	ps = slices.Clone(ps)
	for i, p := range ps {
		if p == nil {
			ps[i] = rejected[T](&fault{what: "promise", kind: ErrOption, err: fmt.Errorf("promise %d of the list is nil", i)})
		}
	}
	return ps
}

func cancelAll[T any](ps []*Promise[T]) context.CancelFunc {
	return func() {
		for _, p := range ps {
			p.Cancel()
		}
	}
}

// A PanicError reports a panic in a callback.
type PanicError struct {
	Value any    // the argument of panic
	Stack []byte // the stack of the goroutine that panicked
}

// Error returns the value and the stack.
func (e *PanicError) Error() string {
	return fmt.Sprintf("wechatpay: panic in a callback: %v\n\n%s", e.Value, e.Stack)
}

// Unwrap returns Value if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

var errNoPromise error = &fault{what: "promise", kind: ErrOption, err: errors.New("it is nil, or not made by Go or a verb")}

var errGoexit = errors.New("wechatpay: a callback ended its goroutine, by runtime.Goexit or a test's FailNow")

// protect runs f and turns a panic into an error.
func protect[T any](f func() (T, error)) (v T, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *PanicError: // from another goroutine of the call
			err = r
		default:
			err = &PanicError{Value: r, Stack: debug.Stack()}
		}
	}()
	return f()
}
