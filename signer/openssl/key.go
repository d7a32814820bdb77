//go:build cgo

package openssl

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"math/big"

	"github.com/golang-fips/openssl/v2"
	"github.com/golang-fips/openssl/v2/bbig"

	"github.com/wxchain/wechatpay/signer"
)

// A privateKey is a private key whose numbers only OpenSSL has.
type privateKey struct {
	native *openssl.PrivateKeyRSA
	public *rsa.PublicKey
}

func newPrivateKey(key *rsa.PrivateKey) (Key, error) {
	// bbig.Enc does not copy, so what Go's memory holds of key is what it held before.
	enc := bbig.Enc
	var p, q, dp, dq, qinv *big.Int
	if len(key.Primes) == 2 {
		p, q = key.Primes[0], key.Primes[1]
		dp, dq, qinv = crt(key.D, p), crt(key.D, q), new(big.Int).ModInverse(q, p)
		defer wipe(dp, dq, qinv)
	}
	native, err := openssl.NewPrivateKeyRSA(enc(key.N), enc(big.NewInt(int64(key.E))), enc(key.D), enc(p), enc(q), enc(dp), enc(dq), enc(qinv))
	if err != nil {
		return nil, fmt.Errorf("openssl: private key: %w", err)
	}
	return privateKey{native, clone(&key.PublicKey)}, nil
}

// crt returns d mod (p-1).
func crt(d, p *big.Int) *big.Int {
	less := new(big.Int).Sub(p, big.NewInt(1))
	defer wipe(less)
	return new(big.Int).Mod(d, less)
}

// wipe overwrites parts of a private key.
func wipe(numbers ...*big.Int) {
	for _, n := range numbers {
		clear(n.Bits())
	}
}

func clone(key *rsa.PublicKey) *rsa.PublicKey {
	return &rsa.PublicKey{N: new(big.Int).Set(key.N), E: key.E}
}

// Public returns the public key, an [*rsa.PublicKey].
func (k privateKey) Public() crypto.PublicKey { return k.public }

// Sign signs a digest.
func (k privateKey) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	h := opts.HashFunc()
	if h != 0 && len(digest) != h.Size() {
		return nil, errors.New("openssl: the input of Sign must be the digest of a message")
	}
	var signature []byte
	var err error
	if pss, ok := opts.(*rsa.PSSOptions); ok {
		signature, err = openssl.SignRSAPSS(k.native, h, digest, pss.SaltLength)
	} else {
		signature, err = openssl.SignRSAPKCS1v15(k.native, h, digest)
	}
	if err != nil {
		return nil, fmt.Errorf("openssl: signing: %w", err)
	}
	return signature, nil
}

// Decrypt decrypts RSA-OAEP. The error is [rsa.ErrDecryption] if ciphertext was
// encrypted for another key.
func (k privateKey) Decrypt(_ io.Reader, ciphertext []byte, opts crypto.DecrypterOpts) ([]byte, error) {
	oaep, ok := opts.(*rsa.OAEPOptions)
	if !ok {
		return nil, fmt.Errorf("openssl: decrypting with options of type %T is not supported, only with *rsa.OAEPOptions", opts)
	}
	h, err := hashOf(oaep.Hash)
	if err != nil {
		return nil, err
	}
	mgf := h
	if oaep.MGFHash != 0 {
		if mgf, err = hashOf(oaep.MGFHash); err != nil {
			return nil, err
		}
	}
	if len(ciphertext) > k.public.Size() {
		return nil, rsa.ErrDecryption
	}
	padded := make([]byte, k.public.Size())
	copy(padded[len(padded)-len(ciphertext):], ciphertext)
	text, err := openssl.DecryptRSAOAEP(h, mgf, k.native, padded, oaep.Label)
	if err != nil {
		return nil, rsa.ErrDecryption
	}
	return text, nil
}

// hashOf returns an OpenSSL hash, which stands for its algorithm.
func hashOf(h crypto.Hash) (hash.Hash, error) {
	switch h {
	case crypto.SHA1:
		return openssl.NewSHA1(), nil
	case crypto.SHA224:
		return openssl.NewSHA224(), nil
	case crypto.SHA256:
		return openssl.NewSHA256(), nil
	case crypto.SHA384:
		return openssl.NewSHA384(), nil
	case crypto.SHA512:
		return openssl.NewSHA512(), nil
	}
	return nil, fmt.Errorf("openssl: RSA-OAEP with %v is not supported", h)
}

// String does not show the key.
func (k privateKey) String() string { return "OpenSSL RSA private key" }

// Format prints String, whatever the verb.
func (k privateKey) Format(f fmt.State, _ rune) { io.WriteString(f, k.String()) }

// A publicKey is a platform key that verifies and encrypts with OpenSSL.
type publicKey struct {
	native *openssl.PublicKeyRSA
	public *rsa.PublicKey
}

var (
	_ signer.HashVerifier = publicKey{}
	_ signer.Encrypter    = publicKey{}
)

func newPublicKey(key *rsa.PublicKey) (crypto.PublicKey, error) {
	native, err := openssl.NewPublicKeyRSA(bbig.Enc(key.N), bbig.Enc(big.NewInt(int64(key.E))))
	if err != nil {
		return nil, fmt.Errorf("openssl: platform key: %w", err)
	}
	return publicKey{native, clone(key)}, nil
}

// Scheme returns [signer.SchemeRSA].
func (publicKey) Scheme() string { return signer.SchemeRSA }

// Verify verifies a signature of RSASSA-PKCS1-v1_5 with SHA-256.
func (k publicKey) Verify(message, signature []byte) error {
	sum := sha256.Sum256(message)
	return k.VerifyHash(sum[:], signature)
}

// NewHash returns SHA-256.
func (publicKey) NewHash() hash.Hash { return sha256.New() }

// VerifyHash verifies the signature of a hash. The error is [rsa.ErrVerification].
func (k publicKey) VerifyHash(sum, signature []byte) error {
	if len(signature) != k.public.Size() || openssl.VerifyRSAPKCS1v15(k.native, crypto.SHA256, sum, signature) != nil {
		return rsa.ErrVerification
	}
	return nil
}

// Encrypt encrypts a field with RSA-OAEP and SHA-1, as the platform requires. The
// error is [rsa.ErrMessageTooLong] if plaintext is too long for the key.
func (k publicKey) Encrypt(plaintext []byte) ([]byte, error) {
	h := openssl.NewSHA1()
	if len(plaintext) > k.public.Size()-2*h.Size()-2 {
		return nil, rsa.ErrMessageTooLong
	}
	ciphertext, err := openssl.EncryptRSAOAEP(h, h, k.native, plaintext, nil)
	if err != nil {
		return nil, fmt.Errorf("openssl: encrypting: %w", err)
	}
	return ciphertext, nil
}

// IsCiphertext reports whether raw has the size of a ciphertext.
func (k publicKey) IsCiphertext(raw []byte) bool { return len(raw) == k.public.Size() }

// Equal reports whether other is the same key, native or not.
func (k publicKey) Equal(other crypto.PublicKey) bool {
	if o, ok := other.(publicKey); ok {
		other = o.public
	}
	return k.public.Equal(other)
}

// Format prints the kind of the key, whatever the verb.
func (k publicKey) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "OpenSSL RSA public key of %d bits", k.public.N.BitLen())
}
