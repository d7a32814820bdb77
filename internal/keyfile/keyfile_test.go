package keyfile_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/wxchain/wechatpay/internal/keyfile"
	"github.com/wxchain/wechatpay/internal/vectors"
)

const byteOrderMark = "\ufeff"

func pemText(blockType string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: blockType, Bytes: der}))
}

func file(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// blocks returns a key or a certificate of each kind, in DER, by its PEM type.
func blocks(t *testing.T) map[string][]byte {
	t.Helper()
	key := vectors.MerchantKey(t)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	certificate, _ := pem.Decode([]byte(vectors.Load(t).MerchantCertificatePEM))
	encrypted, err := asn1.Marshal(struct {
		Algorithm pkix.AlgorithmIdentifier
		Data      []byte
	}{pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}, Parameters: asn1.NullRawValue}, private})
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{
		"PRIVATE KEY":           private,
		"RSA PRIVATE KEY":       x509.MarshalPKCS1PrivateKey(key),
		"PUBLIC KEY":            public,
		"RSA PUBLIC KEY":        x509.MarshalPKCS1PublicKey(&key.PublicKey),
		"CERTIFICATE":           certificate.Bytes,
		"ENCRYPTED PRIVATE KEY": encrypted,
	}
}

// Each kind is found in each of the forms in which people store it.
func TestRead(t *testing.T) {
	for blockType, der := range blocks(t) {
		text := pemText(blockType, der)
		indented := "\n\t  " + strings.ReplaceAll(text, "\n", " \u00a0\n\t  ")
		oneLine := strings.ReplaceAll(text, "\n", `\n`)
		bare := base64.StdEncoding.EncodeToString(der)
		wrapped := " " + strings.Join(strings.SplitAfterN(bare, "A", 5), "\r\n ") + "\n"
		for form, src := range map[string]string{
			"PEM":                        text,
			"PEM with a mark":            byteOrderMark + text,
			"PEM in CRLF":                strings.ReplaceAll(text, "\n", "\r\n"),
			"PEM behind text":            "Bag Attributes\n" + text,
			"PEM, indented":              indented,
			`PEM with \n`:                oneLine,
			`PEM with \r\n`:              strings.ReplaceAll(oneLine, `\n`, `\r\n`),
			"base64":                     bare,
			"base64 with a mark":         byteOrderMark + bare,
			"base64 in lines":            wrapped,
			`base64 with \n`:             strings.ReplaceAll(wrapped, "\r\n", `\r\n`),
			"base64 behind a scheme":     "scheme://" + bare,
			"a path":                     file(t, text),
			"a file:// URL":              "file://" + file(t, indented),
			"a file of base64":           file(t, bare+"\n"),
			"a file with a mark":         file(t, byteOrderMark+text),
			"a file of base64 with mark": file(t, byteOrderMark+wrapped),
		} {
			block, err := keyfile.Read(src, map[string]string{"scheme://": blockType}, nil)
			if err != nil || block.Type != blockType || string(block.Bytes) != string(der) {
				t.Errorf("%s, %s: error %v", blockType, form, err)
			}
		}
	}
}

// DER that only another package knows is taken for what it says.
func TestReadOfOtherKinds(t *testing.T) {
	der := []byte{0x30, 0x03, 0x02, 0x01, 0x07}
	bare := base64.StdEncoding.EncodeToString(der)
	typeOf := func(got []byte) string {
		if string(got) == string(der) {
			return "OTHER KEY"
		}
		return ""
	}
	for form, src := range map[string]string{"base64": bare, "a file": file(t, bare)} {
		if block, err := keyfile.Read(src, nil, typeOf); err != nil || block.Type != "OTHER KEY" || string(block.Bytes) != string(der) {
			t.Errorf("%s: %v, %v", form, block, err)
		}
		if block, err := keyfile.Read(src, nil, nil); err == nil {
			t.Errorf("%s, without the other package: %v", form, block.Type)
		}
	}
}

// Another text is refused with what is wrong with it, and never quoted.
func TestReadRefuses(t *testing.T) {
	all := blocks(t)
	der := all["PRIVATE KEY"]
	good, bare := pemText("PRIVATE KEY", der), base64.StdEncoding.EncodeToString(der)
	cert, err := x509.ParseCertificate(all["CERTIFICATE"])
	if err != nil {
		t.Fatal(err)
	}
	p12, err := pkcs12.Modern.Encode(vectors.MerchantKey(t), cert, nil, "password")
	if err != nil {
		t.Fatal(err)
	}
	utf16 := func(first, second string) string {
		return strings.Join(strings.Split(good, ""), first+second)
	}
	for name, tt := range map[string]struct{ src, want string }{
		"nothing":                    {"", "it is missing"},
		"blanks":                     {" \n", "it is missing"},
		"no base64 behind a scheme":  {"scheme://%", "what follows scheme:// is not base64"},
		"an empty file":              {file(t, ""), "it is empty"},
		"a file of blanks":           {file(t, " \n"), "it is empty"},
		"a file of a mark":           {file(t, byteOrderMark), "it is empty"},
		"a file of something else":   {file(t, "hello"), "no PEM block in it: it starts with"},
		"UTF-16":                     {file(t, utf16("\x00", "")+"\x00"), "UTF-16"},
		"UTF-16, big-endian":         {file(t, "\x00"+utf16("\x00", "")), "UTF-16"},
		"UTF-16 with a mark":         {file(t, "\xff\xfe"+utf16("\x00", "")+"\x00"), "UTF-16"},
		"big-endian with a mark":     {file(t, "\xfe\xff\x00"+utf16("\x00", "")), "UTF-16"},
		"UTF-16 as a text":           {"\xff\xfe" + utf16("\x00", "") + "\x00", "UTF-16"},
		"PKCS#12":                    {file(t, string(p12)), "keys.PKCS12 loads it"},
		"DER":                        {string(der), "it is DER"},
		"DER in a file":              {file(t, string(der)), "it is DER"},
		"DER and more":               {file(t, string(der)+"x"), "no PEM block in it: it starts with"},
		"DER that is no sequence":    {file(t, "\x02\x01\x07"), "no PEM block in it: it starts with"},
		"a sequence of another kind": {file(t, "\xb0\x03\x02\x01\x07"), "no PEM block in it: it starts with"},
		"a set":                      {file(t, "\x31\x03\x02\x01\x07"), "no PEM block in it: it starts with"},
		"base64 of something else":   {file(t, base64.StdEncoding.EncodeToString([]byte("hello"))), "no PEM block in it: it starts with"},
		"base64 of DER and more":     {file(t, base64.StdEncoding.EncodeToString(append(der[:len(der):len(der)], 0))), "no PEM block in it: it starts with"},
		"quotes":                     {`"` + good + `"`, "in quotes"},
		"Chinese quotes":             {"“" + good + "”", "in quotes"},
		"backquotes in a file":       {file(t, " `"+good+"`"), "in quotes"},
		"single quotes":              {"'" + good + "'", "in quotes"},
		"no END":                     {strings.Split(good, "-----END")[0], "-----END …----- is missing"},
		"CR alone":                   {strings.ReplaceAll(good, "\n", "\r"), "CR alone"},
		"CR and LF":                  {strings.Replace(good, "-----\n", "-----\r", 1), "CR alone"},
		"no line breaks":             {strings.ReplaceAll(good, "\n", ""), "folded into one line"},
		"blanks for line breaks":     {strings.ReplaceAll(good, "\n", " "), "folded into one line"},
		"no line break at first":     {strings.Replace(good, "KEY-----\n", "KEY-----", 1), "folded into one line"},
		"a BEGIN without dashes":     {strings.Replace(good, "KEY-----\n", "KEY\n", 1), "folded into one line"},
		"a first line that goes on":  {strings.Replace(good, "KEY-----\n", "KEY-----MII-----\n", 1), "folded into one line"},
		"two kinds":                  {strings.Replace(good, "END PRIVATE", "END PUBLIC", 1), "no PEM block in it: it starts with"},
		"a line of base64":           {bare[:64], "neither PEM text"},
		"a scheme":                   {"https://" + bare, `scheme "https://" does not fit here`},
	} {
		block, err := keyfile.Read(tt.src, map[string]string{"scheme://": "PRIVATE KEY"}, nil)
		if err == nil || block != nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), bare[100:140]) {
			t.Errorf("%s: error %.300v, want %q", name, err, tt.want)
		}
	}
}

// Text that may be a key is not shown as the path of a file; other paths are.
func TestReadFile(t *testing.T) {
	t.Chdir(t.TempDir())
	const size = 1 << 20
	for _, n := range []int{0, 1, size} {
		want := strings.Repeat("x", n)
		if got, err := keyfile.ReadFile(file(t, want)); err != nil || got != want {
			t.Errorf("%d bytes: %d, %v", n, len(got), err)
		}
	}
	const hidden = "neither PEM text (-----BEGIN …) nor the path of a file"
	for name, tt := range map[string]struct{ src, want, not string }{
		"too long":                    {file(t, strings.Repeat("x", size+1)), "longer than 1048576 bytes", ""},
		"a directory":                 {t.TempDir(), "is a directory", ""},
		"not there":                   {"none.pem", "open none.pem: ", ""},
		"a URL that is not there":     {"file://none.pem", "open none.pem: ", ""},
		"a scheme of 19":              {strings.Repeat("s", 19) + "://x", `scheme "`, ""},
		"a scheme of 20":              {strings.Repeat("s", 20) + "://x", "open sss", "scheme"},
		"a line break":                {"a\nb", hidden, "open"},
		"a CR":                        {"a\rb", hidden, "open"},
		"a NUL":                       {"a\x00b", hidden, "open"},
		"1025 bytes":                  {strings.Repeat("k/", 512) + "k", hidden, ": "},
		"1024 bytes":                  {strings.Repeat("k/", 512), hidden + ": ", "k/"},
		"201 letters of another kind": {strings.Repeat("k.", 100) + "k", hidden + ": ", "k.k"},
		"200 letters of another kind": {strings.Repeat("k.", 100), "open k.k", "neither"},
		"200 letters of base64":       {strings.Repeat("kkkk", 50), hidden + ": ", "kkkk"},
		"64 letters of base64":        {strings.Repeat("kkkk", 16), hidden + ": ", "kkkk"},
		"63 letters":                  {strings.Repeat("k", 63), "open kkk", "neither"},
		"60 letters of base64":        {strings.Repeat("kkkk", 15), "open kkk", "neither"},
		"64 letters of another kind":  {strings.Repeat("k.", 32), "open k.k", "neither"},
	} {
		_, err := keyfile.ReadFile(tt.src)
		if err == nil || !strings.Contains(err.Error(), tt.want) || tt.not != "" && strings.Contains(err.Error(), tt.not) {
			t.Errorf("%s: error %.300v, want %q, and not %q", name, err, tt.want, tt.not)
		}
	}
}

// A path that exists but cannot be opened is shown, even if it looks like base64.
func TestReadFileOfADirectoryOfLetters(t *testing.T) {
	t.Chdir(t.TempDir())
	name := strings.Repeat("kkkk", 16)
	if err := os.Mkdir(name, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := keyfile.ReadFile(name); err == nil || !strings.Contains(err.Error(), name) {
		t.Errorf("error %v", err)
	}
}

func TestKind(t *testing.T) {
	for in, want := range map[string]string{
		"":                         `""`,
		"PRIVATE KEY":              `"PRIVATE KEY"`,
		"A\x1bB":                   `"A\x1bB"`,
		strings.Repeat("K", 40):    `"` + strings.Repeat("K", 40) + `"`,
		strings.Repeat("K", 41):    "of no kind known",
		strings.Repeat("MIIE", 99): "of no kind known",
	} {
		if got := keyfile.Kind(in); got != want {
			t.Errorf("Kind(%.50q) = %s, want %s", in, got, want)
		}
	}
}

// A short key is found too: who loads it says what is wrong with it.
func TestReadOfAShortKey(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	der := x509.MarshalPKCS1PrivateKey(key)
	if block, err := keyfile.Read(base64.StdEncoding.EncodeToString(der), nil, nil); err != nil || block.Type != "RSA PRIVATE KEY" {
		t.Errorf("%v, %v", block, err)
	}
}
