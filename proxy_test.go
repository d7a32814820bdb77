package wechatpay_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/wxchain/wechatpay"
)

// callThroughProxy is an environment variable. With it, the test below calls the
// platform in a process of its own, because package net/http reads the proxy once
// per process.
const callThroughProxy = "WECHATPAY_TEST_CALL_THROUGH_PROXY"

// If a proxy refuses to connect, the error names the proxy and is not a bare
// "Forbidden".
func TestProxyThatRefuses(t *testing.T) {
	if os.Getenv(callThroughProxy) != "" {
		config := newConfig(t, nil)
		_, err := newClient(t, config).Chain("v3/certificates").Get(background())
		t.Logf("outcome %s of %v", wechatpay.OutcomeOf(err), err)
		return
	}
	for _, status := range []int{403, 407, 502} {
		asked := make(chan string, 10)
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked <- r.Method + " " + r.Host
			w.WriteHeader(status)
		}))
		_, port, err := net.SplitHostPort(proxy.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(os.Args[0], "-test.run=^TestProxyThatRefuses$", "-test.v")
		cmd.Env = append(os.Environ(), callThroughProxy+"=1", "NO_PROXY=", "no_proxy=", "https_proxy=", "HTTPS_PROXY=http://me:sekret@127.0.0.1:"+port)
		out, err := cmd.CombinedOutput()
		proxy.Close()
		text := string(out)
		if err != nil || strings.Contains(text, "sekret") {
			t.Errorf("%v: %s", err, text)
		}
		for _, want := range []string{"the proxy http://127.0.0.1:" + port, http.StatusText(status), "CONNECT api.mch.weixin.qq.com:443", "outcome " + wechatpay.OutcomeNotSent.String()} {
			if !strings.Contains(text, want) {
				t.Errorf("status %d: no %q in %s", status, want, text)
			}
		}
		if got := <-asked; got != "CONNECT api.mch.weixin.qq.com:443" {
			t.Errorf("the proxy was asked for %s", got)
		}
	}
}

// proxyOf starts a proxy that gives connections to serve, after it read CONNECT.
func proxyOf(t *testing.T, serve func(conn net.Conn, host string)) *url.URL {
	t.Helper()
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn := hijack(w)
		defer conn.Close()
		serve(conn, r.Host)
	}))
	t.Cleanup(proxy.Close)
	u, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword("me", "sekret")
	return u
}

// tunnel connects a connection to host.
func tunnel(conn net.Conn, host string) {
	far, err := net.Dial("tcp", host)
	if err != nil {
		return
	}
	defer far.Close()
	io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
	go io.Copy(far, conn)
	io.Copy(conn, far)
}

// If a transport of the caller's makes no connection through its proxy, the error
// says so and names the proxy, whatever the proxy does.
func TestProxyOfTheCaller(t *testing.T) {
	untrusted := httptest.NewTLSServer(nil)
	defer untrusted.Close()
	says := func(text string) func(net.Conn, string) {
		return func(conn net.Conn, _ string) { io.WriteString(conn, text) }
	}
	for _, tt := range []struct {
		name, want string
		serve      func(conn net.Conn, host string)
	}{
		{"403", "Forbidden", says("HTTP/1.1 403 Forbidden\r\n\r\n")},
		{"407", "Proxy Authentication Required", says("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")},
		{"a reason of its own", "URL blocked", says("HTTP/1.1 403 URL blocked\r\n\r\n")},
		{"no reason", "unknown status code", says("HTTP/1.1 502\r\n\r\n")},
		{"not HTTP", "SSH-2.0", says("SSH-2.0-OpenSSH\r\n\r\n")},
		{"hangs up", "EOF", says("")},
		{"an untrusted certificate", "certificate", tunnel},
	} {
		proxy := proxyOf(t, tt.serve)
		host := strings.TrimPrefix(untrusted.URL, "https://")
		for name, opts := range map[string][]wechatpay.Option{"v3/x": nil, "v2/x": {wechatpay.Security(), wechatpay.XML(wechatpay.M{"a": "1"})}} {
			config := newConfig(t, &http.Transport{Proxy: func(*http.Request) (*url.URL, error) { return proxy, nil }})
			config.APIv2Key, config.BaseURL = v2Key, untrusted.URL
			config.ClientCert = &tls.Certificate{Certificate: [][]byte{{1}}, PrivateKey: config.PrivateKey}
			_, err := newClient(t, config).Chain(name).Post(background(), opts...)
			if err == nil || strings.Contains(err.Error(), "sekret") || wechatpay.OutcomeOf(err) != wechatpay.OutcomeNotSent {
				t.Errorf("%s, %s: %s of %v", tt.name, name, wechatpay.OutcomeOf(err), err)
			}
			for _, want := range []string{"proxy is http://" + proxy.Host, "no connection to " + host, tt.want} {
				if !strings.Contains(strings.ToLower(fmt.Sprint(err)), strings.ToLower(want)) {
					t.Errorf("%s, %s: no %q in %v", tt.name, name, want, err)
				}
			}
		}
	}
}

// The proxy is not named when a connection through it ends, nor for a host that
// needs none. A hook of the caller's is called once, and its error is not changed.
func TestProxyThatIsNotAtFault(t *testing.T) {
	cut := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer cut.Close()
	closed := httptest.NewTLSServer(nil)
	closed.Close()
	hooked := 0
	errHook := errors.New("the hook refuses")
	hook := func(context.Context, *url.URL, *http.Request, *http.Response) error {
		hooked++
		return errHook
	}
	proxy := proxyOf(t, tunnel)
	for _, tt := range []struct {
		name, base string
		proxy      *url.URL
		hook       func(context.Context, *url.URL, *http.Request, *http.Response) error
		is         error
	}{
		{"the answer is cut", cut.URL, proxy, nil, io.EOF},
		{"no proxy for the host", closed.URL, nil, nil, nil},
		{"a hook", cut.URL, proxy, hook, errHook},
	} {
		transport := cut.Client().Transport.(*http.Transport).Clone()
		defer transport.CloseIdleConnections()
		transport.Proxy, transport.OnProxyConnectResponse = http.ProxyURL(tt.proxy), tt.hook
		config := newConfig(t, transport)
		config.BaseURL = tt.base
		_, err := newClient(t, config).Chain("v3/x").Get(background())
		if err == nil || tt.is != nil && !errors.Is(err, tt.is) || strings.Contains(err.Error(), "through the proxy") {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.is)
		}
	}
	if hooked != 1 {
		t.Errorf("the hook was called %d times, want once", hooked)
	}
}

// Calls through a proxy share the connections of the caller's transport, and an
// answer has the request that was sent.
func TestProxyKeepsConnections(t *testing.T) {
	_, config := newSigning(t, nil)
	sign := config.Transport.(*signing)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { sign.sign(w.Header(), nil) }))
	defer server.Close()
	tunnels := new(atomic.Int32)
	proxy := proxyOf(t, func(conn net.Conn, host string) {
		tunnels.Add(1)
		tunnel(conn, host)
	})
	transport := server.Client().Transport.(*http.Transport).Clone()
	defer transport.CloseIdleConnections()
	transport.Proxy = http.ProxyURL(proxy)
	config.Transport, config.BaseURL = transport, server.URL
	client := newClient(t, config)
	call := func() {
		t.Helper()
		resp, err := client.Chain("v3/x").Get(background())
		if err != nil || resp.Request.Header.Get("Authorization") == "" {
			t.Fatal(resp, err)
		}
	}
	call()
	call()
	if n := tunnels.Load(); n != 1 {
		t.Errorf("%d connections for two calls, want 1", n)
	}
	transport.CloseIdleConnections()
	call()
	if n := tunnels.Load(); n != 2 {
		t.Errorf("%d connections after the caller closed one, want 2", n)
	}
}
