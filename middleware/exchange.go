package middleware

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/wxchain/wechatpay/internal/body"
	"github.com/wxchain/wechatpay/internal/quote"
)

// An Exchange is in the context of a request. The caller and the middlewares of one
// call exchange facts in it that do not fit into the interface of a RoundTripper. The
// caller sets its fields once; middlewares do not change them.
type Exchange struct {
	// Stream tells [Verifier] to stream the body of a 2xx answer from the network and
	// to verify its signature at the end. A body that does not verify ends in a
	// [*signer.VerifyError] in place of io.EOF.
	Stream bool
	// URL is the URL of the call. If it is set, [Guard] refuses requests to another
	// host.
	URL *url.URL
	// Template is the URI template of the call as the caller spelled it, such as
	// "v3/marketing/favor/users/{openid}/coupons". Bound variables stay in braces, a
	// query stays, and the template of an APIv2 call starts with v2. It is empty for a
	// request that was made without a Chain.
	Template string
	// Base is the path of the base URL of the call, escaped and with a slash at its
	// end. The path of the operation follows it. The default is a slash.
	Base string
	// Main says that the call is for the main host, which is that of the client's BaseURL.
	// A call that names a host itself is not: one with a BaseURL of its own, a download,
	// or an operation that has its own host.
	Main bool
	// Body is the body with which the call entered the stack, unless it is Streamed.
	// If something has read a part of the body, the whole body is sent or nothing.
	Body []byte
	// Streamed says that the request's body is too long for memory, as that of an
	// upload. The request's GetBody returns a body for each sending.
	Streamed bool
	// Signed is the text that an APIv3 signature covers in place of a Streamed body:
	// the part meta of an upload.
	Signed []byte
	// ClientCert says that the call needs the merchant's TLS client certificate. The
	// transport presents it.
	ClientCert bool
	// Nonceless tells [V2Signer] not to add nonce_str.
	Nonceless bool

	// A middleware may send a request several times, and at the same time.
	mu       sync.Mutex
	carrier  carrier
	taken    bool // whether first is in use
	first    sending
	sent     *http.Request
	message  message
	sendings sendings
	allowed  *url.URL // another host that Guard lets pass
	answer   *http.Response
	verified bool
	hasSkew  bool
	skew     time.Duration
	advice   error
}

// Format prints the template for every verb, and nothing of what the call sends.
func (x *Exchange) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "middleware.Exchange{Template: %s}", quote.Text(x.Template))
}

// operation is the path of the operation that a request is for, escaped. A slash
// that a variable holds is escaped, and is none of the path's.
func (x *Exchange) operation(u *url.URL) string {
	return strings.TrimPrefix(u.EscapedPath(), cmp.Or(x.Base, "/"))
}

// Sent returns the request as the transport received it, or nil. If something in the
// stack repeats the request, it is the last one.
func (x *Exchange) Sent() *http.Request {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.sent
}

// Tries returns how many requests of the call were given to the transport, and for how
// many of these no connection could be made.
func (x *Exchange) Tries() (begun, unsent int) {
	s := x.counted()
	return s.begun, s.unsent
}

// AllowHost lets [Guard] pass the requests of this call to the scheme and the host of u
// too. A signature is valid at every platform host: allow only a host of the platform,
// such as its backup.
func (x *Exchange) AllowHost(u *url.URL) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.allowed = u
}

// mayGo reports whether a request of the call may be sent to u.
func (x *Exchange) mayGo(u *url.URL) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	isAt := func(host *url.URL) bool { return host != nil && u.Scheme == host.Scheme && u.Host == host.Host }
	return x.URL == nil || isAt(x.URL) || isAt(x.allowed)
}

// Answer returns the answer that [Verifier] checked last, or nil, and whether its
// signature was valid. You can read its body even if the verification failed.
func (x *Exchange) Answer() (resp *http.Response, verified bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.answer, x.verified
}

// Advise stores a possible cause of a refusal. If the platform refuses the call, the
// caller shows err.
func (x *Exchange) Advise(err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.advice = err
}

// Advice returns the last error given to [Exchange.Advise], or nil.
func (x *Exchange) Advice() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.advice
}

// Skew returns how far the clock of [Signer] is ahead of the platform's, in whole
// seconds, by the last answer of the call that has a time; it is negative if the clock is
// behind. It reports false if there is no such answer, or if something else than [Signer]
// or [V2Signer] signs.
//
// The answer's headers Date and Wechatpay-Timestamp are compared with the clock before and
// after the sending. A time between the two is right, however long the answer took. If the
// answer has both headers, Skew is what both agree on, because a proxy may make a Date, and
// an old answer may be sent again. The headers are read before the answer is verified.
//
// The platform refuses requests, and [Verifier] refuses answers, when the skew is more than
// [signer.MaxSkew].
func (x *Exchange) Skew() (ahead time.Duration, ok bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.skew, x.hasSkew
}

// isRest reports whether b is what is left of the body that entered the stack,
// after something has read the start of it, or all.
func (x *Exchange) isRest(b []byte) bool {
	return isRestOf(x.Body, b)
}

func isRestOf(whole, b []byte) bool { return len(b) < len(whole) && bytes.HasSuffix(whole, b) }

// room returns room for one sending. Most calls need no other.
func (x *Exchange) room() *sending {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.taken {
		return new(sending)
	}
	x.taken = true
	return &x.first
}

// isStreamed reports whether the request's body is not held in memory.
func (x *Exchange) isStreamed() bool { return x.Streamed || x.Signed != nil }

func (x *Exchange) setSent(req *http.Request) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.sent = req
	x.sendings.begun++
	x.sendings.lastSettled = false
}

// counted returns what became of the sendings so far.
func (x *Exchange) counted() sendings {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.sendings
}

func (x *Exchange) setAnswer(resp *http.Response, verified bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.answer, x.verified = resp, verified
}

type exchangeKey struct{}

// WithExchange returns a context that carries e. An Exchange serves one call.
func WithExchange(ctx context.Context, e *Exchange) context.Context {
	e.mu.Lock()
	defer e.mu.Unlock()
	c := &e.carrier
	if c.Context != nil { // somebody has it
		c = new(carrier)
	}
	c.Context, c.exchange = ctx, e
	return c
}

// A carrier is a context that carries an Exchange.
type carrier struct {
	context.Context
	exchange *Exchange
}

func (c *carrier) Value(key any) any {
	if key == (exchangeKey{}) {
		return c.exchange
	}
	return c.Context.Value(key)
}

func (c *carrier) String() string { return fmt.Sprint(c.Context, " with an Exchange") }

// Format prints String for every verb.
func (c *carrier) Format(f fmt.State, _ rune) { io.WriteString(f, c.String()) }

// ExchangeOf returns the Exchange of ctx, or a new one if ctx has none.
func ExchangeOf(ctx context.Context) *Exchange {
	if e, ok := ctx.Value(exchangeKey{}).(*Exchange); ok {
		return e
	}
	return new(Exchange)
}

// Guard returns the RoundTripper between a stack and its transport base. It records
// in the [Exchange] of each request what it gives to base. It refuses a request whose
// scheme or host is neither that of [Exchange.URL] nor one that [Exchange.AllowHost]
// allows, and a request that has lost its Exchange: a signature is valid at every platform host, so it must not reach any other host. Each
// sending has the whole body; if that is not possible, the error wraps
// [signer.ErrSign].
//
// A request is sent once. After its headers were written, nothing below the signer
// sends it again: not a middleware, not base, and not net/http, which repeats a GET or
// a request with an Idempotency-Key on its own. In place of the repetition the caller
// gets a [*net.OpError], and the outcome is unknown. Guard learns from
// [net/http/httptrace] what was written. So if base sends another request, that needs
// another context, and the context of a request must end with its call.
func Guard(base http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		x, ok := req.Context().Value(exchangeKey{}).(*Exchange)
		if !ok {
			return nil, errors.New("a middleware made a new request without the context of the call")
		}
		if !x.mayGo(req.URL) {
			return nil, fmt.Errorf("a middleware sends the request to %s://%s, the call is for %s://%s; name another host with BaseURL",
				req.URL.Scheme, req.URL.Host, x.URL.Scheme, x.URL.Host)
		}
		s, ok := req.Context().Value(sendingKey{}).(*sending)
		if !ok { // the signer is another one
			s = newSending(req, nil)
			req = &s.signed
		}
		out, err := s.outgoing(req).whole(x)
		if err != nil {
			return nil, err
		}
		return x.deliver(s, base, out)
	})
}

// whole returns the request with its whole body, from the start, whatever has read
// or wrapped it since it was signed.
func (out *outgoing) whole(x *Exchange) (*http.Request, error) {
	req := &out.Request
	if x.isStreamed() {
		return req, reopen(req)
	}
	content, err := requestBody(req)
	switch {
	case errors.Is(err, errLonger):
		// It was changed after it was signed: for others to refuse.
		req.Body = body.Hold(content)
		return req, nil
	case err != nil:
		return nil, err
	}
	if len(content.Bytes) == 0 && (req.Body == nil || req.Body == http.NoBody) {
		return req, nil
	}
	if _, ok := req.Body.(*body.Held); !ok {
		body.Set(req, content)
	}
	if len(content.Bytes) > 0 {
		out.body.Reset(content.Bytes)
		req.Body = io.NopCloser(&out.body)
	}
	return req, nil
}

// roundTrip makes up for a careless next: what comes back is a final answer with
// a body, or an error. The body of 101 Switching Protocols is the connection,
// which ends with no context and maybe never.
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
	if resp.StatusCode/100 == 1 {
		resp.Body.Close()
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: fmt.Errorf(
			"the answer is %d %s, which the request did not ask for; see what stands between this machine and the platform, such as a proxy",
			resp.StatusCode, http.StatusText(resp.StatusCode))}
	}
	return resp, nil
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
