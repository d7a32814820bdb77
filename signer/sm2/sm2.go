// Package sm2 is the SM suite (国密) of APIv3: signatures with SM2 and SM3, fields
// encrypted with SM2, certificates and notifications encrypted with SM4-GCM. The
// platform opens it to merchants who ask for it.
//
//	key, err := sm2.Private("apiclient_key.pem")
//	s, err := sm2.NewSigner(serialNo, key)           // for wechatpay.Config.Signer
//	platformKey, err := sm2.Public("sm2_cert.pem")   // for wechatpay.Config.PlatformKeys
//
// A client with such a Signer and such PlatformKeys works as any other, and so do
// notifications, Secrets, Client.Decrypt and keys.Downloader. A merchant uses one
// suite for each client, and may run two clients side by side.
//
// https://pay.weixin.qq.com/doc/v3/partner/4012082629
package sm2

import (
	"context"
	"crypto"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"io"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/sm4"

	wxcipher "github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/signer"
)

const (
	// Scheme is the authentication scheme of requests, and the
	// Wechatpay-Signature-Type of answers and notifications.
	Scheme = "WECHATPAY2-SM2-WITH-SM3"
	// AlgorithmGCM is the platform's name of SM4-GCM.
	AlgorithmGCM = "AEAD_SM4_GCM"
)

// certificatesQuery makes v3/certificates list the certificates of the suite.
const certificatesQuery = "algorithm_type=SM2"

// userID is the user ID of every signature.
var userID = []byte("1234567812345678")

// PrivateKey is the type of private keys, that of package gmsm. Printing it shows the
// key.
type PrivateKey = sm2.PrivateKey

// A suite signs and decrypts with the key of a merchant.
type suite struct {
	serialNo string
	key      *sm2.PrivateKey
}

var _ signer.Suite = suite{}

// NewSigner returns a [signer.Signer] that signs with key. serialNo is the serial
// number of the merchant API certificate of key; [SerialNo] reads it. The Signer is
// also a [signer.Suite]. Printing it shows no secret.
func NewSigner(serialNo string, key *sm2.PrivateKey) (signer.Signer, error) {
	switch {
	case serialNo == "":
		return nil, errors.New("sm2: serial number of the merchant API certificate is missing")
	case key == nil || key.D == nil:
		return nil, errors.New("sm2: private key is missing")
	}
	if err := check(&key.PublicKey); err != nil {
		return nil, fmt.Errorf("sm2: private key: %w", err)
	}
	return suite{serialNo, key}, nil
}

// check returns an error unless key is a point of the SM2 curve.
func check(key *ecdsa.PublicKey) error {
	if key == nil || key.X == nil || key.Y == nil {
		return errors.New("SM2 key is empty")
	}
	if !sm2.IsSM2PublicKey(key) {
		return errors.New("EC key is of another curve, not SM2")
	}
	if _, err := sm2.PublicKeyToECDH(key); err != nil {
		return errors.New("SM2 key is damaged: it is not a point of the curve")
	}
	return nil
}

// Scheme returns [Scheme].
func (suite) Scheme() string { return Scheme }

// SerialNo returns the serial number of the merchant API certificate.
func (s suite) SerialNo() string { return s.serialNo }

// Sign signs a message.
func (s suite) Sign(ctx context.Context, message []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return s.key.Sign(rand.Reader, message, sm2.NewSM2SignerOption(true, userID))
}

// Public returns the public key, which verifies and encrypts.
func (s suite) Public() crypto.PublicKey { return publicKey{&s.key.PublicKey} }

// AEAD returns SM4-GCM for an APIv3 key, and [AlgorithmGCM].
func (suite) AEAD(apiv3Key string) (string, cipher.AEAD, error) { return newAEAD(apiv3Key) }

// newAEAD returns SM4-GCM under the first 16 bytes of SM3(apiv3Key).
func newAEAD(apiv3Key string) (string, cipher.AEAD, error) {
	sum := sm3.Sum([]byte(apiv3Key))
	block, err := sm4.NewCipher(sum[:sm4.BlockSize])
	if err != nil {
		return "", nil, err
	}
	aead, err := cipher.NewGCM(block)
	return AlgorithmGCM, aead, err
}

// Decrypt decrypts a field.
func (s suite) Decrypt(ctx context.Context, ciphertext []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	text, err := s.key.Decrypt(rand.Reader, ciphertext, sm2.ASN1DecrypterOpts)
	if err != nil {
		return nil, fmt.Errorf("ciphertext %w: it is most likely encrypted for another merchant API certificate; "+
			"use the private key of the one that signed the request", wxcipher.ErrDecrypt)
	}
	return text, nil
}

// CertificatesQuery returns the query of the suite's certificates.
func (suite) CertificatesQuery() string { return certificatesQuery }

// ParseCertificate parses a platform certificate.
func (suite) ParseCertificate(der []byte) (*x509.Certificate, error) { return parseCertificate(der) }

// String does not show the private key.
func (s suite) String() string { return "SM2 signer " + s.serialNo }

// Format prints String, whatever the verb.
func (s suite) Format(f fmt.State, _ rune) { io.WriteString(f, s.String()) }
