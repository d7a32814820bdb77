package keys_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/wxchain/wechatpay/keys"
)

// FuzzPKCS12 looks for a file that makes PKCS12 panic, or load half.
func FuzzPKCS12(f *testing.F) {
	m := loadMaterial(f)
	for _, encoder := range []*pkcs12.Encoder{pkcs12.LegacyRC2, pkcs12.LegacyDES, pkcs12.Modern.WithIterations(1)} {
		data, err := os.ReadFile(p12(f, encoder, m.private, parse(f, m.merchantCertificate)))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(m.certificate))
	path := filepath.Join(f.TempDir(), "apiclient_cert.p12")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		cert, err := keys.PKCS12(path, merchantNo)
		if loaded := cert.PrivateKey != nil && cert.Leaf != nil && len(cert.Certificate) > 0; loaded == (err != nil) {
			t.Errorf("loaded %v, error %v", loaded, err)
		}
		if err != nil && len(err.Error()) > 500 {
			t.Errorf("an error of %d bytes", len(err.Error()))
		}
	})
}

// FuzzLoad looks for a source that makes a loader panic, or say in an error
// what it read.
func FuzzLoad(f *testing.F) {
	m := loadMaterial(f)
	for _, src := range []string{
		"", "key.pem", "file://", "https://example.com", "-----BEGIN", "-----BEGIN X-----\n-----END X-----",
		m.certificate,
		pemText("PRIVATE KEY", m.pkcs8), pemText("RSA PRIVATE KEY", m.pkcs1),
		pemText("PUBLIC KEY", m.spki), pemText("RSA PUBLIC KEY", m.publicPKCS1),
		pemText("PRIVATE KEY", m.ecPrivate), pemText("ENCRYPTED PRIVATE KEY", m.pkcs8),
		encrypted(f, m.private), edited(f, func(k *encryptedKey) { k.Algorithm.Params.Scheme.IV = nil }),
		"private.pkcs1://" + base64Text(m.pkcs1), "private.pkcs8://" + base64Text(m.pkcs8),
		"public.pkcs1://" + base64Text(m.publicPKCS1), "public.spki://" + base64Text(m.spki),
		base64Text(m.pkcs8), base64Text(m.ecPrivate),
	} {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		if _, err := os.Stat(strings.TrimPrefix(src, "file://")); err == nil {
			t.Skip("the name of a file, which may have no end")
		}
		if key, err := keys.PrivateWithPassphrase(src, passphrase); (key != nil) == (err != nil) {
			t.Errorf("with a passphrase: loaded %v, error %v", key != nil, err)
		}
		for what, load := range loaders {
			loaded, err := load(src)
			if loaded == (err != nil) {
				t.Errorf("%s: loaded %v, error %v", what, loaded, err)
			}
			if err != nil && len(src) > 250 && strings.Contains(err.Error(), src) {
				t.Errorf("%s: the error has all of the source in it: %v", what, err)
			}
			if err != nil && len(err.Error()) > 1000 {
				t.Errorf("%s: an error of %d bytes: %v", what, len(err.Error()), err)
			}
		}
	})
}
