package sandbox

import (
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/party"
)

// A Merchant is one that a sandbox knows. Printing it shows no secret.
type Merchant struct {
	MchID string
	// PrivateKey is that of the merchant API certificate.
	PrivateKey *rsa.PrivateKey
	// Certificate is the merchant API certificate; client-certificate calls
	// over TLS present it.
	Certificate *x509.Certificate
	// SerialNo is the serial number of Certificate.
	SerialNo string
	// APIv3Key has 32 bytes, and so has APIv2Key.
	APIv3Key, APIv2Key string
}

// NewMerchant makes a merchant, with keys of its own. Its certificate is valid
// for five years from now.
func NewMerchant(mchID string, now time.Time) (Merchant, error) {
	m, err := party.NewMerchant(mchID, now)
	return Merchant(m), err
}

// TLS is the certificate and its key, for wechatpay.Config.ClientCert.
func (m Merchant) TLS() tls.Certificate {
	return tls.Certificate{Certificate: [][]byte{m.Certificate.Raw}, PrivateKey: m.PrivateKey, Leaf: m.Certificate}
}

// String tells who it is, and no secret.
func (m Merchant) String() string { return party.Merchant(m).String() }

// Format prints String, whatever the verb.
func (m Merchant) Format(f fmt.State, _ rune) { fmt.Fprint(f, m.String()) }

// LogValue is String, for [slog].
func (m Merchant) LogValue() slog.Value { return slog.StringValue(m.String()) }

// MarshalText is String, so that JSON shows no secret either.
func (m Merchant) MarshalText() ([]byte, error) { return []byte(m.String()), nil }
