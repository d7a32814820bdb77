package mcp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/build"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/request"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/sandbox"
)

// sandboxURL is the base URL of the sandbox. Its host does not exist.
const sandboxURL = "http://sandbox.invalid/"

// A world holds the sandbox, which is made when it is first needed.
type world struct {
	build *build.Build
	lang  lang.Language // of explanations
	kept  answers

	mu     sync.Mutex
	closed bool
	config sandbox.Config // with the keys, once they are made
	inside *inside
}

// An inside is a sandbox with a client of it.
type inside struct {
	server *sandbox.Server
	checks *wechatpay.Client // which sends only calls that fit the documentation
	raw    *wechatpay.Client // which sends any call
}

func newWorld(b *build.Build, l lang.Language) *world { return &world{build: b, lang: l} }

// open returns the sandbox.
func (w *world) open() (*inside, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.closed:
		return nil, errors.New("the server has ended")
	case w.inside != nil:
		return w.inside, nil
	}
	if w.config.Platform == nil {
		if err := w.makeKeys(); err != nil {
			return nil, err
		}
	}
	made, err := newInside(w.config)
	if err != nil {
		return nil, err
	}
	w.inside = made
	return made, nil
}

// makeKeys makes the keys of the merchant and of the platform. It takes a second or so.
func (w *world) makeKeys() error {
	now := time.Now()
	merchant, err := sandbox.NewMerchant(sandbox.DefaultMchID, now)
	if err != nil {
		return err
	}
	platform, err := sandbox.NewPlatform(now)
	if err != nil {
		return err
	}
	w.config = sandbox.Config{
		Merchants: []sandbox.Merchant{merchant}, Platform: &platform, Demo: true, RSA: w.build.SandboxRSA(),
		Client: &http.Client{Transport: request.RoundTripper(sendNothing)},
	}
	return nil
}

// keys returns the configuration of a sandbox with the keys of this one.
func (w *world) keys() (sandbox.Config, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.config.Platform == nil {
		if err := w.makeKeys(); err != nil {
			return sandbox.Config{}, err
		}
	}
	return w.config, nil
}

// sendNothing is the network of the sandbox.
func sendNothing(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		req.Body.Close()
	}
	return nil, errors.New("the sandbox of wxpay mcp has no network; wxpay sandbox sends notifications")
}

// reset forgets what the sandbox did.
func (w *world) reset() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.end()
}

// close ends the sandbox, and no other one is made.
func (w *world) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.end()
	w.closed = true
}

func (w *world) end() {
	if w.inside != nil {
		w.inside.server.Close()
		w.inside = nil
	}
}

func newInside(config sandbox.Config) (*inside, error) {
	server, err := sandbox.New(config)
	if err != nil {
		return nil, err
	}
	in := &inside{server: server}
	for _, c := range []struct {
		client     **wechatpay.Client
		noValidate bool
	}{{&in.checks, false}, {&in.raw, true}} {
		config := server.ClientConfig()
		config.BaseURL, config.Transport = sandboxURL, handlerTransport{server}
		edit, keys := request.Checked(c.noValidate), config.PlatformKeys
		config.Middleware = func(p wechatpay.Protocol, stack *middleware.Stack) error { return edit(p, stack, keys) }
		if *c.client, err = wechatpay.New(config); err != nil {
			server.Close()
			return nil, err
		}
	}
	return in, nil
}

// A handlerTransport hands requests to a handler of this process.
type handlerTransport struct{ handler http.Handler }

func (t handlerTransport) RoundTrip(req *http.Request) (resp *http.Response, err error) {
	defer func() {
		switch v := recover(); v {
		case nil:
		case http.ErrAbortHandler: // a fault, at which a server closes the connection
			resp, err = nil, errors.New("the sandbox closed the connection")
		default:
			resp, err = nil, fmt.Errorf("the sandbox failed: %v", v)
		}
	}()
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	in := serverRequest(req.Context(), req)
	recorder := httptest.NewRecorder()
	t.handler.ServeHTTP(recorder, in)
	resp = recorder.Result()
	resp.Request = req
	return resp, nil
}

// serverRequest returns a request as a server receives it.
func serverRequest(ctx context.Context, req *http.Request) *http.Request {
	in := req.Clone(ctx)
	in.RequestURI = req.URL.RequestURI()
	in.RemoteAddr = "127.0.0.1:1"
	if in.Host == "" {
		in.Host = req.URL.Host
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	return in
}
