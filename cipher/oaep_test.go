package cipher_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"math/big"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/internal/vectors"
)

func TestDecryptOAEP(t *testing.T) {
	key := vectors.MerchantKey(t)
	for _, tt := range vectors.Load(t).OAEP {
		if text, err := cipher.DecryptOAEP(key, tt.Ciphertext); text != tt.Plaintext || err != nil {
			t.Errorf("DecryptOAEP = %q, %v; want %q", text, err, tt.Plaintext)
		}
	}
}

func TestEncryptOAEP(t *testing.T) {
	key := vectors.MerchantKey(t)
	for _, text := range []string{"", "张三", "\x00", strings.Repeat("x", 214), strings.Repeat("中", 71)} {
		first, err := cipher.EncryptOAEP(&key.PublicKey, text)
		if err != nil {
			t.Fatalf("%d bytes: %v", len(text), err)
		}
		if raw, err := base64.StdEncoding.DecodeString(first); len(raw) != 256 || err != nil {
			t.Errorf("%d bytes: it is base64 of %d bytes, %v; want 256", len(text), len(raw), err)
		}
		if got, err := cipher.DecryptOAEP(key, first); got != text || err != nil {
			t.Errorf("%d bytes: back come %d, %v", len(text), len(got), err)
		}
		if again, err := cipher.EncryptOAEP(&key.PublicKey, text); again == first || err != nil {
			t.Errorf("%d bytes: encrypted twice it is the same, %v", len(text), err)
		}
	}
}

func TestEncryptOAEPRefuses(t *testing.T) {
	good := vectors.MerchantKey(t).PublicKey
	long := strings.Repeat("secret", 36)[:215]
	even := rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 2047), E: 65537}
	tests := []struct {
		name string
		key  *rsa.PublicKey
		text string
		want string
	}{
		{"a byte too many", &good, long, "text has 215 bytes, at most 214"},
		{"characters of several bytes", &good, strings.Repeat("中", 72), "text has 216 bytes, at most 214"},
		{"a long text", &good, strings.Repeat(long, 100), "at most 214"},
		{"no key", nil, "secret text", "public key is missing"},
		{"an empty key", new(rsa.PublicKey), "secret text", "public key is missing"},
		{"a key of no bits", &rsa.PublicKey{N: new(big.Int)}, "secret text", "at most 0"},
		{"a key of no exponent", &rsa.PublicKey{N: good.N}, "secret text", "public key cannot encrypt"},
		{"an even modulus", &even, "secret text", "public key cannot encrypt"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ciphertext, err := cipher.EncryptOAEP(tt.key, tt.text)
			if ciphertext != "" {
				t.Error("it is encrypted all the same")
			}
			checkRefusal(t, err, false, tt.want, tt.text, "secret", "中")
		})
	}
}

func TestDecryptOAEPRefuses(t *testing.T) {
	key := vectors.MerchantKey(t)
	v := vectors.Load(t).OAEP[0]
	raw, err := base64.StdEncoding.DecodeString(v.Ciphertext)
	if err != nil {
		t.Fatal(err)
	}
	raw[100] ^= 1
	sha2, err := rsa.EncryptOAEP(sha256.New(), rand.Reader, &key.PublicKey, []byte("text"), nil)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name       string
		key        crypto.Decrypter
		ciphertext string
		decrypt    bool
		want       string
	}{
		{"another key", otherKey(t), v.Ciphertext, true, "encrypted for another merchant API certificate"},
		{"garbled", key, base64.StdEncoding.EncodeToString(raw), true, "does not decrypt"},
		{"cut short", key, base64.StdEncoding.EncodeToString(raw[:100]), true, "does not decrypt"},
		{"too long", key, base64.StdEncoding.EncodeToString(append(raw, 0)), true, "does not decrypt"},
		{"nothing", key, "", true, "does not decrypt"},
		{"all ones", key, base64.StdEncoding.EncodeToString([]byte(strings.Repeat("\xff", 256))), true, "does not decrypt"},
		{"SHA-256", key, base64.StdEncoding.EncodeToString(sha2), true, "does not decrypt"},
		{"not base64", key, "%" + v.Ciphertext[1:], false, "ciphertext is not base64"},
		{"no key", nil, v.Ciphertext, false, "private key is missing"},
		{"a nil key", (*rsa.PrivateKey)(nil), v.Ciphertext, false, "private key is missing"},
		{"an empty key", new(rsa.PrivateKey), v.Ciphertext, false, "private key is missing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text, err := cipher.DecryptOAEP(tt.key, tt.ciphertext)
			if text != "" {
				t.Errorf("it gives %d bytes", len(text))
			}
			checkRefusal(t, err, tt.decrypt, tt.want, tt.ciphertext, v.Plaintext)
		})
	}
}

// hsm keeps its key to itself: it is no *rsa.PrivateKey.
type hsm struct {
	key *rsa.PrivateKey
	err error
}

func (h hsm) Public() crypto.PublicKey { return h.key.Public() }

func (h hsm) Decrypt(_ io.Reader, ciphertext []byte, opts crypto.DecrypterOpts) ([]byte, error) {
	if h.err != nil {
		return nil, h.err
	}
	if o, ok := opts.(*rsa.OAEPOptions); !ok || o.Hash != crypto.SHA1 || len(o.Label) != 0 {
		return nil, errors.New("want RSA-OAEP with SHA-1 and no label")
	}
	return h.key.Decrypt(nil, ciphertext, opts)
}

func TestDecryptOAEPWithAnHSM(t *testing.T) {
	v := vectors.Load(t).OAEP[0]
	if text, err := cipher.DecryptOAEP(hsm{key: vectors.MerchantKey(t)}, v.Ciphertext); text != v.Plaintext || err != nil {
		t.Errorf("DecryptOAEP = %q, %v; want %q", text, err, v.Plaintext)
	}
	_, err := cipher.DecryptOAEP(hsm{key: otherKey(t)}, v.Ciphertext)
	checkRefusal(t, err, true, "does not decrypt")
	// That the HSM is away says nothing of the key.
	_, err = cipher.DecryptOAEP(hsm{err: io.ErrUnexpectedEOF}, v.Ciphertext)
	checkRefusal(t, err, false, "private key cannot decrypt: unexpected EOF")
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("error %q hides the HSM's", err)
	}
}
