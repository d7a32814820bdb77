package keys_test

import (
	"crypto/rsa"
	"encoding/pem"
	"os"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/keys"
)

// spellings are all ways to name the same file or text.
func spellings(t *testing.T, text string) map[string]string {
	t.Helper()
	path := file(t, text)
	indented := "\n\t  " + strings.ReplaceAll(text, "\n", " \n\t  ")
	oneLine := strings.ReplaceAll(text, "\n", `\n`)
	block, _ := pem.Decode([]byte(text))
	bare := base64Text(block.Bytes)
	wrapped := " " + strings.Join(strings.SplitAfterN(bare, "A", 9), "\n ") + "\n"
	return map[string]string{
		"text in UTF-8 with a mark":         "\ufeff" + text,
		"path, with a mark":                 file(t, "\ufeff"+text),
		"text, indented":                    indented,
		"path, indented":                    file(t, indented),
		"text, indented, CRLF":              strings.ReplaceAll(indented, "\n", "\r\n"),
		"text, indented, with a mark":       "\ufeff" + indented,
		"text with \\n":                     oneLine,
		"text with \\n, without a last":     strings.TrimSuffix(oneLine, `\n`),
		"text with \\r\\n":                  strings.ReplaceAll(oneLine, `\n`, `\r\n`),
		"text with \\n and a line break":    oneLine + "\n",
		"path, with \\n":                    file(t, oneLine),
		"base64":                            bare,
		"base64 in lines":                   wrapped,
		"base64 in CRLF":                    strings.ReplaceAll(wrapped, "\n", "\r\n"),
		"base64 with \\n":                   strings.ReplaceAll(strings.TrimSpace(wrapped), "\n", `\n`),
		"base64 with a mark":                "\ufeff" + bare,
		"path, base64":                      file(t, bare+"\n"),
		"path, base64 in lines with a mark": file(t, "\ufeff"+wrapped),

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

// A file may have 1 MiB.
func TestLongestFile(t *testing.T) {
	m := loadMaterial(t)
	text := pemText("PRIVATE KEY", m.pkcs8)
	text = strings.Repeat("x", 1<<20-1-len(text)) + "\n" + text
	if key, err := keys.Private(file(t, text)); err != nil || !key.Equal(m.private) {
		t.Errorf("of 1 MiB: %v", err)
	}
	if key, err := keys.Private(file(t, text+"\n")); key != nil || err == nil || !strings.Contains(err.Error(), "longer than 1048576 bytes") {
		t.Errorf("a byte longer: %v", err)
	}
}

func TestCertificateSpellings(t *testing.T) {
	m := loadMaterial(t)
	for how, src := range spellings(t, m.certificate) {
		if serialNo, err := keys.SerialNo(src); err != nil || serialNo != m.serialNo {
			t.Errorf("%s: %s, %v", how, serialNo, err)
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
