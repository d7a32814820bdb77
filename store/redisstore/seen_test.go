package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/store/redisstore"
	"github.com/wxchain/wechatpay/store/redisstore/internal/redistest"
)

func TestSeen(t *testing.T) {
	server := redistest.Start(t)
	ctx, client := t.Context(), server.Client(t)
	here, there := newLeaser(client), newLeaser(server.Client(t)) // two processes

	token := first(t, here, "EV-1")
	checkTTL(t, client, "wechatpay:seen:EV-1", 2*time.Minute)
	checkState(t, here, "EV-1", notify.Busy)
	checkState(t, there, "EV-1", notify.Busy)
	if err := here.ReleaseLease(ctx, "EV-1", token); err != nil {
		t.Error(err)
	}
	token = first(t, there, "EV-1")
	if err := there.DoneLease(ctx, "EV-1", token); err != nil {
		t.Error(err)
	}
	checkTTL(t, client, "wechatpay:seen:EV-1", 48*time.Hour)
	checkState(t, here, "EV-1", notify.Handled)
	checkState(t, there, "EV-1", notify.Handled)
	first(t, here, "EV-2")
	first(t, here, strings.Repeat("{}*\n ", 50)) // an ID is not a pattern
}

// checkTTL checks that a key expires in d.
func checkTTL(t *testing.T, c redis.UniversalClient, key string, d time.Duration) {
	t.Helper()
	if ttl, err := c.PTTL(t.Context(), key).Result(); err != nil || ttl > d || ttl < d-time.Minute {
		t.Errorf("%s expires in %v, %v; want %v", key, ttl, err, d)
	}
}

// A Seen without leases has one kind of claim.
func TestSeenWithoutTokens(t *testing.T) {
	ctx, client := t.Context(), redistest.Start(t).Client(t)
	here, there := newLeaser(client), newLeaser(client)
	claim := func(id string, want notify.State) {
		t.Helper()
		if state, err := here.Claim(ctx, id); err != nil || state != want {
			t.Errorf("claim of %s: state %d, %v; want %d", id, state, err, want)
		}
	}
	claim("EV-1", notify.First)
	claim("EV-1", notify.Busy)
	err := errors.Join(there.Release(ctx, "EV-1"), there.Release(ctx, "EV-1")) // the second finds nothing
	claim("EV-1", notify.First)
	err = errors.Join(err, there.Done(ctx, "EV-1"), there.Done(ctx, "EV-1"))
	claim("EV-1", notify.Handled)
	if err != nil {
		t.Error(err)
	}

	token := first(t, there, "EV-2")
	for what, err := range map[string]error{
		"Done": here.Done(ctx, "EV-2"), "Release": here.Release(ctx, "EV-2"),
		"DoneLease": here.DoneLease(ctx, "EV-2", ""), "ReleaseLease": here.ReleaseLease(ctx, "EV-2", token[:20]),
	} {
		if !errors.Is(err, redisstore.ErrLost) {
			t.Errorf("%s of another's claim: %v", what, err)
		}
	}
	checkState(t, there, "EV-2", notify.Busy)
	if err := there.DoneLease(ctx, "EV-2", token); err != nil {
		t.Error(err)
	}
}

// A worker whose lease has lapsed neither ends nor frees the claim of another.
func TestSeenLeaseLapses(t *testing.T) {
	ctx, client := t.Context(), redistest.Start(t).Client(t)
	s := newLeaser(client)
	slow := first(t, s, "EV-1")
	lapse(t, client, "EV-1")
	quick := first(t, s, "EV-1")
	check := func(what string) {
		t.Helper()
		for how, err := range map[string]error{"DoneLease": s.DoneLease(ctx, "EV-1", slow), "ReleaseLease": s.ReleaseLease(ctx, "EV-1", slow)} {
			if !errors.Is(err, redisstore.ErrLost) {
				t.Errorf("%s %s: %v, want ErrLost", how, what, err)
			}
		}
	}
	check("while another is at work")
	checkState(t, s, "EV-1", notify.Busy)
	if err := s.DoneLease(ctx, "EV-1", quick); err != nil {
		t.Error(err)
	}
	check("after another")
	checkState(t, s, "EV-1", notify.Handled)
	checkTTL(t, client, "wechatpay:seen:EV-1", 48*time.Hour)

	// If nobody has claimed it since, the result counts.
	late := first(t, s, "EV-2")
	lapse(t, client, "EV-2")
	if err := s.DoneLease(ctx, "EV-2", late); err != nil {
		t.Error(err)
	}
	checkState(t, s, "EV-2", notify.Handled)
}

// The options set when the lease and the memory end.
func TestSeenOptions(t *testing.T) {
	ctx, client := t.Context(), redistest.Start(t).Client(t)
	shop, other := newLeaser(client, redisstore.Prefix("shop:"), redisstore.Lease(time.Hour), redisstore.Keep(72*time.Hour)), newLeaser(client, redisstore.Prefix("{other}:"), nil)
	token := first(t, shop, "EV-1")
	checkTTL(t, client, "shop:seen:EV-1", time.Hour)
	if err := shop.DoneLease(ctx, "EV-1", token); err != nil {
		t.Error(err)
	}
	checkTTL(t, client, "shop:seen:EV-1", 72*time.Hour)
	first(t, other, "EV-1") // another receiver's
	checkTTL(t, client, "{other}:seen:EV-1", 2*time.Minute)

	// The server ends a lease, and then the memory, by itself.
	brief := newLeaser(client, redisstore.Prefix("brief:"), redisstore.Lease(20*time.Millisecond), redisstore.Keep(20*time.Millisecond))
	var err error
	token, _, err = brief.ClaimLease(ctx, "EV-1")
	if err != nil {
		t.Fatal(err)
	}
	again := func() error {
		next, state, err := brief.ClaimLease(ctx, "EV-1")
		if err == nil && state != notify.First {
			err = fmt.Errorf("state %d", state)
		}
		token = next
		return err
	}
	poll(t, again)
	if err := brief.DoneLease(ctx, "EV-1", token); err != nil {
		t.Error(err)
	}
	poll(t, again)
}

func TestSeenOneRoundTrip(t *testing.T) {
	server := redistest.Start(t)
	ctx, client, admin := t.Context(), server.Client(t), server.Client(t)
	calls := new(counter)
	client.AddHook(calls)
	if err := client.Ping(ctx).Err(); err != nil { // greets the server
		t.Fatal(err)
	}
	s := newLeaser(client)
	once := func(what string, f func() error) {
		t.Helper()
		// As after a restart, the server knows no script.
		if err := admin.ScriptFlush(ctx).Err(); err != nil {
			t.Fatal(err)
		}
		before := calls.commands.Load()
		if err := f(); err != nil || calls.commands.Load() != before+1 {
			t.Errorf("%s took %d commands, %v", what, calls.commands.Load()-before, err)
		}
	}
	var token string
	claim := func() (err error) { token, _, err = s.ClaimLease(ctx, "EV-1"); return err }
	plain := func() error { _, err := s.Claim(ctx, "EV-2"); return err }
	once("ClaimLease", claim)
	once("ReleaseLease", func() error { return s.ReleaseLease(ctx, "EV-1", token) })
	once("ClaimLease", claim)
	once("DoneLease", func() error { return s.DoneLease(ctx, "EV-1", token) })
	once("ClaimLease of a handled one", claim)
	once("Claim", plain)
	once("Claim of a busy one", plain)
	once("Release", func() error { return s.Release(ctx, "EV-2") })
	once("Done", func() error { return s.Done(ctx, "EV-2") })
	if n := calls.dials.Load(); n != 1 {
		t.Errorf("%d connections were made, want 1", n)
	}
}

// go-redis repeats a command whose answer was lost. The claim is still the caller's.
func TestSeenAnswerLost(t *testing.T) {
	server := redistest.Start(t)
	var lose atomic.Bool
	client := redistest.Closed(t, redis.NewClient(&redis.Options{Addr: server.Addr, MaxRetries: 1, Dialer: func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		return &lossy{conn, &lose}, err
	}}))
	if err := client.Ping(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	s := newLeaser(client)
	lose.Store(true)
	token := first(t, s, "EV-1")
	checkState(t, newLeaser(server.Client(t)), "EV-1", notify.Busy)
	lose.Store(true)
	if err := s.DoneLease(t.Context(), "EV-1", token); err != nil {
		t.Error(err)
	}
	checkState(t, s, "EV-1", notify.Handled)
	token = first(t, s, "EV-2")
	lose.Store(true)
	if err := s.ReleaseLease(t.Context(), "EV-2", token); err != nil {
		t.Error(err)
	}
	first(t, s, "EV-2")
	if lose.Load() {
		t.Error("no answer was lost")
	}
}

// lossy is a connection that loses one answer when lose is true.
type lossy struct {
	net.Conn
	lose *atomic.Bool
}

func (c *lossy) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if c.lose.CompareAndSwap(true, false) {
		c.Close()
		return 0, errors.New("the answer was lost")
	}
	return n, err
}

// Each method of a store that cannot work says everything that is wrong.
func TestSeenMistakes(t *testing.T) {
	check := func(s leaser, want ...string) {
		t.Helper()
		_, claimErr := s.Claim(t.Context(), "EV-1")
		token, state, leaseErr := s.ClaimLease(t.Context(), "EV-1")
		if token != "" || state != 0 {
			t.Errorf("token %q, state %d", token, state)
		}
		for _, err := range []error{claimErr, leaseErr, s.Done(t.Context(), "EV-1"), s.Release(t.Context(), "EV-1"),
			s.DoneLease(t.Context(), "EV-1", "x"), s.ReleaseLease(t.Context(), "EV-1", "x")} {
			for _, text := range append(want, "redisstore: ") {
				if err == nil || !strings.Contains(err.Error(), text) {
					t.Errorf("error %v says nothing of %q", err, text)
				}
			}
		}
	}
	check(newLeaser(nil), "NewSeen: the client is nil")
	check(newLeaser((*redis.Client)(nil), redisstore.Lease(0), redisstore.Keep(-1)), "the client is nil; Lease is 0s, want", "Keep is -1ns, want")

	client := redistest.Start(t).Client(t)
	if err := client.Set(t.Context(), "wechatpay:seen:EV-1", "something else", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := newLeaser(client).Claim(t.Context(), "EV-1"); err == nil || !strings.Contains(err.Error(), "Prefix") {
		t.Errorf("a key of somebody else: %v", err)
	}
}

// A key that another program uses is left as it is.
func TestSeenForeignKey(t *testing.T) {
	client := redistest.Start(t).Client(t)
	ctx, s := t.Context(), newLeaser(client)
	if err := errors.Join(client.LPush(ctx, "wechatpay:seen:list", "theirs").Err(), client.Set(ctx, "wechatpay:seen:text", "theirs", 0).Err()); err != nil {
		t.Fatal(err)
	}
	const want = "set a Prefix that nothing else uses"
	for _, id := range []string{"list", "text"} {
		if _, _, err := s.ClaimLease(ctx, id); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("claim of a key with a %s: %v", id, err)
		}
	}
	for name, err := range map[string]error{"DoneLease": s.DoneLease(ctx, "list", "TOKEN"), "ReleaseLease": s.ReleaseLease(ctx, "list", "TOKEN"), "Done": s.Done(ctx, "list"), "Release": s.Release(ctx, "list")} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s of a key with a list: %v", name, err)
		}
	}
	list, err := client.LRange(ctx, "wechatpay:seen:list", 0, -1).Result()
	text, failed := client.Get(ctx, "wechatpay:seen:text").Result()
	if err != nil || failed != nil || len(list) != 1 || text != "theirs" {
		t.Errorf("the keys have %q and %q; %v, %v", list, text, err, failed)
	}
}
