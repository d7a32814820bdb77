package redisstore_test

import (
	"fmt"
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
	ctx, s := t.Context(), newLeaser(client)
	for i := range 100 {
		id := fmt.Sprintf("EV-%d", i)
		if err := s.ReleaseLease(ctx, id, first(t, s, id)); err != nil {
			t.Fatal(err)
		}
		if err := s.DoneLease(ctx, id, first(t, s, id)); err != nil {
			t.Fatal(err)
		}
		checkState(t, s, id, notify.Handled)
		limiter := redisstore.NewLimiter(client, fmt.Sprint("merchant ", i), 1000, redisstore.OnError(func(err error) { t.Error(err) }))
		for range 3 {
			if err := limiter.Wait(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, s := range servers {
		keys, err := s.Client(t).Keys(ctx, "wechatpay:seen:*").Result()
		if err != nil || len(keys) < 10 {
			t.Errorf("%s has %d of 100 keys, %v; want a third", s.Addr, len(keys), err)
		}
	}
}
