package sandbox_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// proxied serves a sandbox with its proxy, and returns it with a transport that
// uses the proxy and trusts its authority.
func proxied(t *testing.T) (sb *sandbox.Sandbox, at *url.URL, transport *http.Transport) {
	t.Helper()
	sb = sandbox.Start(t)
	dir := t.TempDir()
	proxy, err := sandbox.LoadProxy(dir, time.Now(), sb.HTTPServer())
	if err != nil {
		t.Fatal(err)
	}
	served := httptest.NewServer(proxy)
	t.Cleanup(func() { served.Close(); proxy.Close() })
	if at, err = url.Parse(served.URL); err != nil {
		t.Fatal(err)
	}
	transport = &http.Transport{Proxy: http.ProxyURL(at), TLSClientConfig: &tls.Config{RootCAs: rootsOf(t, dir)}}
	t.Cleanup(transport.CloseIdleConnections)
	return sb, at, transport
}

func rootsOf(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, sandbox.CAFile))
	roots := x509.NewCertPool()
	if err != nil || !roots.AppendCertsFromPEM(text) {
		t.Fatal(err)
	}
	return roots
}

// Clients with the platform's own hosts reach the sandbox through the proxy, and the
// merchant's certificate arrives with APIv2.
func TestProxy(t *testing.T) {
	sb, at, transport := proxied(t)
	cert := sb.Merchant().TLS()
	transport.TLSClientConfig.Certificates = []tls.Certificate{cert}
	for i, host := range append(sandbox.PlatformHosts(), "API.mch.weixin.qq.com") {
		config := sb.ClientConfig()
		config.Transport, config.BaseURL = transport, "https://"+host+"/"
		client, err := wechatpay.New(config)
		if err != nil {
			t.Fatal(err)
		}
		order := wechatpay.M{"appid": "wxd678efh567hg6787", "mchid": sb.Merchant().MchID, "description": "d", "out_trade_no": fmt.Sprintf("proxied_%d", i),
			"notify_url": "https://www.example.com/notify", "amount": wechatpay.M{"total": 1}}
		if _, err := client.Chain(native).Post(t.Context(), wechatpay.JSON(order)); err != nil {
			t.Errorf("%s: %v", host, err)
		}
		if _, err := client.Chain("v2/secapi/pay/refund").Post(t.Context(), wechatpay.XML(wechatpay.M{
			"appid": "wxd678efh567hg6787", "out_trade_no": "no_such_order", "out_refund_no": "refund", "total_fee": 1, "refund_fee": 1,
		})); !wechatpay.IsCode(err, "ORDERNOTEXIST") {
			t.Errorf("%s: a call with the client certificate: %v", host, err)
		}
	}
	if got := len(sb.Requests()); got != 12 {
		t.Errorf("%d requests came, want 12", got)
	}
	// Without CONNECT it is the sandbox itself.
	client := sb.Client(func(c *wechatpay.Config) { c.BaseURL = at.String() + "/" })
	if _, err := client.Chain(native).Post(t.Context(), wechatpay.JSON(orderOf("not_proxied", 1))); err != nil {
		t.Error(err)
	}
}

// The proxy leads nowhere else, and it is no proxy for http URLs.
func TestProxyRefuses(t *testing.T) {
	sb, at, transport := proxied(t)
	for _, target := range []string{
		"www.example.com:443", "api.mch.weixin.qq.com:80", "api.mch.weixin.qq.com:8443", "api.mch.weixin.qq.com", "mch.weixin.qq.com:443",
		"evil.api.mch.weixin.qq.com:443", "api.mch.weixin.qq.com.example.com:443", "127.0.0.1:443", at.Host, ":443",
	} {
		if status, text := connectTo(t, at, target); status != http.StatusForbidden && status != http.StatusBadRequest || status == http.StatusForbidden && !strings.Contains(text, "api2.mch.weixin.qq.com") {
			t.Errorf("CONNECT %s: %d %s", target, status, text)
		}
	}
	for _, link := range []string{"http://api.mch.weixin.qq.com/v3/certificates", "http://www.example.com/", at.String() + "/v3/certificates"} {
		resp, err := (&http.Client{Transport: transport}).Get(link)
		if err != nil {
			t.Error(err)
			continue
		}
		text, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != http.StatusForbidden || !strings.Contains(string(text), "HTTPS_PROXY") {
			t.Errorf("GET %s: %s %s", link, resp.Status, text)
		}
	}
	if got := sb.Requests(); len(got) != 0 {
		t.Errorf("requests came: %+v", got)
	}
}

// connectTo sends CONNECT and returns the answer.
func connectTo(t *testing.T, proxy *url.URL, target string) (status int, text string) {
	t.Helper()
	conn, err := net.Dial("tcp", proxy.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", target, target)
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: http.MethodConnect})
	if err != nil {
		t.Fatal(target, err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, max(resp.ContentLength, 0)))
	return resp.StatusCode, string(body)
}

// authority returns the authority in a folder.
func authority(t *testing.T, dir string) *x509.Certificate {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, sandbox.CAFile), filepath.Join(dir, "ca_key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	return pair.Leaf
}

// An authority may certify the platform's hosts, this machine and the hosts that it
// was made for, for a year, and no other authority. Whoever gets its key cannot pose
// as another site to those who trust it.
func TestAuthorityIsLimited(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	config, err := sandbox.LoadTLS(dir, now, append(sandbox.PlatformHosts(), "127.0.0.1", "::1", "localhost", "sandbox.test", "192.0.2.7")...)
	if err != nil {
		t.Fatal(err)
	}
	ca := authority(t, dir)
	if !ca.IsCA || ca.MaxPathLen != 0 || !ca.MaxPathLenZero || !ca.PermittedDNSDomainsCritical || ca.NotAfter.After(now.AddDate(1, 0, 0)) || ca.NotAfter.Before(now.AddDate(0, 11, 0)) {
		t.Errorf("the authority has the path length %d (%v), critical constraints %v, ends %v", ca.MaxPathLen, ca.MaxPathLenZero, ca.PermittedDNSDomainsCritical, ca.NotAfter)
	}
	leaf, err := x509.ParseCertificate(config.Certificates[0].Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range append(sandbox.PlatformHosts(), "127.0.0.1", "::1", "localhost", "sandbox.test", "192.0.2.7") {
		if _, err := leaf.Verify(x509.VerifyOptions{DNSName: host, Roots: rootsOf(t, dir)}); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
	want := append(sandbox.PlatformHosts(), "localhost", "sandbox.test")
	slices.Sort(want)
	if !slices.Equal(ca.PermittedDNSDomains, want) || fmt.Sprint(ca.PermittedIPRanges) != "[127.0.0.0/8 ::1/128 192.0.2.7/32]" {
		t.Errorf("it may certify %q and %v", ca.PermittedDNSDomains, ca.PermittedIPRanges)
	}
}

// An authority is kept while it serves. It is replaced in its last month, if it lacks
// a host, and if it has no limits, as those of older versions.
func TestAuthorityIsRenewed(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	load := func(at time.Time, hosts ...string) *x509.Certificate {
		t.Helper()
		if _, err := sandbox.LoadTLS(dir, at, hosts...); err != nil {
			t.Fatal(err)
		}
		return authority(t, dir)
	}
	first := load(now, "127.0.0.1")
	for _, at := range []time.Duration{0, 300 * 24 * time.Hour} {
		if !load(now.Add(at), "localhost", "127.0.0.9", "api2.mch.weixin.qq.com").Equal(first) {
			t.Errorf("another authority after %v", at)
		}
	}
	late := load(now.AddDate(0, 11, 5), "127.0.0.1")
	if late.Equal(first) || late.NotAfter.Before(now.AddDate(1, 10, 0)) {
		t.Errorf("in its last month it is not replaced")
	}
	other := load(now.AddDate(0, 11, 5), "sandbox.test")
	if other.Equal(late) || !other.Equal(load(now.AddDate(0, 11, 5), "sandbox.test")) {
		t.Error("it is not replaced once, for another host")
	}
	writeOldAuthority(t, dir, now)
	unlimited := authority(t, dir)
	if load(now, "127.0.0.1").Equal(unlimited) {
		t.Error("an authority without limits is not replaced")
	}
}

// writeOldAuthority writes an authority as older versions made it.
func writeOldAuthority(t *testing.T, dir string, now time.Time) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now, NotAfter: now.AddDate(5, 0, 0), KeyUsage: x509.KeyUsageCertSign, IsCA: true, BasicConstraintsValid: true}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{sandbox.CAFile: {Type: "CERTIFICATE", Bytes: cert}, "ca_key.pem": {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
