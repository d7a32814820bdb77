package doctor

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/show"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/sandbox"
)

// A patient is a merchant of a sandbox. All its settings are correct.
type patient struct {
	settings.Settings
	*sandbox.Sandbox
	t   *testing.T
	dir string
	now func() time.Time
}

func newPatient(t *testing.T) *patient {
	t.Helper()
	p := &patient{Sandbox: sandbox.Start(t, func(c *sandbox.Config) { c.PlatformKey = sandbox.KeyBoth }), t: t, dir: t.TempDir(), now: time.Now}
	m := p.Merchant()
	p.Settings = settings.Settings{
		MchID: m.MchID, SerialNo: m.SerialNo, APIv3Key: m.APIv3Key, APIv2Key: m.APIv2Key, BaseURL: p.URL(),
		PrivateKey:  p.privateKey("apiclient_key.pem", m.PrivateKey),
		Certificate: p.file("apiclient_cert.pem", "CERTIFICATE", m.Certificate.Raw),
		Config:      p.write("empty.toml", ""),
	}
	for id, key := range p.PlatformKeys() {
		if strings.HasPrefix(id, keys.PublicKeyIDPrefix) {
			der, err := x509.MarshalPKIXPublicKey(key)
			if err != nil {
				t.Fatal(err)
			}
			p.PlatformKeyID, p.PlatformKey = id, p.file("pub_key.pem", "PUBLIC KEY", der)
		}
	}
	return p
}

func (p *patient) write(name, text string) string {
	p.t.Helper()
	path := filepath.Join(p.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
	return path
}

func (p *patient) file(name, blockType string, der []byte) string {
	p.t.Helper()
	return p.write(name, string(pem.EncodeToMemory(&pem.Block{Type: blockType, Bytes: der})))
}

func (p *patient) privateKey(name string, key any) string {
	p.t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.file(name, "PRIVATE KEY", der)
}

// certify writes a certificate with a serial number for the merchant's key.
func (p *patient) certify(from, until time.Time) string {
	p.t.Helper()
	serialNo, _ := new(big.Int).SetString(p.SerialNo, 16)
	key := p.Merchant().PrivateKey
	template := &x509.Certificate{SerialNumber: serialNo, NotBefore: from, NotAfter: until}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.file("made_cert.pem", "CERTIFICATE", der)
}

// platformCertificate writes a certificate of the platform and returns its
// serial number.
func (p *patient) platformCertificate(name string) (path, serialNo string) {
	p.t.Helper()
	config, err := p.Settings.Downloader()
	if err != nil {
		p.t.Fatal(err)
	}
	d, err := keys.NewDownloader(p.t.Context(), config)
	if err != nil {
		p.t.Fatal(err)
	}
	certs, err := d.Certificates(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	// The platform signs with the oldest key only if the request names it.
	cert := certs[len(certs)-1]
	if serialNo, err = keys.SerialNo(cert); err != nil {
		p.t.Fatal(err)
	}
	return p.file(name, "CERTIFICATE", cert.Raw), serialNo
}

// platformSerialNo returns the serial number of a certificate that is not
// available locally.
func (p *patient) platformSerialNo() string {
	p.t.Helper()
	path, serialNo := p.platformCertificate("x.pem")
	if err := os.Remove(path); err != nil {
		p.t.Fatal(err)
	}
	return serialNo
}

// behind puts a proxy in front of the sandbox. The proxy changes requests or
// answers.
func (p *patient) behind(request func(*http.Request), answer func(*http.Response)) {
	p.t.Helper()
	to, err := url.Parse(p.URL())
	if err != nil {
		p.t.Fatal(err)
	}
	proxy := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			if request != nil {
				request(r.Out)
			}
		},
		ModifyResponse: func(resp *http.Response) error {
			if answer != nil {
				answer(resp)
			}
			return nil
		},
	})
	p.t.Cleanup(proxy.Close)
	p.BaseURL = proxy.URL
}

// examine runs the checks.
func (p *patient) examine(offline bool) *checkup {
	p.t.Helper()
	transport := new(http.Transport)
	defer transport.CloseIdleConnections()
	c := newCheckup(p.Settings, offline, p.now, transport)
	c.run(p.t.Context())
	return c
}

// with returns the names of the checks with a state.
func (c *checkup) with(s state) (names []string) {
	for _, f := range c.findings {
		if f.OK == s {
			names = append(names, f.Check)
		}
	}
	return names
}

func (c *checkup) text() string {
	var b bytes.Buffer
	printFindings(show.New(&b, nil, show.View{}), lang.Language{}, c.findings, false) // writing to memory does not fail
	return b.String()
}

// keepsSecrets checks that neither output format shows a key.
func (p *patient) keepsSecrets(c *checkup) {
	p.t.Helper()
	var b bytes.Buffer
	if err := printFindings(show.New(&b, nil, show.View{}), lang.Language{}, c.findings, true); err != nil {
		p.t.Fatal(err)
	}
	shown := c.text() + b.String() + fmt.Sprint(c.verdict())
	for _, secret := range []string{p.Merchant().APIv3Key, p.Merchant().APIv2Key, "hidden", "MII"} {
		if strings.Contains(shown, secret) {
			p.t.Errorf("a secret is shown:\n%s", shown)
		}
	}
}

// slow puts the patient d away from the sandbox: by its clock, the first request takes so
// long to arrive.
func (p *patient) slow(d time.Duration) {
	var arrived atomic.Bool
	p.now = func() time.Time {
		if arrived.Load() {
			return time.Now()
		}
		return time.Now().Add(-d)
	}
	p.behind(func(*http.Request) { arrived.Store(true) }, nil)
}
