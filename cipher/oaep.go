package cipher

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
)

// EncryptOAEP encrypts a sensitive field of a request for the platform. key is a
// platform public key or the key of a platform certificate, and the request names it
// in Wechatpay-Serial. The result is base64. With a key of 2048 bits, text has at most
// 214 bytes.
//
// See https://pay.weixin.qq.com/doc/v3/merchant/4013053257. The platform requires the
// hash SHA-1. The security of OAEP does not depend on collisions of the hash.
func EncryptOAEP(key *rsa.PublicKey, text string) (string, error) {
	if key == nil || key.N == nil {
		return "", errors.New("public key is missing: give the platform's")
	}
	if longest := key.Size() - 2*sha1.Size - 2; len(text) > longest {
		return "", fmt.Errorf("text has %d bytes, at most %d can be encrypted for this key of %d bits",
			len(text), max(longest, 0), key.N.BitLen())
	}
	ciphertext, err := rsa.EncryptOAEP(sha1.New(), rand.Reader, key, []byte(text), nil)
	if err != nil {
		return "", fmt.Errorf("public key cannot encrypt: %w", err)
	}
	return base64.StdEncoding.EncodeToString(ciphertext), nil
}

// DecryptOAEP decrypts a sensitive field of an answer, in base64. key is the
// private key of the merchant API certificate: an [*rsa.PrivateKey], or an HSM or KMS
// that accepts [rsa.OAEPOptions]. The error is [ErrDecrypt] if the field was encrypted
// for another key. Other errors of the HSM are wrapped.
//
// See https://pay.weixin.qq.com/doc/v3/merchant/4013053265.
func DecryptOAEP(key crypto.Decrypter, ciphertext string) (string, error) {
	if k, ok := key.(*rsa.PrivateKey); key == nil || ok && (k == nil || k.N == nil) {
		return "", errors.New("private key is missing: give the private key of the merchant API certificate")
	}
	raw, err := base64.StdEncoding.DecodeString(ciphertext)
	if err != nil {
		return "", errors.New("ciphertext is not base64")
	}
	text, err := key.Decrypt(rand.Reader, raw, &rsa.OAEPOptions{Hash: crypto.SHA1})
	switch {
	case errors.Is(err, rsa.ErrDecryption):
		return "", fmt.Errorf("ciphertext %w: it is most likely encrypted for another merchant API certificate; "+
			"use the private key of the one that signed the request", ErrDecrypt)
	case err != nil:
		return "", fmt.Errorf("private key cannot decrypt: %w", err)
	}
	return string(text), nil
}
