// Package proxy is an HTTP proxy that leads the platform's hosts to a sandbox, for
// SDKs whose host is fixed.
package proxy

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/wxchain/wechatpay/internal/platform"
)

// A Proxy answers CONNECT for port 443 of the platform's hosts itself, refuses to be a proxy for
// anything else, and passes other requests to a handler.
type Proxy struct {
	own     http.Handler
	tunnels tunnels
	inner   *http.Server
	ended   chan struct{}
}

// New returns a Proxy. inner serves the requests that come through it, with the
// certificates of config. Call Close to end it.
func New(own http.Handler, inner *http.Server, config *tls.Config) *Proxy {
	p := &Proxy{own: own, inner: inner, ended: make(chan struct{})}
	p.tunnels = tunnels{conns: make(chan net.Conn), closed: make(chan struct{})}
	go func() {
		defer close(p.ended)
		_ = inner.Serve(tls.NewListener(&p.tunnels, config)) // until Close
	}()
	return p
}

// Close ends all connections through the proxy.
func (p *Proxy) Close() {
	_ = p.inner.Close() // the tunnels do not fail to close
	<-p.ended
}

// ServeHTTP connects a client of the proxy, or passes a request on.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodConnect:
		p.connect(w, r)
	case !strings.HasPrefix(r.RequestURI, "/") && r.RequestURI != "*":
		refuse(w, "the sandbox is a proxy for https URLs alone: set HTTPS_PROXY, not HTTP_PROXY")
	default:
		p.own.ServeHTTP(w, r)
	}
}

func refuse(w http.ResponseWriter, text string) {
	http.Error(w, "wxpay sandbox: "+text, http.StatusForbidden)
}

func (p *Proxy) connect(w http.ResponseWriter, r *http.Request) {
	host, port, err := net.SplitHostPort(r.RequestURI)
	if err != nil || port != "443" || !slices.Contains(platform.Hosts[:], strings.ToLower(strings.TrimSuffix(host, "."))) {
		refuse(w, "it is a proxy for port 443 of "+strings.Join(platform.Hosts[:], ", ")+" alone; exclude other hosts with NO_PROXY")
		return
	}
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		refuse(w, "CONNECT wants HTTP/1.1")
		return
	}
	_ = conn.SetDeadline(time.Time{}) // the inner server has its own limits
	if _, err := io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		conn.Close()
		return
	}
	p.tunnels.add(&tunnel{conn, buffered.Reader})
}

// A tunnel is a connection through the proxy. Its client may have sent something
// before the answer to CONNECT.
type tunnel struct {
	net.Conn
	sent *bufio.Reader
}

func (t *tunnel) Read(b []byte) (int, error) { return t.sent.Read(b) }

// tunnels is the listener of the inner server.
type tunnels struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (t *tunnels) add(conn net.Conn) {
	select {
	case t.conns <- conn:
	case <-t.closed:
		conn.Close()
	}
}

// Accept waits for a client to connect.
func (t *tunnels) Accept() (net.Conn, error) {
	select {
	case conn := <-t.conns:
		return conn, nil
	case <-t.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept.
func (t *tunnels) Close() error {
	t.once.Do(func() { close(t.closed) })
	return nil
}

// Addr is not an address of a network.
func (t *tunnels) Addr() net.Addr { return tunnelAddr{} }

type tunnelAddr struct{}

func (tunnelAddr) Network() string { return "tunnel" }
func (tunnelAddr) String() string  { return "wxpay sandbox --proxy" }
