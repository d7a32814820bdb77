package sm2

import (
	"crypto"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/rand"
	"encoding/asn1"
	"errors"
	"fmt"
	"hash"
	"io"
	"math/big"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/sm3"

	"github.com/wxchain/wechatpay/signer"
)

// A publicKey is a key of the platform, or of a merchant's certificate.
type publicKey struct {
	key *ecdsa.PublicKey
}

var (
	_ signer.HashVerifier = publicKey{}
	_ signer.Encrypter    = publicKey{}
)

// newPublicKey returns what verifies and encrypts with a parsed key.
func newPublicKey(key any) (crypto.PublicKey, error) {
	k, ok := key.(*ecdsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("%T is not an SM2 key; for RSA, use package keys", key)
	}
	return publicKey{k}, check(k)
}

// Scheme returns [Scheme].
func (publicKey) Scheme() string { return Scheme }

var errMismatch = errors.New("the SM2 signature does not match")

// Verify verifies a signature in ASN.1.
func (k publicKey) Verify(message, signature []byte) error {
	if !sm2.VerifyASN1WithSM2(k.key, userID, message, signature) {
		return errMismatch
	}
	return nil
}

// NewHash returns SM3, started with what an SM2 signature covers besides the message.
func (k publicKey) NewHash() hash.Hash {
	h := sm3.New()
	za, err := sm2.CalculateZA(k.key, userID)
	if err != nil {
		return h // not for a key that check accepted; VerifyHash then fails
	}
	h.Write(za)
	return h
}

// VerifyHash verifies the signature of a message with a hash from NewHash.
func (k publicKey) VerifyHash(sum, signature []byte) error {
	if !sm2.VerifyASN1(k.key, sum, signature) {
		return errMismatch
	}
	return nil
}

// Encrypt encrypts a field: C1C3C2 in ASN.1.
func (k publicKey) Encrypt(plaintext []byte) ([]byte, error) {
	if len(plaintext) == 0 {
		return nil, errors.New("sm2: an empty text cannot be encrypted")
	}
	return sm2.EncryptASN1(rand.Reader, k.key, plaintext)
}

// IsCiphertext reports whether raw has the form of a ciphertext.
func (publicKey) IsCiphertext(raw []byte) bool {
	var c struct {
		X, Y   *big.Int
		C3, C2 []byte
	}
	rest, err := asn1.Unmarshal(raw, &c)
	return err == nil && len(rest) == 0 && len(c.C3) == sm3.Size
}

// AEAD returns SM4-GCM for an APIv3 key, and [AlgorithmGCM].
func (publicKey) AEAD(apiv3Key string) (string, cipher.AEAD, error) { return newAEAD(apiv3Key) }

// Equal reports whether other is the same key.
func (k publicKey) Equal(other crypto.PublicKey) bool {
	if o, ok := other.(publicKey); ok {
		other = o.key
	}
	return k.key.Equal(other)
}

// Format prints the kind of the key, whatever the verb.
func (publicKey) Format(f fmt.State, _ rune) { io.WriteString(f, "SM2 public key") }
