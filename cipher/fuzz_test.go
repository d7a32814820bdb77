package cipher_test

import (
	"bytes"
	"testing"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/internal/vectors"
)

// FuzzGCM opens anything, and all that it seals.
func FuzzGCM(f *testing.F) {
	v := vectors.Load(f)
	for _, tt := range v.GCM {
		f.Add(tt.Ciphertext, tt.Nonce, tt.AssociatedData)
	}
	f.Add("", "", "")
	f.Add("AAAA", "0123456789ab", "x")
	g := newGCM(f, v.APIv3Key)
	f.Fuzz(func(t *testing.T, text, nonce, associatedData string) {
		s := cipher.Sealed{Algorithm: cipher.AlgorithmGCM, Ciphertext: text, Nonce: nonce, AssociatedData: associatedData}
		if opened, err := g.Open(s); (opened == nil) != (err != nil) {
			t.Errorf("Open = %d bytes, %v", len(opened), err)
		}
		s, err := g.Seal([]byte(text), nonce, associatedData)
		if len(nonce) != 12 {
			if err == nil {
				t.Errorf("a nonce of %d bytes is taken", len(nonce))
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if opened, err := g.Open(s); string(opened) != text || err != nil {
			t.Errorf("sealed and opened, %q is %q, %v", text, opened, err)
		}
		s.AssociatedData += "x"
		if _, err := g.Open(s); err == nil {
			t.Error("it opens with other associated data")
		}
	})
}

// FuzzECB decrypts anything, and all that it encrypts.
func FuzzECB(f *testing.F) {
	v := vectors.Load(f)
	for _, tt := range v.ECB {
		f.Add(tt.Ciphertext)
		f.Add(tt.Plaintext)
	}
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		if decrypted, err := cipher.DecryptECB(v.APIv2Key, text); (decrypted == nil) != (err != nil) {
			t.Errorf("DecryptECB = %d bytes, %v", len(decrypted), err)
		}
		ciphertext, err := cipher.EncryptECB(v.APIv2Key, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if decrypted, err := cipher.DecryptECB(v.APIv2Key, ciphertext); string(decrypted) != text || err != nil {
			t.Errorf("encrypted and decrypted, %q is %q, %v", text, decrypted, err)
		}
	})
}

// FuzzOAEP decrypts anything, and all that it encrypts.
func FuzzOAEP(f *testing.F) {
	for _, tt := range vectors.Load(f).OAEP {
		f.Add(tt.Ciphertext)
		f.Add(tt.Plaintext)
	}
	f.Add(string(bytes.Repeat([]byte{0}, 214)))
	key := vectors.MerchantKey(f)
	f.Fuzz(func(t *testing.T, text string) {
		if decrypted, err := cipher.DecryptOAEP(key, text); decrypted != "" && err != nil {
			t.Errorf("DecryptOAEP = %d bytes, %v", len(decrypted), err)
		}
		ciphertext, err := cipher.EncryptOAEP(&key.PublicKey, text)
		if (err == nil) != (len(text) <= 214) {
			t.Fatalf("%d bytes: %v", len(text), err)
		}
		if err != nil {
			return
		}
		if decrypted, err := cipher.DecryptOAEP(key, ciphertext); decrypted != text || err != nil {
			t.Errorf("encrypted and decrypted, %q is %q, %v", text, decrypted, err)
		}
	})
}
