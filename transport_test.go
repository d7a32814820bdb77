package wechatpay_test

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
)

// newServer serves a handler on a loopback port over TLS, and returns a client
// with the default transport. What the handler writes is signed.
func newServer(t *testing.T, tlsConfig *tls.Config, handler http.HandlerFunc) (*wechatpay.Client, *httptest.Server) {
	t.Helper()
	_, config := newSigning(t, nil)
	platform := config.Transport.(*signing)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		handler(rec, r)
		for name, values := range rec.Header() {
			w.Header()[name] = values
		}
		platform.sign(w.Header(), rec.Body.Bytes())
		w.WriteHeader(rec.Code)
		if _, err := w.Write(rec.Body.Bytes()); err != nil && r.Context().Err() == nil {
			t.Error(err)
		}
	}))
	server.EnableHTTP2 = true
	server.TLS = tlsConfig
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes fail here on purpose
	server.StartTLS()
	t.Cleanup(server.Close)
	transport := wechatpay.NewTransport()
	transport.TLSClientConfig.RootCAs = x509.NewCertPool()
	transport.TLSClientConfig.RootCAs.AddCert(server.Certificate())
	t.Cleanup(transport.CloseIdleConnections)
	config.Transport, config.BaseURL = transport, server.URL
	return newClient(t, config), server
}

func TestDefaultTransport(t *testing.T) {
	tr := wechatpay.NewTransport()
	if tr.TLSClientConfig.MinVersion != tls.VersionTLS12 || tr.MaxIdleConnsPerHost != 100 || tr.Proxy == nil || !tr.ForceAttemptHTTP2 {
		t.Errorf("%+v", tr)
	}
	var proto, target atomic.Value
	client, _ := newServer(t, nil, func(w http.ResponseWriter, r *http.Request) {
		proto.Store(r.Proto)
		target.Store(r.RequestURI)
		io.WriteString(w, `{"ok":true}`)
	})
	resp, err := client.Chain("v3/x/{no}").Get(background(), wechatpay.Options{"no": "a/b*中", "query": wechatpay.M{"q": "x y"}})
	if err != nil || !resp.Get("ok").Bool() {
		t.Fatal(resp, err)
	}
	if proto.Load() != "HTTP/2.0" {
		t.Errorf("protocol %v, want HTTP/2.0", proto.Load())
	}
	// The signed target is the one that is sent.
	if want := "/v3/x/a%2Fb%2A%E4%B8%AD?q=x%20y"; target.Load() != want || resp.Request.URL.RequestURI() != want {
		t.Errorf("target %v, signed %s, want %s", target.Load(), resp.Request.URL.RequestURI(), want)
	}
}

func TestOldTLSIsRefused(t *testing.T) {
	client, _ := newServer(t, &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, func(http.ResponseWriter, *http.Request) {
		t.Error("the server was reached")
	})
	if _, err := client.Chain("v3/x").Get(background()); err == nil || !strings.Contains(err.Error(), "tls") {
		t.Errorf("error %v, want one of TLS", err)
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	var reached atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	defer elsewhere.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		client, _ := newServer(t, nil, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, status)
		})
		_, err := client.Chain("v3/x").Post(background(), wechatpay.JSON(wechatpay.M{}))
		var e *wechatpay.Error
		if !errors.As(err, &e) || e.StatusCode != status || !strings.Contains(err.Error(), "redirect") {
			t.Errorf("%d: %v", status, err)
		}
	}
	if reached.Load() != 0 {
		t.Error("a redirect was followed")
	}
}

func TestTimeout(t *testing.T) {
	release := make(chan struct{})
	client, _ := newServer(t, nil, func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	defer close(release)
	for name, call := range map[string]func() error{
		"option": func() error {
			_, err := client.Chain("v3/x").Get(background(), wechatpay.Timeout(time.Millisecond))
			return err
		},
		"bag, in seconds": func() error {
			_, err := client.Chain("v3/x").Get(background(), wechatpay.Options{"timeout": 0.001})
			return err
		},
		"context": func() error {
			ctx, cancel := context.WithTimeout(background(), time.Millisecond)
			defer cancel()
			_, err := client.Chain("v3/x").Get(ctx)
			return err
		},
		"promise": func() error {
			_, err := client.Chain("v3/x").GetAsync(background(), wechatpay.Timeout(time.Millisecond)).Wait()
			return err
		},
	} {
		if err := call(); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", name, err)
		}
	}
	p := client.Chain("v3/x").GetAsync(background())
	p.Cancel()
	if _, err := p.Wait(); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// A peer that sends half an answer and then nothing holds a call only until its
// time limit.
func TestSlowBody(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v3/refused" {
			w.WriteHeader(http.StatusInternalServerError)
		}
		io.WriteString(w, "half")
		w.(http.Flusher).Flush()
		<-release
	}))
	defer server.Close()
	defer close(release)
	transport := wechatpay.NewTransport()
	defer transport.CloseIdleConnections()
	config := newConfig(t, transport)
	config.BaseURL = server.URL
	client := newClient(t, config)
	for name, call := range map[string]func() error{
		"held": func() error {
			_, err := client.Chain("v3/x").Get(background(), wechatpay.Timeout(50*time.Millisecond))
			return err
		},
		"refused": func() error {
			_, err := client.Chain("v3/refused").Get(background(), wechatpay.Timeout(50*time.Millisecond))
			return err
		},
		"sink": func() error {
			_, err := client.Chain("v3/billdownload/file").Get(background(), wechatpay.Sink(io.Discard), wechatpay.Timeout(50*time.Millisecond))
			return err
		},
		"cancelled": func() error {
			ctx, cancel := context.WithTimeout(background(), 50*time.Millisecond)
			defer cancel()
			_, err := client.Chain("v3/x").GetAsync(ctx).Wait()
			return err
		},
	} {
		if err := call(); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, wechatpay.ErrVerify) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The deadline of a call: the option's, or else the context's, or else 30 s.
func TestDeadline(t *testing.T) {
	var left time.Duration
	config := newConfig(t, roundTripper(func(req *http.Request) (*http.Response, error) {
		deadline, ok := req.Context().Deadline()
		if !ok {
			t.Error("a call without an end")
		}
		left = time.Until(deadline)
		return nil, errNotSent{}
	}))
	client := newClient(t, config)
	long, cancel := context.WithTimeout(background(), time.Hour)
	defer cancel()
	for _, tc := range []struct {
		name  string
		ctx   context.Context
		opts  []wechatpay.Option
		least time.Duration
		most  time.Duration
	}{
		{"default", background(), nil, 20 * time.Second, 30 * time.Second},
		{"context", long, nil, 50 * time.Minute, time.Hour},
		{"option", long, []wechatpay.Option{wechatpay.Timeout(10 * time.Minute)}, 9 * time.Minute, 10 * time.Minute},
		{"option in seconds", background(), []wechatpay.Option{wechatpay.Options{"timeout": 600}}, 9 * time.Minute, 10 * time.Minute},
		{"option as a duration", background(), []wechatpay.Option{wechatpay.Options{"timeout": 10 * time.Minute}}, 9 * time.Minute, 10 * time.Minute},
	} {
		if _, err := client.Chain("v3/x").Get(tc.ctx, tc.opts...); !errors.As(err, new(errNotSent)) {
			t.Fatal(err)
		}
		if left < tc.least || left > tc.most {
			t.Errorf("%s: %v left, want %v to %v", tc.name, left, tc.least, tc.most)
		}
	}
}

func TestManyGoroutines(t *testing.T) {
	client, _ := newServer(t, nil, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		w.Write(body)
	})
	chain := client.Chain("v3/users/{openid}")
	shared := wechatpay.Options{"openid": "x"}
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			resp, err := chain.Post(background(), shared, wechatpay.Set("i", i))
			if err != nil || resp.Get("i").Int() != int64(i) {
				t.Errorf("%d: %v, %v", i, resp, err)
			}
		})
	}
	wg.Wait()
}

// zeros is a body of n bytes that takes no memory.
type zeros struct{ n int64 }

func (e *zeros) Read(p []byte) (int, error) {
	if e.n == 0 {
		return 0, io.EOF
	}
	p = p[:min(int64(len(p)), e.n)]
	clear(p)
	e.n -= int64(len(p))
	return len(p), nil
}

// A body of 64 MiB is verified with less than 1 MiB of memory.
func TestSinkMemory(t *testing.T) {
	const size = int64(64) << 20
	_, config := newSigning(t, nil)
	platform := config.Transport.(*signing)
	h := sha256.New()
	io.WriteString(h, strconv.FormatInt(platform.now, 10)+"\nnonce\n")
	if _, err := io.Copy(h, &zeros{size}); err != nil {
		t.Fatal(err)
	}
	io.WriteString(h, "\n")
	signature, err := rsa.SignPKCS1v15(nil, platform.key, crypto.SHA256, h.Sum(nil))
	if err != nil {
		t.Fatal(err)
	}
	short := int64(0) // how much of the body is lost on the way
	config.Transport = roundTripper(func(*http.Request) (*http.Response, error) {
		resp := answer(200, "")
		platform.sign(resp.Header, nil)
		resp.Header.Set("Wechatpay-Signature", base64.StdEncoding.EncodeToString(signature))
		resp.Body, resp.ContentLength = io.NopCloser(&zeros{size - short}), -1
		return resp, nil
	})
	client := newClient(t, config)

	var before, after runtime.MemStats
	var got counter
	runtime.ReadMemStats(&before)
	_, err = client.Chain("v3/x").Get(background(), wechatpay.Sink(&got), wechatpay.Timeout(time.Hour))
	runtime.ReadMemStats(&after)
	if err != nil || int64(got) != size {
		t.Fatalf("%d bytes, %v", got, err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
		t.Errorf("%d bytes were allocated for a body of %d", used, size)
	}

	short, got = 1, 0
	if _, err := client.Chain("v3/x").Get(background(), wechatpay.Sink(&got), wechatpay.Timeout(time.Hour)); !errors.Is(err, wechatpay.ErrVerify) || int64(got) != size-1 {
		t.Errorf("one byte short: %d bytes, %v", got, err)
	}
}

type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
