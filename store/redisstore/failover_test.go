package redisstore_test

import (
	"errors"
	"net"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/store/redisstore"
	"github.com/wxchain/wechatpay/store/redisstore/internal/redistest"
)

// A failover is a primary whose replicas take over when they are told to.
type failover interface {
	Sync(t testing.TB)
	Detach(t testing.TB)
	Promote(t testing.TB)
	Await(t testing.TB)
}

// awaitHandled claims id, which is handled, until Redis answers again. It returns how
// many claims ended with an error.
func awaitHandled(t *testing.T, s leaser, id string) (failed int) {
	t.Helper()
	poll(t, func() error {
		token, state, err := s.ClaimLease(t.Context(), id)
		switch {
		case err == nil && state != notify.Handled:
			t.Fatalf("claim of %s: token %q, state %d; want Handled or an error", id, token, state)
		case err != nil:
			failed++
		}
		return err
	})
	return failed
}

// checkFailover kills the primary of the keys with tag, and a replica takes over. Until
// then, notifications are answered 500. What the replica has, holds. connect returns a
// client of a process.
func checkFailover(t *testing.T, s failover, primary *redistest.Server, tag string, connect func() redis.UniversalClient) {
	t.Helper()
	store := newLeaser(connect())
	shop := newShop(t, store, func(string) error { return nil })
	shop.deliver(t, tag+"EV-1", 200)
	working := first(t, store, tag+"working")
	if state, err := store.Claim(t.Context(), tag+"without a token"); err != nil || state != notify.First {
		t.Errorf("state %d, %v", state, err)
	}
	s.Sync(t)

	primary.Close()
	shop.deliver(t, tag+"EV-1", 500)
	shop.deliver(t, tag+"EV-2", 500)
	if err := shop.reported(); err == nil || !errors.As(err, new(*net.OpError)) {
		t.Errorf("OnError was told %v", err)
	}
	for _, id := range []string{tag + "EV-1", tag + "EV-2", tag + "working", tag + "without a token"} {
		if state, err := store.Claim(t.Context(), id); err == nil || state != 0 {
			t.Errorf("claim of %s without a primary: state %d, %v; want an error", id, state, err)
		}
	}
	if err := store.DoneLease(t.Context(), tag+"working", working); err == nil {
		t.Error("DoneLease without a primary: no error")
	}
	s.Promote(t)
	t.Logf("%d claims ended with an error", awaitHandled(t, store, tag+"EV-1"))

	shop.deliver(t, tag+"EV-1", 200)
	shop.checkHandled(t, tag+"EV-1", 1)
	shop.deliver(t, tag+"EV-2", 200)
	shop.deliver(t, tag+"EV-2", 200)
	shop.checkHandled(t, tag+"EV-2", 1)
	checkState(t, store, tag+"working", notify.Busy)
	checkState(t, store, tag+"without a token", notify.Busy)
	err := errors.Join(store.DoneLease(t.Context(), tag+"working", working), store.Done(t.Context(), tag+"without a token"))
	if err != nil {
		t.Error(err)
	}
	// The old primary starts again, without its data. A new process uses the new one.
	s.Await(t)
	primary.Restart(t)
	other := newLeaser(connect())
	for _, id := range []string{tag + "EV-1", tag + "EV-2", tag + "working", tag + "without a token"} {
		checkState(t, other, id, notify.Handled)
	}
}

// checkLostWrites lets a replica take over that lacks the last writes. What it lacks may be
// done again, and nothing else.
func checkLostWrites(t *testing.T, s failover, primary *redistest.Server, tag string, client redis.UniversalClient) {
	t.Helper()
	store := newLeaser(client)
	done(t, store, tag+"handled", first(t, store, tag+"handled"))
	half, working := first(t, store, tag+"half"), first(t, store, tag+"working")
	s.Detach(t)
	done(t, store, tag+"half", half)
	fresh := first(t, store, tag+"fresh")
	done(t, store, tag+"lost", first(t, store, tag+"lost"))
	primary.Close()
	s.Promote(t)
	t.Logf("%d claims ended with an error", awaitHandled(t, store, tag+"handled"))

	// What the replica has, holds.
	checkState(t, store, tag+"working", notify.Busy)
	done(t, store, tag+"working", working)
	// A lost Done: the claim lapses, and the notification is handled again.
	checkState(t, store, tag+"half", notify.Busy)
	lapse(t, client, tag+"half")
	done(t, store, tag+"half", first(t, store, tag+"half"))
	// A lost claim and Done: it is handled again at its next sending.
	done(t, store, tag+"lost", first(t, store, tag+"lost"))
	// A lost claim: a second worker begins at the next sending. The first cannot end
	// the claim of the second.
	second := first(t, store, tag+"fresh")
	if err := store.DoneLease(t.Context(), tag+"fresh", fresh); !errors.Is(err, redisstore.ErrLost) {
		t.Errorf("Done of a claim that was lost: %v", err)
	}
	checkState(t, store, tag+"fresh", notify.Busy)
	done(t, store, tag+"fresh", second)
	for _, id := range []string{tag + "handled", tag + "working", tag + "half", tag + "lost", tag + "fresh"} {
		checkState(t, store, id, notify.Handled)
	}
}

// checkLimiterFailover kills the primary: the limiter keeps to its share until a replica
// takes over.
func checkLimiterFailover(t *testing.T, s failover, primary *redistest.Server, tag string, client redis.UniversalClient) {
	t.Helper()
	const perSecond, share, burst, calls = 400, 100, 4, 150
	onError, away := hears()
	c := newCrowd(t, redisstore.NewLimiter(client, tag+"merchant", perSecond, redisstore.Replicas(4), onError), 20)
	if d := c.take(t, 200); d < 400*time.Millisecond {
		t.Errorf("200 calls took %v at %d a second", d, perSecond)
	}
	primary.Close()
	if err := <-away; err == nil {
		t.Error("OnError was called without an error")
	}
	// At first, calls still wait for slots of Redis.
	if d := c.take(t, calls); d < (calls-burst-20)*time.Second/share {
		t.Errorf("%d calls took %v without a primary, want %d a second", calls, d, share)
	}
	s.Promote(t)
	c.backAt(t, 100, 500*time.Millisecond)
	if d := c.take(t, 400); d < (400-perSecond/25-20)*time.Second/perSecond {
		t.Errorf("400 calls took %v after the fail-over, want %d a second", d, perSecond)
	}
	if len(away) != 0 {
		t.Errorf("OnError was told again: %v", <-away)
	}
}
