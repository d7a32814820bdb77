package keys_test

import (
	"crypto"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"os"
	"strings"
	"testing"

	"github.com/youmark/pkcs8"
	"software.sslmate.com/src/go-pkcs12"

	"github.com/wxchain/wechatpay/keys"
)

// encryptedKey is an ENCRYPTED PRIVATE KEY, taken apart.
type encryptedKey struct {
	Algorithm struct {
		ID     asn1.ObjectIdentifier
		Params struct {
			KDF struct {
				ID     asn1.ObjectIdentifier
				Params struct {
					Salt       []byte
					Iterations int
					KeyLength  int                      `asn1:"optional"`
					PRF        pkix.AlgorithmIdentifier `asn1:"optional"`
				}
			}
			Scheme struct {
				ID asn1.ObjectIdentifier
				IV []byte
			}
		}
	}
	Data []byte
}

// edited is an encrypted private key that is no more what it was.
func edited(t testing.TB, edit func(*encryptedKey)) string {
	t.Helper()
	return editedText(t, encrypted(t, loadMaterial(t).private), edit)
}

func editedText(t testing.TB, text string, edit func(*encryptedKey)) string {
	t.Helper()
	block, _ := pem.Decode([]byte(text))
	var key encryptedKey
	if _, err := asn1.Unmarshal(block.Bytes, &key); err != nil {
		t.Fatal(err)
	}
	edit(&key)
	der, err := asn1.Marshal(key)
	if err != nil {
		t.Fatal(err)
	}
	return pemText("ENCRYPTED PRIVATE KEY", der)
}

// What the packages that decrypt would panic over, or work at for hours.
func TestPrivateWithPassphraseOfHostileFiles(t *testing.T) {
	for _, tt := range []struct {
		name string
		edit func(*encryptedKey)
		want string // "" for a key that is loaded
	}{
		{"nothing changed", func(*encryptedKey) {}, ""},
		{"a short IV", func(k *encryptedKey) { k.Algorithm.Params.Scheme.IV = []byte("short") }, "damaged"},
		{"no IV", func(k *encryptedKey) { k.Algorithm.Params.Scheme.IV = nil }, "damaged"},
		{"part of a cipher block", func(k *encryptedKey) { k.Data = k.Data[:len(k.Data)-1] }, "damaged"},
		{"no data", func(k *encryptedKey) { k.Data = nil }, "damaged"},
		{"iterations without end", func(k *encryptedKey) { k.Algorithm.Params.KDF.Params.Iterations = 1 << 30 }, "1073741824 iterations"},
		{"the most iterations", func(k *encryptedKey) { k.Algorithm.Params.KDF.Params.Iterations = 1_000_000 }, "passphrase is wrong"},
		{"an iteration more", func(k *encryptedKey) { k.Algorithm.Params.KDF.Params.Iterations = 1_000_001 }, "1000001 iterations"},
		{"a key length", func(k *encryptedKey) { k.Algorithm.Params.KDF.Params.KeyLength = 32 }, "-v2 aes-256-cbc"},
		{"a hash unknown here", func(k *encryptedKey) {
			k.Algorithm.Params.KDF.Params.PRF.Algorithm = asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 11}
		}, "-v2 aes-256-cbc"},
		{"scrypt", func(k *encryptedKey) {
			k.Algorithm.Params.KDF.ID = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11591, 4, 11}
		}, "-v2 aes-256-cbc"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			key, err := keys.PrivateWithPassphrase(edited(t, tt.edit), passphrase)
			if tt.want == "" {
				if key == nil || err != nil {
					t.Errorf("not loaded: %v", err)
				}
				return
			}
			if key != nil || err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error %v, want %q", err, tt.want)
			}
			checkNoLeak(t, err)
		})
	}
}

// A file that names no hash means SHA-1, as RFC 8018 says.
func TestPrivateWithPassphraseBySHA1(t *testing.T) {
	m := loadMaterial(t)
	der, err := pkcs8.MarshalPrivateKey(m.private, []byte(passphrase), &pkcs8.Opts{
		Cipher:  pkcs8.AES256CBC,
		KDFOpts: pkcs8.PBKDF2Opts{SaltSize: 8, IterationCount: 100, HMACHash: crypto.SHA1},
	})
	if err != nil {
		t.Fatal(err)
	}
	named := pemText("ENCRYPTED PRIVATE KEY", der)
	unnamed := editedText(t, named, func(k *encryptedKey) {
		k.Algorithm.Params.KDF.Params.PRF.Algorithm, k.Algorithm.Params.KDF.Params.PRF.Parameters = nil, asn1.RawValue{}
	})
	if len(unnamed) >= len(named) {
		t.Fatal("the hash is still named")
	}
	for name, text := range map[string]string{"named": named, "not named": unnamed} {
		if key, err := keys.PrivateWithPassphrase(text, passphrase); err != nil || !m.private.Equal(key) {
			t.Errorf("%s: another key, or none: %v", name, err)
		}
	}
}

func TestPKCS12OfHostileFiles(t *testing.T) {
	m := loadMaterial(t)
	data, err := os.ReadFile(p12(t, pkcs12.Modern, m.private, parse(t, m.merchantCertificate)))
	if err != nil {
		t.Fatal(err)
	}
	var pfx struct {
		Version int
		Safe    asn1.RawValue
		MAC     struct {
			Digest struct {
				Algorithm pkix.AlgorithmIdentifier
				Sum       []byte
			}
			Salt       []byte
			Iterations int
		}
	}
	if _, err := asn1.Unmarshal(data, &pfx); err != nil {
		t.Fatal(err)
	}
	refuses := func(want string) {
		t.Helper()
		data, err := asn1.Marshal(pfx)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := keys.PKCS12(file(t, string(data)), merchantNo); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	pfx.MAC.Iterations = 1 << 30
	refuses("1073741824 iterations")
	pfx.MAC.Iterations = 1_000_001
	refuses("1000001 iterations")
	pfx.MAC.Iterations = 1_000_000
	refuses("password is wrong")
	pfx.MAC.Iterations = 1
	pfx.MAC.Digest.Algorithm.Algorithm = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 14}
	refuses("PBMAC1")
}
