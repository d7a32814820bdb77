package sandbox

import (
	"net/http"
	"slices"
	"time"

	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/sandbox/internal/proxy"
)

// PlatformHosts returns the hosts of the platform that [LoadProxy] leads to a
// sandbox, and that the certificate authority of a folder may certify.
func PlatformHosts() []string { return slices.Clone(platform.Hosts[:]) }

// A Proxy is an HTTP proxy for programs whose host is fixed to the platform's. It
// answers CONNECT for port 443 of [PlatformHosts], and the sandbox answers the
// requests inside. It refuses to be a proxy for anything else. Requests that are not
// for a proxy are answered by the sandbox. It is an http.Handler for HTTP/1.1.
type Proxy struct{ *proxy.Proxy }

// LoadProxy returns a proxy to the sandbox that is the handler of server, such as
// that of [Server.HTTPServer]. Serve the proxy in its place. Requests through the
// proxy have the limits and the ErrorLog of server. Clients must trust the authority
// in the folder dir, [CAFile], as for [LoadTLS]. Call Close when you no longer serve
// the proxy.
func LoadProxy(dir string, now time.Time, server *http.Server) (*Proxy, error) {
	config, err := LoadTLS(dir, now, platform.Hosts[:]...)
	if err != nil {
		return nil, err
	}
	inner := &http.Server{
		Handler: server.Handler, ReadTimeout: server.ReadTimeout, ReadHeaderTimeout: server.ReadHeaderTimeout, WriteTimeout: server.WriteTimeout,
		IdleTimeout: server.IdleTimeout, MaxHeaderBytes: server.MaxHeaderBytes, ErrorLog: server.ErrorLog,
	}
	return &Proxy{proxy.New(server.Handler, inner, config)}, nil
}
