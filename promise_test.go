package wechatpay_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay"
)

var errNo = errors.New("no")

func resolve[T any](v T) *wechatpay.Promise[T] {
	return wechatpay.Go(context.Background(), func(context.Context) (T, error) { return v, nil })
}

func reject[T any](err error) *wechatpay.Promise[T] {
	return wechatpay.Go(context.Background(), func(context.Context) (v T, _ error) { return v, err })
}

// untilCancelled returns a promise of work that waits until it is cancelled.
func untilCancelled(ctx context.Context) *wechatpay.Promise[int] {
	return wechatpay.Go(ctx, func(ctx context.Context) (int, error) {
		<-ctx.Done()
		return 0, ctx.Err()
	})
}

// wantOutcome waits for p and checks its value and, with errors.Is, its error.
func wantOutcome[T any](t *testing.T, p *wechatpay.Promise[T], value T, err error) {
	t.Helper()
	v, got := p.Wait()
	if !reflect.DeepEqual(v, value) || !errors.Is(got, err) {
		t.Errorf("Wait() = %v, %v; want %v, %v", v, got, value, err)
	}
}

func isDone[T any](p *wechatpay.Promise[T]) bool {
	select {
	case <-p.Done():
		return true
	default:
		return false
	}
}

func TestGoStartsAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		started, finish := make(chan struct{}), make(chan struct{})
		p := wechatpay.Go(t.Context(), func(context.Context) (int, error) {
			close(started)
			<-finish
			return 7, nil
		})
		<-started // though nobody waits for p
		synctest.Wait()
		if isDone(p) {
			t.Error("Done is closed while the work goes on")
		}
		close(finish)
		<-p.Done()
		wantOutcome(t, p, 7, nil)
		wantOutcome(t, p, 7, nil)
	})
}

func TestGoNilContext(t *testing.T) {
	checkGoroutines(t)
	var none context.Context
	p := wechatpay.Go(none, func(context.Context) (int, error) {
		t.Error("the work was started")
		return 7, nil
	})
	if !isDone(p) {
		t.Error("Done is not closed")
	}
	p.Cancel()
	wantOutcome(t, p, 0, wechatpay.ErrOption)
	wantOutcome(t, p.Then(nil).Finally(func() {}), 0, wechatpay.ErrOption)
}

func TestGoContextEnds(t *testing.T) {
	bubble(t, func(t *testing.T) {
		start := time.Now()
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Hour, errNo)
		defer cancel()
		var cause error
		p := wechatpay.Go(ctx, func(ctx context.Context) (int, error) {
			<-ctx.Done()
			cause = context.Cause(ctx)
			return 0, fmt.Errorf("call: %w", ctx.Err())
		})
		wantOutcome(t, p.Then(func(int) error { return nil }), 0, context.DeadlineExceeded)
		if cause != errNo {
			t.Errorf("the work sees the cause %v, want %v", cause, errNo)
		}
		if d := time.Since(start); d != time.Hour {
			t.Errorf("the work ended after %v", d)
		}
	})
}

// The context of the work must not stay with its parent for ever.
func TestGoReleasesContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		for name, end := range map[string]func(){
			"return": func() {},
			"panic":  func() { panic("no") },
			"Goexit": runtime.Goexit,
		} {
			var inner context.Context
			p := wechatpay.Go(t.Context(), func(ctx context.Context) (int, error) {
				inner = ctx
				end()
				return 7, nil
			})
			if <-p.Done(); inner.Err() == nil {
				t.Errorf("%s: the context outlives the work", name)
			}
		}
	})
}

func TestPromiseOrder(t *testing.T) {
	checkGoroutines(t)
	var log []string
	say := func(format string, args ...any) { log = append(log, fmt.Sprintf(format, args...)) }

	p := resolve(1).
		Then(func(v int) error { say("then %d", v); return nil }).
		Otherwise(func(err error) (int, error) { say("skipped"); return 0, err }).
		Finally(func() { say("finally") }).
		Then(func(v int) error { say("fail after %d", v); return errNo }).
		Then(func(int) error { say("skipped"); return nil }).
		Finally(func() { say("finally again") }).
		Otherwise(func(err error) (int, error) { say("otherwise %v", err); return 2, nil }).
		Then(func(v int) error { say("then %d", v); return nil })
	wantOutcome(t, p, 2, nil)

	want := []string{"then 1", "finally", "fail after 1", "finally again", "otherwise no", "then 2"}
	if !slices.Equal(log, want) {
		t.Errorf("the callbacks ran as %q, want %q", log, want)
	}
}

func TestPromiseValueIsZeroOnError(t *testing.T) {
	checkGoroutines(t)
	wantOutcome(t, wechatpay.Go(t.Context(), func(context.Context) (int, error) { return 7, errNo }), 0, errNo)
	p := resolve(7)
	wantOutcome(t, p.Then(func(int) error { return errNo }), 0, errNo)
	wantOutcome(t, p, 7, nil) // p itself stays
}

func TestPromiseOtherwise(t *testing.T) {
	checkGoroutines(t)
	other := errors.New("other")
	wantOutcome(t, reject[int](errNo).Otherwise(func(error) (int, error) { return 7, nil }), 7, nil)
	p := reject[int](errNo).Otherwise(func(error) (int, error) { return 7, other })
	wantOutcome(t, p, 0, other)
	if _, err := p.Wait(); errors.Is(err, errNo) {
		t.Errorf("the first error stays: %v", err)
	}
}

func TestPromiseFinallyKeepsOutcome(t *testing.T) {
	checkGoroutines(t)
	ran := 0
	wantOutcome(t, resolve(7).Finally(func() { ran++ }), 7, nil)
	wantOutcome(t, reject[int](errNo).Finally(func() { ran++ }), 0, errNo)
	if ran != 2 {
		t.Errorf("ran %d times, want 2", ran)
	}
}

func TestPromiseNilCallbacks(t *testing.T) {
	checkGoroutines(t)
	for _, p := range []*wechatpay.Promise[int]{resolve(7), reject[int](errNo)} {
		if p.Then(nil) != p || p.Otherwise(nil) != p || p.Finally(nil) != p {
			t.Error("a nil callback makes another promise")
		}
	}
}

func TestPromiseAlreadySettled(t *testing.T) {
	checkGoroutines(t)
	p, q := resolve(7), reject[int](errNo)
	<-p.Done()
	<-q.Done()
	p.Cancel() // comes too late
	wantOutcome(t, p, 7, nil)
	wantOutcome(t, wechatpay.Map(p, func(v int) (int, error) { return v + 1, nil }), 8, nil)
	wantOutcome(t, q.Otherwise(func(error) (int, error) { return 9, nil }), 9, nil)
	wantOutcome(t, wechatpay.All(p, p), []int{7, 7}, nil)
}

func TestMap(t *testing.T) {
	checkGoroutines(t)
	spell := func(v int) (string, error) { return fmt.Sprint("<", v, ">"), nil }
	wantOutcome(t, wechatpay.Map(resolve(7), spell), "<7>", nil)
	wantOutcome(t, wechatpay.Map(resolve(7), func(int) (string, error) { return "lost", errNo }), "", errNo)
	wantOutcome(t, wechatpay.Map(reject[int](errNo), func(int) (string, error) {
		t.Error("called without a value")
		return "", nil
	}), "", errNo)
}

// callbacks returns one function for every place of a callback. Each runs f there
// and returns the outcome.
func callbacks() map[string]func(f func()) (int, error) {
	work := func(f func()) func(context.Context) (int, error) {
		return func(context.Context) (int, error) { f(); return 7, nil }
	}
	return map[string]func(f func()) (int, error){
		"Go":   func(f func()) (int, error) { return wechatpay.Go(context.Background(), work(f)).Wait() },
		"Then": func(f func()) (int, error) { return resolve(7).Then(func(int) error { f(); return nil }).Wait() },
		"Otherwise": func(f func()) (int, error) {
			return reject[int](errNo).Otherwise(func(error) (int, error) { f(); return 7, nil }).Wait()
		},
		"Finally after success": func(f func()) (int, error) { return resolve(7).Finally(f).Wait() },
		"Finally after failure": func(f func()) (int, error) { return reject[int](errNo).Finally(f).Wait() },
		"Map": func(f func()) (int, error) {
			return wechatpay.Map(resolve(""), func(string) (int, error) { f(); return 7, nil }).Wait()
		},
		"Settle": func(f func()) (int, error) {
			results, _ := wechatpay.Settle(wechatpay.Go(context.Background(), work(f))).Wait()
			return results[0].Value, results[0].Err
		},
		"Pool": func(f func()) (v int, err error) {
			pool := wechatpay.Pool(context.Background(), 1, slices.Values([]int{0}),
				func(context.Context, int) (int, error) { f(); return 7, nil })
			for _, r := range pool {
				v, err = r.Value, r.Err
			}
			return v, err
		},
	}
}

func TestPromisePanic(t *testing.T) {
	for name, run := range callbacks() {
		t.Run(name, func(t *testing.T) {
			checkGoroutines(t)
			for _, value := range []any{"a string", errNo, 7} {
				v, err := run(func() { panic(value) })
				var p *wechatpay.PanicError
				if v != 0 || !errors.As(err, &p) || p.Value != value {
					t.Fatalf("panic(%v) gives %v, %v; want a *PanicError", value, v, err)
				}
				const culprit = "wechatpay_test.TestPromisePanic."
				if !strings.Contains(string(p.Stack), culprit) {
					t.Errorf("the stack does not name %s:\n%s", culprit, p.Stack)
				}
				for _, part := range []string{fmt.Sprint(value), culprit} {
					if !strings.Contains(err.Error(), part) {
						t.Errorf("the message does not say %q: %v", part, err)
					}
				}
				if _, isError := value.(error); isError != errors.Is(err, errNo) || isError != (p.Unwrap() != nil) {
					t.Errorf("panic(%v) unwraps to %v", value, p.Unwrap())
				}
			}
			_, err := run(func() { panic(nil) })
			if e := (*runtime.PanicNilError)(nil); !errors.As(err, &e) {
				t.Errorf("panic(nil) gives %v", err)
			}
		})
	}
}

func TestPromiseGoexit(t *testing.T) {
	for name, run := range callbacks() {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				v, err := run(runtime.Goexit)
				if v != 0 || err == nil || !strings.Contains(err.Error(), "Goexit") {
					t.Errorf("Goexit gives %v, %v; want an error that says so", v, err)
				}
			})
		})
	}
}

func TestPromiseCancel(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := untilCancelled(t.Context())
		synctest.Wait()
		if isDone(p) {
			t.Error("the work ended before it was cancelled")
		}
		p.Cancel()
		p.Cancel()
		wantOutcome(t, p, 0, context.Canceled)
		if t.Context().Err() != nil {
			t.Error("Cancel ended the caller's context")
		}
	})
}

func TestPromiseCancelIgnored(t *testing.T) {
	bubble(t, func(t *testing.T) {
		finish := make(chan struct{})
		p := wechatpay.Go(t.Context(), func(ctx context.Context) (int, error) {
			<-ctx.Done()
			<-finish
			return 7, nil
		})
		derived := p.Then(func(int) error { return nil })
		p.Cancel()
		synctest.Wait()
		if isDone(p) || isDone(derived) {
			t.Error("settled while the work goes on")
		}
		close(finish)
		wantOutcome(t, p, 7, nil)
		wantOutcome(t, derived, 7, nil)
	})
}

func TestPromiseCancelDerived(t *testing.T) {
	type promise = *wechatpay.Promise[int]
	spell := func(int) (string, error) { return "", nil }
	for name, derive := range map[string]func(p promise) (cancel func()){
		"Then":      func(p promise) func() { return p.Then(func(int) error { return nil }).Cancel },
		"Otherwise": func(p promise) func() { return p.Otherwise(func(error) (int, error) { return 1, nil }).Cancel },
		"Finally":   func(p promise) func() { return p.Finally(func() {}).Cancel },
		"Map":       func(p promise) func() { return wechatpay.Map(p, spell).Cancel },
		"All":       func(p promise) func() { return wechatpay.All(p).Cancel },
		"Settle":    func(p promise) func() { return wechatpay.Settle(p).Cancel },
		"chain":     func(p promise) func() { return wechatpay.All(wechatpay.Map(p.Finally(func() {}), spell)).Cancel },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				p := untilCancelled(t.Context())
				derive(p)()
				wantOutcome(t, p, 0, context.Canceled)
			})
		})
	}
}

func TestPromiseManyGoroutines(t *testing.T) {
	checkGoroutines(t)
	finish := make(chan struct{})
	p := wechatpay.Go(t.Context(), func(context.Context) (int, error) {
		<-finish
		return 7, nil
	})
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() { wantOutcome(t, p, 7, nil) })
		wg.Go(func() { wantOutcome(t, p.Then(func(int) error { return nil }), 7, nil) })
		wg.Go(p.Cancel)
	}
	close(finish)
	wg.Wait()
}

func TestAll(t *testing.T) {
	checkGoroutines(t)
	ps := make([]*wechatpay.Promise[int], 5)
	turns := make([]chan struct{}, len(ps))
	for i := range ps {
		turns[i] = make(chan struct{})
		ps[i] = wechatpay.Go(t.Context(), func(context.Context) (int, error) {
			<-turns[i]
			return i, nil
		})
	}
	all := wechatpay.All(ps...)
	for i := range slices.Backward(ps) {
		if isDone(all) {
			t.Error("settled before the last promise")
		}
		close(turns[i])
		<-ps[i].Done()
	}
	wantOutcome(t, all, []int{0, 1, 2, 3, 4}, nil)
}

func TestAllFirstErrorInTime(t *testing.T) {
	bubble(t, func(t *testing.T) {
		fail, finish := make(chan struct{}), make(chan struct{})
		late := wechatpay.Go(t.Context(), func(ctx context.Context) (int, error) {
			<-ctx.Done() // by the failure below, and nothing else
			<-finish
			return 0, errors.New("late")
		})
		all := wechatpay.All(resolve(7), late, untilCancelled(t.Context()), resolve(0).Then(func(int) error {
			<-fail
			return errNo
		}))
		synctest.Wait()
		if isDone(late) || isDone(all) {
			t.Error("settled before the failure")
		}
		close(fail)
		synctest.Wait()
		if isDone(all) {
			t.Error("settled before the rest has ended")
		}
		close(finish)
		wantOutcome(t, all, nil, errNo)
	})
}

func TestAllCancel(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ps := []*wechatpay.Promise[int]{untilCancelled(t.Context()), untilCancelled(t.Context()), untilCancelled(t.Context())}
		all := wechatpay.All(ps...)
		synctest.Wait()
		all.Cancel()
		wantOutcome(t, all, nil, context.Canceled)
		for _, p := range ps {
			wantOutcome(t, p, 0, context.Canceled)
		}
	})
}

func TestSettle(t *testing.T) {
	bubble(t, func(t *testing.T) {
		finish := make(chan struct{})
		var ctx context.Context
		slow := wechatpay.Go(t.Context(), func(c context.Context) (int, error) {
			ctx = c
			<-finish
			return 1, c.Err()
		})
		broken := wechatpay.Go(t.Context(), func(context.Context) (int, error) { panic(errNo) })
		settled := wechatpay.Settle(reject[int](errNo), slow, resolve(3), broken, resolve(5))
		synctest.Wait()
		if isDone(settled) {
			t.Error("settled before the last promise")
		}
		if ctx.Err() != nil {
			t.Error("a failure cancelled the rest")
		}
		close(finish)
		results, err := settled.Wait()
		if err != nil || len(results) != 5 {
			t.Fatalf("Settle gives %v, %v; want five outcomes", results, err)
		}
		var p *wechatpay.PanicError
		if !errors.As(results[3].Err, &p) || !errors.Is(p, errNo) {
			t.Errorf("the panic is lost: %v", results[3])
		}
		results[3].Err = nil
		want := []wechatpay.Result[int]{{Err: errNo}, {Value: 1}, {Value: 3}, {}, {Value: 5}}
		if !slices.Equal(results, want) {
			t.Errorf("Settle gives %v, want %v", results, want)
		}
	})
}

func TestAllAndSettleEmpty(t *testing.T) {
	checkGoroutines(t)
	wantOutcome(t, wechatpay.All[int](), []int{}, nil)
	wantOutcome(t, wechatpay.Settle[int](), []wechatpay.Result[int]{}, nil)
	wechatpay.All[int]().Cancel()
}

func TestAllAndSettleNilPromise(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ps := []*wechatpay.Promise[int]{untilCancelled(t.Context()), nil}
		all := wechatpay.All(ps...)
		wantOutcome(t, all, nil, wechatpay.ErrOption)
		if _, err := all.Wait(); !strings.Contains(err.Error(), "promise 1") {
			t.Errorf("the message does not say which promise is nil: %v", err)
		}
		results, err := wechatpay.Settle(ps...).Wait()
		if err != nil || !errors.Is(results[0].Err, context.Canceled) || !errors.Is(results[1].Err, wechatpay.ErrOption) {
			t.Errorf("Settle gives %v, %v", results, err)
		}
	})
}

// The caller may reuse the slice at once.
func TestAllAndSettleSliceReused(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := untilCancelled(t.Context())
		ps := []*wechatpay.Promise[int]{p}
		all, settled := wechatpay.All(ps...), wechatpay.Settle(ps...)
		ps[0] = resolve(7)
		synctest.Wait()
		if isDone(all) || isDone(settled) {
			t.Error("settled with a promise put in later")
		}
		all.Cancel()
		wantOutcome(t, all, nil, context.Canceled)
		wantOutcome(t, p, 0, context.Canceled)
		wantOutcome(t, settled, []wechatpay.Result[int]{{Err: context.Canceled}}, nil)
	})
}
