package wechatpay_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/vectors"
)

// A pipes is a network in memory that uses the time of a synctest bubble.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	mu    sync.Mutex
	all   []*pipe
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), done: make(chan struct{})} }

// A pipe is a connection that may swallow what is written to it.
type pipe struct {
	net.Conn
	swallows, closed atomic.Bool
}

func (p *pipe) Write(b []byte) (int, error) {
	if p.swallows.Load() {
		return len(b), nil
	}
	return p.Conn.Write(b)
}

func (p *pipe) Close() error {
	p.closed.Store(true)
	return p.Conn.Close()
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	conn := &pipe{Conn: near}
	p.mu.Lock()
	p.all = append(p.all, conn)
	p.mu.Unlock()
	select {
	case p.conns <- far:
		return conn, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) dialled() []*pipe {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.all
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	close(p.done)
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// An HTTP/2 connection that swallows data affects only the calls of a few
// seconds.
func TestDeadConnection(t *testing.T) {
	tlsServer := httptest.NewTLSServer(nil)
	certificates, root := tlsServer.TLS.Certificates, tlsServer.Certificate()
	tlsServer.Close()
	synctest.Test(t, func(t *testing.T) {
		_, config := newSigning(t, nil)
		platform := config.Transport.(*signing)
		network := newPipes()
		server := &http.Server{
			TLSConfig: &tls.Config{Certificates: certificates},
			Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body := []byte(`{"proto":"` + r.Proto + `"}`)
				platform.sign(w.Header(), body)
				w.Write(body)
			}),
		}
		var serving sync.WaitGroup
		serving.Go(func() { server.ServeTLS(network, "", "") })
		defer serving.Wait()
		defer server.Close()
		transport := wechatpay.NewTransport()
		transport.DialContext = network.dial
		transport.TLSClientConfig.RootCAs = x509.NewCertPool()
		transport.TLSClientConfig.RootCAs.AddCert(root)
		defer transport.CloseIdleConnections()
		config.Transport, config.BaseURL = transport, "https://example.com/"
		client := newClient(t, config)
		resp, err := client.Chain("v3/x").Get(background())
		if err != nil || resp.Get("proto").String() != "HTTP/2.0" {
			t.Fatal(resp, err)
		}

		network.dialled()[0].swallows.Store(true)
		var calls sync.WaitGroup
		var failed atomic.Int32
		for i := range 100 { // in 25 s, by which a call would not be given up yet
			began := time.Duration(i) * 250 * time.Millisecond
			calls.Go(func() {
				time.Sleep(began)
				_, err := client.Chain("v3/x").Post(background(), wechatpay.JSON(wechatpay.M{"a": 1}))
				switch {
				case err == nil:
				case began > 5*time.Second:
					t.Errorf("a call that began %v after the connection died: %v", began, err)
				case !isNetwork(err):
					t.Errorf("%v, want an error of the network", err)
				default:
					failed.Add(1)
				}
			})
		}
		calls.Wait()
		if n := failed.Load(); n == 0 || n > 20 {
			t.Errorf("%d of 100 calls failed, want those of at most 5 seconds", n)
		}
	})
}

// An idle connection is closed before the platform closes it, with the client
// certificate and without.
func TestIdleConnections(t *testing.T) {
	for name, tt := range map[string]struct {
		kept time.Duration // by the Transport that the caller gives; 0 for ours
		opts []wechatpay.Option
	}{
		"default":                               {},
		"client certificate":                    {opts: []wechatpay.Option{wechatpay.Security()}},
		"client certificate, a long time":       {kept: time.Hour, opts: []wechatpay.Option{wechatpay.Security()}},
		"client certificate, for ever":          {kept: -1, opts: []wechatpay.Option{wechatpay.Security()}},
		"client certificate, less than 7 s too": {kept: 6999 * time.Millisecond, opts: []wechatpay.Option{wechatpay.Security()}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network := newPipes()
				server := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
				var serving sync.WaitGroup
				serving.Go(func() { server.Serve(network) })
				defer serving.Wait()
				defer server.Close()
				transport := wechatpay.NewTransport()
				transport.DialContext = network.dial
				switch {
				case tt.kept > 0:
					transport.IdleConnTimeout = tt.kept
				case tt.kept < 0:
					transport.IdleConnTimeout = 0
				}
				defer transport.CloseIdleConnections()
				config := newConfig(t, transport)
				config.APIv2Key = vectors.Load(t).APIv2Key
				config.ClientCert = &tls.Certificate{Certificate: [][]byte{{1}}, PrivateKey: config.PrivateKey}
				config.BaseURL = "http://example.com/"
				client := newClient(t, config)
				// The answer is unsigned, but this test does not check that.
				_, _ = client.Chain("v2/x").Post(background(), append(tt.opts, wechatpay.XML(wechatpay.M{"a": "1"}))...)
				synctest.Wait()
				time.Sleep(6900 * time.Millisecond)
				synctest.Wait()
				conns := network.dialled()
				if len(conns) != 1 || conns[0].closed.Load() {
					t.Fatalf("%d connections; the connection ended within 6.9 s, want one to be kept", len(conns))
				}
				time.Sleep(200 * time.Millisecond)
				synctest.Wait()
				if !conns[0].closed.Load() {
					t.Error("the connection is kept for longer than 7 s")
				}
			})
		})
	}
}

// Calls of many goroutines share few connections. While other processes keep the machine
// busy, net/http dials more often, so the least of three measurements counts.
func TestConnectionsAreShared(t *testing.T) {
	const (
		goroutines = 64
		most       = 2 * goroutines
	)
	for name, calls := range map[string]int64{"HTTP/1.1": 6000, "HTTP/2": 600} {
		t.Run(name, func(t *testing.T) {
			var opened int64
			for range 3 {
				if opened = connectionsOpened(t, goroutines, calls, name == "HTTP/2"); opened > 0 && opened <= most {
					return
				}
			}
			t.Errorf("%d calls of %d goroutines opened %d connections, want %d at most", calls, goroutines, opened, most)
		})
	}
}

// connectionsOpened makes calls and returns how many connections they opened.
func connectionsOpened(t *testing.T, goroutines int, calls int64, http2 bool) int64 {
	t.Helper()
	var config wechatpay.Config
	newCanned(t, &config)
	answer := config.Transport.(*canned)
	var opened atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		maps.Copy(w.Header(), answer.header)
		w.Write(answer.body)
	}))
	server.EnableHTTP2 = http2
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.StartTLS()
	defer server.Close()
	transport := wechatpay.NewTransport()
	defer transport.CloseIdleConnections()
	transport.TLSClientConfig.RootCAs = server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	config.Transport, config.BaseURL = transport, server.URL
	config.PrivateKey = presigned{config.PrivateKey} // the server does not verify
	chain := newClient(t, config).Chain("v3/x")
	var left atomic.Int64
	left.Store(calls)
	var group sync.WaitGroup
	for range goroutines {
		group.Go(func() {
			for left.Add(-1) >= 0 {
				if _, err := chain.Post(background(), wechatpay.JSON(wechatpay.M{"a": "1"})); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	return opened.Load()
}

// unclosed is a body without an end. It reports whether it was closed.
type unclosed struct{ closed chan struct{} }

func (u unclosed) Read([]byte) (int, error) {
	<-u.closed
	return 0, io.EOF
}

func (u unclosed) Close() error {
	close(u.closed)
	return nil
}

// An answer of 1xx is an error at once, and its body, which is the connection,
// is closed.
func TestSwitchingProtocols(t *testing.T) {
	for name, call := range map[string]func(*wechatpay.Client) error{
		"held": func(client *wechatpay.Client) error {
			_, err := client.Chain("v3/x").Get(background())
			return err
		},
		"sink": func(client *wechatpay.Client) error {
			_, err := client.Chain("v3/x").Get(background(), wechatpay.Sink(io.Discard))
			return err
		},
		"errors as answers": func(client *wechatpay.Client) error {
			_, err := client.Chain("v3/x").Post(background(), wechatpay.JSON(wechatpay.M{}), wechatpay.HTTPErrors(false))
			return err
		},
		"APIv2": func(client *wechatpay.Client) error {
			_, err := client.Chain("v2/x").Post(background(), wechatpay.XML(wechatpay.M{"a": "1"}))
			return err
		},
		"promise": func(client *wechatpay.Client) error {
			_, err := client.Chain("v3/x").GetAsync(background()).Wait()
			return err
		},
	} {
		for _, status := range []int{101, 199} {
			body := unclosed{make(chan struct{})}
			config := newConfig(t, roundTripper(func(*http.Request) (*http.Response, error) {
				resp := answer(status, "")
				resp.Body, resp.ContentLength = body, -1
				return resp, nil
			}))
			config.APIv2Key = vectors.Load(t).APIv2Key
			err := call(newClient(t, config))
			if !isNetwork(err) || !strings.Contains(err.Error(), "did not ask for") {
				t.Errorf("%s, %d: %v", name, status, err)
			}
			select {
			case <-body.closed:
			default:
				t.Errorf("%s, %d: the body is not closed", name, status)
			}
		}
	}
}

// The same from a server, whose connection stays open.
func TestSwitchingProtocolsFromAServer(t *testing.T) {
	gone := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn := hijack(w)
		defer conn.Close()
		io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
		io.Copy(io.Discard, conn) // until the client hangs up
		close(gone)
	}))
	defer server.Close()
	transport := wechatpay.NewTransport()
	defer transport.CloseIdleConnections()
	config := newConfig(t, transport)
	config.BaseURL = server.URL
	_, err := newClient(t, config).Chain("v3/x").Get(background(), wechatpay.Timeout(time.Hour))
	if !isNetwork(err) || errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	<-gone
}
