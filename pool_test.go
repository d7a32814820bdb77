package wechatpay_test

import (
	"context"
	"errors"
	"iter"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/wxchain/wechatpay"
)

// checkGoroutines fails the test if it leaves a goroutine behind.
func checkGoroutines(t *testing.T) {
	t.Helper()
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
}

// bubble runs f in a synctest bubble, where waiting forever is an immediate
// failure.
func bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	checkGoroutines(t)
	synctest.Test(t, f)
}

// endless counts from 0. It reports how many elements were read, and when the
// loop over it ended.
type endless struct {
	read int
	left bool
}

func (e *endless) all(yield func(int) bool) {
	defer func() { e.left = true }()
	for ; ; e.read++ {
		if !yield(e.read) {
			e.read++
			return
		}
	}
}

// calls is the function of a pool of three in tests that stop it. The call for
// element 0 returns once three calls are in flight; the others return when they
// are cancelled.
type calls struct {
	started, ended atomic.Int32
	three          chan struct{}
}

func newCalls() *calls { return &calls{three: make(chan struct{})} }

func (c *calls) call(ctx context.Context, v int) (int, error) {
	defer c.ended.Add(1)
	if c.started.Add(1) == 3 {
		close(c.three)
	}
	if v == 0 {
		<-c.three
		return 0, nil
	}
	<-ctx.Done()
	return v, ctx.Err()
}

// wantStopped checks that a pool of three over e was stopped after element 0, and
// that nothing goes on.
func (c *calls) wantStopped(t *testing.T, e *endless) {
	t.Helper()
	if started, ended := c.started.Load(), c.ended.Load(); started != 3 || ended != 3 {
		t.Errorf("%d calls started and %d ended, want 3 of both", started, ended)
	}
	if e.read != 3 || !e.left {
		t.Errorf("%d elements were read, and the sequence left: %v; want 3, true", e.read, e.left)
	}
}

// wantPanic checks for a panic with errNo. Defer it.
func wantPanic(t *testing.T) {
	t.Helper()
	if r := recover(); r != errNo {
		t.Errorf("recovers %v, want %v", r, errNo)
	}
}

func TestPoolBreak(t *testing.T) {
	bubble(t, func(t *testing.T) {
		e, c, rounds := &endless{}, newCalls(), 0
		for v, r := range wechatpay.Pool(t.Context(), 3, e.all, c.call) {
			if rounds++; v != 0 || r.Err != nil {
				t.Errorf("yields %v, %v", v, r)
			}
			break
		}
		if rounds != 1 {
			t.Errorf("the loop ran %d times", rounds)
		}
		c.wantStopped(t, e)
	})
}

func TestPoolContextEnds(t *testing.T) {
	for name, end := range map[string]struct {
		ctx func(context.Context) (context.Context, context.CancelFunc)
		err error
	}{
		"cancelled": {context.WithCancel, context.Canceled},
		"deadline": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithTimeout(ctx, time.Hour)
			return ctx, func() { <-ctx.Done(); cancel() }
		}, context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				ctx, cancel := end.ctx(t.Context())
				defer cancel()
				e, c := &endless{}, newCalls()
				var got []int
				for v, r := range wechatpay.Pool(ctx, 3, e.all, c.call) {
					if got = append(got, v); v == 0 {
						cancel()
					} else if !errors.Is(r.Err, end.err) {
						t.Errorf("element %d: %v, want %v", v, r.Err, end.err)
					}
				}
				slices.Sort(got)
				if want := []int{0, 1, 2}; !slices.Equal(got, want) {
					t.Errorf("yields %v, want %v", got, want)
				}
				c.wantStopped(t, e)
			})
		})
	}
}

func TestPoolContextEndedBefore(t *testing.T) {
	checkGoroutines(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	e, c := &endless{}, newCalls()
	for v, r := range wechatpay.Pool(ctx, 3, e.all, c.call) {
		t.Errorf("yields %v, %v", v, r)
	}
	if e.read != 0 || c.started.Load() != 0 {
		t.Errorf("%d elements read and %d calls started, want none", e.read, c.started.Load())
	}
}

// An element that was read when ctx ended is not called, but is still yielded.
func TestPoolContextEndsWhileReading(t *testing.T) {
	checkGoroutines(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	in := func(yield func(int) bool) {
		cancel()
		yield(1)
	}
	rounds := 0
	for v, r := range wechatpay.Pool(ctx, 3, in, func(context.Context, int) (int, error) {
		t.Error("a call was started")
		return 7, nil
	}) {
		if rounds++; v != 1 || r.Value != 0 || !errors.Is(r.Err, context.Canceled) {
			t.Errorf("yields %v, %v", v, r)
		}
	}
	if rounds != 1 {
		t.Errorf("yields %d elements, want 1", rounds)
	}
}

func TestPoolNilContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		e, c := &endless{}, newCalls()
		var none context.Context
		for range wechatpay.Pool(none, 3, e.all, c.call) {
			break
		}
		c.wantStopped(t, e)
	})
}

func TestPoolPanicInBody(t *testing.T) {
	bubble(t, func(t *testing.T) {
		e, c := &endless{}, newCalls()
		defer c.wantStopped(t, e)
		defer wantPanic(t)
		for range wechatpay.Pool(t.Context(), 3, e.all, c.call) {
			panic(errNo)
		}
	})
}

func TestPoolPanicInSequence(t *testing.T) {
	bubble(t, func(t *testing.T) {
		e, c := &endless{}, newCalls()
		defer c.wantStopped(t, e)
		defer wantPanic(t)
		in := func(yield func(int) bool) {
			e.all(func(v int) bool {
				if v == 3 {
					panic(errNo)
				}
				return yield(v)
			})
		}
		for v, r := range wechatpay.Pool(t.Context(), 3, in, c.call) {
			if v != 0 && !errors.Is(r.Err, context.Canceled) {
				t.Errorf("yields %d, %v", v, r)
			}
		}
		t.Error("the panic is lost")
	})
}

func TestPoolPanicInCleanup(t *testing.T) {
	bubble(t, func(t *testing.T) {
		e, c := &endless{}, newCalls()
		defer c.wantStopped(t, e)
		defer wantPanic(t)
		in := func(yield func(int) bool) {
			defer panic(errNo)
			e.all(yield)
		}
		for range wechatpay.Pool(t.Context(), 3, in, c.call) {
			break
		}
		t.Error("the panic is lost")
	})
}

// A test's FailNow ends the goroutine of the loop.
func TestPoolGoexitInBody(t *testing.T) {
	bubble(t, func(t *testing.T) {
		e, c, ended := &endless{}, newCalls(), make(chan struct{})
		go func() {
			defer close(ended)
			for range wechatpay.Pool(t.Context(), 3, e.all, c.call) {
				runtime.Goexit()
			}
			t.Error("the loop goes on")
		}()
		<-ended
		c.wantStopped(t, e)
	})
}

func TestPoolLimit(t *testing.T) {
	const n = 20
	for limit, want := range map[int]int32{-5: 1, 0: 1, 1: 1, 2: 2, 7: 7, n: n, math.MaxInt: n} {
		bubble(t, func(t *testing.T) {
			var inFlight, most atomic.Int32
			finish := make(chan struct{})
			go func() {
				for i := range int32(n) { // one call at a time is let go
					synctest.Wait()
					if got, want := inFlight.Load(), min(want, n-i); got != want {
						t.Errorf("limit %d: %d calls in flight, want %d", limit, got, want)
					}
					finish <- struct{}{}
				}
			}()
			seen := make(map[int]int)
			for v, r := range wechatpay.Pool(t.Context(), limit, numbers(n), func(_ context.Context, v int) (int, error) {
				now := inFlight.Add(1)
				defer inFlight.Add(-1)
				for m := most.Load(); now > m && !most.CompareAndSwap(m, now); m = most.Load() {
				}
				<-finish
				return v * v, nil
			}) {
				if seen[v]++; r.Value != v*v || r.Err != nil {
					t.Errorf("limit %d: yields %v, %v", limit, v, r)
				}
			}
			if most.Load() != want {
				t.Errorf("limit %d: up to %d calls in flight, want %d", limit, most.Load(), want)
			}
			for v := range n {
				if seen[v] != 1 {
					t.Errorf("limit %d: element %d was yielded %d times", limit, v, seen[v])
				}
			}
		})
	}
}

func numbers(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for v := range n {
			if !yield(v) {
				return
			}
		}
	}
}

func TestPoolYieldsAsTheyFinish(t *testing.T) {
	bubble(t, func(t *testing.T) {
		slow := make(chan struct{})
		var got []int
		for v := range wechatpay.Pool(t.Context(), 2, numbers(4), func(_ context.Context, v int) (int, error) {
			if v == 0 {
				<-slow
			}
			return v, nil
		}) {
			if got = append(got, v); v == 3 {
				close(slow)
			}
		}
		if want := []int{1, 2, 3, 0}; !slices.Equal(got, want) {
			t.Errorf("yields %v, want %v", got, want)
		}
	})
}

// A finished outcome is yielded before the sequence is read, because the sequence
// may wait.
func TestPoolYieldsBeforeReading(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var yielded atomic.Bool
		in := func(yield func(int) bool) {
			if !yield(0) || !yield(1) {
				return
			}
			synctest.Wait() // both calls have ended
			if !yield(2) {
				return
			}
			if !yielded.Load() {
				t.Error("the sequence is read on while an outcome is ready")
			}
		}
		for range wechatpay.Pool(t.Context(), 5, in, func(context.Context, int) (int, error) { return 7, nil }) {
			yielded.Store(true)
		}
	})
}

func TestPoolErrors(t *testing.T) {
	checkGoroutines(t)
	got := make([]wechatpay.Result[string], 3)
	for v, r := range wechatpay.Pool(t.Context(), 3, numbers(3), func(_ context.Context, v int) (string, error) {
		switch v {
		case 0:
			return "", errNo
		case 1:
			panic(errNo)
		}
		return "fine", nil
	}) {
		got[v] = r
	}
	if got[0].Err != errNo {
		t.Errorf("the error: %v", got[0])
	}
	if p := (*wechatpay.PanicError)(nil); !errors.As(got[1].Err, &p) || p.Value != errNo {
		t.Errorf("the panic: %v", got[1])
	}
	if got[2] != (wechatpay.Result[string]{Value: "fine"}) {
		t.Errorf("an error stops the others: %v", got[2])
	}
}

func TestPoolEmpty(t *testing.T) {
	checkGoroutines(t)
	for v, r := range wechatpay.Pool(t.Context(), 3, numbers(0), newCalls().call) {
		t.Errorf("yields %v, %v", v, r)
	}
}

func TestPoolTwice(t *testing.T) {
	checkGoroutines(t)
	var called atomic.Int32
	pool := wechatpay.Pool(t.Context(), 3, numbers(10), func(_ context.Context, v int) (int, error) {
		called.Add(1)
		return v, nil
	})
	if called.Load() != 0 {
		t.Error("calls were made before the loop")
	}
	sum := func() {
		sum := 0
		for _, r := range pool {
			sum += r.Value
		}
		if sum != 45 {
			t.Errorf("the sum of 0 to 9 is %d", sum)
		}
	}
	sum()
	sum()
	var wg sync.WaitGroup
	wg.Go(sum)
	wg.Go(sum)
	wg.Wait()
	if called.Load() != 40 {
		t.Errorf("%d calls in four loops over ten elements", called.Load())
	}
}

func TestPoolMemory(t *testing.T) {
	checkGoroutines(t)
	const n, most = 200_000, 1 << 20
	type element [8]int
	in := func(yield func(*element) bool) {
		for v := range n {
			if !yield(&element{v}) {
				return
			}
		}
	}
	live := func() int64 {
		runtime.GC()
		runtime.GC() // and what finalizers and pools held
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	var before int64
	count := 0
	for _, r := range wechatpay.Pool(t.Context(), 8, in, func(_ context.Context, e *element) (*element, error) {
		return &element{e[0] + 1}, nil
	}) {
		if r.Err != nil {
			t.Fatal(r.Err)
		}
		switch count++; count {
		case n / 20:
			before = live()
		case n / 2, n:
			if growth := live() - before; growth > most {
				t.Errorf("%d elements: %d bytes more are live, want at most %d", count, growth, most)
			}
		}
	}
	if count != n {
		t.Errorf("yields %d elements, want %d", count, n)
	}
}

// A sequence may wait for the loop to handle an earlier element.
func TestPoolYieldsWhileTheSequenceWaits(t *testing.T) {
	bubble(t, func(t *testing.T) {
		next := make(chan int, 1)
		next <- 0
		in := func(yield func(int) bool) {
			for v := range next {
				if !yield(v) {
					return
				}
			}
		}
		rounds := 0
		for v := range wechatpay.Pool(t.Context(), 4, in, func(_ context.Context, v int) (int, error) { return v, nil }) {
			if rounds++; v == 9 {
				close(next)
				continue
			}
			next <- v + 1
		}
		if rounds != 10 {
			t.Errorf("the loop ran %d times, want 10", rounds)
		}
	})
}

func TestPoolGoexitInSequence(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			for range wechatpay.Pool(t.Context(), 3, func(func(int) bool) { runtime.Goexit() }, newCalls().call) {
			}
			t.Error("the loop goes on")
		}()
		<-ended
	})
}

// A waiting sequence ends with ctx, and Pool ends with it: after a cancellation,
// and when the loop breaks after one.
func TestPoolWaitingSequenceEndsWithContext(t *testing.T) {
	for name, breaks := range map[string]bool{"cancelled": false, "cancelled and broken": true} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				left := false
				in := func(yield func(int) bool) {
					defer func() { left = true }()
					if yield(1) {
						<-ctx.Done() // in place of a channel that brings no more
					}
				}
				n := 0
				for _, r := range wechatpay.Pool(ctx, 2, in, func(context.Context, int) (int, error) { return 1, nil }) {
					if n++; r.Err != nil {
						t.Error(r.Err)
					}
					synctest.Wait() // in waits
					cancel()
					if breaks {
						break
					}
				}
				if n != 1 || !left {
					t.Errorf("%d outcomes, in has returned: %v", n, left)
				}
			})
		})
	}
}
