package notify_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay/notify"
)

// leases is a Leaser in memory, as processes share one.
type leases struct {
	notify.Seen // nil: a Receiver must not call it
	lease       time.Duration
	fail        error // what all but ClaimLease return, if it is not nil

	mu      sync.Mutex
	claims  int
	held    map[string]lease
	handled map[string]bool
	asked   []string
}

type lease struct {
	token string
	until time.Time
}

func newLeases(d time.Duration) *leases {
	return &leases{lease: d, held: make(map[string]lease), handled: make(map[string]bool)}
}

func (l *leases) ClaimLease(_ context.Context, id string) (string, notify.State, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = append(l.asked, "claim "+id)
	switch {
	case l.handled[id]:
		return "", notify.Handled, nil
	case time.Now().Before(l.held[id].until):
		return "", notify.Busy, nil
	}
	l.claims++
	l.held[id] = lease{fmt.Sprint("token ", l.claims), time.Now().Add(l.lease)}
	return l.held[id].token, notify.First, nil
}

func (l *leases) DoneLease(ctx context.Context, id, token string) error {
	return l.end(ctx, "done", id, token)
}

func (l *leases) ReleaseLease(ctx context.Context, id, token string) error {
	return l.end(ctx, "release", id, token)
}

func (l *leases) end(ctx context.Context, how, id, token string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = append(l.asked, how+" "+id+" "+token)
	if l.fail != nil || ctx.Err() != nil {
		return errors.Join(l.fail, ctx.Err())
	}
	if l.held[id].token != token {
		return errors.New("somebody else has claimed it since")
	}
	delete(l.held, id)
	l.handled[id] = how == "done"
	return nil
}

func (l *leases) check(t *testing.T, want ...string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if got := strings.Join(l.asked, ", "); got != strings.Join(want, ", ") {
		t.Errorf("the store was asked to %s; want %s", got, strings.Join(want, ", "))
	}
	l.asked = nil
}

func TestLeaser(t *testing.T) {
	store := newLeases(time.Minute)
	var heard told
	result := errors.New("broken")
	h := newReceiver(t, heard.hear, func(c *notify.Config) { c.Seen = store }).Handler(func(context.Context, *notify.Notification) error { return result })

	checkAnswer(t, serve(h, paid(t, "EV-1")), 500, false)
	store.check(t, "claim EV-1", "release EV-1 token 1")
	heard.check(t, "broken")
	result = nil
	checkAnswer(t, serve(h, paid(t, "EV-1")), 200, false)
	store.check(t, "claim EV-1", "done EV-1 token 2")
	checkAnswer(t, serve(h, paid(t, "EV-1")), 200, false)
	store.check(t, "claim EV-1")
	heard.check(t)

	store.fail = errors.New("connection refused")
	checkAnswer(t, serve(h, paid(t, "EV-2")), 200, false)
	store.check(t, "claim EV-2", "done EV-2 token 3")
	heard.check(t, "EV-2 was handled, but Seen: Done: connection refused")
	result = errors.New("broken")
	checkAnswer(t, serve(h, paid(t, "EV-3")), 500, false)
	store.check(t, "claim EV-3", "release EV-3 token 4")
	heard.check(t, "broken; and then Seen: Release: connection refused")
}

// Two processes share a store. The one whose lease lapsed neither ends nor frees
// the claim of the other.
func TestLeaseLapses(t *testing.T) {
	for name, late := range map[string]error{"and then succeeds": nil, "and then fails": errors.New("too late")} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := newLeases(time.Minute)
				var heard told
				process := func(takes time.Duration, result error) (deliver func(status int)) {
					h := newReceiver(t, heard.hear, func(c *notify.Config) { c.Seen = store }).Handler(func(context.Context, *notify.Notification) error {
						time.Sleep(takes)
						return result
					})
					return func(status int) {
						t.Helper()
						checkAnswer(t, serve(h, paid(t, "EV-1")), status, false)
					}
				}
				slow, quick := process(90*time.Second, late), process(40*time.Second, nil)

				slow(500)
				heard.check(t, "goes on after the answer")
				quick(500)
				heard.check(t, "being handled already")
				time.Sleep(time.Minute) // the lease of slow has lapsed
				quick(500)
				heard.check(t, "goes on after the answer")
				store.check(t, "claim EV-1", "claim EV-1", "claim EV-1")

				time.Sleep(30 * time.Second) // slow has returned
				how := "done"
				if late != nil {
					how = "release"
				}
				store.check(t, how+" EV-1 token 1")
				heard.check(t, "somebody else has claimed it since")
				slow(500)
				heard.check(t, "being handled already")
				time.Sleep(10 * time.Second) // quick has returned
				store.check(t, "claim EV-1", "done EV-1 token 2")
				slow(200)
				quick(200)
				heard.check(t)
			})
		})
	}
}
