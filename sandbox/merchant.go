package sandbox

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"time"

	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/signer"
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
	key, err := rsa.GenerateKey(rand.Reader, signer.MinBits)
	if err != nil {
		return Merchant{}, fmt.Errorf("sandbox: making the key of merchant %s: %w", mchID, err)
	}
	return newMerchant(mchID, key, now)
}

func newMerchant(mchID string, key *rsa.PrivateKey, now time.Time) (Merchant, error) {
	cert, err := newCertificate("merchant "+mchID, key, now.Add(-time.Hour), now.AddDate(5, 0, 0))
	if err != nil {
		return Merchant{}, err
	}
	serialNo, err := keys.SerialNo(cert)
	if err != nil {
		return Merchant{}, err
	}
	return Merchant{
		MchID: mchID, PrivateKey: key, Certificate: cert, SerialNo: serialNo,
		APIv3Key: newKey(), APIv2Key: newKey(),
	}, nil
}

// newKey makes an APIv3 or APIv2 key: 32 letters and digits.
func newKey() string { return (rand.Text() + rand.Text())[:32] }

// TLS is the certificate and its key, for wechatpay.Config.ClientCert.
func (m Merchant) TLS() tls.Certificate {
	return tls.Certificate{Certificate: [][]byte{m.Certificate.Raw}, PrivateKey: m.PrivateKey, Leaf: m.Certificate}
}

// check says what is missing.
func (m Merchant) check() error {
	switch {
	case m.MchID == "":
		return fmt.Errorf("a merchant has no MchID")
	case m.PrivateKey == nil || m.Certificate == nil || m.SerialNo == "":
		return fmt.Errorf("merchant %s lacks its PrivateKey, Certificate or SerialNo; NewMerchant makes them", m.MchID)
	case len(m.APIv3Key) != 32 || len(m.APIv2Key) != 32:
		return fmt.Errorf("merchant %s: APIv3Key and APIv2Key have %d and %d bytes, want 32", m.MchID, len(m.APIv3Key), len(m.APIv2Key))
	}
	return nil
}

// String tells who it is, and no secret.
func (m Merchant) String() string {
	return fmt.Sprintf("sandbox.Merchant{MchID: %s, SerialNo: %s}", m.MchID, m.SerialNo)
}

// Format prints String, whatever the verb.
func (m Merchant) Format(f fmt.State, _ rune) { fmt.Fprint(f, m.String()) }

// LogValue is String, for [slog].
func (m Merchant) LogValue() slog.Value { return slog.StringValue(m.String()) }

// MarshalText is String, so that JSON shows no secret either.
func (m Merchant) MarshalText() ([]byte, error) { return []byte(m.String()), nil }
