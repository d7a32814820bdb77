package sandbox

import (
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/party"
	"github.com/wxchain/wechatpay/signer"
)

// A Merchant is a merchant of a sandbox. Printing it shows no secret.
type Merchant struct {
	MchID string
	// PrivateKey is the key of the merchant API certificate. It may be nil if the
	// merchant has a Signer.
	PrivateKey *rsa.PrivateKey
	// Signer signs for the merchant in place of PrivateKey: it holds a key of another
	// suite than RSA, or uses a remote signing service. The sandbox verifies requests
	// with the public key of Certificate. If the Signer is a [signer.Suite], the
	// sandbox serves the merchant in that suite, and Platform needs certificates of
	// the suite; see [Config].Suite.
	Signer signer.Signer
	// Certificate is the merchant API certificate. APIv2 calls that need a client
	// certificate present it over TLS. Its PublicKey is an *rsa.PublicKey, or a
	// [signer.Verifier] and a [signer.Encrypter].
	Certificate *x509.Certificate
	// SerialNo is the serial number of Certificate, and of Signer.
	SerialNo string
	// APIv3Key and APIv2Key have 32 bytes each.
	APIv3Key, APIv2Key string
}

// NewMerchant returns a merchant with new keys. Its certificate is valid for five
// years from now.
func NewMerchant(mchID string, now time.Time) (Merchant, error) {
	m, err := party.NewMerchant(mchID, now)
	return Merchant(m), err
}

// TLS returns the certificate with its key, for wechatpay.Config.ClientCert. It is for
// merchants with a PrivateKey.
func (m Merchant) TLS() tls.Certificate {
	return tls.Certificate{Certificate: [][]byte{m.Certificate.Raw}, PrivateKey: m.PrivateKey, Leaf: m.Certificate}
}

// String returns the numbers of the merchant and its certificate, and no secret.
func (m Merchant) String() string { return party.Merchant(m).String() }

// Format prints String, whatever the verb.
func (m Merchant) Format(f fmt.State, _ rune) { fmt.Fprint(f, m.String()) }

// LogValue returns String, for [slog].
func (m Merchant) LogValue() slog.Value { return slog.StringValue(m.String()) }

// MarshalText returns String, so that JSON shows no secret either.
func (m Merchant) MarshalText() ([]byte, error) { return []byte(m.String()), nil }
