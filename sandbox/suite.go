package sandbox

import (
	"crypto"
	"crypto/rsa"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/party"
	"github.com/wxchain/wechatpay/signer"
)

// A Suite makes the keys of merchants, and of the platform's certificates, that are not
// RSA keys. Package github.com/wxchain/wechatpay/signer/sm2/sm2sandbox has the SM suite.
//
// Scheme is the authentication scheme of requests. NewKey makes a private key, in
// PKCS#8. NewSigner returns what signs with a private key; it is also a
// [signer.Suite], and has the method Public() crypto.PublicKey. NewCertificate makes a certificate, in DER, that the private key
// signs. ParseCertificate parses one; its PublicKey is a [signer.Verifier] and a
// [signer.Encrypter].
type Suite = party.Suite

// RSA is an implementation of RSA for the keys of a sandbox, such as that of package
// github.com/wxchain/wechatpay/signer/openssl. Without a function, it is that of
// crypto/rsa.
type RSA struct {
	// PrivateKey returns what signs with a key, and decrypts if it is a
	// [crypto.Decrypter].
	PrivateKey func(*rsa.PrivateKey) (crypto.Signer, error)
	// PublicKeys returns a store with the serial numbers of another. Its keys verify
	// and encrypt.
	PublicKeys func(signer.PublicKeys) (signer.PublicKeys, error)
}

// newMerchant makes the merchant of a Config that has none.
func (config Config) newMerchant(now time.Time) (Merchant, error) {
	if config.Suite == nil {
		return NewMerchant(DefaultMchID, now)
	}
	return NewMerchantOf(config.Suite, DefaultMchID, now)
}

// NewMerchantOf does what [NewMerchant] does, for a merchant of a suite.
func NewMerchantOf(suite Suite, mchID string, now time.Time) (Merchant, error) {
	m, _, err := party.MakeMerchant(suite, mchID, now)
	return Merchant(m), err
}

// NewCertificatesOf returns two certificates of a suite for [Platform].Certificates: one
// expires ten days from now, and another one is valid already.
func NewCertificatesOf(suite Suite, now time.Time) ([]PlatformCertificate, error) {
	made, err := party.MakeCertificates(suite, now)
	if err != nil {
		return nil, err
	}
	certs := make([]PlatformCertificate, len(made))
	for i, m := range made {
		certs[i] = PlatformCertificate(m.Certificate)
	}
	return certs, nil
}
