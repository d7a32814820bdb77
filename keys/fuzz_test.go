package keys_test

import (
	"os"
	"strings"
	"testing"
)

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
