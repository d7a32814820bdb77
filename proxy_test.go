package wechatpay_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
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
