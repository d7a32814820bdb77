// Package party has the parties of a sandbox and their keys: the merchants, and
// the platform that signs answers.
package party

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/signer"
)

// A Merchant is a merchant of a sandbox, with one of its certificates. Printing it shows no secret.
type Merchant struct {
	MchID       string
	PrivateKey  *rsa.PrivateKey // of the merchant API certificate
	Signer      signer.Signer   // in place of PrivateKey
	Certificate *x509.Certificate
	SerialNo    string // of Certificate
	APIv3Key    string
	APIv2Key    string
}

// A SubMerchant is a sub-merchant that a merchant acts for as its partner.
type SubMerchant struct {
	SpMchID  string
	SubMchID string
	SubAppID string // that its orders may have; any by default
}

// NewMerchant makes a merchant, with keys of its own.
func NewMerchant(mchID string, now time.Time) (Merchant, error) {
	key, err := rsa.GenerateKey(rand.Reader, signer.MinBits)
	if err != nil {
		return Merchant{}, fmt.Errorf("sandbox: making the key of merchant %s: %w", mchID, err)
	}
	return MerchantWithKey(mchID, key, now)
}

// MerchantWithKey does what NewMerchant does, with an existing key.
func MerchantWithKey(mchID string, key *rsa.PrivateKey, now time.Time) (Merchant, error) {
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

// Check returns an error that says what is missing.
func (m Merchant) Check() error {
	switch {
	case m.MchID == "":
		return fmt.Errorf("a merchant has no MchID")
	case m.PrivateKey == nil && m.Signer == nil || m.Certificate == nil || m.SerialNo == "":
		return fmt.Errorf("merchant %s lacks its PrivateKey, Certificate or SerialNo; NewMerchant makes them", m.MchID)
	case m.Signer != nil && !strings.EqualFold(m.Signer.SerialNo(), m.SerialNo):
		return fmt.Errorf("merchant %s: SerialNo is %.64q, but that of Signer is %.64q", m.MchID, m.SerialNo, m.Signer.SerialNo())
	case len(m.APIv3Key) != 32 || len(m.APIv2Key) != 32:
		return fmt.Errorf("merchant %s: APIv3Key and APIv2Key have %d and %d bytes, want 32", m.MchID, len(m.APIv3Key), len(m.APIv2Key))
	}
	return nil
}

// String returns the numbers of the merchant and its certificate, and no secret.
func (m Merchant) String() string {
	return fmt.Sprintf("sandbox.Merchant{MchID: %s, SerialNo: %s}", m.MchID, m.SerialNo)
}

// Format prints String, whatever the verb.
func (m Merchant) Format(f fmt.State, _ rune) { fmt.Fprint(f, m.String()) }

// MchIDs matches merchant numbers.
var MchIDs = regexp.MustCompile(`^[0-9]{1,32}$`)

// CheckSubs returns an error that says what is wrong with the sub-merchants.
func (all *Merchants) CheckSubs(subs []SubMerchant) error {
	seen := make(map[[2]string]bool, len(subs))
	for _, sub := range subs {
		pair := [2]string{sub.SpMchID, sub.SubMchID}
		_, known := all.Of(sub.SpMchID)
		switch {
		case !MchIDs.MatchString(sub.SubMchID):
			return fmt.Errorf("the SubMchID %.40q is not the number of a merchant, which has 1 to 32 digits", sub.SubMchID)
		case !known:
			return fmt.Errorf("the SpMchID of sub-merchant %s is %.40q, which is not one of the Merchants; add it to them", sub.SubMchID, sub.SpMchID)
		case sub.SpMchID == sub.SubMchID:
			return fmt.Errorf("merchant %s is its own sub-merchant", sub.SubMchID)
		case seen[pair]:
			return fmt.Errorf("sub-merchant %s of partner %s is there twice", sub.SubMchID, sub.SpMchID)
		}
		seen[pair] = true
	}
	return nil
}
