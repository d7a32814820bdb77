//go:build unix

package redisstore_test

import (
	"context"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/store/redisstore"
	"github.com/wxchain/wechatpay/store/redisstore/internal/redistest"
)

// Redis keeps its connections and does not answer. No call waits long for it, and slots
// that it gives too late are given back.
func TestLimiterRedisStalled(t *testing.T) {
	server := redistest.Start(t)
	onError, away := hears()
	limiter := redisstore.NewLimiter(server.Client(t), "merchant", 400, redisstore.Replicas(4), onError)
	if err := limiter.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	server.Pause(t)
	// This call has too little time to find out that Redis is away.
	brief, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
	defer cancel()
	if err := limiter.Wait(brief); err != nil && brief.Err() == nil {
		t.Error(err)
	}
	if len(away) != 0 {
		t.Errorf("after a short silence, OnError was told %v", <-away)
	}
	// This one has enough, and goes in time.
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := limiter.Wait(ctx); err != nil {
		t.Error(err)
	}
	if len(away) != 1 {
		t.Errorf("OnError was told %d times, want once", len(away))
	}
	c := newCrowd(t, limiter, 20)
	if d := c.take(t, 150); d < 1260*time.Millisecond {
		t.Errorf("150 calls took %v while Redis was stalled, want 100 a second", d)
	}
	server.Resume(t)
	c.backAt(t, 100, 500*time.Millisecond)
	if len(away) != 1 {
		t.Errorf("OnError was told %d times, want once", len(away))
	}
}
