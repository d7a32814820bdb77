// Package transport makes the HTTP transport that calls to the platform go
// through.
package transport

import (
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

// IdleTimeout is how long a connection is kept for the next call. The platform
// closes it after 8 seconds: a request sent at that moment is lost, and the
// caller does not know whether it arrived.
const IdleTimeout = 7 * time.Second

// New returns a transport of its own: HTTP/2, TLS 1.2 or newer, the proxy of
// the environment. Idle connections end after [IdleTimeout]. An HTTP/2
// connection that is silent for two seconds has two more to answer a ping, so
// that a dead one does not hold calls until they run out of time.
func New() *http.Transport {
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment,
		// The error of net/http would be the status alone, such as "Forbidden".
		OnProxyConnectResponse: checkProxy,
		DialContext:            (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:      true,
		HTTP2: &http.HTTP2Config{
			SendPingTimeout:  2 * time.Second,
			PingTimeout:      2 * time.Second,
			WriteByteTimeout: 5 * time.Second,
		},
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    5 * time.Second,
		MaxIdleConnsPerHost:    100,
		IdleConnTimeout:        IdleTimeout,
		MaxResponseHeaderBytes: 1 << 20,
		// Answers are signed as plain bytes.
		DisableCompression: true,
	}
}
