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

// EncryptOAEP encrypts a sensitive field of a request for the platform, whose
// key is a platform public key or that of a platform certificate; the request
// names it in Wechatpay-Serial. The result is base64. A key of 2048 bits takes
// at most 214 bytes of text.
//
// See https://pay.weixin.qq.com/doc/v3/merchant/4013053257. The hash is SHA-1,
// which the platform requires; OAEP does not rest on its collisions being hard
// to find.
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
// private key of the merchant API certificate: an [*rsa.PrivateKey], or an HSM
// or KMS that knows [rsa.OAEPOptions]. The error is [ErrDecrypt] if the field
// was encrypted for another key; what goes wrong in the HSM stays as it is.
//
// See https://pay.weixin.qq.com/doc/v3/merchant/4013053265.
func DecryptOAEP(key crypto.Decrypter, ciphertext string) (string, error) {
	if k, ok := key.(*rsa.PrivateKey); key == nil || ok && (k == nil || k.N == nil) {
		return "", errors.New("private key is missing: give that of the merchant API certificate")
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
