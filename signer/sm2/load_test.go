package sm2_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	gmsm "github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"

	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/signer/sm2"
)

func pemOf(t *testing.T, blockType string, der []byte, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: blockType, Bytes: der}))
}

// spellings returns the ways to give a PEM text.
func spellings(t *testing.T, text string, schemes ...string) map[string]string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode([]byte(text))
	bare := base64.StdEncoding.EncodeToString(block.Bytes)
	all := map[string]string{
		"PEM text": text, "path": path, "file URL": "file://" + path, "bare base64": bare,
		"byte order mark": "\ufeff" + text, `\n for lines`: strings.ReplaceAll(text, "\n", `\n`), "indented": "  " + strings.ReplaceAll(text, "\n", "\n  "),
	}
	for _, scheme := range schemes {
		all[scheme] = scheme + bare
	}
	return all
}

func TestPrivate(t *testing.T) {
	v := load(t)
	want, err := sm2.Private(v.Merchant.PrivateKeyPEM)
	if err != nil {
		t.Fatal(err)
	}
	for name, src := range spellings(t, v.Merchant.PrivateKeyPEM, "private.pkcs8://") {
		if key, err := sm2.Private(src); err != nil || !key.Equal(want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	sec1, err := smx509.MarshalSM2PrivateKey(want)
	if key, err := sm2.Private(pemOf(t, "EC PRIVATE KEY", sec1, err)); err != nil || !key.Equal(want) {
		t.Errorf("SEC 1: %v", err)
	}
}

func TestPublic(t *testing.T) {
	v := load(t)
	key, err := sm2.Private(v.Merchant.PrivateKeyPEM)
	if err != nil {
		t.Fatal(err)
	}
	spki, err := smx509.MarshalPKIXPublicKey(&key.PublicKey)
	for kind, all := range map[string]map[string]string{
		"SPKI":        spellings(t, pemOf(t, "PUBLIC KEY", spki, err), "public.spki://"),
		"certificate": spellings(t, v.Merchant.CertificatePEM),
	} {
		for name, src := range all {
			got, err := sm2.Public(src)
			if err != nil || !got.(interface{ Equal(crypto.PublicKey) bool }).Equal(&key.PublicKey) {
				t.Errorf("%s, %s: %v", kind, name, err)
			}
		}
	}
	for name, src := range spellings(t, v.Merchant.CertificatePEM) {
		if serial, err := sm2.SerialNo(src); err != nil || serial != v.Merchant.SerialNo {
			t.Errorf("serial number from %s: %s, %v", name, serial, err)
		}
	}
}

// Every function says what is wrong with text that it does not load, and quotes no
// key.
func TestRefused(t *testing.T) {
	v := load(t)
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ecPrivate, err1 := x509.MarshalPKCS8PrivateKey(ec)
	ecPublic, err2 := x509.MarshalPKIXPublicKey(ec.Public())
	rsaPublic, err3 := x509.MarshalPKIXPublicKey(vectors.PlatformKey(t))
	rsaCert := vectors.Load(t).MerchantCertificatePEM
	private := func(src string) error { _, err := sm2.Private(src); return err }
	public := func(src string) error { _, err := sm2.Public(src); return err }
	certificate := func(src string) error { _, err := sm2.Certificate(src); return err }
	serial := func(src string) error { _, err := sm2.SerialNo(src); return err }
	for _, tt := range []struct {
		name, src string
		load      func(string) error
		want      string
	}{
		{"private, empty", "", private, "missing"},
		{"private, no file", "absent.pem", private, "no such file"},
		{"private, RSA", vectors.Load(t).MerchantPrivateKeyPEM, private, "not an SM2 key"},
		{"private, another curve", pemOf(t, "PRIVATE KEY", ecPrivate, err1), private, "another curve"},
		{"private, damaged", pemOf(t, "PRIVATE KEY", []byte("x"), nil), private, "damaged"},
		{"private, damaged SEC 1", pemOf(t, "EC PRIVATE KEY", []byte("x"), nil), private, "damaged"},
		{"private, encrypted", pemOf(t, "ENCRYPTED PRIVATE KEY", []byte("x"), nil), private, "passphrase"},
		{"private, certificate", v.Merchant.CertificatePEM, private, "this is a certificate"},
		{"private, public key", pemOf(t, "PUBLIC KEY", ecPublic, err2), private, "this is a public key"},
		{"private, another kind", pemOf(t, "DH PARAMETERS", []byte("x"), nil), private, "want PRIVATE KEY"},
		{"public, private key", v.Merchant.PrivateKeyPEM, public, "this is a private key"},
		{"public, RSA", pemOf(t, "PUBLIC KEY", rsaPublic, err3), public, "not an SM2 key"},
		{"public, RSA certificate", rsaCert, public, "not an SM2 key"},
		{"public, another curve", pemOf(t, "PUBLIC KEY", ecPublic, err2), public, "another curve"},
		{"public, damaged", pemOf(t, "PUBLIC KEY", []byte("x"), nil), public, "damaged"},
		{"public, damaged certificate", pemOf(t, "CERTIFICATE", []byte("x"), nil), public, "damaged"},
		{"public, another kind", pemOf(t, "DH PARAMETERS", []byte("x"), nil), public, "want PUBLIC KEY"},
		{"certificate, private key", v.Merchant.PrivateKeyPEM, certificate, "want CERTIFICATE"},
		{"certificate, RSA", rsaCert, certificate, "not an SM2 key"},
		{"serial number, empty", " ", serial, "missing"},
	} {
		err := tt.load(tt.src)
		if err == nil || !strings.HasPrefix(err.Error(), "sm2: ") || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
		if err != nil && len(tt.src) > 100 && strings.Contains(err.Error(), tt.src[40:80]) {
			t.Errorf("%s: the error quotes the text: %v", tt.name, err)
		}
	}
}

func TestNewSignerRefuses(t *testing.T) {
	key, err := sm2.Private(load(t).Merchant.PrivateKeyPEM)
	if err != nil {
		t.Fatal(err)
	}
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]func() (any, error){
		"no serial":     func() (any, error) { return sm2.NewSigner("", key) },
		"no key":        func() (any, error) { return sm2.NewSigner("1", nil) },
		"empty key":     func() (any, error) { return sm2.NewSigner("1", new(gmsm.PrivateKey)) },
		"another curve": func() (any, error) { return sm2.NewSigner("1", &gmsm.PrivateKey{PrivateKey: *ec}) },
	} {
		if s, err := f(); err == nil || s != nil {
			t.Errorf("%s: %v, %v", name, s, err)
		}
	}
}
