package redistest

import (
	"context"
	"fmt"
	"os"
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
	return startIn(t, t.TempDir(), "", args...)
}

func startIn(t testing.TB, dir, file string, args ...string) *Server {
	t.Helper()
	if err := Available(); err != nil && os.Getenv(Required) != "1" {
		t.Skipf("without Redis: %v", err)
	}
	s, err := run(dir, file, args)
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

// port is the port of the server.
func (s *Server) port() string { return s.args[1] } // --port, …

// replicate makes the server a replica of the one at a port of this machine.
func (s *Server) replicate(t testing.TB, port string) {
	t.Helper()
	if err := s.Client(t).ReplicaOf(context.Background(), "127.0.0.1", port).Err(); err != nil {
		t.Fatal(err)
	}
}

// sync waits until n replicas have all writes of the server. It writes key, which is one
// of the server's.
func (s *Server) sync(t testing.TB, n int, key string) {
	t.Helper()
	ctx := context.Background()
	// WAIT asks for the writes of its own connection: make one.
	conn := s.Client(t).Conn()
	defer conn.Close()
	err := Poll(func() error {
		if err := conn.Set(ctx, key, "1", 0).Err(); err != nil {
			return err
		}
		replicas, err := conn.Wait(ctx, n, time.Second).Result()
		if err == nil && replicas < int64(n) {
			err = fmt.Errorf("%d of %d replicas have the writes", replicas, n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
