package middleware_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/middleware"
)

// A closer is a connection that notes that it was closed.
type closer struct {
	net.Conn
	closed bool
}

func (c *closer) Close() error { c.closed = true; return nil }

// second sends a request through Guard to a transport that gets a connection, writes
// the headers if wrote is true, gets another connection and fails with lost.
// afterwards is called with the context of the request and the channel that a
// transport waits on, once the transport has the other connection.
func second(t *testing.T, wrote bool, lost error, afterwards func(context.Context, <-chan struct{})) (first, other *closer, err error) {
	t.Helper()
	first, other = new(closer), new(closer)
	_, err = middleware.Guard(transport(func(req *http.Request) (*http.Response, error) {
		ctx := req.Context()
		ended := ctx.Done() // as a transport that waits for it
		trace := httptrace.ContextClientTrace(ctx)
		trace.GetConn("host")
		trace.GotConn(httptrace.GotConnInfo{Conn: first})
		if wrote {
			trace.WroteHeaders()
		}
		if ctx.Err() != nil {
			t.Errorf("the context ended before the second connection: %v", ctx.Err())
		}
		trace.GotConn(httptrace.GotConnInfo{Conn: other})
		afterwards(ctx, ended)
		return nil, lost
	})).RoundTrip(newRequest(t, "GET", "/v3/x", new(middleware.Exchange)))
	return first, other, err
}

// After the headers were written, a transport gets no second connection.
func TestNoSecondConnectionAfterTheHeaders(t *testing.T) {
	first, other, err := second(t, true, errors.New("connection lost"), func(ctx context.Context, ended <-chan struct{}) {
		select {
		case <-ended:
			if !errors.Is(ctx.Err(), context.Canceled) {
				t.Errorf("the context ended with %v", ctx.Err())
			}
		default:
			t.Error("the context goes on")
		}
	})
	if first.closed || !other.closed {
		t.Errorf("closed are %v and %v, want the second alone", first.closed, other.closed)
	}
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "read" || !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), "is not sent again") {
		t.Errorf("error %v", err)
	}
}

// Until the headers are written, a transport may try another connection.
func TestSecondConnectionBeforeTheHeaders(t *testing.T) {
	lost := errors.New("connection lost")
	first, other, err := second(t, false, lost, func(ctx context.Context, ended <-chan struct{}) {
		select {
		case <-ended:
			t.Errorf("the context ended with %v", ctx.Err())
		default:
			if ctx.Err() != nil {
				t.Errorf("the context goes on with the error %v", ctx.Err())
			}
		}
	})
	if first.closed || other.closed {
		t.Errorf("closed are %v and %v, want neither", first.closed, other.closed)
	}
	if err != lost {
		t.Errorf("error %v, want %v", err, lost)
	}
}

// HTTP/2 looks at the context before it writes, and its connection serves other
// requests too, so it stays open.
func TestASecondConnectionOverTLS(t *testing.T) {
	server := httptest.NewUnstartedServer(nil)
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	for protocol, open := range map[string]bool{"h2": true, "": false} { // "" is HTTP/1.1
		var offered []string
		if protocol != "" {
			offered = []string{protocol}
		}
		conn, err := tls.Dial("tcp", server.Listener.Addr().String(), &tls.Config{
			NextProtos: offered, ServerName: "example.com",
			RootCAs: server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs,
		})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if got := conn.ConnectionState().NegotiatedProtocol; got != protocol {
			t.Fatalf("the server speaks %q, want %q", got, protocol)
		}
		_, err = middleware.Guard(transport(func(req *http.Request) (*http.Response, error) {
			trace := httptrace.ContextClientTrace(req.Context())
			trace.WroteHeaders()
			trace.GotConn(httptrace.GotConnInfo{Conn: conn})
			return nil, req.Context().Err()
		})).RoundTrip(newRequest(t, "GET", "/v3/x", new(middleware.Exchange)))
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%q: error %v", protocol, err)
		}
		if err := conn.SetDeadline(time.Time{}); errors.Is(err, net.ErrClosed) == open {
			t.Errorf("%q: %v, want open %v", protocol, err, open)
		}
	}
}

// An error after the headers is one of the network, unless the context ended.
func TestErrorAfterTheHeaders(t *testing.T) {
	lost := errors.New("http2: stream lost")
	reset := &net.OpError{Op: "read", Err: errors.New("connection reset")}
	for _, tt := range []struct {
		name          string
		wrote, cancel bool
		err           error
		wrapped       bool
	}{
		{"before the headers", false, false, lost, false},
		{"after the headers", true, false, lost, true},
		{"after the headers, of the network", true, false, reset, false},
		{"after the headers, cancelled", true, true, lost, false},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		req := newRequest(t, "GET", "/v3/x", nil).WithContext(middleware.WithExchange(ctx, new(middleware.Exchange)))
		_, err := middleware.Guard(transport(func(req *http.Request) (*http.Response, error) {
			trace := httptrace.ContextClientTrace(req.Context())
			trace.GetConn("host")
			if tt.wrote {
				trace.WroteHeaders()
			}
			if tt.cancel {
				cancel()
			}
			return nil, tt.err
		})).RoundTrip(req)
		cancel()
		var op *net.OpError
		isWrapped := err != tt.err && errors.As(err, &op) && op.Op == "read"
		if !errors.Is(err, tt.err) || isWrapped != tt.wrapped {
			t.Errorf("%s: error %v, wrapped %v", tt.name, err, isWrapped)
		}
	}
}

// The context of a sending has the deadline and the values of the call.
func TestContextOfASending(t *testing.T) {
	type key struct{}
	want := time.Now().Add(time.Hour)
	ctx, cancel := context.WithDeadline(context.WithValue(t.Context(), key{}, "value"), want)
	defer cancel()
	_, err := middleware.Guard(transport(func(req *http.Request) (*http.Response, error) {
		ctx := req.Context()
		if at, ok := ctx.Deadline(); !ok || !at.Equal(want) || ctx.Value(key{}) != "value" || ctx.Err() != nil {
			t.Errorf("deadline %v, %v, value %v, error %v", at, ok, ctx.Value(key{}), ctx.Err())
		}
		cancel()
		<-ctx.Done()
		if !errors.Is(ctx.Err(), context.Canceled) {
			t.Errorf("error %v", ctx.Err())
		}
		return nil, ctx.Err()
	})).RoundTrip(newRequest(t, "GET", "/v3/x", nil).WithContext(middleware.WithExchange(ctx, new(middleware.Exchange))))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// A middleware inside the signer cannot send a request again that was sent.
func TestRepetitionInsideTheSigner(t *testing.T) {
	dial := &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	lost := errors.New("connection lost")
	for _, tt := range []struct {
		name  string
		first error // nil for an answer
		wrote bool
		sent  int
		says  string
	}{
		{"answered", nil, true, 1, "move it outside the signer"},
		{"lost", lost, true, 1, "move it outside the signer; the first sending: read tcp: connection lost"},
		{"not connected", dial, false, 2, ""},
	} {
		sent := 0
		guarded := middleware.Guard(transport(func(req *http.Request) (*http.Response, error) {
			trace := httptrace.ContextClientTrace(req.Context())
			trace.GetConn("host")
			if tt.wrote {
				trace.WroteHeaders()
			}
			if sent++; sent == 1 && tt.first != nil {
				return nil, tt.first
			}
			return answering(200, nil, "")(req)
		}))
		twice := transport(func(req *http.Request) (*http.Response, error) {
			if resp, err := guarded.RoundTrip(req); err == nil {
				resp.Body.Close()
			}
			return guarded.RoundTrip(req)
		})
		_, err := middleware.Signer(mchID, merchant(t))(twice).RoundTrip(newRequest(t, "POST", "/v3/x", new(middleware.Exchange)))
		if sent != tt.sent || (err == nil) != (tt.says == "") || err != nil && !strings.HasSuffix(err.Error(), tt.says) {
			t.Errorf("%s: %d sendings, %v; want %d and %q", tt.name, sent, err, tt.sent, tt.says)
		}
		if tt.says != "" && tt.first != nil && !errors.Is(err, tt.first) {
			t.Errorf("%s: error %v does not wrap the first", tt.name, err)
		}
	}
}
