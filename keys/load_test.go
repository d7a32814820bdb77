package keys_test

import (
	"crypto/rsa"
	"os"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/keys"
)

// spellings are all ways to name the same file or text.
func spellings(t *testing.T, text string) map[string]string {
	t.Helper()
	path := file(t, text)
	return map[string]string{
		"text":            text,
		"text in CRLF":    strings.ReplaceAll(text, "\n", "\r\n"),
		"text after text": "Bag Attributes\n    localKeyID: 01\n" + text,
		"path":            path,
		"file://":         "file://" + path,
		"path, CRLF":      file(t, strings.ReplaceAll(text, "\n", "\r\n")),
	}
}

func TestPrivate(t *testing.T) {
	m := loadMaterial(t)
	sources := map[string]string{
		"private.pkcs1://": "private.pkcs1://" + base64Text(m.pkcs1),
		"private.pkcs8://": "private.pkcs8://" + base64Text(m.pkcs8),
	}
	for form, text := range map[string]string{
		"PKCS#1": pemText("RSA PRIVATE KEY", m.pkcs1),
		"PKCS#8": pemText("PRIVATE KEY", m.pkcs8),
	} {
		for how, src := range spellings(t, text) {
			sources[form+" "+how] = src
		}
	}
	for name, src := range sources {
		t.Run(name, func(t *testing.T) {
			key, err := keys.Private(src)
			if err != nil {
				t.Fatal(err)
			}
			if !key.Equal(m.private) {
				t.Error("it is another key")
			}
		})
	}
}

func TestPublic(t *testing.T) {
	m := loadMaterial(t)
	sources := map[string]string{
		"public.pkcs1://": "public.pkcs1://" + base64Text(m.publicPKCS1),
		"public.spki://":  "public.spki://" + base64Text(m.spki),
	}
	for form, text := range map[string]string{
		"SPKI":   pemText("PUBLIC KEY", m.spki),
		"PKCS#1": pemText("RSA PUBLIC KEY", m.publicPKCS1),
		"X.509":  m.certificate,
	} {
		for how, src := range spellings(t, text) {
			sources[form+" "+how] = src
		}
	}
	for name, src := range sources {
		t.Run(name, func(t *testing.T) {
			key, err := keys.Public(src)
			if err != nil {
				t.Fatal(err)
			}
			if !key.Equal(m.public) {
				t.Error("it is another key")
			}
		})
	}
}

func TestPathIsRelativeToTheWorkingDirectory(t *testing.T) {
	m := loadMaterial(t)
	t.Chdir(t.TempDir())
	if err := os.WriteFile("apiclient_key.pem", []byte(pemText("PRIVATE KEY", m.pkcs8)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, src := range []string{"apiclient_key.pem", "./apiclient_key.pem", "file://apiclient_key.pem"} {
		if key, err := keys.Private(src); err != nil || !key.Equal(m.private) {
			t.Errorf("Private(%q): %v", src, err)
		}
	}
}

// loaders are the three ways in, alike in what they make of a source.
var loaders = map[string]func(string) (loaded bool, err error){
	"private key": func(src string) (bool, error) {
		key, err := keys.Private(src)
		return key != (*rsa.PrivateKey)(nil), err
	},
	"public key": func(src string) (bool, error) {
		key, err := keys.Public(src)
		return key != (*rsa.PublicKey)(nil), err
	},
	"certificate": func(src string) (bool, error) {
		serialNo, err := keys.SerialNo(src)
		return serialNo != "", err
	},
}
