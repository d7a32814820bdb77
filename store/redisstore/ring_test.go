package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/resilience"
	"github.com/wxchain/wechatpay/store/redisstore"
	"github.com/wxchain/wechatpay/store/redisstore/internal/redistest"
)

// startShards runs the three servers of a ring.
func startShards(t *testing.T) (servers []*redistest.Server) {
	t.Helper()
	for range 3 {
		servers = append(servers, redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always"))
	}
	return servers
}

// newRing returns a client that gives up soon, and asks the shards often whether they
// are there.
func newRing(t *testing.T, servers []*redistest.Server, beat func(context.Context, *redis.Client) bool) *redis.Ring {
	t.Helper()
	opts := &redis.RingOptions{
		Addrs: make(map[string]string), MaxRetries: 1, DialerRetries: 1,
		HeartbeatFrequency: 10 * time.Millisecond, HeartbeatFn: beat,
	}
	for i, s := range servers {
		opts.Addrs[fmt.Sprintf("shard %d", i)] = s.Addr
	}
	return redistest.Closed(t, redis.NewRing(opts))
}

// A steady says of every shard that it is there, and counts how often it was asked.
type steady struct{ asked atomic.Int64 }

func (s *steady) beat(context.Context, *redis.Client) bool {
	s.asked.Add(1)
	return true
}

// on returns n notifications or limits whose keys are on a shard.
func on(t *testing.T, ring *redis.Ring, shard *redistest.Server, kind string, n int) (ids []string) {
	t.Helper()
	for i := 0; len(ids) < n; i++ {
		id := fmt.Sprintf("EV-%s-%d", shard.Addr, i)
		client, err := ring.GetShardClientForKey("wechatpay:" + kind + ":" + id)
		if err != nil {
			t.Fatal(err)
		}
		if client.Options().Addr == shard.Addr {
			ids = append(ids, id)
		}
	}
	return ids
}

func TestRing(t *testing.T) {
	servers := startShards(t)
	checkSpread(t, newRing(t, servers, nil), newRing(t, servers, new(steady).beat), servers)
}

// A shard is away, and stays in the ring. The claims of its notifications end with an
// error until it is back, and those of the other shards hold.
func TestRingShardAway(t *testing.T) {
	servers := startShards(t)
	keep := new(steady)
	ring := newRing(t, servers, keep.beat)
	shop := newShop(t, redisstore.NewSeen(ring), func(string) error { return nil })
	lost, kept := on(t, ring, servers[0], "seen", 4), on(t, ring, servers[1], "seen", 4)
	for i := range 2 {
		shop.deliver(t, lost[i], 200)
		shop.deliver(t, kept[i], 200)
	}
	onError, away := hears()
	alone := redisstore.NewLimiter(ring, on(t, ring, servers[0], "limit", 1)[0], 400, redisstore.Replicas(4), onError)
	shared := redisstore.NewLimiter(ring, on(t, ring, servers[1], "limit", 1)[0], 400, noFallback(t))

	servers[0].Close()
	closed := keep.asked.Load()
	poll(t, func() error { // until the ring could have given the shard up
		if n := keep.asked.Load() - closed; n < 5*int64(len(servers)) {
			return fmt.Errorf("the ring has asked %d times for its shards", n)
		}
		return nil
	})
	for i := range lost {
		shop.deliver(t, lost[i], 500)
		shop.deliver(t, kept[i], 200)
	}
	for _, limiter := range []resilience.Limiter{alone, shared} {
		if err := limiter.Wait(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if len(away) != 1 {
		t.Errorf("OnError was told %d times, want once", len(away))
	}
	servers[0].Restart(t)
	for i := range lost {
		shop.deliver(t, lost[i], 200)
		shop.deliver(t, kept[i], 200)
		shop.checkHandled(t, lost[i], 1)
		shop.checkHandled(t, kept[i], 1)
	}
}

// By default, a ring moves the keys of a shard that is away to the others. This repeats
// what the documentation says.
func TestRingShardMoves(t *testing.T) {
	servers := startShards(t)
	ring := newRing(t, servers, nil)
	store := newLeaser(ring)
	lost, kept := on(t, ring, servers[0], "seen", 4), on(t, ring, servers[1], "seen", 1)
	handled, working, late, torn := lost[0], lost[1], lost[2], lost[3]
	done(t, store, handled, first(t, store, handled))
	done(t, store, kept[0], first(t, store, kept[0]))
	token := first(t, store, working)
	limit := on(t, ring, servers[0], "limit", 1)[0]
	// The next slot is a few hundred years away.
	if err := servers[0].Client(t).ZAdd(t.Context(), "wechatpay:limit:"+limit, redis.Z{Score: 1e16, Member: "next"}).Err(); err != nil {
		t.Fatal(err)
	}
	turn := func(ring *redis.Ring) error {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		return redisstore.NewLimiter(ring, limit, 1, noFallback(t)).Wait(ctx)
	}
	if err := turn(ring); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a call that has no slot: %v", err)
	}

	// A process that does not reach a shard claims what others have claimed.
	blind := newRing(t, servers, func(_ context.Context, c *redis.Client) bool { return c.Options().Addr != servers[0].Addr })
	shards(t, blind, 2)
	done(t, store, torn, first(t, store, torn))
	first(t, newLeaser(blind), torn)
	if err := turn(blind); err != nil {
		t.Error(err)
	}

	servers[0].Close()
	shards(t, ring, 2)
	checkState(t, store, kept[0], notify.Handled)
	done(t, store, handled, first(t, store, handled)) // again
	first(t, store, working)                          // again, while the first is at work
	if err := store.DoneLease(t.Context(), working, token); !errors.Is(err, redisstore.ErrLost) {
		t.Errorf("Done of a claim whose shard is away: %v", err)
	}
	done(t, store, late, first(t, store, late))
	if err := turn(ring); err != nil { // the limit begins anew
		t.Error(err)
	}

	servers[0].Restart(t)
	shards(t, ring, 3)
	checkState(t, store, kept[0], notify.Handled)
	checkState(t, store, handled, notify.Handled)
	checkState(t, store, working, notify.Busy)
	first(t, store, late) // again
}

// shards waits until a ring uses n shards.
func shards(t *testing.T, ring *redis.Ring, n int) {
	t.Helper()
	poll(t, func() error {
		if ring.Len() != n {
			return fmt.Errorf("the ring uses %d shards, want %d", ring.Len(), n)
		}
		return nil
	})
}
