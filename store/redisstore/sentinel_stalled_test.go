//go:build unix

package redisstore_test

import (
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/store/redisstore"
	"github.com/wxchain/wechatpay/store/redisstore/internal/redistest"
)

// The primary stalls, a replica is promoted, and the old primary wakes up as if it were
// the primary still. With min-replicas-to-write it refuses the claims of a process that
// sees no other. Without, it knows nothing of what was handled since.
func TestSentinelOldPrimary(t *testing.T) {
	t.Parallel()
	s := redistest.StartSentinel(t, "--min-replicas-to-write", "1")
	store := newLeaser(redistest.Closed(t, redis.NewFailoverClient(s.Options())))
	done(t, store, "before", first(t, store, "before"))
	s.Sync(t)
	s.Primary.Pause(t)
	s.Promote(t)
	if n := awaitHandled(t, store, "before"); n == 0 {
		t.Error("no claim ended with an error while the primary stalled")
	}
	done(t, store, "since", first(t, store, "since"))
	s.Primary.Resume(t)

	client := s.Primary.Client(t)
	cutOff := newLeaser(client)
	for _, id := range []string{"before", "since", "new"} {
		if token, state, err := cutOff.ClaimLease(t.Context(), id); err == nil || token != "" || state != 0 || !strings.Contains(err.Error(), "NOREPLICAS") {
			t.Errorf("claim of %s at the old primary: state %d, %v; want an error", id, state, err)
		}
	}
	onError, away := hears()
	if err := redisstore.NewLimiter(client, "merchant", 1, onError).Wait(t.Context()); err != nil || len(away) != 1 {
		t.Errorf("a limiter at the old primary: %v; OnError was told %d times, want once", err, len(away))
	}
	if err := client.ConfigSet(t.Context(), "min-replicas-to-write", "0").Err(); err != nil {
		t.Fatal(err)
	}
	checkState(t, cutOff, "before", notify.Handled)
	first(t, cutOff, "since")
	// The processes that ask the sentinels do not see that.
	checkState(t, store, "before", notify.Handled)
	checkState(t, store, "since", notify.Handled)
}
