package wechatpay_test

import (
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/middleware"
)

// New reports all mistakes at once: each one together with every other.
func TestNewReportsAllMistakes(t *testing.T) {
	mistakes := []struct {
		name string
		edit func(*wechatpay.Config)
		want string
	}{
		{"MchID", func(c *wechatpay.Config) { c.MchID = "" }, "MchID is missing"},
		{"SerialNo", func(c *wechatpay.Config) { c.SerialNo = "" }, "SerialNo is missing"},
		{"PrivateKey", func(c *wechatpay.Config) { c.PrivateKey = nil }, "private key is missing"},
		{"PlatformKeys", func(c *wechatpay.Config) { c.PlatformKeys = keys.Static{} }, "PlatformKeys is empty"},
		{"APIv3Key", func(c *wechatpay.Config) { c.APIv3Key = "short" }, "APIv3Key has 5 bytes"},
		{"APIv2Key", func(c *wechatpay.Config) { c.APIv2Key = "key" }, "APIv2Key has 3 bytes"},
		{"ClientCert", func(c *wechatpay.Config) { c.ClientCert = new(tls.Certificate) }, "ClientCert needs"},
		{"BaseURL", func(c *wechatpay.Config) { c.BaseURL = "ftp://x/" }, "BaseURL"},
		{"MaxBodyBytes", func(c *wechatpay.Config) { c.MaxBodyBytes = -1 }, "MaxBodyBytes is -1"},
	}
	careful := func(wechatpay.Protocol, *middleware.Stack) error {
		t.Error("Middleware was called for a wrong configuration")
		return nil
	}
	for i, one := range mistakes {
		for _, other := range mistakes[i+1:] {
			config := newConfig(t, new(recorder))
			config.Middleware = careful
			one.edit(&config)
			other.edit(&config)
			_, err := wechatpay.New(config)
			if !errors.Is(err, wechatpay.ErrConfig) || !strings.Contains(err.Error(), one.want) || !strings.Contains(err.Error(), other.want) {
				t.Errorf("%s and %s: error is %v", one.name, other.name, err)
			}
		}
	}
}

// New asks nobody: not the platform, and not for certificates.
func TestNewUsesNoNetwork(t *testing.T) {
	out := new(recorder)
	config := newConfig(t, out)
	downloader, err := keys.NewDownloader(t.Context(), keys.DownloaderConfig{
		MchID: config.MchID, SerialNo: config.SerialNo, PrivateKey: config.PrivateKey, APIv3Key: config.APIv3Key, Transport: out,
	})
	if err != nil {
		t.Fatal(err)
	}
	config.PlatformKeys = downloader
	client := newClient(t, config)
	if n := out.count(); n > 0 {
		t.Errorf("New sent %d requests", n)
	}
	if _, err := client.Chain("v3/x").Get(background()); err == nil || out.count() == 0 {
		t.Errorf("a call sent %d requests, %v", out.count(), err)
	}
}

// The limits that docs/security.md names.
func TestLimitsOfTheDefaultTransport(t *testing.T) {
	if tr := wechatpay.NewTransport(); tr.TLSHandshakeTimeout != 5*time.Second {
		t.Errorf("a TLS handshake may take %v", tr.TLSHandshakeTimeout)
	}
	for n, fits := range map[int]bool{1 << 19: true, 2 << 20: false} {
		client, _ := newServer(t, nil, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Long", strings.Repeat("x", n))
			io.WriteString(w, `{}`)
		})
		if _, err := client.Chain("v3/x").Get(background()); (err == nil) != fits {
			t.Errorf("with a header of %d bytes: %v", n, err)
		}
	}
}

// Imports follow the layers of docs/architecture.md. A program that does not
// import the catalogue does not contain it.
func TestImportsPointDown(t *testing.T) {
	tree := imports(t)
	for name := range tree {
		if within(name, "sandbox", "wechatpaytest", "cmd", "examples", "internal/batchtest", "internal/shoptest") {
			continue
		}
		for _, top := range []string{"sandbox", "wechatpaytest", "cmd", "internal/batchtest", "internal/shoptest"} {
			if tree.has(name, module+"/"+top) {
				t.Errorf("%q imports %s", name, top)
			}
		}
	}
	for _, tt := range []struct{ from, to string }{
		{"", module + "/openapi"},
		{"", module + "/bill"},
		{"", "github.com/jarcoal/httpmock"},
		{"", "go.etcd.io/bbolt"},
		{"", "github.com/spf13/cobra"},
		{"middleware", module + "/keys"},
		{"keys", module + "/notify"},
		{"notify", module + "/middleware"},
		{"signer", "net/http"},
		{"signer", module + "/cipher"},
		{"signer", module + "/middleware"},
		{"cipher", "net/http"},
		{"cipher", module + "/signer"},
	} {
		if tree[tt.from] == nil {
			t.Errorf("there is no package %q", tt.from)
		}
		if tree.has(tt.from, tt.to) {
			t.Errorf("%q imports %s", tt.from, tt.to)
		}
	}
}

const module = "github.com/wxchain/wechatpay"

// importTree lists all direct and indirect imports of a package, by the package's
// folder.
type importTree map[string][]string

func imports(t *testing.T) importTree {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{join .Deps " "}}`, "./...").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	tree := make(importTree)
	for line := range strings.Lines(string(out)) {
		name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		tree[strings.TrimPrefix(strings.TrimPrefix(name, module), "/")] = strings.Fields(rest)
	}
	return tree
}

// has reports whether from imports to, or a package within to.
func (tree importTree) has(from, to string) bool {
	return slices.ContainsFunc(tree[from], func(dep string) bool { return within(dep, to) })
}

// within reports whether a package is one of the others, or within one of them.
func within(name string, others ...string) bool {
	return slices.ContainsFunc(others, func(other string) bool {
		return name == other || strings.HasPrefix(name, other+"/")
	})
}

// URL returns the same errors of the template and the options as a verb. It does
// not read a body or a file.
func TestURLReadsNothing(t *testing.T) {
	client := newClient(t, newConfig(t, new(recorder)))
	for name, opt := range map[string]wechatpay.Option{
		"body": wechatpay.Body("text/plain", failingReader{t}),
		"file": wechatpay.File("no such file"),
		"read": wechatpay.Upload("a.jpg", failingReader{t}),
	} {
		if u, err := client.Chain("v3/x").URL(opt); err != nil || u.Path != "/v3/x" {
			t.Errorf("%s: URL = %v, %v", name, u, err)
		}
	}
}

type failingReader struct{ t *testing.T }

func (r failingReader) Read([]byte) (int, error) {
	r.t.Error("it was read")
	return 0, io.EOF
}
