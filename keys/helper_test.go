package keys_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/wxchain/wechatpay/internal/vectors"
)

// material is keys and certificates in every spelling, made once.
type material struct {
	private *rsa.PrivateKey
	public  *rsa.PublicKey // the platform's, not that of private

	pkcs1, pkcs8         []byte // DER of private
	publicPKCS1, spki    []byte // DER of public
	certificate          string // PEM, of public
	merchantCertificate  string // PEM, of private
	serialNo, merchantNo string // of the two certificates
	ecPrivate, ecPublic  []byte // DER
	shortPrivate         []byte // DER, 1024 bits
	shortPublic          []byte // DER
}

var makeMaterial = sync.OnceValues(func() (m material, err error) {
	v, err := vectors.Read()
	if err != nil {
		return m, err
	}
	m.certificate, m.merchantCertificate = v.PlatformCertificatePEM, v.MerchantCertificatePEM
	m.serialNo, m.merchantNo = v.PlatformSerialNo, v.MerchantSerialNo

	block, _ := pem.Decode([]byte(v.MerchantPrivateKeyPEM))
	m.pkcs8 = block.Bytes
	private, err := x509.ParsePKCS8PrivateKey(m.pkcs8)
	if err != nil {
		return m, err
	}
	m.private = private.(*rsa.PrivateKey)
	m.pkcs1 = x509.MarshalPKCS1PrivateKey(m.private)

	block, _ = pem.Decode([]byte(v.PlatformPublicKeyPEM))
	m.spki = block.Bytes
	public, err := x509.ParsePKIXPublicKey(m.spki)
	if err != nil {
		return m, err
	}
	m.public = public.(*rsa.PublicKey)
	m.publicPKCS1 = x509.MarshalPKCS1PublicKey(m.public)

	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		return m, err
	}
	m.shortPrivate = x509.MarshalPKCS1PrivateKey(short)
	m.shortPublic = x509.MarshalPKCS1PublicKey(&short.PublicKey)
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return m, err
	}
	if m.ecPrivate, err = x509.MarshalPKCS8PrivateKey(ec); err != nil {
		return m, err
	}
	m.ecPublic, err = x509.MarshalPKIXPublicKey(&ec.PublicKey)
	return m, err
})

func loadMaterial(t testing.TB) material {
	t.Helper()
	m, err := makeMaterial()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func pemText(blockType string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: blockType, Bytes: der}))
}

func base64Text(der []byte) string { return base64.StdEncoding.EncodeToString(der) }

// file writes text to a file of its own and returns the path.
func file(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// newCertificate makes a certificate of that serial number, in PEM.
func newCertificate(t testing.TB, serial *big.Int) string {
	t.Helper()
	key := loadMaterial(t).private
	template := &x509.Certificate{SerialNumber: serial}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return pemText("CERTIFICATE", der)
}

// checkNoLeak checks that err quotes nothing of any key.
func checkNoLeak(t *testing.T, err error) {
	t.Helper()
	const enough = 20 // characters in a row
	m, text := loadMaterial(t), err.Error()
	for _, der := range [][]byte{m.pkcs1, m.pkcs8, m.publicPKCS1, m.spki, m.ecPrivate, m.ecPublic, m.shortPrivate, m.shortPublic} {
		key := base64Text(der)
		for i := range len(text) - enough {
			if strings.Contains(key, text[i:i+enough]) {
				t.Fatalf("error quotes a key: %q", text)
			}
		}
	}
}
