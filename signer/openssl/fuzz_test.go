package openssl_test

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"testing"

	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/signer"
)

// OpenSSL and crypto/rsa agree about every signature and every ciphertext. A fuzzed
// input is taken as it is, and as the change of a good one.
func FuzzLikeCryptoRSA(f *testing.F) {
	key, own := privateKey(f), vectors.MerchantKey(f)
	public := publicKey(f, own.Public())
	encrypter := public.(signer.Encrypter)
	f.Add([]byte("message"), []byte{})
	f.Add([]byte{}, []byte{0})
	f.Add([]byte("m"), bytes.Repeat([]byte{1}, 256))
	f.Add(bytes.Repeat([]byte("x"), 215), bytes.Repeat([]byte{0}, 257))
	for _, v := range vectors.Load(f).RSASign {
		f.Add([]byte(v.Message), v.Signature)
	}
	f.Fuzz(func(t *testing.T, message, change []byte) {
		sum := sha256.Sum256(message)
		signature, err := key.Sign(nil, sum[:], crypto.SHA256)
		want, errWant := rsa.SignPKCS1v15(nil, own, crypto.SHA256, sum[:])
		if err != nil || errWant != nil || !bytes.Equal(signature, want) {
			t.Fatalf("signature %x, %v; with crypto/rsa %x, %v", signature, err, want, errWant)
		}
		for _, s := range [][]byte{signature, change, altered(signature, change)} {
			err, errWant := public.Verify(message, s), rsa.VerifyPKCS1v15(&own.PublicKey, crypto.SHA256, sum[:], s)
			if (err == nil) != (errWant == nil) {
				t.Errorf("signature %x: %v, with crypto/rsa %v", s, err, errWant)
			}
		}
		sealed, err := encrypter.Encrypt(message)
		if (err == nil) != (len(message) <= own.Size()-42) {
			t.Fatalf("%d bytes: %v", len(message), err)
		}
		opts := &rsa.OAEPOptions{Hash: crypto.SHA1}
		for _, c := range [][]byte{sealed, change, altered(sealed, change)} {
			text, err := key.Decrypt(nil, c, opts)
			want, errWant := own.Decrypt(nil, c, opts)
			if (err == nil) != (errWant == nil) || !bytes.Equal(text, want) {
				t.Errorf("ciphertext %x: %q, %v; with crypto/rsa %q, %v", c, text, err, want, errWant)
			}
		}
	})
}

// altered returns b with the bytes of change added.
func altered(b, change []byte) []byte {
	b = bytes.Clone(b)
	for i, c := range change[:min(len(b), len(change))] {
		b[i] ^= c
	}
	return b
}
