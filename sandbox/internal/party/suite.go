package party

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/wxchain/wechatpay/signer"
)

// A Suite makes the keys of merchants and of the platform that are not RSA keys.
type Suite interface {
	// Scheme is the authentication scheme of requests that its keys sign.
	Scheme() string
	// NewKey makes a private key, in PKCS#8.
	NewKey() (pkcs8 []byte, err error)
	// NewSigner returns what signs with a private key. It is also a
	// [signer.Suite], and has the method Public() crypto.PublicKey.
	NewSigner(serialNo string, pkcs8 []byte) (signer.Signer, error)
	// NewCertificate returns a certificate in DER. The private key signs it.
	NewCertificate(template *x509.Certificate, pkcs8 []byte) (der []byte, err error)
	// ParseCertificate parses a certificate. Its PublicKey is a [signer.Verifier]
	// and a [signer.Encrypter].
	ParseCertificate(der []byte) (*x509.Certificate, error)
}

// newTemplate returns the template of a self-signed certificate, because no client
// checks a chain.
func newTemplate(name string, from, to time.Time) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 158))
	if err != nil {
		return nil, err
	}
	return &x509.Certificate{
		SerialNumber: serial.SetBit(serial, 158, 1), // 20 bytes, as the platform's
		Subject:      pkix.Name{CommonName: "WeChat Pay sandbox " + name},
		NotBefore:    from,
		NotAfter:     to,
		KeyUsage:     x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, nil
}

// A Made is a certificate with a new private key of a suite, in PKCS#8.
type Made struct {
	Certificate
	PKCS8 []byte
}

// makeIn makes a certificate with a new key of a suite.
func makeIn(s Suite, name string, from, to time.Time) (Made, error) {
	template, err := newTemplate(name, from, to)
	if err != nil {
		return Made{}, err
	}
	key, err := s.NewKey()
	if err != nil {
		return Made{}, fmt.Errorf("sandbox: making a key of %s: %w", s.Scheme(), err)
	}
	der, err := s.NewCertificate(template, key)
	if err != nil {
		return Made{}, fmt.Errorf("sandbox: making a certificate of %s: %w", s.Scheme(), err)
	}
	c, err := CertificateIn(s, der, key)
	return Made{c, key}, err
}

// CertificateIn returns a certificate of a suite with its private key.
func CertificateIn(s Suite, der, pkcs8 []byte) (Certificate, error) {
	cert, err := s.ParseCertificate(der)
	if err != nil {
		return Certificate{}, err
	}
	c := Certificate{Certificate: cert}
	if c.Signer, err = s.NewSigner(c.SerialNo(), pkcs8); err != nil {
		return Certificate{}, err
	}
	own, ok := c.Signer.(interface{ Public() crypto.PublicKey })
	if key, comparable := cert.PublicKey.(interface{ Equal(crypto.PublicKey) bool }); !ok || !comparable || !key.Equal(own.Public()) {
		return Certificate{}, errors.New("the certificate is not that of the private key")
	}
	return c, nil
}

// MakeMerchant makes a merchant of a suite.
func MakeMerchant(s Suite, mchID string, now time.Time) (Merchant, []byte, error) {
	made, err := makeIn(s, "merchant "+mchID, now.Add(-time.Hour), now.AddDate(5, 0, 0))
	if err != nil {
		return Merchant{}, nil, err
	}
	return Merchant{
		MchID: mchID, Signer: made.Signer, Certificate: made.Certificate.Certificate, SerialNo: made.SerialNo(),
		APIv3Key: newKey(), APIv2Key: newKey(),
	}, made.PKCS8, nil
}

// MakeCertificates makes two certificates of the platform in a suite: one expires
// ten days from now, and another one is valid already.
func MakeCertificates(s Suite, now time.Time) ([]Made, error) {
	expiring, err := makeIn(s, "platform", now.AddDate(-5, 0, 10), now.AddDate(0, 0, 10))
	if err != nil {
		return nil, err
	}
	fresh, err := makeIn(s, "platform", now.Add(-time.Hour), now.AddDate(5, 0, 0))
	return []Made{expiring, fresh}, err
}
