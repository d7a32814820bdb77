package certs

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/signer"
)

const certsAPIv3Key = "an APIv3 key, which has 32 bytes"

// A platformOfCertificates serves a list of certificates that includes its own.
type platformOfCertificates struct {
	t         *testing.T
	key       *rsa.PrivateKey
	cert      *x509.Certificate
	merchants signer.PublicKeys
	refuse    string // body of the answer with status 404, if not empty
}

func newCertsPlatform(t *testing.T) (p *platformOfCertificates, keyFile string) {
	t.Helper()
	dir := t.TempDir()
	if err := testkit.WriteKeys(dir); err != nil {
		t.Fatal(err)
	}
	made := testkit.Keys()
	p = &platformOfCertificates{t: t, key: made[1], merchants: keys.Static{testkit.SerialNo: made[0].Public()}}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(0x0ABCDEF), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(10*24*time.Hour + time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, p.key.Public(), p.key)
	if err != nil {
		t.Fatal(err)
	}
	if p.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return p, filepath.Join(dir, "apiclient_key.pem")
}

func (p *platformOfCertificates) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := p.answer(w, r); err != nil {
		p.t.Error(err)
		w.WriteHeader(http.StatusInternalServerError)
	}
}

func (p *platformOfCertificates) answer(w http.ResponseWriter, r *http.Request) error {
	a, err := platform.ParseAuthorization(r.Header.Get("Authorization"))
	if err != nil {
		return err
	}
	if err := platform.Verify(r.Context(), p.merchants, r.Method, r.URL.RequestURI(), a, nil); err != nil {
		return err
	}
	if p.refuse != "" {
		w.WriteHeader(http.StatusNotFound)
		_, err := w.Write([]byte(p.refuse))
		return err
	}
	gcm, err := cipher.NewGCM(certsAPIv3Key)
	if err != nil {
		return err
	}
	sealed, err := gcm.Seal(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.cert.Raw}), "123456789012", "certificate")
	if err != nil {
		return err
	}
	body, err := json.Marshal(map[string]any{"data": []any{map[string]any{"serial_no": "ABCDEF", "encrypt_certificate": sealed}}})
	if err != nil {
		return err
	}
	s, err := signer.NewRSA("ABCDEF", p.key)
	if err != nil {
		return err
	}
	if err := platform.Sign(r.Context(), s, w.Header(), strconv.FormatInt(time.Now().Unix(), 10), body); err != nil {
		return err
	}
	_, err = w.Write(body)
	return err
}

func TestCerts(t *testing.T) {
	p, keyFile := newCertsPlatform(t)
	server := httptest.NewServer(p)
	defer server.Close()
	t.Setenv("WECHATPAY_MCHID", testkit.MchID)
	t.Setenv("WECHATPAY_SERIAL_NO", testkit.SerialNo)
	t.Setenv("WECHATPAY_PRIVATE_KEY", keyFile)
	t.Setenv("WECHATPAY_APIV3_KEY", certsAPIv3Key)
	dir := filepath.Join(t.TempDir(), "platform")
	for range 2 { // the second run overwrites the files of the first
		code, stdout, stderr := exec(t.Context(), "certs", "--dir", dir, "--base-url", server.URL)
		path := filepath.Join(dir, "ABCDEF.pem")
		if code != exit.OK || stderr != "" || !strings.Contains(stdout, path) || !strings.Contains(stdout, "(10 days left)") {
			t.Fatalf("exit %d, stderr %q, stdout %q", code, stderr, stdout)
		}
		if key, err := keys.Public(path); err != nil || !p.key.PublicKey.Equal(key) {
			t.Errorf("%s has another key, or none: %v", path, err)
		}
		if entries, err := os.ReadDir(dir); len(entries) != 1 || err != nil {
			t.Errorf("the folder has %v, %v", entries, err)
		}
	}

	p.refuse = `{"code":"RESOURCE_NOT_EXISTS","message":"无可用的平台证书"}`
	code, _, stderr := exec(t.Context(), "certs", "--dir", dir, "--base-url", server.URL)
	if code != exit.Failed || !strings.Contains(stderr, "platform public key") {
		t.Errorf("exit %d, stderr %q", code, stderr)
	}
	p.refuse = ""
	t.Setenv("WECHATPAY_APIV3_KEY", strings.Repeat("x", 32))
	if code, _, stderr = exec(t.Context(), "certs", "--dir", dir, "--base-url", server.URL); code != exit.Failed || !strings.Contains(stderr, "APIv3Key") {
		t.Errorf("exit %d, stderr %q", code, stderr)
	}
}

func TestCertsMisused(t *testing.T) {
	_, keyFile := newCertsPlatform(t)
	for _, name := range []string{"MCHID", "SERIAL_NO", "CERTIFICATE", "PRIVATE_KEY", "APIV3_KEY", "BASE_URL"} {
		t.Setenv("WECHATPAY_"+name, "")
	}
	const key = "-----BEGIN PRIVATE KEY-----"
	whole := []string{"--mchid", testkit.MchID, "--serial-no", testkit.SerialNo, "--private-key", keyFile}
	for _, tt := range []struct {
		name, apiv3Key string
		args           []string
		want           string
	}{
		{"nothing", "", nil, "missing: --mchid or WECHATPAY_MCHID, --serial-no or WECHATPAY_SERIAL_NO, --private-key or WECHATPAY_PRIVATE_KEY, WECHATPAY_APIV3_KEY"},
		{"a key as an argument", certsAPIv3Key, append(whole[:4:4], "--private-key", key), "others on this machine can see it"},
		{"no file", certsAPIv3Key, append(whole[:4:4], "--private-key", keyFile+"x"), "WECHATPAY_PRIVATE_KEY: "},
		{"a key in place of the certificate", certsAPIv3Key, append([]string{"--certificate", keyFile}, append(whole[:2:2], whole[4:]...)...), "WECHATPAY_CERTIFICATE: "},
		{"a short APIv3 key", "short", whole, "5 bytes"},
		{"an argument", certsAPIv3Key, append(whole, "here"), "takes no arguments"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("WECHATPAY_APIV3_KEY", tt.apiv3Key)
			code, stdout, stderr := exec(t.Context(), append([]string{"certs"}, tt.args...)...)
			if code != exit.Usage || stdout != "" || !strings.Contains(stderr, tt.want) || strings.Contains(stderr, key) {
				t.Errorf("exit %d, stdout %q, stderr %q, want %q", code, stdout, stderr, tt.want)
			}
		})
	}
}
