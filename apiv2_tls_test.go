package wechatpay_test

import (
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
)

// selfSigned is a certificate of the merchant's key, as far as TLS cares.
func selfSigned(t *testing.T, key *rsa.PrivateKey) *tls.Certificate {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(nil, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// Over real TLS, a call with the option presents the certificate, and one
// without does not, be it on a connection that is open already.
func TestClientCertificate(t *testing.T) {
	key := mustPrivate(t, loadVectors(t).MerchantPrivateKeyPEM)
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
	if _, err := client.Chain("v2/secapi/pay/refund").Post(background()); !errors.As(err, &refused) || refused.StatusCode != http.StatusForbidden {
		t.Errorf("without the certificate: %v", err)
	}
	transport.CloseIdleConnections()
}

func TestNoClientCertificate(t *testing.T) {
	client := newClient(t, wechatpay.Config{MchID: "1900000109", APIv2Key: v2Key})
	if _, err := client.Chain("v2/secapi/pay/refund").Post(background(), wechatpay.Security()); !errors.Is(err, wechatpay.ErrConfig) || !strings.Contains(err.Error(), "set ClientCert") {
		t.Errorf("without ClientCert: %v", err)
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
		ClientCert: selfSigned(t, mustPrivate(t, loadVectors(t).MerchantPrivateKeyPEM)),
	})
	if !errors.Is(err, wechatpay.ErrConfig) || !strings.Contains(err.Error(), "DialTLSContext") {
		t.Errorf("with DialTLSContext: %v", err)
	}
}
