package redistest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// Required is the variable that is set to 1 where the tests must not be skipped.
const Required = "WXPAY_SERVERS"

// Start runs a server until the end of the test. A test on a machine without Redis is
// skipped, unless the variable WXPAY_SERVERS is 1.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	if err := Available(); err != nil && os.Getenv(Required) != "1" {
		t.Skipf("without Redis: %v", err)
	}
	s, err := Run(t.TempDir(), args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// Restart starts a server again that was closed, at its address and with its data.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
}

// Client returns a client of the server, which is closed at the end of the test.
func (s *Server) Client(t testing.TB) *redis.Client {
	t.Helper()
	return Closed(t, redis.NewClient(&redis.Options{Addr: s.Addr}))
}

// Closed closes a client at the end of the test.
func Closed[C redis.UniversalClient](t testing.TB, client C) C {
	t.Helper()
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	return client
}

// slots is how many slots a cluster has.
const slots = 16384

// StartCluster runs a Redis Cluster of n servers until the end of the test.
func StartCluster(t testing.TB, n int) []*Server {
	t.Helper()
	ctx := context.Background()
	var servers []*Server
	for i := range n {
		bus, err := freePort()
		if err != nil {
			t.Fatal(err)
		}
		s := Start(t, "--cluster-enabled", "yes", "--cluster-port", bus)
		servers = append(servers, s)
		client := s.Client(t)
		commands := [][]any{
			{"CLUSTER", "SET-CONFIG-EPOCH", i + 1},
			{"CLUSTER", "ADDSLOTSRANGE", i * slots / n, (i+1)*slots/n - 1},
		}
		if i > 0 {
			first := servers[0].args // --port, …, --cluster-enabled, yes, --cluster-port, …
			commands = append(commands, []any{"CLUSTER", "MEET", "127.0.0.1", first[1], first[5]})
		}
		for _, command := range commands {
			if err := client.Do(ctx, command...).Err(); err != nil {
				t.Fatalf("%v: %v", command, err)
			}
		}
	}
	for _, s := range servers {
		client := s.Client(t)
		err := Poll(func() error {
			state, err := client.ClusterInfo(ctx).Result()
			if err == nil && !(strings.Contains(state, "cluster_state:ok") && strings.Contains(state, fmt.Sprintf("cluster_size:%d\r", n))) {
				err = errors.New(state)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return servers
}

// Replicate makes the server a replica of another, and waits until it has its data.
func (s *Server) Replicate(t testing.TB, of *Server) {
	t.Helper()
	if err := s.Client(t).ReplicaOf(context.Background(), "127.0.0.1", of.args[1]).Err(); err != nil {
		t.Fatal(err)
	}
	of.Sync(t)
}

// Sync waits until a replica has all writes of the server.
func (s *Server) Sync(t testing.TB) {
	t.Helper()
	ctx := context.Background()
	// WAIT asks for the writes of its own connection: make one.
	conn := s.Client(t).Conn()
	defer conn.Close()
	err := Poll(func() error {
		if err := conn.Set(ctx, "redistest", "1", 0).Err(); err != nil {
			return err
		}
		replicas, err := conn.Wait(ctx, 1, time.Second).Result()
		if err == nil && replicas < 1 {
			err = errors.New("no replica has the writes")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
