package sandbox_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// pipes is a network within the process.
type pipes struct {
	dialed chan net.Conn
	closed chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.dialed:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.closed); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8686} }

// A served is a sandbox that is served over pipes as the wxpay command serves it,
// and a well-behaved client of it.
type served struct {
	*sandbox.Server
	client    *wechatpay.Client
	transport *http.Transport
	pipes     *pipes
	orders    atomic.Int64
}

const servedURL = "http://127.0.0.1:8686/"

// serve calls test in a bubble of synctest.
func serve(t *testing.T, test func(*testing.T, *served)) {
	t.Helper()
	config := testConfig(t)
	synctest.Test(t, func(t *testing.T) {
		config.Clock = time.Now
		s := &served{pipes: &pipes{make(chan net.Conn), make(chan struct{})}}
		s.transport = &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return s.dial(), nil }}
		defer s.transport.CloseIdleConnections()
		s.Server, s.client = newServer(t, config, func(c *wechatpay.Config) { c.BaseURL, c.Transport = servedURL, s.transport })
		defer s.Server.Close()
		server := s.HTTPServer()
		ended := make(chan error)
		go func() { ended <- server.Serve(s.pipes) }()
		defer func() {
			if err := server.Close(); err != nil {
				t.Error(err)
			}
			<-ended
		}()
		test(t, s)
	})
}

// dial returns a new connection.
func (s *served) dial() net.Conn {
	here, there := net.Pipe()
	s.pipes.dialed <- there
	return here
}

// serves checks that an order is accepted.
func (s *served) serves(t *testing.T) {
	t.Helper()
	number := "served-" + time.Duration(s.orders.Add(1)).String()
	if _, err := s.client.Chain(native).Post(t.Context(), wechatpay.JSON(orderOf(number, 1)), wechatpay.Timeout(time.Second)); err != nil {
		t.Errorf("it no longer serves: %v", err)
	}
}

// say sends text on a new connection, whole or until the server stops reading,
// and then nothing more. It returns the answer, and when the connection ended.
func (s *served) say(text string) (answer string, after time.Duration) {
	began := time.Now()
	conn := s.dial()
	defer conn.Close()
	go func() { _, _ = io.WriteString(conn, text) }() // ends with the connection
	all, _ := io.ReadAll(conn)
	// The client's idle connection may end at the same moment, by the same limit. Wait
	// until the client knows, or its next request could take that connection.
	synctest.Wait()
	return string(all), time.Since(began)
}
