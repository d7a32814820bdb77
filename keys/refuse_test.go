package keys_test

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"path/filepath"
	"strings"
	"testing"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/wxchain/wechatpay/keys"
)

// utf16Text is text in UTF-16, after a byte order mark.
func utf16Text(text, mark string, bigEndian bool) string {
	var b strings.Builder
	b.WriteString(mark)
	for i := range len(text) { // ASCII
		if bigEndian {
			b.WriteByte(0)
		}
		b.WriteByte(text[i])
		if !bigEndian {
			b.WriteByte(0)
		}
	}
	return b.String()
}

type refusal struct{ name, src, want string }

// check checks that load refuses src, says why, names itself and leaks nothing.
func (r refusal) check(t *testing.T, what string) {
	t.Helper()
	t.Run(what+" "+r.name, func(t *testing.T) {
		loaded, err := loaders[what](r.src)
		if err == nil || loaded {
			t.Fatalf("it was loaded (error %v)", err)
		}
		if !strings.HasPrefix(err.Error(), what+": ") {
			t.Errorf("error %q does not start with %q", err, what)
		}
		if !strings.Contains(err.Error(), r.want) {
			t.Errorf("error %q does not say %q", err, r.want)
		}
		if len(err.Error()) > 500 {
			t.Errorf("error of %d bytes", len(err.Error()))
		}
		checkNoLeak(t, err)
	})
}

func TestNoLoaderTakes(t *testing.T) {
	m := loadMaterial(t)
	good := pemText("PRIVATE KEY", m.pkcs8)
	bare := base64Text(m.pkcs8)
	dir := t.TempDir()
	missing := filepath.Join(dir, "apiclient_key.pem")
	long := file(t, strings.Repeat("x", 1<<20)+"\n"+good)
	for _, r := range []refusal{
		{"nothing", "", "missing"},
		{"blanks", " \n\t", "missing"},
		{"a file that is not there", missing, missing},
		{"a URL of a file that is not there", "file://" + missing, missing},
		{"a directory", dir, dir},
		{"a file too long", long, long},
		{"an empty file", file(t, ""), "no PEM block"},
		{"a file of something else", file(t, "hello"), "no PEM block"},
		{"a path with a NUL", "key\x00.pem", "neither PEM text"},
		{"base64 in lines", strings.Join(strings.SplitAfter(good, "\n")[1:4], ""), "neither PEM text"},
		{"one line of base64", bare[64:128], "neither PEM text"},
		{"base64 of something else", base64Text([]byte(strings.Repeat("no key", 20))), "neither PEM text"},
		{"base64 cut short", bare[:len(bare)-40], "neither PEM text"},
		{"base64 of something else in a file", file(t, base64Text([]byte(strings.Repeat("no key", 20)))), "no PEM block"},
		{"PEM in one line", strings.ReplaceAll(good, "\n", " "), "on lines of their own"},
		{"folded PEM", strings.ReplaceAll(good, "\n", " "), "folded into one line"},
		{"folded PEM in a file", file(t, strings.ReplaceAll(good, "\n", " ")), "folded into one line"},
		{"PEM without line breaks", strings.ReplaceAll(good, "\n", ""), "folded into one line"},
		{"PEM in CR", strings.ReplaceAll(good, "\n", "\r"), "CR alone"},
		{"PEM in CR in a file", file(t, strings.ReplaceAll(good, "\n", "\r")), "CR alone"},
		{"PEM in quotes", `"` + good + `"`, "in quotes"},
		{"PEM with \\n in quotes", "'" + strings.ReplaceAll(good, "\n", `\n`) + "'", "in quotes"},
		{"PEM in quotes in a file", file(t, " \""+good+"\"\n"), "in quotes"},
		{"UTF-16 in a file", file(t, utf16Text(good, "\xff\xfe", false)), "UTF-16"},
		{"UTF-16, big-endian, in a file", file(t, utf16Text(good, "\xfe\xff", true)), "UTF-16"},
		{"UTF-16 without a mark in a file", file(t, utf16Text(good, "", false)), "UTF-16"},
		{"UTF-16", utf16Text(good, "\xff\xfe", false), "UTF-16"},
		{"DER in a file", file(t, string(m.pkcs8)), "it is DER"},
		{"DER of a public key in a file", file(t, string(m.spki)), "it is DER"},
		{"DER", string(m.pkcs1), "it is DER"},
		{"PKCS#12", p12(t, pkcs12.Modern, m.private, parse(t, m.merchantCertificate)), "keys.PKCS12 loads it"},
		{"a file of blanks", file(t, " \n\t\n"), "it is empty"},
		{"a file of a byte order mark", file(t, "\ufeff"), "it is empty"},
		{"a file that is empty", file(t, ""), "it is empty"},
		{"an END that is missing", strings.Split(good, "-----END")[0], "-----END …----- is missing"},
		{"PEM cut short", good[:len(good)-40], "no PEM block"},
		{"PEM of two kinds", strings.Replace(good, "END PRIVATE", "END PUBLIC", 1), "no PEM block"},
		{"PEM with garbage in it", strings.Replace(good, "\nMII", "\n%%%", 1), "no PEM block"},
		{"PEM of a kind unknown", pemText("DSA PRIVATE KEY", m.pkcs8), `"DSA PRIVATE KEY", want`},
		{"PEM of a kind that is a key", pemText(base64Text(m.pkcs8)[:300], m.pkcs8), "of no kind known, want"},
		{"PEM of a kind of 40 letters", pemText(strings.Repeat("K", 40), m.pkcs8), `"` + strings.Repeat("K", 40) + `", want`},
		{"PEM of a kind of 41 letters", pemText(strings.Repeat("K", 41), m.pkcs8), "of no kind known, want"},
		{"another scheme", "https://" + bare, `scheme "https://"`},
		{"a scheme in capitals", "PRIVATE.PKCS8://" + bare, `scheme "PRIVATE.PKCS8://"`},
		{"two schemes", "file://private.pkcs8://" + bare, "scheme"},
		{"a scheme of 19 letters", strings.Repeat("s", 19) + "://key.pem", `scheme "` + strings.Repeat("s", 19) + `://"`},
		{"a path like a scheme of 20 letters", strings.Repeat("s", 20) + "://key.pem", "no such file"},
		{"60 letters", strings.Repeat("k", 60), strings.Repeat("k", 60)},
		{"64 letters, as in a line of PEM", strings.Repeat("k", 64), "neither PEM text"},
		{"200 letters, as in base64", strings.Repeat("k", 200), "neither PEM text"},
		{"a path of 200 letters that is no base64", strings.Repeat("k.", 100), strings.Repeat("k.", 100)},
		{"201 letters that are no base64", strings.Repeat("k.", 100) + "k", "neither PEM text"},
		{"a path of 1024 letters", strings.Repeat("k/", 512), "nor the path of a file: "}, // the system has looked
	} {
		for what := range loaders {
			r.check(t, what)
		}
	}
}

// A text that is too long for a path is not looked for.
func TestLongTextIsNotAPath(t *testing.T) {
	for what, load := range loaders {
		if _, err := load(strings.Repeat("k/", 512) + "k"); err == nil || !strings.HasSuffix(err.Error(), "nor the path of a file") {
			t.Errorf("%s: error %v", what, err)
		}
	}
}

func TestPrivateRefuses(t *testing.T) {
	m := loadMaterial(t)
	encrypted := pem.EncodeToMemory(&pem.Block{
		Type:    "RSA PRIVATE KEY",
		Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-128-CBC,00112233445566778899AABBCCDDEEFF"},
		Bytes:   m.pkcs1,
	})
	damaged := append([]byte(nil), m.pkcs8...)
	damaged[300] ^= 0xff // of the modulus, so that the primes do not fit
	for _, r := range []refusal{
		{"a certificate", m.merchantCertificate, "this is a certificate"},
		{"a public key", pemText("PUBLIC KEY", m.spki), "this is a public key"},
		{"a public key, PKCS#1", pemText("RSA PUBLIC KEY", m.publicPKCS1), "this is a public key"},
		{"an EC key", pemText("PRIVATE KEY", m.ecPrivate), "not an RSA key"},
		{"an EC key in base64", base64Text(m.ecPrivate), "not an RSA key"},
		{"a short key in base64", base64Text(m.shortPrivate), "1024 bits"},
		{"a public key in base64", base64Text(m.spki), "this is a public key"},
		{"a public key in base64 in a file", file(t, base64Text(m.publicPKCS1)), "this is a public key"},
		{"an EC key, SEC 1", pemText("EC PRIVATE KEY", m.ecPrivate), `"EC PRIVATE KEY"`},
		{"1024 bits", pemText("RSA PRIVATE KEY", m.shortPrivate), "1024 bits, at least 2048"},
		{"1024 bits in base64", "private.pkcs1://" + base64Text(m.shortPrivate), "1024 bits"},
		{"encrypted PKCS#1", string(encrypted), "passphrase"},
		{"encrypted PKCS#8", pemText("ENCRYPTED PRIVATE KEY", m.pkcs8), "passphrase"},
		{"PKCS#1 called PKCS#8", pemText("PRIVATE KEY", m.pkcs1), "damaged"},
		{"PKCS#8 called PKCS#1", pemText("RSA PRIVATE KEY", m.pkcs8), "damaged"},
		{"PKCS#8 behind pkcs1", "private.pkcs1://" + base64Text(m.pkcs8), "damaged"},
		{"PKCS#1 behind pkcs8", "private.pkcs8://" + base64Text(m.pkcs1), "damaged"},
		{"DER cut short", pemText("PRIVATE KEY", m.pkcs8[:600]), "damaged"},
		{"DER changed", pemText("PRIVATE KEY", damaged), "damaged"},
		{"no DER", pemText("PRIVATE KEY", nil), "damaged"},
		{"nothing behind the scheme", "private.pkcs8://", "damaged"},
		{"garbage behind the scheme", "private.pkcs8://%" + base64Text(m.pkcs8), "private.pkcs8:// is not base64"},
		{"a public scheme", "public.spki://" + base64Text(m.spki), `scheme "public.spki://"`},
	} {
		r.check(t, "private key")
	}
}

func TestPublicRefuses(t *testing.T) {
	m := loadMaterial(t)
	for _, r := range []refusal{
		{"a private key", pemText("PRIVATE KEY", m.pkcs8), "this is a private key"},
		{"a private key, PKCS#1", pemText("RSA PRIVATE KEY", m.pkcs1), "this is a private key"},
		{"a private key, encrypted", pemText("ENCRYPTED PRIVATE KEY", m.pkcs8), "this is a private key"},
		{"a private key in base64", base64Text(m.pkcs8), "this is a private key"},
		{"a private key in base64, PKCS#1", base64Text(m.pkcs1), "this is a private key"},
		{"a private key called a public one", pemText("PUBLIC KEY", m.pkcs8), "damaged"},
		{"a private key called a certificate", pemText("CERTIFICATE", m.pkcs8), "damaged"},
		{"a private scheme", "private.pkcs8://" + base64Text(m.pkcs8), `scheme "private.pkcs8://"`},
		{"an EC key", pemText("PUBLIC KEY", m.ecPublic), "not an RSA key"},
		{"1024 bits", pemText("RSA PUBLIC KEY", m.shortPublic), "1024 bits, at least 2048"},
		{"exponent 1", pemText("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&rsa.PublicKey{N: m.public.N, E: 1})), "exponent 1 "},
		{"an even exponent", pemText("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&rsa.PublicKey{N: m.public.N, E: 65536})), "exponent 65536"},
		{"an even modulus", pemText("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 2047), E: 65537})), "modulus is even"},
		{"SPKI called PKCS#1", pemText("RSA PUBLIC KEY", m.spki), "damaged"},
		{"PKCS#1 behind spki", "public.spki://" + base64Text(m.publicPKCS1), "damaged"},
		{"garbage behind the scheme", "public.spki://%" + base64Text(m.spki), "public.spki:// is not base64"},
		{"nothing behind the scheme", "public.pkcs1://", "damaged"},
	} {
		r.check(t, "public key")
	}
}

func TestSerialNoRefuses(t *testing.T) {
	m := loadMaterial(t)
	block, _ := pem.Decode([]byte(m.certificate))
	for _, r := range []refusal{
		{"a private key", pemText("PRIVATE KEY", m.pkcs8), `"PRIVATE KEY", want CERTIFICATE`},
		{"a public key", pemText("PUBLIC KEY", m.spki), `"PUBLIC KEY", want CERTIFICATE`},
		{"a request", pemText("CERTIFICATE REQUEST", block.Bytes), `"CERTIFICATE REQUEST"`},
		{"a certificate cut short", pemText("CERTIFICATE", block.Bytes[:300]), "damaged"},
		{"a private key called a certificate", pemText("CERTIFICATE", m.pkcs8), "damaged"},
		{"a private scheme", "private.pkcs8://" + base64Text(m.pkcs8), `scheme "private.pkcs8://"`},
		{"a public scheme", "public.spki://" + base64Text(m.spki), `scheme "public.spki://"`},
	} {
		r.check(t, "certificate")
	}
}

// The two loaders point to the file that was meant.
func TestRefusalsNameTheRightFile(t *testing.T) {
	m := loadMaterial(t)
	if _, err := keys.Private(m.merchantCertificate); err == nil || !strings.Contains(err.Error(), "apiclient_key.pem") {
		t.Errorf("a certificate as the private key: %v", err)
	}
	if _, err := keys.Public(pemText("PRIVATE KEY", m.pkcs8)); err == nil || !strings.Contains(err.Error(), "pub_key.pem") {
		t.Errorf("a private key as the public one: %v", err)
	}
	if _, err := keys.SerialNo(pemText("PRIVATE KEY", m.pkcs8)); err == nil || !strings.Contains(err.Error(), "apiclient_cert.pem") {
		t.Errorf("a private key as the certificate: %v", err)
	}
}
