package sm2

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"

	"github.com/wxchain/wechatpay/signer"
)

// An Issuer makes keys and certificates for tests. It is the option Suites of
// sandbox.Config: with it, a sandbox has merchants of the SM suite.
type Issuer struct{}

// Scheme returns [Scheme].
func (Issuer) Scheme() string { return Scheme }

// CertificatesQuery returns the query of the suite's certificates.
func (Issuer) CertificatesQuery() string { return certificatesQuery }

// NewCertificate makes a key and a certificate that the key signs itself, with SM3.
func (Issuer) NewCertificate(name string, from, to time.Time) (*x509.Certificate, crypto.Signer, error) {
	key, err := sm2.GenerateKey(rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("sm2: making a key: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 158))
	if err != nil {
		return nil, nil, fmt.Errorf("sm2: making a serial number: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: serial.SetBit(serial, 158, 1), // 20 bytes, as the platform's
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    from,
		NotAfter:     to,
		KeyUsage:     x509.KeyUsageDigitalSignature | x509.KeyUsageDataEncipherment,
	}
	der, err := smx509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, nil, fmt.Errorf("sm2: making a certificate: %w", err)
	}
	cert, err := parseCertificate(der)
	return cert, key, err
}

// NewSigner does what [NewSigner] does, with a key from NewCertificate or ParseKey.
func (Issuer) NewSigner(serialNo string, key crypto.Signer) (signer.Signer, error) {
	k, ok := key.(*sm2.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("sm2: %T is not an SM2 private key", key)
	}
	return NewSigner(serialNo, k)
}

// ParseCertificate parses a certificate from DER.
func (Issuer) ParseCertificate(der []byte) (*x509.Certificate, error) { return parseCertificate(der) }

// MarshalKey returns a key as PEM of PKCS#8.
func (Issuer) MarshalKey(key crypto.Signer) ([]byte, error) {
	der, err := smx509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("sm2: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// ParseKey parses what MarshalKey returned.
func (Issuer) ParseKey(text []byte) (crypto.Signer, error) {
	key, err := Private(string(text))
	if err != nil {
		return nil, err
	}
	return key, nil
}
