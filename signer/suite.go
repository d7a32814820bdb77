package signer

import (
	"context"
	"crypto/cipher"
	"crypto/x509"
	"hash"
)

// A Verifier is a platform key that verifies by itself: a native key, a key of
// another suite, or one in a remote service. A [PublicKeys] may return a Verifier in
// place of an [*rsa.PublicKey]. A Verifier must be safe for concurrent use.
//
// If a Verifier also has the method Scheme() string, it verifies only messages whose
// header Wechatpay-Signature-Type is that scheme or is missing. Without the method,
// the header is not compared.
type Verifier interface {
	// Verify returns nil if signature, in raw bytes, is that of message.
	Verify(message, signature []byte) error
}

// A HashVerifier is a [Verifier] that verifies a message as it arrives, so that a
// long message is not held in memory. For a Verifier that is not a HashVerifier, a
// [Digest] holds up to 16 MiB.
type HashVerifier interface {
	Verifier
	// NewHash returns the hash to write the message to.
	NewHash() hash.Hash
	// VerifyHash returns nil if signature is that of the message with this hash.
	VerifyHash(sum, signature []byte) error
}

// An Encrypter is a platform key that encrypts sensitive fields. It must be safe for
// concurrent use.
type Encrypter interface {
	// Encrypt returns the ciphertext in raw bytes.
	Encrypt(plaintext []byte) ([]byte, error)
}

// A Suite is the cryptography that goes with a [Signer] that does not use RSA. If a
// Signer has these methods, the client, the downloader of certificates and the
// receiver of notifications use them. Without them, the suite is RSA with
// AEAD_AES_256_GCM. A Suite must be safe for concurrent use.
type Suite interface {
	// AEAD returns the cipher of certificates and notifications for an APIv3 key,
	// and the platform's name for it, such as AEAD_AES_256_GCM. Its nonces have
	// 12 bytes. A [Verifier] that has this method too decrypts what it verifies
	// for a receiver of notifications that has no Suite.
	AEAD(apiv3Key string) (algorithm string, aead cipher.AEAD, err error)
	// Decrypt decrypts the raw bytes of a field that the platform encrypted for the
	// merchant. The error wraps cipher.ErrDecrypt if the field was encrypted for
	// another key.
	Decrypt(ctx context.Context, ciphertext []byte) ([]byte, error)
	// CertificatesQuery returns the query of v3/certificates with which the platform
	// lists the certificates of the suite, such as algorithm_type=SM2.
	CertificatesQuery() string
	// ParseCertificate parses a platform certificate from DER. The PublicKey of the
	// result is a [Verifier] or an [*rsa.PublicKey].
	ParseCertificate(der []byte) (*x509.Certificate, error)
}
