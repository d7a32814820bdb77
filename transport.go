package wechatpay

import (
	"cmp"
	"crypto/tls"
	"errors"
	"net/http"

	"github.com/wxchain/wechatpay/internal/transport"
	"github.com/wxchain/wechatpay/middleware"
)

var errNoClientCert = errors.New("this call presents the merchant's client certificate; set ClientCert, from apiclient_cert.pem and apiclient_key.pem or apiclient_cert.p12")

// A carrier separates the calls that present the client certificate from those
// that do not. They share no connection.
type carrier struct {
	plain, secure http.RoundTripper // secure is nil without a certificate
}

func (t carrier) RoundTrip(req *http.Request) (*http.Response, error) {
	switch secure := middleware.ExchangeOf(req.Context()).ClientCert; {
	case secure && t.secure == nil: // a middleware asks for it
		return nil, errNoClientCert
	case secure:
		return transport.NameProxy(t.secure).RoundTrip(req)
	}
	return transport.NameProxy(t.plain).RoundTrip(req)
}

// transport returns the carrier for the calls of a client.
func (config *Config) transport() (t carrier, err error) {
	if t.plain = config.Transport; isNil(t.plain) {
		t.plain = transport.New()
	}
	plain, ok := t.plain.(*http.Transport)
	switch {
	case !ok:
		t.secure = t.plain // it handles certificates itself
	case config.ClientCert == nil:
	case plain.DialTLSContext != nil:
		err = errors.New("the Transport makes its TLS connections itself, by DialTLSContext, and so cannot present ClientCert; leave one of them out")
	default:
		t.secure = withClientCert(plain, *config.ClientCert)
	}
	return t, err
}

// withClientCert returns a copy of plain that presents cert. The copy speaks
// HTTP/1.1, because an HTTP/2 that the caller set up would share the connections
// of plain. It keeps idle connections no longer than the platform does.
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
	t.IdleConnTimeout = min(cmp.Or(t.IdleConnTimeout, transport.IdleTimeout), transport.IdleTimeout)
	t.Protocols = nil
	return t
}
