package wechatpay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/internal/apiv2"
	"github.com/wxchain/wechatpay/internal/body"
	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/middleware"
)

// settings hold what the options of a call set.
type settings struct {
	target     target
	payload    payload
	header     http.Header
	sink       io.Writer
	keepErrors bool
	timeout    time.Duration
	clientCert *bool // APIv2: nil leaves it to the operation
	nonceless  bool  // APIv2
}

// A call is a chain with its options, checked. It holds all that can be known
// before it is sent.
type call struct {
	settings
	client     *Client
	method     string
	protocol   Protocol
	url        *url.URL
	fields     *xmlmap.Document // of an APIv2 call, without nonce_str and sign
	clientCert bool
}

// A trip is a call on its way through the stack. It is made together with the
// call, and starts with send.
type trip struct {
	call
	exchange middleware.Exchange
	entered  http.Request // the request that entered the stack
	held     body.Held    // its body, unless it streams a file
	headers  [4]string    // the values of headers that the caller did not set
	file     *upload      // the file that the body streams, or nil
}

// do sends the call and reads the answer.
func (t *trip) do(ctx context.Context) (*Response, error) {
	ctx, cancel := t.withTimeout(ctx)
	defer cancel()
	defer t.close(ctx)
	resp, err := t.send(ctx)
	if err != nil {
		return nil, err
	}
	return t.respond(resp)
}

// prepare makes a call from a chain and its options. After that the call needs
// only the readers and writers of the options.
func prepare(ch Chain, method string, opts []Option) (*trip, error) {
	t := new(trip)
	c := &t.call
	c.client, c.method = ch.client, method
	c.target.template = ch.String()
	if ch.client == nil {
		return nil, c.fault(ErrTemplate, errors.New("the chain has no client; start it with client.Chain, client.Segment or the tree"))
	}
	if ch.err != nil {
		return nil, c.fault(ErrTemplate, ch.err)
	}
	if err := checkMethod(method); err != nil {
		return nil, c.fault(ErrOption, err)
	}
	if err := checkVariables(c.target.template); err != nil {
		return nil, c.fault(ErrTemplate, err)
	}
	c.target.base = ch.client.base
	if ch.host != "" {
		c.target.base, c.target.elsewhere = base{"https", ch.host, "/"}, true
	}
	c.target.bindAll(ch.bound)
	for i, opt := range opts {
		if opt == nil {
			return nil, c.fault(ErrOption, fmt.Errorf("option %d is nil", i+1))
		}
		if err := opt.apply(&c.settings); err != nil {
			return nil, c.fault(ErrOption, err)
		}
	}
	if err := c.payload.checkOne(); err != nil {
		return nil, c.fault(ErrOption, err)
	}
	var err error
	if c.url, c.protocol, err = c.target.resolve(method, ch.client.mchID); err != nil {
		return nil, c.fault(nil, err)
	}
	if err := c.payload.check(method, c.protocol); err != nil {
		return nil, c.fault(ErrOption, err)
	}
	if c.protocol == APIv2 {
		err = c.completeV2()
	} else {
		err = c.checkV3()
	}
	if err != nil {
		return nil, c.fault(ErrOption, err)
	}
	return t, nil
}

// checkReady returns an error if something keeps the call from being sent.
func (c *call) checkReady(ctx context.Context) error {
	switch has := c.client.stacks[c.protocol] != nil; {
	case c.method == "":
		return c.fault(ErrOption, errors.New("the HTTP method is empty"))
	case ctx == nil:
		return c.fault(ErrOption, errors.New("the context is nil; pass context.Background()"))
	case ctx.Err() != nil:
		return c.fault(nil, ctx.Err())
	case !has && c.protocol == APIv3:
		return c.fault(ErrConfig, errors.New("this client is for APIv2 alone; an APIv3 call needs SerialNo, PrivateKey and PlatformKeys"))
	case !has:
		return c.fault(ErrConfig, errors.New("this client is for APIv3 alone; an APIv2 call needs APIv2Key"))
	case c.clientCert && c.client.noClientCert:
		return c.fault(ErrConfig, errNoClientCert)
	}
	return nil
}

func (c *call) withTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	timeout := c.timeout
	if timeout == 0 {
		if _, ok := ctx.Deadline(); ok {
			return context.WithCancel(ctx) // which ends with the call
		}
		timeout = defaultTimeout
	}
	return context.WithTimeout(ctx, timeout)
}

// send writes the request and sends it through the stack.
func (t *trip) send(ctx context.Context) (*http.Response, error) {
	header, err := t.completeHeader(ctx)
	if err != nil {
		return nil, err
	}
	t.exchange.Template, t.exchange.URL, t.exchange.Base = t.target.template, t.url, t.target.base.path
	t.exchange.Main = !t.target.elsewhere
	t.exchange.Stream, t.exchange.ClientCert, t.exchange.Nonceless = t.sink != nil, t.clientCert, t.nonceless
	t.entered = *(&http.Request{
		Method:     t.method,
		URL:        t.url,
		Host:       t.url.Host,
		Proto:      "HTTP/1.1",
		ProtoMajor: 1,
		ProtoMinor: 1,
		Header:     header,
	}).WithContext(middleware.WithExchange(ctx, &t.exchange))
	if t.file, err = t.writeBody(&t.entered, &t.held, &t.exchange); err != nil {
		return nil, t.fault(nil, err)
	}
	resp, err := t.client.stacks[t.protocol].RoundTrip(&t.entered)
	if err == nil && (resp == nil || resp.Body == nil) {
		err = errors.New("a middleware returned neither an answer with a body nor an error")
	}
	if err != nil {
		return nil, t.failed(err)
	}
	return resp, nil
}

// respond reads the answer that came out of the stack.
func (t *trip) respond(resp *http.Response) (*Response, error) {
	r := t.response(resp)
	ok := resp.StatusCode >= 200 && resp.StatusCode <= 299
	// If an APIv2 bill is not available, XML in its place says why.
	if ok && t.sink != nil && (t.protocol == APIv3 || !apiv2.IsXML(resp)) {
		return t.stream(r, resp.Body)
	}
	if err := t.hold(r, resp); err != nil {
		return nil, t.failed(err)
	}
	if t.protocol == APIv2 {
		_, _, refused := apiv2.Refusal(r.text)
		ok = ok && !refused
	}
	switch {
	case ok && t.sink != nil:
		return t.stream(r, io.NopCloser(bytes.NewReader(r.body)))
	case ok || t.keepErrors:
		return r, nil
	}
	last, verified := t.exchange.Answer()
	return nil, newError(r, verified && last == resp, &t.exchange)
}

// close releases the file that the call reads.
func (t *trip) close(ctx context.Context) {
	if t.file != nil {
		t.file.close(ctx)
	}
}

// fault returns an error of this call. The error keeps its own kind if it has
// one, and gets the given kind otherwise.
func (c *call) fault(kind, err error) *fault {
	what := strings.TrimSpace(c.method + " " + c.target.template)
	if f, ok := err.(*fault); ok && f.what == "" {
		return &fault{what: what, kind: f.kind, err: f.err}
	}
	return &fault{what: what, kind: kind, err: err}
}

func checkMethod(method string) error {
	if method == "" || isToken(method) { // "" prepares a URL alone
		return nil
	}
	return fmt.Errorf("%q is not an HTTP method", method)
}
