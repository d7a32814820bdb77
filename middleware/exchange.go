package middleware

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// An Exchange travels in the context of a request and lets the caller and the
// middlewares of one call tell each other what a RoundTripper cannot.
type Exchange struct {
	// Stream asks [Verifier] to leave the body of a 2xx answer to be read
	// from the network, and to check its signature at the end: a body that
	// does not verify ends in a [*signer.VerifyError] in the place of io.EOF.
	Stream bool
	// Host is the host that the call names, if it matters: [Guard] lets no
	// request pass to another.
	Host string

	// Sent is the request as the transport got it, the last one when
	// something in the stack repeats it.
	Sent *http.Request
	// Response is the answer that [Verifier] last looked at; its body may be
	// read when verifying failed.
	Response *http.Response
	// Verified tells whether that answer carried a signature that held.
	Verified bool
}

type exchangeKey struct{}

// WithExchange returns a context that carries e. An Exchange serves one call.
func WithExchange(ctx context.Context, e *Exchange) context.Context {
	return context.WithValue(ctx, exchangeKey{}, e)
}

// exchangeOf returns the Exchange that ctx carries, or a new one, for requests
// that are made without.
func exchangeOf(ctx context.Context) *Exchange {
	if e, ok := ctx.Value(exchangeKey{}).(*Exchange); ok {
		return e
	}
	return new(Exchange)
}

// Guard returns the RoundTripper to put between a stack and its transport
// base. It notes in the [Exchange] of each request what base is given, and
// refuses a request whose host is not [Exchange.Host] any more: a signature is
// good at every host of the platform, and a secret to all others.
func Guard(base http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		x := exchangeOf(req.Context())
		if x.Host != "" && req.URL.Host != x.Host {
			return nil, fmt.Errorf("a middleware sends the request to host %q, the call is for %q; name another host with BaseURL", req.URL.Host, x.Host)
		}
		x.Sent = req
		return roundTrip(base, req)
	})
}

// roundTrip makes up for a careless next: what comes back is an answer with a
// body, or an error.
func roundTrip(next http.RoundTripper, req *http.Request) (*http.Response, error) {
	resp, err := next.RoundTrip(req)
	switch {
	case err != nil:
		return nil, err
	case resp == nil:
		return nil, fmt.Errorf("%T returned neither an answer nor an error", next)
	case resp.Body == nil:
		resp.Body = http.NoBody
	}
	return resp, nil
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// An Option changes how [Signer] or [Verifier] works.
type Option func(*settings)

type settings struct {
	clock    func() time.Time
	nonce    func() string
	maxBytes int64
}

// DefaultMaxBodyBytes is the size, in bytes, of the longest body that is held
// in memory: 10 MiB.
const DefaultMaxBodyBytes = 10 << 20

// Clock makes now the clock; [time.Now] is the default.
func Clock(now func() time.Time) Option { return func(s *settings) { s.clock = now } }

// Nonce makes the nonces of requests come from next; 32 characters of
// [NewNonce] are the default.
func Nonce(next func() string) Option { return func(s *settings) { s.nonce = next } }

// MaxBodyBytes sets the size, in bytes, of the longest answer that [Verifier]
// holds in memory; [DefaultMaxBodyBytes] is the default.
func MaxBodyBytes(n int64) Option { return func(s *settings) { s.maxBytes = n } }

func newSettings(opts []Option) settings {
	s := settings{clock: time.Now, nonce: NewNonce, maxBytes: DefaultMaxBodyBytes}
	for _, opt := range opts {
		opt(&s)
	}
	return s
}
