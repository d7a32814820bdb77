package wechatpay_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/keys"
)

// newConfig returns the configuration of the merchant of the vectors, at the
// instant of the vectors, with the given transport.
func newConfig(t testing.TB, transport http.RoundTripper) wechatpay.Config {
	t.Helper()
	v := vectors.Load(t)
	platform := vectors.PlatformKey(t)
	return wechatpay.Config{
		MchID:        "1900000109",
		SerialNo:     v.MerchantSerialNo,
		PrivateKey:   vectors.MerchantKey(t),
		PlatformKeys: keys.Static{v.PlatformPublicKeyID: platform, v.PlatformSerialNo: platform},
		APIv3Key:     v.APIv3Key,
		Transport:    transport,
		Clock:        func() time.Time { return time.Unix(v.Now, 0) },
	}
}

// configOnce makes the configuration once, so that a fuzz target does not read
// the vectors and sign with RSA for every input.
var configOnce = sync.OnceValue(func() wechatpay.Config {
	config := newConfig(panicking{}, nil)
	config.PrivateKey = presigned{config.PrivateKey}
	return config
})

func newConfigOnce(t testing.TB, transport http.RoundTripper) wechatpay.Config {
	t.Helper()
	config := configOnce()
	config.Transport = transport
	return config
}

// panicking is a testing.TB for values that several tests share.
type panicking struct{ testing.TB }

func (panicking) Helper()                           {}
func (panicking) Fatal(args ...any)                 { panic(args) }
func (panicking) Fatalf(format string, args ...any) { panic(format) }

func newClient(t testing.TB, config wechatpay.Config) *wechatpay.Client {
	t.Helper()
	client, err := wechatpay.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// signing is a platform for tests that decide what it answers. handler makes the
// answer, and signing signs it as the mock platform does. newSigning puts it
// below clients made with newConfig and replaces their PlatformKeys.
type signing struct {
	key     *rsa.PrivateKey
	serial  string
	now     int64
	handler func(req *http.Request, body []byte) *http.Response
}

// platformKey returns the private key of a platform, because the vectors have
// none.
var platformKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// newSigning returns a client of a platform whose answers handler makes.
func newSigning(t testing.TB, handler func(req *http.Request, body []byte) *http.Response) (*wechatpay.Client, wechatpay.Config) {
	t.Helper()
	config := newConfig(t, nil)
	key := platformKey()
	const serial = "PUB_KEY_ID_0000000000000000000000000000"
	config.PlatformKeys = keys.Static{serial: key.Public()}
	config.Transport = &signing{key: key, serial: serial, now: config.Clock().Unix(), handler: handler}
	return newClient(t, config), config
}

func (s *signing) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	var body []byte
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
		req.Body.Close()
	}
	resp := s.handler(req, body)
	answer, _ := io.ReadAll(resp.Body)
	resp.Body = io.NopCloser(bytes.NewReader(answer))
	s.sign(resp.Header, answer)
	return resp, nil
}

func (s *signing) sign(h http.Header, body []byte) {
	timestamp := strconv.FormatInt(s.now, 10)
	digest := sha256.Sum256([]byte(timestamp + "\nnonce\n" + string(body) + "\n"))
	signature, err := rsa.SignPKCS1v15(nil, s.key, crypto.SHA256, digest[:])
	if err != nil {
		panic(err)
	}
	h.Set("Wechatpay-Timestamp", timestamp)
	h.Set("Wechatpay-Nonce", "nonce")
	h.Set("Wechatpay-Serial", s.serial)
	h.Set("Wechatpay-Signature", base64.StdEncoding.EncodeToString(signature))
}

func answer(status int, body string) *http.Response {
	return &http.Response{
		StatusCode:    status,
		Header:        http.Header{"Request-Id": {"REQ-1"}, "Content-Type": {"application/json"}},
		Body:          io.NopCloser(bytes.NewBufferString(body)),
		ContentLength: int64(len(body)),
	}
}

// recorder keeps every request and answers none.
type recorder struct {
	mu   sync.Mutex
	sent []*http.Request
	body []string
}

type errNotSent struct{}

func (errNotSent) Error() string { return "the recorder answers nothing" }

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	body := ""
	if req.Body != nil {
		b, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		req.Body.Close()
		body = string(b)
	}
	r.sent = append(r.sent, req)
	r.body = append(r.body, body)
	return nil, errNotSent{}
}

func (r *recorder) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.sent)
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func background() context.Context { return context.Background() }

// canAnswer returns a transport that gives one answer unchanged.
func canAnswer(status int, headers map[string]string, body string) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		resp := answer(status, body)
		for name, value := range headers {
			resp.Header.Set(name, value)
		}
		return resp, nil
	})
}

func copyTo(w io.Writer, r io.ReadCloser) (int64, error) {
	defer r.Close()
	return io.Copy(w, r)
}
