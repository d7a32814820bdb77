package redisstore_test

import (
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/wxchain/wechatpay/store/redisstore"
	"github.com/wxchain/wechatpay/store/redisstore/internal/redistest"
)

// hasty returns a client that gives up soon, long before a receiver does.
func hasty(t *testing.T, server *redistest.Server) *redis.Client {
	t.Helper()
	return redistest.Closed(t, redis.NewClient(&redis.Options{Addr: server.Addr, MaxRetries: 1, DialerRetries: 1}))
}

// Redis is killed and starts again: notifications in between are answered 500 and come
// again, and those before are known.
func TestRedisAway(t *testing.T) {
	server := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	shop := newShop(t, redisstore.NewSeen(hasty(t, server)), func(string) error { return nil })
	shop.deliver(t, "EV-1", 200)
	server.Close()
	shop.deliver(t, "EV-1", 500)
	shop.deliver(t, "EV-2", 500)
	if err := shop.reported(); err == nil || !strings.Contains(err.Error(), "notification EV-2: Seen: Claim: redisstore: ") || !errors.As(err, new(*net.OpError)) {
		t.Errorf("OnError was told %v", err)
	}
	server.Restart(t)
	poll(t, func() error { return redisstore.NewSeen(server.Client(t)).Release(t.Context(), "EV-3") })
	shop.deliver(t, "EV-1", 200)
	shop.deliver(t, "EV-2", 200)
	shop.deliver(t, "EV-2", 200)
	shop.checkHandled(t, "EV-1", 1)
	shop.checkHandled(t, "EV-2", 1)
}

// Redis goes away while the function is at work. Its success is answered 200 and its
// failure 500. The claim lapses, so a later sending of the first is handled again.
func TestRedisAwayAtTheEnd(t *testing.T) {
	server := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	client := hasty(t, server)
	broken := errors.New("the database is down")
	result := map[string]error{"EV-1": nil, "EV-2": broken}
	var away atomic.Bool
	shop := newShop(t, redisstore.NewSeen(client), func(id string) error {
		if away.CompareAndSwap(true, false) {
			server.Close()
		}
		return result[id]
	})
	for id, status := range map[string]int{"EV-1": 200, "EV-2": 500} {
		away.Store(true)
		shop.deliver(t, id, status)
		if err := shop.reported(); err == nil || !strings.Contains(err.Error(), "Seen: ") || !errors.As(err, new(*net.OpError)) || errors.Is(err, broken) != (status == 500) {
			t.Errorf("%s: OnError was told %v", id, err)
		}
		server.Restart(t)
		shop.deliver(t, id, 500) // the claim holds
		lapse(t, client, id)
		result[id] = nil
		shop.deliver(t, id, 200)
		shop.deliver(t, id, 200)
		shop.checkHandled(t, id, 2)
	}
}
