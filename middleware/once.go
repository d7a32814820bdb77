package middleware

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wxchain/wechatpay/internal/body"
)

// A sending is the context of one signed request. It makes sure that the
// request leaves once. net/http sends a request again, with the same signature
// and nonce, when a connection ends before the answer: a GET, a request with an
// Idempotency-Key, and over HTTP/2 any request whose stream was refused. The
// platform refuses a nonce that it has seen, and the caller would take that
// refusal for the answer.
//
// A request that is sent again needs a connection again. If its headers were
// written before, the sending ends there, and net/http gives up.
type sending struct {
	clock         func() time.Time // of the signer; nil if that is another one
	signed        http.Request
	held          body.Held // its body, unless it is streamed
	body          []byte    // what was signed, unless it is streamed
	authorization [1]string // its header

	used  atomic.Bool // whether first is in use
	first outgoing

	parent context.Context // the request's, with trace
	trace  httptrace.ClientTrace
	asked  atomic.Bool // whether a connection was asked for
	wrote  atomic.Bool // whether the headers were written
	again  atomic.Bool // whether something below asked for a connection after that

	mu  sync.Mutex
	own context.Context // made of parent when somebody waits for its end
	end context.CancelCauseFunc
	err error // how the last attempt to send failed
}

// An outgoing is a request as the transport gets it. net/http writes its headers
// and its body, which it knows to be in memory, at once.
type outgoing struct {
	http.Request
	body bytes.Reader
}

type sendingKey struct{}

// newSending returns the context of one sending of req. Its signed is a copy of
// req with that context. clock may be nil.
func newSending(req *http.Request, clock func() time.Time) *sending {
	s := ExchangeOf(req.Context()).room()
	s.clock = clock
	s.trace.GetConn = func(string) { s.connect() }
	s.trace.GotConn = s.gotConn
	s.trace.WroteHeaders = func() { s.wrote.Store(true) }
	s.parent = httptrace.WithClientTrace(req.Context(), &s.trace)
	s.signed = *req.WithContext(s)
	return s
}

// outgoing returns a copy of req. A middleware inside the signer may want several,
// and at the same time.
func (s *sending) outgoing(req *http.Request) *outgoing {
	out := &s.first
	if !s.used.CompareAndSwap(false, true) {
		out = new(outgoing)
	}
	out.Request = *req
	return out
}

// connect is told that the request is about to get a connection. It reports
// whether the request may be written to it.
func (s *sending) connect() bool {
	s.asked.Store(true)
	if !s.wrote.Load() {
		return true
	}
	s.again.Store(true)
	s.Done()
	s.end(errLost)
	return false
}

// unsent reports whether nothing of the request was written. Only transports of
// net/http say so.
func (s *sending) unsent() bool { return s.asked.Load() && !s.wrote.Load() }

// gotConn is told that the request has a connection. HTTP/2 looks at the
// context before it writes. HTTP/1.1 does not, so its connection, which no other
// request shares, is closed.
func (s *sending) gotConn(info httptrace.GotConnInfo) {
	if s.connect() {
		return
	}
	if c, ok := info.Conn.(*tls.Conn); ok && c.ConnectionState().NegotiatedProtocol == "h2" {
		return
	}
	info.Conn.Close()
}

// Done is closed when the sending ends: with the context of the call, or when
// the request would be sent again.
func (s *sending) Done() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.own == nil {
		s.own, s.end = context.WithCancelCause(s.parent)
	}
	return s.own.Done()
}

func (s *sending) context() context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.own == nil {
		return s.parent
	}
	return s.own
}

func (s *sending) Deadline() (time.Time, bool) { return s.parent.Deadline() }

func (s *sending) Err() error { return s.context().Err() }

func (s *sending) String() string { return "a request that is sent once" }

// Format prints String for every verb.
func (s *sending) Format(f fmt.State, _ rune) { io.WriteString(f, s.String()) }

func (s *sending) Value(key any) any {
	if key == (sendingKey{}) {
		return s
	}
	return s.context().Value(key)
}

// roundTrip gives req, whose context s is or is part of, to base, unless it was
// written before.
func (s *sending) roundTrip(base http.RoundTripper, req *http.Request) (*http.Response, error) {
	if s.wrote.Load() {
		s.mu.Lock()
		defer s.mu.Unlock()
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: &repeated{s.err}}
	}
	resp, err := roundTrip(base, req)
	if err == nil {
		s.wrote.Store(true)
		return resp, nil
	}
	switch {
	case s.again.Load():
		err = &net.OpError{Op: "read", Net: "tcp", Err: errLost}
	case s.wrote.Load() && req.Context().Err() == nil && !errors.As(err, new(net.Error)):
		err = &net.OpError{Op: "read", Net: "tcp", Err: err} // as that of HTTP/2, and of a connection closed as idle
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
	return nil, err
}

// errLost is why net/http may not send a request again.
var errLost = fmt.Errorf("the connection ended before the answer, and a request that was sent is not sent again with the same signature: %w", io.ErrUnexpectedEOF)

// repeated is the error for a middleware inside the signer that sends a request
// again.
type repeated struct {
	before error // how the first sending ended; nil if it was answered
}

func (e *repeated) Error() string {
	const text = "a middleware inside the signer sends the request again with the same signature; move it outside the signer"
	if e.before == nil {
		return text
	}
	return fmt.Sprintf("%s; the first sending: %v", text, e.before)
}

func (e *repeated) Unwrap() error { return e.before }
