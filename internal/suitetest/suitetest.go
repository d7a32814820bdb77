// Package suitetest has an invented suite for tests: Ed25519 signatures, fields
// encrypted with X25519 and AES-GCM, and an AEAD of its own. It shows what a suite
// other than RSA can do with the interfaces of package signer alone.
package suitetest

import (
	"context"
	"crypto"
	"crypto/aes"
	stdcipher "crypto/cipher"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"hash"
	"math/big"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/signer"
)

// The names of the suite.
const (
	Scheme    = "WECHATPAY2-TEST-ED25519"
	Algorithm = "AEAD_TEST_GCM"
	Query     = "algorithm_type=TEST"
)

// A Key signs and decrypts. It is a [signer.Signer] and a [signer.Suite].
type Key struct {
	serialNo string
	private  ed25519.PrivateKey
	box      *ecdh.PrivateKey
}

var (
	_ signer.Suite        = (*Key)(nil)
	_ signer.Signer       = (*Key)(nil)
	_ signer.HashVerifier = (*Public)(nil)
	_ signer.Encrypter    = (*Public)(nil)
	_ cipher.Sealer       = (*Public)(nil)
)

// New returns a key with a serial number. The same serial number makes the same key.
func New(t testing.TB, serialNo string) *Key {
	t.Helper()
	seed := sha512.Sum512([]byte(serialNo))
	box, err := ecdh.X25519().NewPrivateKey(seed[32:])
	if err != nil {
		t.Fatal(err)
	}
	return &Key{serialNo, ed25519.NewKeyFromSeed(seed[:32]), box}
}

// Scheme returns the name of the suite's signatures.
func (k *Key) Scheme() string { return Scheme }

// SerialNo returns the serial number of the key.
func (k *Key) SerialNo() string { return k.serialNo }

// Sign signs the hash of a message.
func (k *Key) Sign(ctx context.Context, message []byte) ([]byte, error) {
	sum := sha512.Sum512(message)
	return ed25519.Sign(k.private, sum[:]), ctx.Err()
}

// Public returns the public key, a [*Public].
func (k *Key) Public() crypto.PublicKey { return k.Platform() }

// Platform returns the public key.
func (k *Key) Platform() *Public {
	return &Public{k.private.Public().(ed25519.PublicKey), k.box.PublicKey()}
}

// AEAD returns AES-GCM under the hash of an APIv3 key.
func (k *Key) AEAD(apiv3Key string) (string, stdcipher.AEAD, error) { return newAEAD(apiv3Key) }

// Decrypt decrypts what [Public.Encrypt] made.
func (k *Key) Decrypt(ctx context.Context, ciphertext []byte) ([]byte, error) {
	if len(ciphertext) < 32 {
		return nil, fmt.Errorf("ciphertext %w", cipher.ErrDecrypt)
	}
	sender, err := ecdh.X25519().NewPublicKey(ciphertext[:32])
	if err != nil {
		return nil, err
	}
	aead, err := k.boxOf(sender)
	if err != nil {
		return nil, err
	}
	text, err := aead.Open(nil, make([]byte, 12), ciphertext[32:], nil)
	if err != nil {
		return nil, fmt.Errorf("ciphertext %w: another key", cipher.ErrDecrypt)
	}
	return text, ctx.Err()
}

func (k *Key) boxOf(sender *ecdh.PublicKey) (stdcipher.AEAD, error) {
	shared, err := k.box.ECDH(sender)
	if err != nil {
		return nil, err
	}
	return newGCM(shared)
}

// CertificatesQuery returns the query of the suite's certificates.
func (k *Key) CertificatesQuery() string { return Query }

// Certificate returns a certificate of the key, valid from now for a time.
func (k *Key) Certificate(t testing.TB, now time.Time, life time.Duration) *x509.Certificate {
	t.Helper()
	serial, ok := new(big.Int).SetString(k.serialNo, 16)
	if !ok {
		t.Fatalf("the serial number %q is not hexadecimal", k.serialNo)
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "platform"},
		NotBefore: now, NotAfter: now.Add(life),
		SubjectKeyId: k.box.PublicKey().Bytes(), // the key to encrypt for
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, k.private.Public(), k.private)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := k.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// ParseCertificate parses a certificate that [Key.Certificate] made.
func (k *Key) ParseCertificate(der []byte) (*x509.Certificate, error) {
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	public, ok := cert.PublicKey.(ed25519.PublicKey)
	if !ok {
		return nil, fmt.Errorf("the certificate has a key of type %T", cert.PublicKey)
	}
	box, err := ecdh.X25519().NewPublicKey(cert.SubjectKeyId)
	if err != nil {
		return nil, err
	}
	cert.PublicKey = &Public{public, box}
	return cert, nil
}

// A Public key verifies and encrypts.
type Public struct {
	key ed25519.PublicKey
	box *ecdh.PublicKey
}

// Scheme returns the name of the suite's signatures.
func (p *Public) Scheme() string { return Scheme }

// Verify verifies a signature.
func (p *Public) Verify(message, signature []byte) error {
	sum := sha512.Sum512(message)
	return p.VerifyHash(sum[:], signature)
}

// NewHash returns the hash of a message.
func (p *Public) NewHash() hash.Hash { return sha512.New() }

// VerifyHash verifies the signature of a hash.
func (p *Public) VerifyHash(sum, signature []byte) error {
	if !ed25519.Verify(p.key, sum, signature) {
		return errors.New("the Ed25519 signature does not match")
	}
	return nil
}

// Encrypt encrypts a field.
func (p *Public) Encrypt(plaintext []byte) ([]byte, error) {
	ephemeral, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	shared, err := ephemeral.ECDH(p.box)
	if err != nil {
		return nil, err
	}
	aead, err := newGCM(shared)
	if err != nil {
		return nil, err
	}
	return aead.Seal(ephemeral.PublicKey().Bytes(), make([]byte, 12), plaintext, nil), nil
}

// IsCiphertext reports whether raw may be a ciphertext of Encrypt.
func (p *Public) IsCiphertext(raw []byte) bool { return len(raw) >= 48 }

// AEAD returns what [Key.AEAD] returns.
func (p *Public) AEAD(apiv3Key string) (string, stdcipher.AEAD, error) { return newAEAD(apiv3Key) }

// Equal reports whether two keys are the same.
func (p *Public) Equal(other crypto.PublicKey) bool {
	o, ok := other.(*Public)
	return ok && p.key.Equal(o.key)
}

func newAEAD(apiv3Key string) (string, stdcipher.AEAD, error) {
	sum := sha512.Sum512([]byte(apiv3Key))
	aead, err := newGCM(sum[:32])
	return Algorithm, aead, err
}

func newGCM(key []byte) (stdcipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return stdcipher.NewGCM(block)
}
