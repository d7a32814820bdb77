package notify_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay/notify"
)

// An OnError that panics takes neither the process nor the answer with it.
func TestOnErrorPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int32
		late := errors.New("too late")
		h := newReceiver(t, func(c *notify.Config) {
			c.OnError = func(context.Context, error) { panic("a careless OnError") }
		}).Handler(slow(time.Minute, &calls, &late))
		checkAnswer(t, serve(h, paid(t, "EV-1")), 500, false)
		time.Sleep(time.Hour) // what fails after the answer is told as well
		checkAnswer(t, serve(h, paid(t, "EV-1")), 500, false)
		if calls.Load() != 2 {
			t.Errorf("%d calls, want 2: the first failed", calls.Load())
		}
		time.Sleep(time.Hour)
	})
}

// timed is an answer whose connection has deadlines.
type timed struct {
	*httptest.ResponseRecorder
	deadlines []time.Time
}

func (w *timed) SetReadDeadline(t time.Time) error {
	w.deadlines = append(w.deadlines, t)
	return nil
}

// A body that trickles in is not waited for longer than the platform waits.
func TestBodyHasADeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &timed{ResponseRecorder: httptest.NewRecorder()}
		start := time.Now()
		newReceiver(t).Handler(func(context.Context, *notify.Notification) error { return nil }).ServeHTTP(w, paid(t, "EV-1"))
		checkAnswer(t, w.ResponseRecorder, 200, false)
		if len(w.deadlines) != 2 || !w.deadlines[0].Equal(start.Add(4500*time.Millisecond)) || !w.deadlines[1].IsZero() {
			t.Errorf("deadlines %v", w.deadlines)
		}
	})
}
