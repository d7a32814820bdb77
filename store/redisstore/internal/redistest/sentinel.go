package redistest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// A Sentinel is a primary with two replicas, and three sentinels that watch them.
type Sentinel struct {
	Primary   *Server
	replicas  []*Server
	sentinels []*Server
}

const (
	primaryName = "shop"
	replicas    = 2
	sentinels   = 3
)

// StartSentinel runs a primary, its replicas and their sentinels until the end of the
// test. args are settings of the primary and the replicas. The sentinels promote no
// replica before [Sentinel.Promote].
func StartSentinel(t testing.TB, args ...string) *Sentinel {
	t.Helper()
	s := &Sentinel{Primary: Start(t, args...)}
	for range replicas {
		replica := Start(t, args...)
		replica.replicate(t, s.Primary.port())
		s.replicas = append(s.replicas, replica)
	}
	s.Sync(t)
	settings := fmt.Sprintf("sentinel monitor %s 127.0.0.1 %s %d\n", primaryName, s.Primary.port(), sentinels/2+1) +
		fmt.Sprintf("sentinel down-after-milliseconds %s 3600000\n", primaryName) +
		fmt.Sprintf("sentinel failover-timeout %s 3000\n", primaryName)
	for range sentinels {
		dir := t.TempDir()
		file := filepath.Join(dir, "sentinel.conf") // the sentinel writes its state to it
		if err := os.WriteFile(file, []byte(settings), 0o600); err != nil {
			t.Fatal(err)
		}
		s.sentinels = append(s.sentinels, startIn(t, dir, file, "--sentinel"))
	}
	for _, sentinel := range s.sentinels {
		client := sentinel.sentinelClient(t)
		err := Poll(func() error {
			state, err := client.Master(context.Background(), primaryName).Result()
			if err == nil && (state["num-slaves"] != fmt.Sprint(replicas) || state["num-other-sentinels"] != fmt.Sprint(sentinels-1)) {
				err = fmt.Errorf("the sentinel knows of %s replicas and %s other sentinels", state["num-slaves"], state["num-other-sentinels"])
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// Options returns the options of clients that ask the sentinels for the primary. They
// give up soon, long before a receiver does.
func (s *Sentinel) Options() *redis.FailoverOptions {
	opts := &redis.FailoverOptions{MasterName: primaryName, MaxRetries: 1, DialerRetries: 1, ReadTimeout: time.Second}
	for _, sentinel := range s.sentinels {
		opts.SentinelAddrs = append(opts.SentinelAddrs, sentinel.Addr)
	}
	return opts
}

// Sync waits until the replicas have all writes of the primary.
func (s *Sentinel) Sync(t testing.TB) {
	t.Helper()
	s.Primary.sync(t, replicas, "redistest")
}

// Detach waits until the replicas have all writes of the primary, and ends the
// replication.
func (s *Sentinel) Detach(t testing.TB) {
	t.Helper()
	s.Sync(t)
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	for _, replica := range s.replicas {
		replica.replicate(t, port)
	}
}

// Promote lets the sentinels promote a replica if the primary does not answer. It does
// not wait until they do.
func (s *Sentinel) Promote(t testing.TB) {
	t.Helper()
	for _, sentinel := range s.sentinels {
		if err := sentinel.sentinelClient(t).Set(context.Background(), primaryName, "down-after-milliseconds", "1000").Err(); err != nil {
			t.Fatal(err)
		}
	}
}

// Await waits until all sentinels name another primary than Primary.
func (s *Sentinel) Await(t testing.TB) {
	t.Helper()
	for _, sentinel := range s.sentinels {
		client := sentinel.sentinelClient(t)
		err := Poll(func() error {
			addr, err := client.GetMasterAddrByName(context.Background(), primaryName).Result()
			if err == nil && addr[1] == s.Primary.port() {
				err = errors.New("the sentinel still names the old primary")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func (s *Server) sentinelClient(t testing.TB) *redis.SentinelClient {
	t.Helper()
	client := redis.NewSentinelClient(&redis.Options{Addr: s.Addr})
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	return client
}
