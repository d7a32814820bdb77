package wechatpay_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/middleware"
)

// onceCalls are calls whose connection ends before the answer. The path of each
// contains its key.
var onceCalls = map[string]func(client *wechatpay.Client, path string) error{
	"GET": func(client *wechatpay.Client, path string) error {
		_, err := client.Chain("v3/"+path).Get(background(), wechatpay.Query(wechatpay.M{"a": "b"}))
		return err
	},
	"GET into a sink": func(client *wechatpay.Client, path string) error {
		_, err := client.Chain("v3/"+path).Get(background(), wechatpay.Sink(io.Discard))
		return err
	},
	"POST":                   posting(),
	"POST Idempotency-Key":   posting(wechatpay.Header("Idempotency-Key", "1")),
	"POST X-Idempotency-Key": posting(wechatpay.Header("X-Idempotency-Key", "1")),
	"POST idempotency-key":   posting(wechatpay.Header("idempotency-key", "1")),
	"POST long":              posting(wechatpay.Header("Idempotency-Key", "1"), wechatpay.Set("detail", strings.Repeat("x", 100_000))),
	"POST without a body": func(client *wechatpay.Client, path string) error {
		_, err := client.Chain("v3/"+path).Post(background(), wechatpay.Header("Idempotency-Key", "1"))
		return err
	},
	"PUT": func(client *wechatpay.Client, path string) error {
		_, err := client.Chain("v3/"+path).Put(background(), wechatpay.Header("Idempotency-Key", "1"), wechatpay.JSON(wechatpay.M{"a": 1}))
		return err
	},
	"PATCH": func(client *wechatpay.Client, path string) error {
		_, err := client.Chain("v3/"+path).Patch(background(), wechatpay.JSON(wechatpay.M{"a": 1}))
		return err
	},
	"DELETE": func(client *wechatpay.Client, path string) error {
		_, err := client.Chain("v3/"+path).Delete(background(), wechatpay.Header("Idempotency-Key", "1"))
		return err
	},
	"OPTIONS": func(client *wechatpay.Client, path string) error {
		_, err := client.Chain("v3/"+path).Do(background(), "OPTIONS")
		return err
	},
	"upload": func(client *wechatpay.Client, path string) error {
		_, err := client.Chain("v3/"+path).Post(background(), wechatpay.Header("Idempotency-Key", "1"),
			wechatpay.Upload("a.jpg", strings.NewReader(strings.Repeat("x", 50_000))))
		return err
	},
	"APIv2 POST": func(client *wechatpay.Client, path string) error {
		_, err := client.Chain("v2/"+path).Post(background(), wechatpay.Header("Idempotency-Key", "1"), wechatpay.XML(wechatpay.M{"out_trade_no": "1"}))
		return err
	},
	"APIv2 GET": func(client *wechatpay.Client, path string) error {
		_, err := client.Chain("v2/"+path).Get(background(), wechatpay.Query(wechatpay.M{"a": "b"}))
		return err
	},
	"APIv2 upload": func(client *wechatpay.Client, path string) error {
		_, err := client.Chain("v2/"+path).Post(background(), wechatpay.Header("Idempotency-Key", "1"),
			wechatpay.Upload("a.jpg", strings.NewReader("x")), wechatpay.XML(wechatpay.M{"a": "1"}))
		return err
	},
}

func posting(opts ...wechatpay.Option) func(*wechatpay.Client, string) error {
	return func(client *wechatpay.Client, path string) error {
		_, err := client.Chain("v3/"+path).Post(background(), append([]wechatpay.Option{wechatpay.JSON(wechatpay.M{"out_trade_no": "1"})}, opts...)...)
		return err
	}
}

// arrivals counts the requests for each path.
type arrivals struct {
	mu sync.Mutex
	n  map[string]int
}

func (a *arrivals) add(path string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.n == nil {
		a.n = make(map[string]int)
	}
	a.n[path]++
}

func (a *arrivals) of(path string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.n[path]
}

// isNetwork reports whether err is a network error, as net/http's own errors are.
func isNetwork(err error) bool {
	return errors.As(err, new(net.Error)) && !errors.Is(err, wechatpay.ErrSign) && !errors.Is(err, wechatpay.ErrVerify)
}

// checkOnce makes every call, and checks that it arrives once and ends in a
// network error.
func checkOnce(t *testing.T, transport http.RoundTripper, url string, seen *arrivals, edit func(*wechatpay.Config), before func(*wechatpay.Client)) {
	t.Helper()
	config := newConfig(t, transport)
	config.APIv2Key = vectors.Load(t).APIv2Key
	config.BaseURL = url
	if edit != nil {
		edit(&config)
	}
	client := newClient(t, config)
	for name, call := range onceCalls {
		path := strings.ReplaceAll(name, " ", "-")
		before(client)
		if err := call(client, path); !isNetwork(err) {
			t.Errorf("%s: %v, want an error of the network", name, err)
		}
		if n := seen.of(path); n != 1 {
			t.Errorf("%s arrived %d times, want once", name, n)
		}
	}
}

// A cutting is a server that ends connections at one of several stages after a
// request has arrived. It answers requests for warm, as many at a time as wanted.
type cutting struct {
	arrivals
	end  func(w http.ResponseWriter, r *http.Request)
	warm sync.WaitGroup
}

const idle = 3 // connections

func (c *cutting) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	if path == "warm" {
		c.warm.Done()
		c.warm.Wait()
		return
	}
	c.add(path)
	c.end(w, r)
}

// heat leaves several idle connections.
func (c *cutting) heat(client *wechatpay.Client) {
	c.warm.Add(idle)
	var calls sync.WaitGroup
	for range idle {
		calls.Go(func() {
			// The answer is unsigned, which does not matter here.
			_, _ = client.Chain("v3/warm").Get(background())
		})
	}
	calls.Wait()
}

func hijack(w http.ResponseWriter) net.Conn {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	return conn
}

var stages = map[string]func(w http.ResponseWriter, r *http.Request){
	"closed after the headers": func(w http.ResponseWriter, r *http.Request) { hijack(w).Close() },
	"closed after the body": func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		hijack(w).Close()
	},
	"reset after the body": func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		conn := hijack(w)
		if tcp, ok := conn.(*net.TCPConn); ok {
			tcp.SetLinger(0)
		}
		conn.Close()
	},
	"half a status line": func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		conn := hijack(w)
		io.WriteString(conn, "HTTP/1.1 2")
		conn.Close()
	},
}

// plain hides the type of a Transport.
type plain struct{ http.RoundTripper }

// repeating is a Transport or a middleware that sends a failed request again.
type repeating struct{ http.RoundTripper }

func (r repeating) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		defer req.Body.Close()
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
	}
	var resp *http.Response
	err := errors.New("never sent")
	for range 3 {
		again := req.Clone(req.Context())
		if again.Body = io.NopCloser(bytes.NewReader(body)); len(body) == 0 {
			again.Body = http.NoBody
		}
		if resp, err = r.RoundTripper.RoundTrip(again); err == nil {
			break
		}
	}
	return resp, err
}

// inside puts m between the signer and the transport.
func inside(m middleware.Middleware) func(*wechatpay.Config) {
	return func(config *wechatpay.Config) {
		config.Middleware = func(_ wechatpay.Protocol, s *middleware.Stack) error { return s.Push("inside", m) }
	}
}

func repeat(next http.RoundTripper) http.RoundTripper { return repeating{next} }

// A request whose headers were written is not sent again by anything below the
// signer, whatever the Transport is.
func TestOnceOverHTTP1(t *testing.T) {
	for stage, end := range stages {
		for name, tt := range map[string]struct {
			wrap func(http.RoundTripper) http.RoundTripper
			edit func(*wechatpay.Config)
		}{
			"default":             {},
			"wrapped":             {wrap: func(rt http.RoundTripper) http.RoundTripper { return plain{rt} }},
			"repeating":           {wrap: repeat},
			"repeated inside":     {edit: inside(repeat)},
			"another signer":      {edit: func(config *wechatpay.Config) { config.Middleware = otherSigner }},
			"raw idempotency-key": {edit: inside(rawKey)},
		} {
			t.Run(stage+"/"+name, func(t *testing.T) {
				t.Parallel()
				c := &cutting{end: end}
				server := httptest.NewServer(c)
				defer server.Close()
				own := wechatpay.NewTransport()
				defer own.CloseIdleConnections()
				var transport http.RoundTripper = own
				if tt.wrap != nil {
					transport = tt.wrap(own)
				}
				checkOnce(t, transport, server.URL, &c.arrivals, tt.edit, c.heat)
			})
		}
	}
}

// rawKey writes the header in a spelling that is not canonical.
func rawKey(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		req = req.Clone(req.Context())
		req.Header["idempotency-key"] = []string{"1"}
		return next.RoundTrip(req)
	})
}

// otherSigner installs a signer that does not know the guard.
func otherSigner(_ wechatpay.Protocol, s *middleware.Stack) error {
	return s.Replace(middleware.NameSigner, func(next http.RoundTripper) http.RoundTripper { return next })
}

// Over TLS, a connection of HTTP/1.1 is closed in the same way.
func TestOnceOverTLS(t *testing.T) {
	c := &cutting{end: stages["closed after the body"]}
	server := httptest.NewTLSServer(c)
	defer server.Close()
	checkOnce(t, trusting(t, server), server.URL, &c.arrivals, nil, c.heat)
}

// trusting returns the default transport, which trusts the certificate of server.
func trusting(t *testing.T, server *httptest.Server) *http.Transport {
	t.Helper()
	transport := wechatpay.NewTransport()
	transport.TLSClientConfig.RootCAs = x509.NewCertPool()
	transport.TLSClientConfig.RootCAs.AddCert(server.Certificate())
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}

// Frames of HTTP/2, of RFC 9113, section 6.
const (
	frameHeaders   = 0x1
	frameRSTStream = 0x3
	frameSettings  = 0x4
	framePing      = 0x6
	frameGoAway    = 0x7
	flagAck        = 0x1
)

func writeFrame(w io.Writer, kind, flags byte, stream uint32, payload ...byte) error {
	b := []byte{0, byte(len(payload) >> 8), byte(len(payload)), kind, flags}
	b = binary.BigEndian.AppendUint32(b, stream)
	_, err := w.Write(append(b, payload...))
	return err
}

// A refusing is an HTTP/2 server that refuses every stream after its headers, in
// one of the ways after which net/http repeats a request.
type refusing struct {
	mu     sync.Mutex
	n      int
	refuse func(w io.Writer, stream uint32) error
}

func (s *refusing) headers() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.n
}

func (s *refusing) serve(_ *http.Server, conn *tls.Conn, _ http.Handler) {
	defer conn.Close()
	if _, err := io.CopyN(io.Discard, conn, int64(len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))); err != nil {
		return
	}
	if err := writeFrame(conn, frameSettings, 0, 0); err != nil {
		return
	}
	head := make([]byte, 9)
	for {
		if _, err := io.ReadFull(conn, head); err != nil {
			return
		}
		payload := make([]byte, int(head[0])<<16|int(head[1])<<8|int(head[2]))
		if _, err := io.ReadFull(conn, payload); err != nil {
			return
		}
		stream := binary.BigEndian.Uint32(head[5:])
		var err error
		switch {
		case head[3] == frameSettings && head[4]&flagAck == 0:
			err = writeFrame(conn, frameSettings, flagAck, 0)
		case head[3] == framePing && head[4]&flagAck == 0:
			err = writeFrame(conn, framePing, flagAck, 0, payload...)
		case head[3] == frameHeaders:
			s.mu.Lock()
			s.n++
			s.mu.Unlock()
			err = s.refuse(conn, stream)
		}
		if err != nil {
			return
		}
	}
}

// The same over HTTP/2, where net/http repeats every request that a server
// refuses, with and without a body.
func TestOnceOverHTTP2(t *testing.T) {
	reset := func(code byte) func(io.Writer, uint32) error {
		return func(w io.Writer, stream uint32) error {
			return writeFrame(w, frameRSTStream, 0, stream, 0, 0, 0, code)
		}
	}
	for name, refuse := range map[string]func(io.Writer, uint32) error{
		"REFUSED_STREAM": reset(0x7),
		"PROTOCOL_ERROR": reset(0x1),
		"GOAWAY": func(w io.Writer, _ uint32) error {
			return writeFrame(w, frameGoAway, 0, 0, make([]byte, 8)...)
		},
	} {
		for wrapped, wrap := range map[string]func(http.RoundTripper) http.RoundTripper{
			"default":   func(rt http.RoundTripper) http.RoundTripper { return rt },
			"repeating": repeat,
		} {
			t.Run(name+"/"+wrapped, func(t *testing.T) {
				t.Parallel()
				for call, do := range onceCalls {
					s := &refusing{refuse: refuse}
					server := httptest.NewUnstartedServer(nil)
					server.Config.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){"h2": s.serve}
					server.TLS = &tls.Config{NextProtos: []string{"h2"}}
					server.StartTLS()
					transport := trusting(t, server)
					config := newConfig(t, wrap(transport))
					config.APIv2Key = vectors.Load(t).APIv2Key
					config.BaseURL = server.URL
					client := newClient(t, config)
					if err := do(client, "x"); !isNetwork(err) {
						t.Errorf("%s: %v, want an error of the network", call, err)
					}
					if n := s.headers(); n != 1 {
						t.Errorf("%s arrived %d times, want once", call, n)
					}
					transport.CloseIdleConnections()
					server.Close()
				}
			})
		}
	}
}
