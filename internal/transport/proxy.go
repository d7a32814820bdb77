package transport

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
)

// checkProxy names the proxy that refuses to connect to the platform. Nothing of
// the request was sent.
func checkProxy(_ context.Context, proxy *url.URL, connect *http.Request, resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	return &net.OpError{Op: "proxyconnect", Net: "tcp", Err: fmt.Errorf(
		"the proxy %s://%s answers %d %s to CONNECT %s; see HTTPS_PROXY and NO_PROXY in the environment, and what the proxy allows",
		proxy.Scheme, proxy.Host, resp.StatusCode, http.StatusText(resp.StatusCode), connect.Host)}
}

// NameProxy returns what sends by rt. If rt is an *http.Transport that makes no
// connection through its Proxy, the error names the proxy. The error of net/http
// would be the status alone, such as "Forbidden". An OnProxyConnectResponse of
// the caller names the proxy as it likes, and NameProxy adds nothing.
func NameProxy(rt http.RoundTripper) http.RoundTripper {
	if t, ok := rt.(*http.Transport); ok {
		return proxied{t}
	}
	return rt
}

type proxied struct{ *http.Transport }

func (t proxied) RoundTrip(req *http.Request) (*http.Response, error) {
	if t.Proxy == nil || t.OnProxyConnectResponse != nil || req.URL.Scheme != "https" {
		return t.Transport.RoundTrip(req)
	}
	var connected atomic.Bool
	traced := req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		GetConn: func(string) { connected.Store(false) },
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	}))
	resp, err := t.Transport.RoundTrip(traced)
	if err == nil {
		resp.Request = req
		return resp, nil
	}
	if connected.Load() {
		return nil, err
	}
	if proxy, problem := t.Proxy(req); problem == nil && proxy != nil {
		err = fmt.Errorf("no connection to %s through the proxy: %w; the Transport's Proxy is %s://%s, see whether it allows the connection",
			req.URL.Host, err, proxy.Scheme, proxy.Host)
	}
	return nil, err
}
