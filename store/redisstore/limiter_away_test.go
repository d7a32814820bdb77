package redisstore_test

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/wxchain/wechatpay/resilience"
	"github.com/wxchain/wechatpay/store/redisstore"
	"github.com/wxchain/wechatpay/store/redisstore/internal/redistest"
)

// A crowd is callers who wait for a limiter again and again, until the end of the test.
type crowd struct{ calls atomic.Int64 }

func newCrowd(t *testing.T, limiter resilience.Limiter, n int) *crowd {
	t.Helper()
	c := new(crowd)
	ctx, cancel := context.WithCancel(context.Background())
	ends := make(chan error, n)
	for range n {
		go func() {
			for {
				if err := limiter.Wait(ctx); err != nil {
					ends <- err
					return
				}
				c.calls.Add(1)
			}
		}()
	}
	t.Cleanup(func() {
		cancel()
		for range n {
			if err := <-ends; !errors.Is(err, context.Canceled) {
				t.Errorf("Wait: %v", err)
			}
		}
	})
	return c
}

// take returns how long the next n calls take.
func (c *crowd) take(t *testing.T, n int64) time.Duration {
	t.Helper()
	since, end := time.Now(), c.calls.Load()+n
	poll(t, func() error {
		if c.calls.Load() < end {
			return errors.New("too few calls went")
		}
		return nil
	})
	return time.Since(since)
}

// backAt waits until so many calls take less than d.
func (c *crowd) backAt(t *testing.T, n int64, d time.Duration) {
	t.Helper()
	poll(t, func() error {
		if took := c.take(t, n); took > d {
			return errors.New("the limiter does not come back to Redis")
		}
		return nil
	})
}

// hears returns an option whose errors go to the channel.
func hears() (redisstore.Option, chan error) {
	away := make(chan error, 100)
	return redisstore.OnError(func(err error) { away <- err }), away
}

// Redis is killed: each of four processes keeps to its fourth. Redis starts again, with
// nothing of its data: they come back.
func TestLimiterRedisAway(t *testing.T) {
	const perSecond, share, burst = 400, 100, 4
	server := redistest.Start(t)
	onError, away := hears()
	c := newCrowd(t, redisstore.NewLimiter(server.Client(t), "merchant", perSecond, redisstore.Replicas(4), onError), 20)
	if d := c.take(t, 200); d < 400*time.Millisecond {
		t.Errorf("200 calls took %v at %d a second", d, perSecond)
	}
	for range 2 {
		server.Close()
		if err := <-away; err == nil {
			t.Error("OnError was called without an error")
		}
		const calls = 150
		d := c.take(t, calls)
		t.Logf("%d calls took %v while Redis was away", calls, d)
		// At first, calls still wait for slots of Redis.
		if d < (calls-burst-20)*time.Second/share {
			t.Errorf("%d calls took %v while Redis was away, want %d a second", calls, d, share)
		}
		server.Restart(t)
		c.backAt(t, 100, 500*time.Millisecond)
	}
	select {
	case err := <-away:
		t.Errorf("OnError was told again: %v", err)
	default:
	}
}

// Redis was never there.
func TestLimiterRedisAbsent(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	client := redistest.Closed(t, redis.NewClient(&redis.Options{Addr: listener.Addr().String()}))
	onError, away := hears()
	limiter := redisstore.NewLimiter(client, "merchant", 50, onError)
	since := time.Now()
	for range 22 {
		if err := limiter.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if d := time.Since(since); d < 380*time.Millisecond {
		t.Errorf("22 calls took %v at 50 a second and a burst of 2", d)
	}
	if len(away) != 1 {
		t.Errorf("OnError was told %d times, want once", len(away))
	}
	// The share is 1 call in 100 s, and the first goes at once.
	slow := redisstore.NewLimiter(client, "merchant", 1, redisstore.Replicas(100))
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	if err := slow.Wait(ctx); err != nil {
		t.Error(err)
	}
	for range 3 { // and takes no turn
		if err := slow.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
			t.Errorf("a call that has no time: %v", err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	errs := make(chan error)
	go func() { errs <- slow.Wait(ended) }()
	cancel()
	if err := <-errs; !errors.Is(err, context.Canceled) {
		t.Errorf("a call that ended: %v", err)
	}
}
