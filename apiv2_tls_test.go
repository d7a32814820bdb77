package wechatpay_test

import (
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/middleware"
)

// selfSigned returns a self-signed certificate of the merchant's key.
func selfSigned(t *testing.T, key *rsa.PrivateKey) *tls.Certificate {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(nil, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// Over real TLS, a call with the option presents the certificate. A call without
// the option does not, even if a connection is already open.
func TestClientCertificate(t *testing.T) {
	key := vectors.MerchantKey(t)
	cert := selfSigned(t, key)
	pool := x509.NewCertPool()
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	pool.AddCert(leaf)

	var mu sync.Mutex
	conns := map[string]string{} // remote address: what its calls presented
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		presented := "nothing"
		if len(r.TLS.PeerCertificates) > 0 {
			presented = "certificate"
		}
		mu.Lock()
		defer mu.Unlock()
		if before, ok := conns[r.RemoteAddr]; ok && before != presented {
			t.Errorf("connection %s carried both kinds of call", r.RemoteAddr)
		}
		conns[r.RemoteAddr] = presented
		if r.URL.Path == "/secapi/pay/refund" && presented != "certificate" {
			http.Error(w, "a client certificate is required", http.StatusForbidden)
			return
		}
		io.WriteString(w, v2Answer(t, "MD5", M{"return_code": "SUCCESS", "presented": presented}))
	}))
	server.TLS = &tls.Config{ClientAuth: tls.VerifyClientCertIfGiven, ClientCAs: pool}
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()

	transport := wechatpay.NewTransport()
	transport.TLSClientConfig.RootCAs = x509.NewCertPool()
	transport.TLSClientConfig.RootCAs.AddCert(server.Certificate())
	transport.TLSClientConfig.NextProtos = []string{"h2", "http/1.1"}
	client := newClient(t, wechatpay.Config{
		MchID: "1900000109", APIv2Key: v2Key, ClientCert: cert, BaseURL: server.URL, Transport: transport,
	})
	for range 2 {
		for _, tt := range []struct {
			path string
			opt  wechatpay.Option
			want string
		}{
			{"v2/pay/orderquery", wechatpay.Options{}, "nothing"},
			{"v2/secapi/pay/refund", wechatpay.Security(), "certificate"},
			{"v2/secapi/pay/refund", wechatpay.Options{}, "certificate"}, // by itself
			{"v2/pay/orderquery", wechatpay.Options{"security": false}, "nothing"},
			{"v2/pay/orderquery", wechatpay.Options{"security": true}, "certificate"},
		} {
			resp, err := client.Chain(tt.path).Post(background(), tt.opt)
			if err != nil {
				t.Fatalf("%s: %v", tt.path, err)
			}
			if got := resp.Get("presented").Str; got != tt.want {
				t.Errorf("%s presented %s, want %s", tt.path, got, tt.want)
			}
		}
	}
	var refused *wechatpay.Error
	if _, err := client.Chain("v2/secapi/pay/refund").Post(background(), wechatpay.Options{"security": false}); !errors.As(err, &refused) || refused.StatusCode != http.StatusForbidden {
		t.Errorf("without the certificate: %v", err)
	}
	if resp, err := client.V2().Secapi().Pay().Refund().Post(background()); err != nil || resp.Get("presented").Str != "certificate" {
		t.Errorf("through the tree: %v, %v", resp, err)
	}
	transport.CloseIdleConnections()
}

// A server that requires the certificate is called with it and without it.
func TestServerDemandsTheClientCertificate(t *testing.T) {
	cert := selfSigned(t, vectors.MerchantKey(t))
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, v2Answer(t, "HMAC-SHA256", M{"return_code": "SUCCESS", "presented": r.TLS.PeerCertificates[0].SerialNumber.String()}))
	}))
	server.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: x509.NewCertPool()}
	server.TLS.ClientCAs.AddCert(leaf)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes fail here on purpose
	server.StartTLS()
	defer server.Close()

	transport := wechatpay.NewTransport()
	transport.TLSClientConfig.RootCAs = x509.NewCertPool()
	transport.TLSClientConfig.RootCAs.AddCert(server.Certificate())
	defer transport.CloseIdleConnections()
	client := newClient(t, wechatpay.Config{MchID: "1900000109", APIv2Key: v2Key, ClientCert: cert, BaseURL: server.URL, Transport: transport})
	if resp, err := client.Chain("v2/secapi/pay/refund").Post(background()); err != nil || resp.Get("presented").Str != "1" {
		t.Errorf("with the certificate: %v, %v", resp, err)
	}
	if resp, err := client.Chain("v2/pay/orderquery").Post(background()); err == nil || errors.Is(err, wechatpay.ErrVerify) {
		t.Errorf("without the certificate: %v, %v; want an error of TLS", resp, err)
	}
}

func TestNoClientCertificate(t *testing.T) {
	client := newClient(t, wechatpay.Config{MchID: "1900000109", APIv2Key: v2Key})
	for name, call := range map[string]func() error{
		"by itself": func() error { _, err := client.Chain("v2/secapi/pay/refund").Post(background()); return err },
		"tree":      func() error { _, err := client.V2().Secapi().Pay().Refund().Post(background()); return err },
		"option": func() error {
			_, err := client.Chain("v2/pay/orderquery").Post(background(), wechatpay.Security())
			return err
		},
		"promise": func() error {
			_, err := client.Chain("v2/secapi/pay/refund").PostAsync(background()).Wait()
			return err
		},
	} {
		if err := call(); !errors.Is(err, wechatpay.ErrConfig) || !strings.Contains(err.Error(), "set ClientCert") {
			t.Errorf("without ClientCert, %s: %v", name, err)
		}
	}
	// A middleware that asks for it gets an error too.
	config := wechatpay.Config{MchID: "1900000109", APIv2Key: v2Key, Middleware: func(_ wechatpay.Protocol, s *middleware.Stack) error {
		return s.Push("secure", func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(req *http.Request) (*http.Response, error) {
				middleware.ExchangeOf(req.Context()).ClientCert = true
				return next.RoundTrip(req)
			})
		})
	}}
	if _, err := newClient(t, config).Chain("v2/pay/orderquery").Post(background()); err == nil || !strings.Contains(err.Error(), "set ClientCert") {
		t.Errorf("without ClientCert, by a middleware: %v", err)
	}
	// A transport of the caller's carries both kinds of call.
	out := new(recorder)
	if _, err := newV2(t, out).Chain("v2/secapi/pay/refund").Post(background(), wechatpay.Security()); !errors.As(err, new(errNotSent)) {
		t.Errorf("by a transport of the caller's: %v", err)
	}
	own := wechatpay.NewTransport()
	own.DialTLSContext = (&tls.Dialer{}).DialContext
	_, err := wechatpay.New(wechatpay.Config{
		MchID: "1900000109", APIv2Key: v2Key, Transport: own,
		ClientCert: selfSigned(t, vectors.MerchantKey(t)),
	})
	if !errors.Is(err, wechatpay.ErrConfig) || !strings.Contains(err.Error(), "DialTLSContext") {
		t.Errorf("with DialTLSContext: %v", err)
	}
}
