package notify_test

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/wxchain/wechatpay/notify"
)

// told gathers what OnError is told.
type told struct {
	mu   sync.Mutex
	errs []error
}

func (x *told) hear(c *notify.Config) {
	c.OnError = func(_ context.Context, err error) {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.errs = append(x.errs, err)
	}
}

// check checks that there was one error for each of want, which it says.
func (x *told) check(t *testing.T, want ...string) {
	t.Helper()
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.errs) != len(want) {
		t.Fatalf("OnError was told %q, want %q", x.errs, want)
	}
	for i, err := range x.errs {
		if !strings.Contains(err.Error(), want[i]) || !strings.HasPrefix(err.Error(), "notify: ") {
			t.Errorf("OnError was told %q, want %q", err, want[i])
		}
	}
	x.errs = nil
}

func TestHandlerHandsOverOnce(t *testing.T) {
	var heard told
	var got []*notify.Notification
	h := newReceiver(t, heard.hear).Handler(func(_ context.Context, n *notify.Notification) error {
		got = append(got, n)
		return nil
	})
	for range 3 {
		checkAnswer(t, serve(h, paid(t, "EV-1")), 200, false)
		checkAnswer(t, serve(h, post(signedXML(t, "MD5", order()))), 200, true)
	}
	checkAnswer(t, serve(h, paid(t, "EV-2")), 200, false)
	heard.check(t)
	if len(got) != 3 || got[0].ID != "EV-1" || got[1].Get("out_trade_no").String() != "1409811653" || got[2].ID != "EV-2" {
		t.Errorf("handed over: %v", got)
	}
}

func TestHandlerReleasesWhatFails(t *testing.T) {
	broken := errors.New("the database is down, its password is hunter2")
	tests := []struct {
		name string
		fail func() error
		want string
	}{
		{"error", func() error { return broken }, "notification EV-1: the database is down"},
		{"an Error of another request", func() error { return &notify.Error{StatusCode: 418, Err: broken} }, "notification EV-1"},
		{"panic", func() error { panic(broken) }, "panic: the database is down"},
		{"nil dereference", func() error { var n *notify.Notification; return n.Decode(nil) }, "handler_test.go"},
		{"Goexit", func() error { runtime.Goexit(); return nil }, "runtime.Goexit"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var heard told
			calls := 0
			h := newReceiver(t, heard.hear).Handler(func(context.Context, *notify.Notification) error {
				if calls++; calls < 3 {
					return tt.fail()
				}
				return nil
			})
			for range 2 {
				checkAnswer(t, serve(h, paid(t, "EV-1")), 500, false)
				heard.check(t, tt.want)
			}
			checkAnswer(t, serve(h, paid(t, "EV-1")), 200, false)
			checkAnswer(t, serve(h, paid(t, "EV-1")), 200, false)
			if calls != 3 {
				t.Errorf("%d calls, want 3", calls)
			}
			h = newReceiver(t).Handler(func(context.Context, *notify.Notification) error { return tt.fail() })
			checkAnswer(t, serve(h, post(signedXML(t, "MD5", order()))), 500, true) // nobody listens
		})
	}
}

func TestHandlerKeepsTheCauseOfAnError(t *testing.T) {
	broken := errors.New("broken")
	var got error
	h := newReceiver(t, func(c *notify.Config) { c.OnError = func(_ context.Context, err error) { got = err } }).
		Handler(func(context.Context, *notify.Notification) error { return broken })
	serve(h, paid(t, "EV-1"))
	if !errors.Is(got, broken) {
		t.Errorf("OnError was told %v", got)
	}
}

func TestHandlerWithoutFunction(t *testing.T) {
	var heard told
	checkAnswer(t, serve(newReceiver(t, heard.hear).Handler(nil), paid(t, "EV-1")), 500, false)
	heard.check(t, "no function")
}

// The function is at work for its process, not for the connection.
func TestHandlerContext(t *testing.T) {
	type key struct{}
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "value"))
	cancel()
	done := make(chan error, 1)
	h := newReceiver(t).Handler(func(ctx context.Context, _ *notify.Notification) error {
		if _, ok := ctx.Deadline(); ok || ctx.Value(key{}) != "value" {
			t.Errorf("the context is %v", ctx)
		}
		done <- ctx.Err()
		return nil
	})
	serve(h, paid(t, "EV-1").WithContext(ctx)) // whoever sent it has hung up
	if err := <-done; err != nil {
		t.Errorf("the context of the function: %v", err)
	}
}

// However many deliveries come at once, one is handed over.
func TestHandlerAtOnce(t *testing.T) {
	const deliveries = 50
	var calls, ok, busy atomic.Int32
	enter, leave := make(chan struct{}), make(chan struct{})
	h := newReceiver(t).Handler(func(context.Context, *notify.Notification) error {
		calls.Add(1)
		close(enter)
		<-leave
		return nil
	})
	requests := make([]*http.Request, deliveries)
	for i := range requests {
		requests[i] = paid(t, "EV-1")
	}
	var first, rest sync.WaitGroup
	first.Go(func() { checkAnswer(t, serve(h, requests[0]), 200, false) })
	<-enter
	for _, req := range requests[1:] {
		rest.Go(func() {
			switch w := serve(h, req); w.Code {
			case 200:
				ok.Add(1)
			case 500:
				busy.Add(1)
			}
		})
	}
	rest.Wait()
	close(leave)
	first.Wait()
	if calls.Load() != 1 || busy.Load() != deliveries-1 || ok.Load() != 0 {
		t.Errorf("%d calls, %d answered 500, %d answered 200", calls.Load(), busy.Load(), ok.Load())
	}
	checkAnswer(t, serve(h, paid(t, "EV-1")), 200, false)
}

// brokenSeen fails where it is told to.
type brokenSeen struct {
	notify.Seen
	state                notify.State
	claim, done, release error
}

func (s brokenSeen) Claim(ctx context.Context, id string) (notify.State, error) {
	if s.claim != nil || s.state != 0 {
		return s.state, s.claim
	}
	return s.Seen.Claim(ctx, id)
}

func (s brokenSeen) Done(ctx context.Context, id string) error {
	return errors.Join(s.done, s.Seen.Done(ctx, id))
}

func (s brokenSeen) Release(ctx context.Context, id string) error {
	return errors.Join(s.release, s.Seen.Release(ctx, id))
}

func TestHandlerWhenSeenFails(t *testing.T) {
	down, failed := errors.New("connection refused"), errors.New("failed")
	tests := []struct {
		name   string
		seen   brokenSeen
		result error
		status int
		called bool
		want   []string
	}{
		{"Claim", brokenSeen{claim: down}, nil, 500, false, []string{"EV-1: Seen: Claim: connection refused"}},
		{"Claim, of a state too", brokenSeen{claim: down, state: notify.First}, nil, 500, false, []string{"connection refused"}},
		{"an unknown state", brokenSeen{state: 4}, nil, 500, false, []string{"state 4"}},
		{"Done", brokenSeen{done: down}, nil, 200, true, []string{"EV-1 was handled, but Seen: Done: connection refused"}},
		{"Release", brokenSeen{release: down}, failed, 500, true, []string{"EV-1: failed; and then Seen: Release: connection refused"}},
		{"Busy", brokenSeen{state: notify.Busy}, nil, 500, false, []string{"EV-1: it is being handled already"}},
		{"Handled", brokenSeen{state: notify.Handled}, nil, 200, false, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var heard told
			tt.seen.Seen = notify.NewMemorySeen(0, 0)
			called := false
			h := newReceiver(t, heard.hear, func(c *notify.Config) { c.Seen = tt.seen }).
				Handler(func(context.Context, *notify.Notification) error { called = true; return tt.result })
			checkAnswer(t, serve(h, paid(t, "EV-1")), tt.status, false)
			heard.check(t, tt.want...)
			if called != tt.called {
				t.Errorf("called: %v", called)
			}
		})
	}
	var heard told
	h := newReceiver(t, heard.hear, func(c *notify.Config) { c.Seen = brokenSeen{} }).Handler(nil)
	checkAnswer(t, serve(h, paid(t, "EV-1")), 500, false) // it panics
	heard.check(t, "panic: ")
}

// What was handled is remembered in the memory of the process: another process,
// or this one after a restart, hands it over again, unless they share a Seen.
func TestHandledOnceWhereSeenIsShared(t *testing.T) {
	for name, tt := range map[string]struct {
		seen  notify.Seen
		calls int
	}{
		"each its own": {nil, 2},
		"one for both": {notify.NewMemorySeen(0, 0), 1},
	} {
		t.Run(name, func(t *testing.T) {
			calls := 0
			for range 2 { // processes
				h := newReceiver(t, func(c *notify.Config) { c.Seen = tt.seen }).Handler(func(context.Context, *notify.Notification) error { calls++; return nil })
				for range 3 {
					checkAnswer(t, serve(h, paid(t, "EV-1")), 200, false)
				}
			}
			if calls != tt.calls {
				t.Errorf("handed over %d times, want %d", calls, tt.calls)
			}
		})
	}
}
