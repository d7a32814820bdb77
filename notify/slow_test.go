package notify_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay/notify"
)

// slow is a function that takes its time, and the result it then has.
func slow(d time.Duration, calls *atomic.Int32, result *error) func(context.Context, *notify.Notification) error {
	return func(ctx context.Context, _ *notify.Notification) error {
		calls.Add(1)
		select {
		case <-time.After(d):
			return *result
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func TestSlowFunctionSucceeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var heard told
		var calls atomic.Int32
		var result error
		start := time.Now()
		h := newReceiver(t, heard.hear).Handler(slow(time.Minute, &calls, &result))

		checkAnswer(t, serve(h, paid(t, "EV-1")), 500, false)
		if waited := time.Since(start); waited != 4500*time.Millisecond {
			t.Errorf("answered after %v", waited)
		}
		heard.check(t, "EV-1: the function goes on after the answer")

		at := func(d time.Duration) { time.Sleep(d - time.Since(start)); synctest.Wait() }
		at(59 * time.Second)
		checkAnswer(t, serve(h, paid(t, "EV-1")), 500, false)
		heard.check(t, "EV-1: it is being handled already")
		at(61 * time.Second)
		checkAnswer(t, serve(h, paid(t, "EV-1")), 200, false)
		heard.check(t)
		if calls.Load() != 1 {
			t.Errorf("%d calls", calls.Load())
		}
	})
}

func TestSlowFunctionFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var heard told
		var calls atomic.Int32
		result := errors.New("too late")
		h := newReceiver(t, heard.hear, func(c *notify.Config) { c.Timeout = time.Second }).Handler(slow(1500*time.Millisecond, &calls, &result))

		checkAnswer(t, serve(h, post(signedXML(t, "MD5", order()))), 500, true)
		heard.check(t, "goes on after the answer")
		time.Sleep(time.Second)
		synctest.Wait()
		heard.check(t, "too late")
		result = nil
		checkAnswer(t, serve(h, post(signedXML(t, "MD5", order()))), 500, true)
		heard.check(t, "goes on after the answer")
		time.Sleep(time.Second)
		synctest.Wait()
		heard.check(t)
		checkAnswer(t, serve(h, post(signedXML(t, "MD5", order()))), 200, true)
		if calls.Load() != 2 {
			t.Errorf("%d calls", calls.Load())
		}
	})
}

// A store that hangs does not hold up the answer, nor the function for ever.
type hanging struct{ notify.Seen }

func (hanging) Claim(ctx context.Context, _ string) (notify.State, error) {
	<-ctx.Done()
	return 0, ctx.Err()
}

func TestSeenHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		h := newReceiver(t, func(c *notify.Config) { c.Seen = hanging{} }).Handler(nil)
		checkAnswer(t, serve(h, paid(t, "EV-1")), 500, false)
		if waited := time.Since(start); waited > 5*time.Second {
			t.Errorf("answered after %v", waited)
		}
	})
}

func TestShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int32
		var result error
		start := time.Now()
		r := newReceiver(t)
		h := r.Handler(slow(time.Minute, &calls, &result))
		for _, id := range []string{"EV-1", "EV-2"} {
			checkAnswer(t, serve(h, paid(t, id)), 500, false)
			time.Sleep(time.Second)
		}
		if err := r.Shutdown(t.Context()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if waited := time.Since(start); waited != time.Minute+5500*time.Millisecond {
			t.Errorf("Shutdown returned after %v", waited)
		}
		// What comes late is sent again, to another process.
		checkAnswer(t, serve(h, paid(t, "EV-3")), 503, false)
		if calls.Load() != 2 {
			t.Errorf("%d calls", calls.Load())
		}
		if _, err := r.Parse(paid(t, "EV-3")); err != nil {
			t.Errorf("Parse after Shutdown: %v", err)
		}
		if err := r.Shutdown(t.Context()); err != nil {
			t.Errorf("Shutdown again: %v", err)
		}
	})
}

func TestShutdownGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var heard told
		seen := notify.NewMemorySeen(0, 0)
		r := newReceiver(t, heard.hear, func(c *notify.Config) { c.Seen = seen })
		h := r.Handler(func(ctx context.Context, _ *notify.Notification) error {
			<-ctx.Done()
			time.Sleep(time.Second) // to clean up
			return ctx.Err()
		})
		checkAnswer(t, serve(h, paid(t, "EV-1")), 500, false)
		heard.check(t, "goes on after the answer")

		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		err := r.Shutdown(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "functions still at work: 1") {
			t.Errorf("Shutdown: %v", err)
		}
		if err := r.Shutdown(t.Context()); err != nil {
			t.Errorf("another Shutdown: %v", err)
		}
		heard.check(t, "EV-1: context canceled")
		// Another process may have it.
		if state, err := seen.Claim(t.Context(), "EV-1"); state != notify.First || err != nil {
			t.Errorf("Claim = %v, %v", state, err)
		}
	})
}

func TestShutdownOfNothing(t *testing.T) {
	r := newReceiver(t)
	if err := r.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	var heard told
	r = newReceiver(t, heard.hear)
	h := r.Handler(func(context.Context, *notify.Notification) error { return nil })
	checkAnswer(t, serve(h, paid(t, "EV-1")), 200, false)
	if err := r.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	checkAnswer(t, serve(h, paid(t, "EV-1")), http.StatusServiceUnavailable, false)
	heard.check(t, "shut down")
}

// Timeout is for body and function together.
func TestSlowBodyAndSlowFunction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var heard told
		var calls atomic.Int32
		var result error
		start := time.Now()
		h := newReceiver(t, heard.hear).Handler(slow(3*time.Second, &calls, &result))
		req := paid(t, "EV-1")
		req.Body = lateBody{req.Body, 3 * time.Second}
		checkAnswer(t, serve(h, req), 500, false)
		if waited := time.Since(start); waited != 4500*time.Millisecond {
			t.Errorf("answered after %v", waited)
		}
		heard.check(t, "the function goes on after the answer")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		checkAnswer(t, serve(h, paid(t, "EV-1")), 200, false)
	})
}

// lateBody keeps each Read waiting.
type lateBody struct {
	io.ReadCloser
	delay time.Duration
}

func (b lateBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		time.Sleep(b.delay)
	}
	return n, err
}
