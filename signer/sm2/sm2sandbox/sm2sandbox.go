// Package sm2sandbox gives a sandbox merchants of the SM suite (国密):
//
//	sb := sandbox.Start(t, sm2sandbox.Use)
//	client := sb.Client() // signs with SM2 and SM3
//
// The sandbox then answers and notifies these merchants in the SM suite, lists the
// platform's SM2 certificates at v3/certificates?algorithm_type=SM2, and takes fields
// that are encrypted with SM2. Merchants with RSA keys can call it as before.
package sm2sandbox

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"

	gmsm "github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"

	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/signer"
	"github.com/wxchain/wechatpay/signer/sm2"
)

// Suite makes the SM2 keys and certificates of a sandbox. It is a [sandbox.Suite].
type Suite struct{}

var _ sandbox.Suite = Suite{}

// Use sets the Suite of a configuration. Unless the configuration has merchants, the
// sandbox makes one of the SM suite.
func Use(config *sandbox.Config) { config.Suite = Suite{} }

// Scheme returns [sm2.Scheme].
func (Suite) Scheme() string { return sm2.Scheme }

// NewKey makes an SM2 private key, in PKCS#8.
func (Suite) NewKey() (pkcs8 []byte, err error) {
	key, err := gmsm.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	return smx509.MarshalPKCS8PrivateKey(key)
}

// NewSigner returns what [sm2.NewSigner] returns for a private key in PKCS#8.
func (Suite) NewSigner(serialNo string, pkcs8 []byte) (signer.Signer, error) {
	key, err := parse(pkcs8)
	if err != nil {
		return nil, err
	}
	return sm2.NewSigner(serialNo, key)
}

// NewCertificate returns a certificate, in DER, that a private key signs with
// SM3WithSM2.
func (Suite) NewCertificate(template *x509.Certificate, pkcs8 []byte) (der []byte, err error) {
	key, err := parse(pkcs8)
	if err != nil {
		return nil, err
	}
	own := *template
	own.SignatureAlgorithm = smx509.SM2WithSM3
	return smx509.CreateCertificate(rand.Reader, &own, &own, key.Public(), key)
}

// ParseCertificate parses a certificate of an SM2 key.
func (Suite) ParseCertificate(der []byte) (*x509.Certificate, error) {
	return sm2.Certificate(string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
}

func parse(pkcs8 []byte) (*sm2.PrivateKey, error) {
	key, err := smx509.ParsePKCS8PrivateKey(pkcs8)
	if err != nil {
		return nil, errors.New("sm2sandbox: the private key is not PKCS#8") // the error may quote it
	}
	private, ok := key.(*sm2.PrivateKey)
	if !ok {
		return nil, errors.New("sm2sandbox: the private key is not an SM2 key")
	}
	return private, nil
}
