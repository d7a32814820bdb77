package fleet

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// options are those of a NATS server.
type options struct {
	Name, Dir      string
	Port           int
	ClusterPort    int
	Routes         []int // cluster ports of all servers
	MaxPayload     int32
	User, Password string
	Cert, Key, CA  string
}

const loopback = "127.0.0.1"

func (o options) server() *server.Options {
	s := &server.Options{ServerName: o.Name, Host: loopback, Port: o.Port, JetStream: true, StoreDir: o.Dir, NoSigs: true, NoLog: true,
		MaxPayload: o.MaxPayload, Username: o.User, Password: o.Password, JetStreamMaxStore: 8 << 30, JetStreamMaxMemory: 1 << 30}
	if o.ClusterPort > 0 {
		s.Cluster = server.ClusterOpts{Name: "wxpay", Host: loopback, Port: o.ClusterPort}
		for _, port := range o.Routes {
			s.Routes = append(s.Routes, &url.URL{Scheme: "nats", Host: fmt.Sprintf("%s:%d", loopback, port)})
		}
	}
	if o.Cert != "" {
		config, err := server.GenTLSConfig(&server.TLSConfigOpts{CertFile: o.Cert, KeyFile: o.Key, CaFile: o.CA, Verify: true})
		if err != nil {
			panic(err)
		}
		config.MinVersion = tls.VersionTLS12
		s.TLS, s.TLSConfig, s.TLSTimeout = true, config, 5
	}
	return s
}

// A node is a NATS server in a process of its own.
type node struct {
	options
	cmd   *exec.Cmd
	stdin io.Closer
}

// freePorts returns ports of loopback that nothing listens at.
func freePorts(t testing.TB, n int) (ports []int) {
	t.Helper()
	for range n {
		l, err := net.Listen("tcp", loopback+":0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

// start starts the server.
func (n *node) start(t testing.TB) {
	t.Helper()
	text, err := json.Marshal(n.options)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	n.cmd = exec.Command(self)
	n.cmd.Env = append(os.Environ(), serverVariable+"="+string(text))
	n.cmd.Stderr = os.Stderr
	if n.stdin, err = n.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := n.cmd.Start(); err != nil {
		t.Fatal(err)
	}
}

// kill ends the server as kill -9 does.
func (n *node) kill() {
	_ = n.cmd.Process.Kill() // it may have ended
	_ = n.cmd.Wait()
	n.stdin.Close()
}

// A servers is a NATS server, or a cluster.
type servers struct{ nodes []*node }

// startServer starts one server.
func startServer(t testing.TB, edit ...func(o *options)) *servers {
	t.Helper()
	o := options{Name: "n1", Dir: t.TempDir(), Port: freePorts(t, 1)[0]}
	for _, e := range edit {
		e(&o)
	}
	s := &servers{nodes: []*node{{options: o}}}
	s.start(t)
	return s
}

// startCluster starts three servers.
func startCluster(t testing.TB) *servers {
	t.Helper()
	ports, routes, dir := freePorts(t, 3), freePorts(t, 3), t.TempDir()
	s := new(servers)
	for i := range 3 {
		name := fmt.Sprintf("n%d", i+1)
		s.nodes = append(s.nodes, &node{options: options{Name: name, Dir: filepath.Join(dir, name), Port: ports[i], ClusterPort: routes[i], Routes: routes}})
	}
	s.start(t)
	return s
}

func (s *servers) start(t testing.TB) {
	t.Helper()
	for _, n := range s.nodes {
		n.start(t)
		t.Cleanup(func() { n.kill() })
	}
	if s.nodes[0].Cert == "" {
		s.await(t)
	} else {
		awaitPort(t, s.nodes[0].Port)
	}
}

// await waits until JetStream works.
func (s *servers) await(t testing.TB) {
	t.Helper()
	o := s.nodes[0].options
	eventually(t, "JetStream of "+s.url(), func() error {
		nc, err := nats.Connect(s.url(), nats.UserInfo(o.User, o.Password))
		if err != nil {
			return err
		}
		defer nc.Close()
		js, err := jetstream.New(nc)
		if err != nil {
			return err
		}
		if len(s.nodes) == 1 {
			_, err = js.AccountInfo(t.Context())
			return err
		}
		if _, err = js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "AWAIT", Replicas: 3}); err != nil {
			return err
		}
		return js.DeleteStream(t.Context(), "AWAIT")
	})
}

func awaitPort(t testing.TB, port int) {
	t.Helper()
	eventually(t, "the port of the server", func() error {
		c, err := net.Dial("tcp", net.JoinHostPort(loopback, strconv.Itoa(port)))
		if err == nil {
			err = c.Close()
		}
		return err
	})
}

// eventually calls f until it returns nil. Another process is at work.
func eventually(t testing.TB, what string, f func() error) {
	t.Helper()
	end := time.Now().Add(time.Minute)
	for {
		err := f()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s: %v", what, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// url returns the URLs of all servers.
func (s *servers) url() string {
	var urls []string
	for _, n := range s.nodes {
		urls = append(urls, fmt.Sprintf("nats://%s:%d", loopback, n.Port))
	}
	return strings.Join(urls, ",")
}
