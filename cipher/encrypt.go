package cipher

import (
	"crypto"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
)

// Encrypt encrypts a sensitive field of a request for a platform key: with
// [EncryptOAEP] for an [*rsa.PublicKey], or with the method Encrypt of a key that is a
// signer.Encrypter. The result is base64.
func Encrypt(key crypto.PublicKey, text string) (string, error) {
	switch k := key.(type) {
	case interface {
		Encrypt(plaintext []byte) ([]byte, error)
	}:
		ciphertext, err := k.Encrypt([]byte(text))
		if err != nil {
			return "", fmt.Errorf("public key cannot encrypt: %w", err)
		}
		return base64.StdEncoding.EncodeToString(ciphertext), nil
	case *rsa.PublicKey:
		return EncryptOAEP(k, text)
	}
	return "", fmt.Errorf("a key of type %T cannot encrypt; use an *rsa.PublicKey or a signer.Encrypter", key)
}
