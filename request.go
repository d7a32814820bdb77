package wechatpay

import (
	"cmp"
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"net/http"

	"github.com/wxchain/wechatpay/middleware"
)

// send puts the call through the stack and reads the answer.
func (c *call) send(ctx context.Context) (*Response, error) {
	ctx, cancel := c.withTimeout(ctx)
	defer cancel()
	if c.file != nil {
		defer c.file.done()
	}
	req, err := c.request(ctx)
	if err != nil {
		return nil, err
	}
	resp, err := c.client.stacks[c.protocol].RoundTrip(req)
	if err == nil && (resp == nil || resp.Body == nil) {
		err = errors.New("a middleware returned neither an answer with a body nor an error")
	}
	if err != nil {
		return nil, c.failed(err)
	}
	return c.respond(resp)
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

// request makes the request that enters the stack. Its body is written here,
// once; whatever comes after reads these bytes, as often as it needs to.
func (c *call) request(ctx context.Context) (*http.Request, error) {
	header, err := c.headers(ctx)
	if err != nil {
		return nil, err
	}
	body := c.raw // of an APIv2 call, or the caller's
	if body == nil {
		if body, err = c.encrypted(ctx, header.Get("Wechatpay-Serial")); err != nil {
			return nil, err
		}
	}
	c.exchange.Stream = c.sink != nil
	c.exchange.URL, c.exchange.Base, c.exchange.Template = c.url, c.base.path, c.template
	req := (&http.Request{
		Method:     c.method,
		URL:        c.url,
		Host:       c.url.Host,
		Proto:      "HTTP/1.1",
		ProtoMajor: 1,
		ProtoMinor: 1,
		Header:     header,
	}).WithContext(middleware.WithExchange(ctx, &c.exchange))
	if c.file == nil {
		middleware.SetBody(req, body)
	} else if err := c.setUploadBody(req, body); err != nil {
		return nil, c.fault(ErrOption, err)
	}
	c.entered = req
	return req, nil
}

// encrypted is the JSON body, with its Secrets encrypted under the platform's
// key of that serial.
func (c *call) encrypted(ctx context.Context, serial string) ([]byte, error) {
	if len(c.secrets.byToken) == 0 {
		return c.json, nil
	}
	key, err := c.client.platformKeys.PublicKey(ctx, serial)
	if err != nil {
		return nil, c.fault(nil, fmt.Errorf("no key to encrypt a Secret with: %w", err))
	}
	public, ok := key.(*rsa.PublicKey)
	if !ok {
		return nil, c.fault(ErrConfig, fmt.Errorf("the platform key %q is a %T, want an *rsa.PublicKey to encrypt a Secret with", serial, key))
	}
	body, err := c.secrets.encrypt(c.json, public)
	if err != nil {
		return nil, c.fault(ErrOption, err)
	}
	return body, nil
}

// headers completes what the caller set.
func (c *call) headers(ctx context.Context) (http.Header, error) {
	h := c.header
	if h == nil {
		h = make(http.Header, 8)
	}
	// One array for the values of all four; each slice of it is full, so that
	// what is added to one goes elsewhere.
	values := new([4]string)
	n := 0
	set := func(name, value string) {
		if _, ok := h[name]; !ok {
			values[n] = value
			h[name] = values[n : n+1 : n+1]
			n++
		}
	}
	accept := "application/json, text/plain, application/x-gzip, application/pdf, image/png, image/*;q=0.5"
	if c.protocol == APIv2 {
		accept = "text/xml, text/plain, application/x-gzip"
	}
	set("Accept", accept)
	set("User-Agent", c.client.userAgent)
	if c.protocol == APIv2 {
		set("Content-Type", cmp.Or(c.contentType, "text/xml; charset=utf-8"))
		return h, nil
	}
	set("Content-Type", cmp.Or(c.contentType, "application/json"))
	if _, ok := h["Wechatpay-Serial"]; !ok {
		serial, _, err := c.client.platformKeys.Current(ctx)
		if err != nil {
			return nil, c.fault(nil, fmt.Errorf("no key to name in Wechatpay-Serial: %w", err))
		}
		set("Wechatpay-Serial", serial)
	}
	return h, nil
}

// sent is the request as it left, or as it would have left when something in
// the stack answered it.
func (c *call) sent() *http.Request {
	if sent := c.exchange.Sent(); sent != nil {
		return sent
	}
	return c.entered
}
