package wechatpay

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/wxchain/wechatpay/middleware"
)

// newTransport is what calls go out through by default.
func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:      true,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    5 * time.Second,
		MaxIdleConnsPerHost:    100,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 1 << 20,
		// Answers are signed as plain bytes.
		DisableCompression: true,
	}
}

var errNoClientCert = errors.New("this call presents the merchant's client certificate; set ClientCert, from apiclient_cert.pem and apiclient_key.pem or apiclient_cert.p12")

// A transport parts the calls that present the client certificate from those
// that do not: they share no connection.
type transport struct {
	plain, secure http.RoundTripper // secure is nil when there is no certificate
}

func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	switch secure := middleware.ExchangeOf(req.Context()).ClientCert; {
	case secure && t.secure == nil: // a middleware asks for it
		return nil, errNoClientCert
	case secure:
		return t.secure.RoundTrip(req)
	}
	return t.plain.RoundTrip(req)
}

// transport returns what carries the calls of a client.
func (config *Config) transport() (t transport, err error) {
	if t.plain = config.Transport; isNil(t.plain) {
		t.plain = newTransport()
	}
	plain, ok := t.plain.(*http.Transport)
	switch {
	case !ok:
		t.secure = t.plain // it sees to certificates itself
	case config.ClientCert == nil:
	case plain.DialTLSContext != nil:
		err = errors.New("the Transport makes its TLS connections itself, by DialTLSContext, and so cannot present ClientCert; leave one of them out")
	default:
		t.secure = withClientCert(plain, *config.ClientCert)
	}
	return t, err
}

// withClientCert returns a transport like plain that presents cert. It speaks
// HTTP/1.1, because an HTTP/2 set up by the caller would bring the connections
// of plain with it.
func withClientCert(plain *http.Transport, cert tls.Certificate) *http.Transport {
	t := plain.Clone()
	if t.TLSClientConfig == nil {
		t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	t.TLSClientConfig.Certificates = []tls.Certificate{cert}
	t.TLSClientConfig.GetClientCertificate = nil
	t.TLSClientConfig.NextProtos = nil
	t.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	t.ForceAttemptHTTP2 = false
	t.Protocols = nil
	return t
}
