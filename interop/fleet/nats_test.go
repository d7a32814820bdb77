package fleet

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/wxchain/wechatpay/interop/internal/child"
)

// options are those of a NATS server.
type options struct {
	Name, Dir      string
	Port           int
	ClusterPort    int
	Routes         []int // cluster ports of all servers
	MaxPayload     int32
	User, Password string
	Token          string
	NKey           string // the public key of a user
	Operator       *operator
	Cert, Key, CA  string
	NoJetStream    bool
	MaxStore       string
}

const loopback = "127.0.0.1"

// config is the configuration file of the server.
func (o options) config() map[string]any {
	c := map[string]any{"server_name": o.Name, "host": loopback, "port": o.Port, "log_file": filepath.Join(o.Dir, "log")}
	if !o.NoJetStream {
		c["jetstream"] = map[string]any{"store_dir": o.Dir, "max_file_store": cmp.Or(o.MaxStore, "8G"), "max_memory_store": "1G"}
	}
	if o.MaxPayload > 0 {
		c["max_payload"] = o.MaxPayload
	}
	if o.ClusterPort > 0 {
		var routes []string
		for _, port := range o.Routes {
			routes = append(routes, fmt.Sprintf("nats://%s:%d", loopback, port))
		}
		c["cluster"] = map[string]any{"name": "wxpay", "host": loopback, "port": o.ClusterPort, "routes": routes}
	}
	switch {
	case o.User != "":
		c["authorization"] = map[string]any{"user": o.User, "password": o.Password}
	case o.Token != "":
		c["authorization"] = map[string]any{"token": o.Token}
	case o.NKey != "":
		c["authorization"] = map[string]any{"users": []any{map[string]any{"nkey": o.NKey}}}
	case o.Operator != nil:
		c["operator"], c["system_account"] = o.Operator.JWT, o.Operator.SystemAccount
		c["resolver"], c["resolver_preload"] = "MEMORY", o.Operator.Accounts
	}
	if o.Cert != "" {
		c["tls"] = map[string]any{"cert_file": o.Cert, "key_file": o.Key, "ca_file": o.CA, "verify": true, "timeout": 5}
	}
	return c
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

// configure writes the configuration file of the server.
func (n *node) configure(t testing.TB) (file string) {
	t.Helper()
	text, err := json.Marshal(n.config()) // JSON is a part of its syntax
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(n.Dir, "nats.conf")
	if err := errors.Join(os.MkdirAll(n.Dir, 0o700), os.WriteFile(file, text, 0o600)); err != nil {
		t.Fatal(err)
	}
	return file
}

// start starts the server: the program of WXPAY_NATS_SERVER, or this one.
func (n *node) start(t testing.TB) {
	t.Helper()
	file, program := n.configure(t), os.Getenv(programVariable)
	if program == "" {
		var err error
		if program, err = os.Executable(); err != nil {
			t.Fatal(err)
		}
	}
	n.cmd = exec.Command(program, "-c", file)
	n.cmd.Env = append(os.Environ(), serverVariable+"="+file)
	n.cmd.Stderr = os.Stderr
	var err error
	if n.stdin, err = n.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := child.Start(n.cmd); err != nil {
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
	s := newCluster(t)
	s.start(t)
	return s
}

// embedCluster starts three servers in this process. They take less of the machine than
// processes do, and cannot be killed.
func embedCluster(t testing.TB) *servers {
	t.Helper()
	s := newCluster(t)
	for _, n := range s.nodes {
		embedded, err := embed(n.configure(t))
		if err != nil {
			t.Fatal(err)
		}
		embedded.Start()
		t.Cleanup(func() {
			embedded.Shutdown()
			embedded.WaitForShutdown()
		})
	}
	s.await(t, len(s.nodes))
	return s
}

// newCluster returns three servers that do not run yet.
func newCluster(t testing.TB) *servers {
	t.Helper()
	ports, dir := freePorts(t, 6), t.TempDir()
	ports, routes := ports[:3], ports[3:]
	s := new(servers)
	for i := range 3 {
		name := fmt.Sprintf("n%d", i+1)
		s.nodes = append(s.nodes, &node{options: options{Name: name, Dir: filepath.Join(dir, name), Port: ports[i], ClusterPort: routes[i], Routes: routes}})
	}
	return s
}

func (s *servers) start(t testing.TB) {
	t.Helper()
	for _, n := range s.nodes {
		n.start(t)
		t.Cleanup(func() { n.kill() })
	}
	if o := s.nodes[0].options; o.Cert != "" || o.Token != "" || o.NKey != "" || o.Operator != nil || o.NoJetStream {
		awaitPort(t, o.Port)
	} else {
		s.await(t, len(s.nodes))
	}
}

// await waits until JetStream works, and keeps new streams on as many servers.
func (s *servers) await(t testing.TB, replicas int) {
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
		if replicas == 1 { // a new stream might be placed on a server that is away
			_, err = js.AccountInfo(t.Context())
			return err
		}
		if _, err = js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "AWAIT", Replicas: replicas}); err != nil {
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
