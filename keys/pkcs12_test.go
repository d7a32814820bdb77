package keys_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/youmark/pkcs8"
	"software.sslmate.com/src/go-pkcs12"

	"github.com/wxchain/wechatpay/keys"
)

const passphrase = "correct horse"

func parse(t testing.TB, text string) *x509.Certificate {
	t.Helper()
	block, _ := pem.Decode([]byte(text))
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// p12 writes a PKCS#12 file and returns its path.
func p12(t testing.TB, encoder *pkcs12.Encoder, key any, cert *x509.Certificate, rest ...*x509.Certificate) string {
	t.Helper()
	data, err := encoder.Encode(key, cert, rest, merchantNo)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "apiclient_cert.p12")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPKCS12(t *testing.T) {
	m := loadMaterial(t)
	merchant, ca := parse(t, m.merchantCertificate), parse(t, m.certificate)
	for name, encoder := range map[string]*pkcs12.Encoder{"RC2": pkcs12.LegacyRC2, "3DES": pkcs12.LegacyDES, "AES": pkcs12.Modern} {
		t.Run(name, func(t *testing.T) {
			path := p12(t, encoder, m.private, merchant, ca)
			for _, path := range []string{path, "file://" + path} {
				cert, err := keys.PKCS12(path, merchantNo)
				if err != nil {
					t.Fatal(err)
				}
				if !m.private.Equal(cert.PrivateKey.(*rsa.PrivateKey)) || !cert.Leaf.Equal(merchant) || len(cert.Certificate) != 2 {
					t.Errorf("%d certificates, leaf %v", len(cert.Certificate), cert.Leaf.SerialNumber)
				}
				if serial, err := keys.SerialNo(cert.Leaf); serial != m.merchantNo || err != nil {
					t.Errorf("serial number %s, %v", serial, err)
				}
			}
		})
	}
}

func TestPKCS12WhoseLeafComesLast(t *testing.T) {
	m := loadMaterial(t)
	merchant := parse(t, m.merchantCertificate)
	cert, err := keys.PKCS12(p12(t, pkcs12.Modern, m.private, parse(t, m.certificate), merchant), merchantNo)
	if err != nil || !cert.Leaf.Equal(merchant) || string(cert.Certificate[0]) != string(merchant.Raw) {
		t.Errorf("the certificate is not that of the key: %v", err)
	}
}

func TestPKCS12Refuses(t *testing.T) {
	m := loadMaterial(t)
	merchant := parse(t, m.merchantCertificate)
	ec, err := x509.ParsePKCS8PrivateKey(m.ecPrivate)
	if err != nil {
		t.Fatal(err)
	}
	short, err := x509.ParsePKCS1PrivateKey(m.shortPrivate)
	if err != nil {
		t.Fatal(err)
	}
	trust, err := pkcs12.Modern.EncodeTrustStore([]*x509.Certificate{merchant}, merchantNo)
	if err != nil {
		t.Fatal(err)
	}
	good := p12(t, pkcs12.Modern, m.private, merchant)
	for _, tt := range []struct{ name, path, password, want string }{
		{"no path", "", merchantNo, "missing"},
		{"no file", filepath.Join(t.TempDir(), "apiclient_cert.p12"), merchantNo, "no such file"},
		{"a wrong password", good, passphrase, "password is wrong"},
		{"no password", good, "", "password is missing"},
		{"PEM", file(t, m.merchantCertificate), merchantNo, "the file is PEM, so it is not PKCS#12"},
		{"an empty file", file(t, ""), merchantNo, "the file is empty, so it is not PKCS#12"},
		{"a file of something else", file(t, "hello"), merchantNo, "the file is damaged, or it is not PKCS#12"},
		{"no private key", file(t, string(trust)), merchantNo, "lacks a private key"},
		{"another's certificate", p12(t, pkcs12.Modern, m.private, parse(t, m.certificate)), merchantNo, "does not belong"},
		{"an EC key", p12(t, pkcs12.Modern, ec.(*ecdsa.PrivateKey), merchant), merchantNo, "not an RSA key"},
		{"a short key", p12(t, pkcs12.Modern, short, merchant), merchantNo, "1024 bits"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cert, err := keys.PKCS12(tt.path, tt.password)
			if err == nil || cert.PrivateKey != nil || cert.Certificate != nil {
				t.Fatal("it was loaded")
			}
			if !strings.HasPrefix(err.Error(), "PKCS#12: ") || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), passphrase) {
				t.Errorf("error %q, want %q", err, tt.want)
			}
			checkNoLeak(t, err)
		})
	}
}

// encrypted is a private key in PEM, encrypted with passphrase.
func encrypted(t testing.TB, key any) string {
	t.Helper()
	der, err := pkcs8.MarshalPrivateKey(key, []byte(passphrase), &pkcs8.Opts{
		Cipher:  pkcs8.AES256CBC,
		KDFOpts: pkcs8.PBKDF2Opts{SaltSize: 8, IterationCount: 100, HMACHash: crypto.SHA256},
	})
	if err != nil {
		t.Fatal(err)
	}
	return pemText("ENCRYPTED PRIVATE KEY", der)
}

func TestPrivateWithPassphrase(t *testing.T) {
	m := loadMaterial(t)
	text := encrypted(t, m.private)
	block, _ := pem.Decode([]byte(text))
	bare := base64Text(block.Bytes)
	for _, src := range []string{text, file(t, text), bare, file(t, bare), pemText("PRIVATE KEY", m.pkcs8)} {
		key, err := keys.PrivateWithPassphrase(src, passphrase)
		if err != nil || !m.private.Equal(key) {
			t.Errorf("another key, or none: %v", err)
		}
	}
}

func TestPrivateWithPassphraseRefuses(t *testing.T) {
	m := loadMaterial(t)
	text := encrypted(t, m.private)
	ec, err := x509.ParsePKCS8PrivateKey(m.ecPrivate)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, src, passphrase, want string }{
		{"a wrong passphrase", text, "wrong", "passphrase is wrong"},
		{"no passphrase", text, "", "passphrase is missing"},
		{"a damaged key", pemText("ENCRYPTED PRIVATE KEY", []byte("damaged")), passphrase, "damaged"},
		{"garbled PEM", strings.Replace(text, "BEGIN", "BEGUN", 1), passphrase, "neither PEM text"},
		{"a certificate", m.certificate, passphrase, "this is a certificate"},
		{"an EC key", encrypted(t, ec), passphrase, "not an RSA key"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			key, err := keys.PrivateWithPassphrase(tt.src, tt.passphrase)
			if err == nil || key != nil {
				t.Fatal("it was loaded")
			}
			if !strings.HasPrefix(err.Error(), "private key: ") || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), passphrase) {
				t.Errorf("error %q, want %q", err, tt.want)
			}
			checkNoLeak(t, err)
		})
	}
}
