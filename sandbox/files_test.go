package sandbox_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/inprocess"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/sandbox"
)

func loadDir(t testing.TB, dir string) sandbox.Config {
	t.Helper()
	config, err := sandbox.LoadDir(dir, start)
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// change overwrites a file in dir, or removes it if edit returns nil.
func change(t *testing.T, path string, edit func(string) []byte) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if changed := edit(string(text)); changed == nil {
		err = os.Remove(path)
	} else {
		err = os.WriteFile(path, changed, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func gone(string) []byte      { return nil }
func half(text string) []byte { return []byte(text[:len(text)/2]) }

func TestLoadDir(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "for it")
	first := loadDir(t, dir)
	t.Run("again", func(t *testing.T) { testFilesAgain(t, dir, first) })
	t.Run("modes", func(t *testing.T) { testFilesModes(t, dir) })
	t.Run("client", func(t *testing.T) { testFilesClient(t, dir, first) })
	t.Run("TLS", func(t *testing.T) { testFilesTLS(t, dir, first) })
	t.Run("damaged", func(t *testing.T) { testFilesDamaged(t, dir, first) })
}

// testFilesAgain checks that a folder that was made is read as it was.
func testFilesAgain(t *testing.T, dir string, first sandbox.Config) {
	m, p := first.Merchants[0], first.Platform
	again := loadDir(t, dir)
	if got := again.Merchants[0]; got.MchID != m.MchID || got.SerialNo != m.SerialNo || got.APIv3Key != m.APIv3Key ||
		got.APIv2Key != m.APIv2Key || !got.PrivateKey.Equal(m.PrivateKey) || !got.Certificate.Equal(m.Certificate) {
		t.Errorf("the merchant is %v, was %v", got, m)
	}
	got, want := again.Platform.Keys(), p.Keys()
	if len(got) != 3 || len(want) != 3 || !again.Platform.PrivateKey.Equal(p.PrivateKey) {
		t.Fatalf("the platform has %d keys, had %d", len(got), len(want))
	}
	for serial, key := range want {
		if k, ok := key.(interface{ Equal(x any) bool }); ok && !k.Equal(got[serial]) {
			t.Errorf("key %s is another", serial)
		}
	}
}

// testFilesModes checks that only the owner can read the files with secrets.
func testFilesModes(t *testing.T, dir string) {
	for _, pattern := range []string{"wxpay.toml", "apiclient_key.pem", "apiclient_cert.p12", "platform/*_key.pem"} {
		paths, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: %v, %v", pattern, paths, err)
		}
		for _, path := range paths {
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: mode %v, %v", path, info.Mode(), err)
			}
		}
	}
}

// testFilesClient makes a client of the files alone, as in other languages.
func testFilesClient(t *testing.T, dir string, config sandbox.Config) {
	server, err := sandbox.New(config)
	if err != nil {
		t.Fatal(err)
	}
	p12, err := keys.PKCS12(filepath.Join(dir, "apiclient_cert.p12"), sandbox.DefaultMchID)
	if err != nil {
		t.Fatal(err)
	}
	serialNo, err := keys.SerialNo(filepath.Join(dir, "apiclient_cert.pem"))
	if err != nil {
		t.Fatal(err)
	}
	public, err := keys.Public(filepath.Join(dir, "pub_key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	private, err := keys.Private(filepath.Join(dir, "apiclient_key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	client, err := wechatpay.New(wechatpay.Config{
		MchID: sandbox.DefaultMchID, SerialNo: serialNo, PrivateKey: private, ClientCert: &p12,
		PlatformKeys: keys.Static{config.Platform.PublicKeyID: public}, Transport: inprocess.Transport(server),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Chain("v3/pay/transactions/out-trade-no/{out_trade_no}").Bind("out_trade_no", "no_such_order").
		Get(t.Context(), wechatpay.Query(wechatpay.M{"mchid": sandbox.DefaultMchID}))
	refused(t, err, http.StatusNotFound, "ORDER_NOT_EXIST")
}

// testFilesTLS calls a sandbox over HTTPS that presents a certificate of the
// authority in the folder, and takes the merchant's.
func testFilesTLS(t *testing.T, dir string, config sandbox.Config) {
	roots := x509.NewCertPool()
	for round := range 2 { // the second one finds the authority there
		server, err := sandbox.LoadTLS(dir, time.Now(), "127.0.0.1", "sandbox.test")
		if err != nil {
			t.Fatal(err)
		}
		if round == 0 {
			ca, err := os.ReadFile(filepath.Join(dir, sandbox.CAFile))
			if err != nil || !roots.AppendCertsFromPEM(ca) {
				t.Fatal(err)
			}
		}
		peers := make(chan int, 1)
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			peers <- len(r.TLS.PeerCertificates)
		}))
		s.TLS = server
		s.StartTLS()
		for _, name := range []string{"127.0.0.1", "sandbox.test"} {
			transport := &http.Transport{TLSClientConfig: &tls.Config{
				RootCAs: roots, ServerName: name, Certificates: []tls.Certificate{config.Merchants[0].TLS()},
			}}
			resp, err := (&http.Client{Transport: transport}).Get(s.URL)
			if err != nil {
				t.Fatalf("round %d: %s: %v", round, name, err)
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			transport.CloseIdleConnections()
			if n := <-peers; n != 1 {
				t.Errorf("the client presented %d certificates", n)
			}
		}
		s.Close()
	}
	change(t, filepath.Join(dir, "ca_key.pem"), half)
	if _, err := sandbox.LoadTLS(dir, time.Now()); err == nil || !strings.Contains(err.Error(), "ca_key.pem") {
		t.Errorf("damaged: error is %v", err)
	}
}

// testFilesDamaged checks that the error names the file at fault.
func testFilesDamaged(t *testing.T, dir string, config sandbox.Config) {
	serials := make([]string, 2)
	for i, c := range config.Platform.Certificates {
		serial, err := keys.SerialNo(c.Certificate)
		if err != nil {
			t.Fatal(err)
		}
		serials[i] = filepath.Join("platform", serial)
	}
	id := filepath.Join("platform", config.Platform.PublicKeyID)
	other := func(file string) func(string) []byte {
		return func(string) []byte {
			text, err := os.ReadFile(filepath.Join(dir, file))
			if err != nil {
				t.Fatal(err)
			}
			return text
		}
	}
	replace := func(old, new string) func(string) []byte {
		return func(text string) []byte { return []byte(strings.Replace(text, old, new, 1)) }
	}
	for _, test := range []struct {
		file string
		edit func(string) []byte
		want string // besides the file
	}{
		{"wxpay.toml", half, ""},
		{"wxpay.toml", replace(config.Merchants[0].SerialNo, "00"), "serial_no"},
		{"wxpay.toml", replace("apiv3_key", "apiv4_key"), "unknown key"},
		{"wxpay.toml", replace(config.Merchants[0].APIv2Key, "short"), "want 32"},
		{"wxpay.toml", replace("PUB_KEY_ID_", "../../"), "platform_public_key_id"},
		{"apiclient_key.pem", gone, ""},
		{"apiclient_key.pem", half, ""},
		{"apiclient_key.pem", other(id + "_key.pem"), "is not the certificate of"},
		{"apiclient_cert.pem", gone, ""},
		{"apiclient_cert.pem", half, "CERTIFICATE"},
		{"apiclient_cert.p12", gone, ""},
		{"apiclient_cert.p12", half, ""},
		{"pub_key.pem", gone, ""},
		{"pub_key.pem", half, ""},
		{"pub_key.pem", other("apiclient_cert.pem"), "is not the public key of"},
		{id + "_key.pem", gone, ""},
		{id + "_key.pem", half, ""},
		{serials[0] + ".pem", gone, ""},
		{serials[0] + ".pem", half, ""},
		{serials[0] + "_key.pem", gone, ""},
		{serials[1] + "_key.pem", func(string) []byte { return make([]byte, 2<<20) }, "longer"},
		{serials[1] + ".pem", func(string) []byte { return make([]byte, 2<<20) }, "longer"},
	} {
		t.Run(fmt.Sprintf("%s %s", filepath.Base(test.file)[:8], test.want), func(t *testing.T) {
			copied := t.TempDir()
			if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			change(t, filepath.Join(copied, test.file), test.edit)
			_, err := sandbox.LoadDir(copied, start)
			if err == nil || !strings.Contains(err.Error(), filepath.Join(copied, test.file)) || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error is %v, want one that names %s and says %q", err, test.file, test.want)
			}
			if m := config.Merchants[0]; strings.Contains(err.Error(), m.APIv3Key) || strings.Contains(err.Error(), m.APIv2Key) {
				t.Error("the error has a secret")
			}
		})
	}
}

// A first start that was cut short counts neither as no start nor as a complete
// one.
func TestLoadDirHalfWritten(t *testing.T) {
	for _, name := range []string{"apiclient_key.pem", "apiclient_cert.pem", "apiclient_cert.p12", "pub_key.pem", "platform"} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := sandbox.LoadDir(filepath.Dir(path), start); err == nil || !strings.Contains(err.Error(), path+" is there") {
			t.Errorf("error is %v, want one that names %s", err, path)
		}
		if text, err := os.ReadFile(path); err != nil || string(text) != "x" {
			t.Errorf("%s is written over: %v", name, err)
		}
	}
}

func TestLoadDirNoFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := sandbox.LoadDir(path, start)
	if p := (*os.PathError)(nil); !errors.As(err, &p) {
		t.Errorf("error is %v", err)
	}
}
