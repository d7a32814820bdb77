package notify_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay/notify"
)

// pipes is a network in memory, so that a server runs by the clock of a test.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	open  atomic.Int32 // connections that the server has not closed
}

type serverEnd struct {
	net.Conn
	once func()
}

func (c serverEnd) Close() error { c.once(); return c.Conn.Close() }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		p.open.Add(1)
		return serverEnd{c, sync.OnceFunc(func() { p.open.Add(-1) })}, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.done); return nil }
func (p *pipes) Addr() net.Addr { return new(net.IPAddr) }

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	p.conns <- server
	return client, nil
}

// serveInMemory serves h to what dials pipes, in HTTP/1.1 and HTTP/2.
func serveInMemory(t *testing.T, h http.Handler, readTimeout time.Duration) *pipes {
	t.Helper()
	p := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
	server := &http.Server{Handler: h, ReadTimeout: readTimeout, Protocols: new(http.Protocols)}
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetUnencryptedHTTP2(true)
	served := make(chan error)
	go func() { served <- server.Serve(p) }()
	t.Cleanup(func() {
		server.Close()
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return p
}

// stall sends the head of a notification and half of its body by HTTP/1.1, and
// waits for the answer and for the end of the connection.
func stall(t *testing.T, p *pipes) (status int, closed time.Time) {
	conn, err := p.dial(t.Context(), "", "")
	if err != nil {
		t.Error(err)
		return 0, time.Time{}
	}
	defer conn.Close()
	if _, err := fmt.Fprintf(conn, "POST /notify HTTP/1.1\r\nHost: shop\r\nContent-Length: 100\r\n\r\n{\"id\":"); err != nil {
		t.Error(err)
	}
	in := bufio.NewReader(conn)
	resp, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Errorf("no answer: %v", err)
		return 0, time.Time{}
	}
	io.Copy(io.Discard, in) // until the server hangs up
	return resp.StatusCode, time.Now()
}

// Senders whose bodies stall are answered 400 and are gone when the time is over:
// that of the server, or else that of the receiver.
func TestStalledSenders(t *testing.T) {
	const senders = 300
	const lingering = 500 * time.Millisecond // of net/http, after an answer that ends a connection
	for _, tt := range []struct {
		name                 string
		readTimeout, timeout time.Duration
		within               time.Duration
	}{
		{"ReadTimeout is shorter", time.Second, 0, time.Second},
		{"ReadTimeout is longer", time.Minute, 0, 4500 * time.Millisecond},
		{"no ReadTimeout", 0, 0, 4500 * time.Millisecond},
		{"Timeout is given", time.Minute, 50 * time.Millisecond, 50 * time.Millisecond},
	} {
		receiver := func(t *testing.T) (*notify.Receiver, *atomic.Int32) {
			var told atomic.Int32
			return newReceiver(t, func(c *notify.Config) {
				c.Timeout = tt.timeout
				c.OnError = func(context.Context, error) { told.Add(1) }
			}), &told
		}
		handedOver := func(context.Context, *notify.Notification) error { t.Error("handed over"); return nil }

		t.Run("HTTP/1.1, "+tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, told := receiver(t)
				p := serveInMemory(t, r.Handler(handedOver), tt.readTimeout)
				start := time.Now()
				var wg sync.WaitGroup
				for range senders {
					wg.Go(func() {
						status, closed := stall(t, p)
						if took := closed.Sub(start); status != 400 || took > tt.within+lingering {
							t.Errorf("answered %d, gone after %v", status, took)
						}
					})
				}
				wg.Wait()
				synctest.Wait()
				if n := p.open.Load(); n != 0 || told.Load() != senders {
					t.Errorf("%d connections are left, OnError was told of %d", n, told.Load())
				}
			})
		})

		t.Run("HTTP/2, "+tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, told := receiver(t)
				var handling atomic.Int32
				h := r.Handler(handedOver)
				p := serveInMemory(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
					handling.Add(1)
					defer handling.Add(-1)
					if req.ProtoMajor != 2 {
						t.Errorf("the request is of %s", req.Proto)
					}
					h.ServeHTTP(w, req)
				}), tt.readTimeout)
				transport := &http.Transport{DialContext: p.dial, Protocols: new(http.Protocols)}
				transport.Protocols.SetUnencryptedHTTP2(true)
				defer transport.CloseIdleConnections()
				start := time.Now()
				var wg sync.WaitGroup
				for range senders {
					wg.Go(func() {
						body, stuck := io.Pipe()
						defer stuck.Close()
						req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://shop/notify", body)
						if err != nil {
							t.Error(err)
							return
						}
						req.ContentLength = 100
						resp, err := transport.RoundTrip(req)
						if err != nil {
							t.Error(err)
							return
						}
						resp.Body.Close()
						if took := time.Since(start); resp.StatusCode != 400 || took > tt.within {
							t.Errorf("answered %d after %v", resp.StatusCode, took)
						}
					})
				}
				wg.Wait()
				synctest.Wait()
				if n := handling.Load(); n != 0 || told.Load() != senders {
					t.Errorf("%d requests are left, OnError was told of %d", n, told.Load())
				}
			})
		})
	}
}

// What is refused before its body is read is gone as soon.
func TestStalledSendersOfWhatIsRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		r            *notify.Receiver
		method, head string
		status       int
	}{
		"GET":               {newReceiver(t), "GET", "Content-Length: 100", 405},
		"too long":          {newReceiver(t), "POST", "Content-Length: 1048577", 413},
		"without keys":      {notify.Config{}.Receiver(), "POST", "Content-Length: 100", 500},
		"a nil Receiver":    {nil, "POST", "Content-Length: 100", 500},
		"no end of a chunk": {newReceiver(t), "POST", "Transfer-Encoding: chunked", 400},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := serveInMemory(t, tt.r.Handler(nil), 0)
				conn, err := p.dial(t.Context(), "", "")
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				start := time.Now()
				if _, err := fmt.Fprintf(conn, "%s / HTTP/1.1\r\nHost: shop\r\n%s\r\n\r\n", tt.method, tt.head); err != nil {
					t.Fatal(err)
				}
				in := bufio.NewReader(conn)
				resp, err := http.ReadResponse(in, nil)
				if err != nil {
					t.Fatal(err)
				}
				io.Copy(io.Discard, in)
				if took := time.Since(start); resp.StatusCode != tt.status || took > 5*time.Second {
					t.Errorf("answered %d, gone after %v", resp.StatusCode, took)
				}
			})
		})
	}
}

// A function may take longer than the ReadTimeout, and the connection is used
// again afterwards.
func TestReadTimeoutIsNotOfTheFunction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var heard told
		h := newReceiver(t, heard.hear).Handler(func(context.Context, *notify.Notification) error {
			time.Sleep(3 * time.Second)
			return nil
		})
		p := serveInMemory(t, h, time.Second)
		var dialled atomic.Int32
		client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			dialled.Add(1)
			return p.dial(ctx, network, addr)
		}}}
		defer client.CloseIdleConnections()
		for _, id := range []string{"EV-1", "EV-2"} {
			in := paid(t, id)
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://shop/notify", in.Body)
			if err != nil {
				t.Fatal(err)
			}
			req.Header, req.ContentLength = in.Header, in.ContentLength
			resp, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if resp.StatusCode != 200 {
				t.Errorf("%s: answered %d", id, resp.StatusCode)
			}
		}
		heard.check(t)
		if n := dialled.Load(); n != 1 {
			t.Errorf("%d connections", n)
		}
	})
}

// deadlines notes which read deadlines a handler sets.
type deadlines struct {
	*httptest.ResponseRecorder
	err error
	set []time.Time
}

func (d *deadlines) SetReadDeadline(at time.Time) error {
	d.set = append(d.set, at)
	return d.err
}

// A handler shortens the deadline of the body, but not below that of the server,
// and takes it away once the body has arrived.
func TestReadDeadline(t *testing.T) {
	const within = 4500 * time.Millisecond
	for _, tt := range []struct {
		name   string
		server *http.Server
		err    error
		want   []time.Duration // from the start; 0 for none
	}{
		{"no server", nil, nil, []time.Duration{within, 0}},
		{"no ReadTimeout", &http.Server{}, nil, []time.Duration{within, 0}},
		{"a negative ReadTimeout", &http.Server{ReadTimeout: -1}, nil, []time.Duration{within, 0}},
		{"a longer ReadTimeout", &http.Server{ReadTimeout: within + 1}, nil, []time.Duration{within, 0}},
		{"the same ReadTimeout", &http.Server{ReadTimeout: within}, nil, []time.Duration{0}},
		{"a shorter ReadTimeout", &http.Server{ReadTimeout: time.Second}, nil, []time.Duration{0}},
		{"a connection without deadlines", &http.Server{}, http.ErrNotSupported, []time.Duration{within}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				w := &deadlines{ResponseRecorder: httptest.NewRecorder(), err: tt.err}
				req := paid(t, "EV-1")
				if tt.server != nil {
					req = req.WithContext(context.WithValue(req.Context(), http.ServerContextKey, tt.server))
				}
				newReceiver(t).Handler(func(context.Context, *notify.Notification) error {
					if len(w.set) != len(tt.want) {
						t.Errorf("before the function, %d deadlines were set, want %d", len(w.set), len(tt.want))
					}
					return nil
				}).ServeHTTP(w, req)
				checkAnswer(t, w.ResponseRecorder, 200, false)
				var got []time.Duration
				for _, at := range w.set {
					if at.IsZero() {
						got = append(got, 0)
					} else {
						got = append(got, at.Sub(start))
					}
				}
				if !slices.Equal(got, tt.want) {
					t.Errorf("deadlines %v after the start, want %v", got, tt.want)
				}
			})
		})
	}
}
