package sandbox_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox"
)

// overTLS is a world whose client calls by TLS, with a client certificate where
// the operation wants one.
func overTLS(t *testing.T) (*world, *httptest.Server) {
	t.Helper()
	w := newWorld(t)
	config, err := sandbox.LoadTLS(t.TempDir(), start, "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	config.Time = w.clock.Now
	server := httptest.NewUnstartedServer(w.Server)
	server.TLS = config
	server.StartTLS()
	t.Cleanup(server.Close)
	w.client = w.tlsClient(t, server, w.Merchant().TLS())
	return w, server
}

func (w *world) tlsClient(t *testing.T, server *httptest.Server, cert tls.Certificate) *wechatpay.Client {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, Time: w.clock.Now}}
	t.Cleanup(transport.CloseIdleConnections)
	return w.Client(func(c *wechatpay.Config) { c.BaseURL, c.Transport, c.ClientCert = server.URL, transport, &cert })
}

// Calls that the catalogue has present the client certificate are refused
// without it, and with that of another.
func TestAPIv2ClientCertificate(t *testing.T) {
	w, server := overTLS(t)
	other, err := sandbox.KeyedMerchant("1900000110", start)
	if err != nil {
		t.Fatal(err)
	}
	own := w.client
	others := w.tlsClient(t, server, other.TLS())
	w.mustV2(t, micropay, microV2("by-code", 100, userCode))
	w.paidV2(t)
	for path, fields := range map[string]wechatpay.M{
		sendRed:      redPacket("r1", nil),
		refundV2Path: refundV2("r1", 40, nil),
		reverseV2:    queryV2("by-code"),
	} {
		if !openapi.Lookup("POST", path).ClientCert {
			t.Fatalf("%s needs no client certificate", path)
		}
		w.client = own
		_, err = w.v2(path, fields, wechatpay.Options{"security": false})
		refusedV2(t, err, "CERT_ERROR")
		w.client = others
		_, err = w.v2(path, fields)
		refusedV2(t, err, "CERT_ERROR")
		w.client = own
		w.mustV2(t, path, fields)
	}
}
