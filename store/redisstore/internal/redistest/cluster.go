package redistest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// slots is how many slots a cluster has.
const slots = 16384

// StartCluster runs a Redis Cluster of n primaries until the end of the test. args are
// settings of the servers.
func StartCluster(t testing.TB, n int, args ...string) []*Server {
	t.Helper()
	ctx := context.Background()
	var servers []*Server
	for i := range n {
		s := startMember(t, args)
		servers = append(servers, s)
		s.do(t, "CLUSTER", "SET-CONFIG-EPOCH", i+1)
		s.do(t, "CLUSTER", "ADDSLOTSRANGE", i*slots/n, (i+1)*slots/n-1)
		if i > 0 {
			s.meet(t, servers[0])
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

// startMember runs a server that is not in a cluster yet.
func startMember(t testing.TB, args []string) *Server {
	t.Helper()
	bus, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	return Start(t, append([]string{"--cluster-enabled", "yes", "--cluster-port", bus}, args...)...)
}

// meet adds the server to the cluster of another one.
func (s *Server) meet(t testing.TB, other *Server) {
	t.Helper()
	s.do(t, "CLUSTER", "MEET", "127.0.0.1", other.port(), other.args[5]) // --port, …, --cluster-enabled, yes, --cluster-port, …
}

func (s *Server) do(t testing.TB, command ...any) {
	t.Helper()
	if err := s.Client(t).Do(context.Background(), command...).Err(); err != nil {
		t.Fatalf("%v: %v", command, err)
	}
}

// A Cluster is a Redis Cluster of three primaries with a replica each.
type Cluster struct {
	Primary   *Server   // of the keys with ClusterTag
	Others    []*Server // the other primaries
	replica   *Server   // of Primary
	replicas  []*Server // of all primaries
	primaries []*Server
}

// ClusterTag lets the keys that have it be on one primary.
const ClusterTag = "{shop}"

// StartReplicated runs a Redis Cluster of three primaries with a replica each until the
// end of the test. No replica takes over before [Cluster.Promote].
func StartReplicated(t testing.TB) *Cluster {
	t.Helper()
	const n = 3
	// A server that is slow is not taken for one that is away.
	args := []string{"--cluster-node-timeout", "3600000", "--cluster-replica-validity-factor", "0", "--cluster-replica-no-failover", "yes"}
	c := &Cluster{primaries: StartCluster(t, n, args...)}
	slot, err := c.primaries[0].Client(t).ClusterKeySlot(context.Background(), ClusterTag).Result()
	if err != nil {
		t.Fatal(err)
	}
	for i, primary := range c.primaries {
		replica := startMember(t, args)
		c.replicas = append(c.replicas, replica)
		replica.meet(t, c.primaries[0])
		replica.follow(t, primary)
		if int64(i*slots/n) <= slot && slot < int64((i+1)*slots/n) {
			c.Primary, c.replica = primary, replica
		} else {
			c.Others = append(c.Others, primary)
		}
	}
	for _, s := range c.all() {
		c.awaitNodes(t, s)
	}
	c.Sync(t)
	return c
}

func (c *Cluster) all() []*Server {
	return append(c.primaries[:len(c.primaries):len(c.primaries)], c.replicas...)
}

// follow makes the server a replica of a member of its cluster, when it knows of it.
func (s *Server) follow(t testing.TB, primary *Server) {
	t.Helper()
	ctx := context.Background()
	id, err := primary.Client(t).ClusterMyID(ctx).Result()
	if err != nil {
		t.Fatal(err)
	}
	client := s.Client(t)
	if err := Poll(func() error { return client.ClusterReplicate(ctx, id).Err() }); err != nil {
		t.Fatal(err)
	}
}

// awaitNodes waits until s knows of all servers, and which of them are replicas.
func (c *Cluster) awaitNodes(t testing.TB, s *Server) {
	t.Helper()
	client := s.Client(t)
	err := Poll(func() error {
		nodes, err := client.ClusterNodes(context.Background()).Result()
		if err == nil && (strings.Count(nodes, "master") != len(c.primaries) || strings.Count(nodes, "slave") != len(c.replicas)) {
			err = errors.New(nodes)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Options returns the options of clients. They give up soon, long before a receiver does,
// and ask once a second which server is the primary: by default, once a minute.
func (c *Cluster) Options() *redis.ClusterOptions {
	opts := &redis.ClusterOptions{DialerRetries: 1, ClusterStateReloadInterval: time.Second}
	for _, s := range c.all() {
		opts.Addrs = append(opts.Addrs, s.Addr)
	}
	return opts
}

// Sync waits until the replica of Primary has all of its writes.
func (c *Cluster) Sync(t testing.TB) {
	t.Helper()
	c.Primary.sync(t, 1, ClusterTag+"redistest")
}

// Detach waits until the replica of Primary has all of its writes, and ends the
// replication.
func (c *Cluster) Detach(t testing.TB) {
	t.Helper()
	c.Sync(t)
	c.replica.do(t, "CONFIG", "SET", "masterauth", "a wrong password")
	c.Primary.do(t, "CLIENT", "KILL", "TYPE", "replica")
}

// Notice lets the servers notice, within seconds, which of them do not answer. No replica
// takes over.
func (c *Cluster) Notice(t testing.TB) { t.Helper(); c.set(t, "cluster-node-timeout", "1000") }

// Promote lets replicas take over from primaries that do not answer. It does not wait
// until they do.
func (c *Cluster) Promote(t testing.TB) {
	t.Helper()
	c.set(t, "cluster-replica-no-failover", "no")
	c.Notice(t)
}

// Uncover lets the servers answer even if the keys of another one are away.
func (c *Cluster) Uncover(t testing.TB) { t.Helper(); c.set(t, "cluster-require-full-coverage", "no") }

// set sets an option of all servers but Primary, which may be away.
func (c *Cluster) set(t testing.TB, option, value string) {
	t.Helper()
	for _, s := range c.all() {
		if s != c.Primary {
			s.do(t, "CONFIG", "SET", option, value)
		}
	}
}

// Await waits until the servers name another primary than Primary.
func (c *Cluster) Await(t testing.TB) {
	t.Helper()
	id, err := c.replica.Client(t).ClusterMyID(context.Background()).Result()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range c.Others {
		client := s.Client(t)
		err := Poll(func() error {
			nodes, err := client.ClusterNodes(context.Background()).Result()
			for line := range strings.Lines(nodes) {
				if fields := strings.Fields(line); fields[0] == id && strings.Contains(fields[2], "master") {
					return nil
				}
			}
			return errors.Join(err, errors.New(nodes))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
