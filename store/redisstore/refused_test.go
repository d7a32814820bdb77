package redisstore_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/store/redisstore"
	"github.com/wxchain/wechatpay/store/redisstore/internal/redistest"
)

// checkRefused checks that a store that Redis refuses to serve says why, and claims
// nothing, and that a limiter uses its local share.
func checkRefused(t *testing.T, client redis.UniversalClient, want string) {
	t.Helper()
	s := newLeaser(client)
	token, state, err := s.ClaimLease(t.Context(), "EV-1")
	if token != "" || state != 0 {
		t.Errorf("token %q, state %d", token, state)
	}
	for what, err := range map[string]error{"ClaimLease": err, "DoneLease": s.DoneLease(t.Context(), "EV-1", "TOKEN"), "Done": s.Done(t.Context(), "EV-1")} {
		if err == nil || !strings.HasPrefix(err.Error(), "redisstore: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", what, err, want)
		}
	}
	onError, away := hears()
	limiter := redisstore.NewLimiter(client, "merchant", 1000, redisstore.Replicas(2), onError)
	for range 3 {
		if err := limiter.Wait(t.Context()); err != nil {
			t.Error(err)
		}
	}
	select {
	case err := <-away:
		if !strings.Contains(err.Error(), want) || !strings.HasSuffix(err.Error(), "; the limiter uses its local share") {
			t.Errorf("OnError was told %v, want %s", err, want)
		}
	default:
		t.Error("OnError was told nothing")
	}
}

// A user without the right to run scripts.
func TestDenied(t *testing.T) {
	server := redistest.Start(t)
	admin := server.Client(t)
	if err := admin.Do(t.Context(), "ACL", "SETUSER", "reader", "on", ">secret-word", "~*", "+@read", "+@connection").Err(); err != nil {
		t.Fatal(err)
	}
	checkRefused(t, redistest.Closed(t, redis.NewClient(&redis.Options{Addr: server.Addr, Username: "reader", Password: "secret-word", MaxRetries: -1})), "NOPERM")
	first(t, newLeaser(admin), "EV-1")
}

// A user for the keys of the prefix needs no others.
func TestRights(t *testing.T) {
	server := redistest.Start(t)
	if err := server.Client(t).Do(t.Context(), "ACL", "SETUSER", "shop", "on", ">secret-word", "~wechatpay:*", "+eval", "+set", "+get", "+del", "+time",
		"+zrange", "+zadd", "+zrem", "+zremrangebyscore", "+zscore", "+pexpire").Err(); err != nil {
		t.Fatal(err)
	}
	client := redistest.Closed(t, redis.NewClient(&redis.Options{Addr: server.Addr, Username: "shop", Password: "secret-word"}))
	s := newLeaser(client)
	token := first(t, s, "EV-1")
	if err := errors.Join(s.ReleaseLease(t.Context(), "EV-1", token), redisstore.NewLimiter(client, "merchant", 10, noFallback(t)).Wait(t.Context())); err != nil {
		t.Error(err)
	}
	done(t, s, "EV-1", first(t, s, "EV-1"))
	checkRefused(t, redistest.Closed(t, redis.NewClient(&redis.Options{Addr: server.Addr, Username: "shop", Password: "another-word", MaxRetries: -1})), "WRONGPASS")
}

// A replica does not write. When it is promoted, it does.
func TestReplica(t *testing.T) {
	server := redistest.Start(t)
	admin := server.Client(t)
	if err := admin.ReplicaOf(t.Context(), "127.0.0.1", "1").Err(); err != nil {
		t.Fatal(err)
	}
	checkRefused(t, redistest.Closed(t, redis.NewClient(&redis.Options{Addr: server.Addr, MaxRetries: 1})), "READONLY")
	if err := admin.ReplicaOf(t.Context(), "NO", "ONE").Err(); err != nil {
		t.Fatal(err)
	}
	first(t, newLeaser(admin), "EV-1")
}

// A limit whose key another program uses leaves it as it is.
func TestLimiterForeignKey(t *testing.T) {
	client := redistest.Start(t).Client(t)
	if err := client.Set(t.Context(), "wechatpay:limit:merchant", "theirs", 0).Err(); err != nil {
		t.Fatal(err)
	}
	onError, away := hears()
	if err := redisstore.NewLimiter(client, "merchant", 100, onError).Wait(t.Context()); err != nil {
		t.Error(err)
	}
	select {
	case err := <-away:
		if !strings.Contains(err.Error(), "the key of the limit holds something else: set a Prefix that nothing else uses") {
			t.Errorf("OnError was told %v", err)
		}
	default:
		t.Error("OnError was told nothing")
	}
	if text, err := client.Get(t.Context(), "wechatpay:limit:merchant").Result(); text != "theirs" || err != nil {
		t.Errorf("the key has %q, %v", text, err)
	}
}

// Any text is an ID, and no two of them are the same.
func TestSeenIDs(t *testing.T) {
	client := redistest.Start(t).Client(t)
	s, other := newLeaser(client), newLeaser(client, redisstore.Prefix("another merchant:"))
	ids := []string{"", " ", "EV-1", "ev-1", "EV-1 ", "EV-1\n", "EV-1\x00", "支付", "\xff", "{}", "{a}b", "a{b}", "*", "claim ", "handled ", "-", strings.Repeat("x", 1<<20), strings.Repeat("x", 1<<20) + "y"}
	for _, id := range ids {
		token := first(t, s, id)
		checkState(t, s, id, notify.Busy)
		done(t, s, id, token)
	}
	for _, id := range ids {
		checkState(t, s, id, notify.Handled)
		first(t, other, id)
	}
}

// A call that has ended claims nothing, and says why.
func TestSeenCanceled(t *testing.T) {
	s := newLeaser(redistest.Start(t).Client(t))
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := s.ClaimLease(ended, "EV-1"); !errors.Is(err, context.Canceled) {
		t.Errorf("claim: %v", err)
	}
	token := first(t, s, "EV-1")
	for what, err := range map[string]error{"DoneLease": s.DoneLease(ended, "EV-1", token), "ReleaseLease": s.ReleaseLease(ended, "EV-1", token)} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", what, err)
		}
	}
	checkState(t, s, "EV-1", notify.Busy)
}
