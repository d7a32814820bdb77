package redisstore_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/store/redisstore"
	"github.com/wxchain/wechatpay/store/redisstore/internal/redistest"
)

// Every command uses one key, so a cluster of three servers takes it.
func TestCluster(t *testing.T) {
	servers := redistest.StartCluster(t, 3)
	var addrs []string
	for _, s := range servers {
		addrs = append(addrs, s.Addr)
	}
	client := redistest.Closed(t, redis.NewClusterClient(&redis.ClusterOptions{Addrs: addrs}))
	checkSpread(t, client, client, servers)
}

const clusterTag = redistest.ClusterTag

// A primary is killed, and its replica takes over.
func TestClusterFailover(t *testing.T) {
	t.Parallel()
	c := redistest.StartReplicated(t)
	checkFailover(t, c, c.Primary, clusterTag, func() redis.UniversalClient {
		return redistest.Closed(t, redis.NewClusterClient(c.Options()))
	})
}

func TestClusterLostWrites(t *testing.T) {
	t.Parallel()
	c := redistest.StartReplicated(t)
	checkLostWrites(t, c, c.Primary, clusterTag, redistest.Closed(t, redis.NewClusterClient(c.Options())))
}

func TestClusterLimiter(t *testing.T) {
	t.Parallel()
	c := redistest.StartReplicated(t)
	checkLimiterFailover(t, c, c.Primary, clusterTag, redistest.Closed(t, redis.NewClusterClient(c.Options())))
}

// While a primary is away whose replica has not taken over, the other servers stop too,
// unless cluster-require-full-coverage is no.
func TestClusterCoverage(t *testing.T) {
	t.Parallel()
	c := redistest.StartReplicated(t)
	store := newLeaser(redistest.Closed(t, redis.NewClusterClient(c.Options())))
	var others []string // notifications whose records are on the other servers
	for i := 0; len(others) < 20; i++ {
		id := fmt.Sprint("EV-", i)
		done(t, store, id, first(t, store, id))
		if n, err := c.Primary.Client(t).Exists(t.Context(), "wechatpay:seen:"+id).Result(); err != nil || n == 0 {
			others = append(others, id) // the error is MOVED
		}
	}
	c.Primary.Close()
	for _, id := range others {
		checkState(t, store, id, notify.Handled)
	}
	c.Notice(t)
	for _, id := range others {
		poll(t, func() error {
			if _, err := store.Claim(t.Context(), id); err == nil || !strings.Contains(err.Error(), "CLUSTERDOWN") {
				return fmt.Errorf("claim of %s: %w, want CLUSTERDOWN", id, err)
			}
			return nil
		})
	}
	c.Uncover(t)
	for _, id := range others {
		awaitHandled(t, store, id)
	}
	if _, err := store.Claim(t.Context(), clusterTag); err == nil {
		t.Error("a claim at the primary that is away ended without an error")
	}
}

// checkSpread checks that two processes share claims and limits, and that three servers
// share the keys: each key is on one of them.
func checkSpread(t *testing.T, here, there redis.UniversalClient, servers []*redistest.Server) {
	t.Helper()
	ctx, s, other := t.Context(), newLeaser(here), newLeaser(there)
	var direct []*redis.Client
	for _, server := range servers {
		direct = append(direct, server.Client(t))
	}
	has := make([]int, len(servers))
	for i := range 100 {
		id, limit := fmt.Sprintf("EV-%d", i), fmt.Sprintf("merchant %d", i)
		if err := s.ReleaseLease(ctx, id, first(t, s, id)); err != nil {
			t.Fatal(err)
		}
		token := first(t, s, id)
		checkState(t, other, id, notify.Busy)
		done(t, s, id, token)
		checkState(t, other, id, notify.Handled)
		for _, client := range []redis.UniversalClient{here, there, here} {
			if err := redisstore.NewLimiter(client, limit, 1000, noFallback(t)).Wait(ctx); err != nil {
				t.Fatal(err)
			}
		}
		has[holder(t, direct, "wechatpay:seen:"+id)]++
		holder(t, direct, "wechatpay:limit:"+limit)
	}
	for i, n := range has {
		if n < 10 {
			t.Errorf("server %d has %d of 100 keys, want a third", i, n)
		}
	}
}

// holder returns the number of the one server that has a key.
func holder(t *testing.T, servers []*redis.Client, key string) int {
	t.Helper()
	var on []int
	for i, server := range servers {
		keys, err := server.Keys(t.Context(), key).Result() // which a cluster does not redirect
		if err != nil {
			t.Fatal(err)
		}
		if len(keys) > 0 {
			on = append(on, i)
		}
	}
	if len(on) != 1 {
		t.Fatalf("%s is on servers %v, want one", key, on)
	}
	return on[0]
}
