package keys_test

import (
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/keys"
)

// A key of the SM suite is named as such, because the standard library cannot read it.
func TestKeysOfTheSMSuite(t *testing.T) {
	var v struct {
		Merchant struct {
			PrivateKeyPEM  string `json:"private_key_pem"`
			CertificatePEM string `json:"certificate_pem"`
		}
	}
	vectors.LoadFile(t, "shangmi.json", &v)
	_, private := keys.Private(v.Merchant.PrivateKeyPEM)
	_, public := keys.Public(v.Merchant.CertificatePEM)
	_, certificate := keys.Certificate(v.Merchant.CertificatePEM)
	_, serial := keys.SerialNo(v.Merchant.CertificatePEM)
	for name, err := range map[string]error{"Private": private, "Public": public, "Certificate": certificate, "SerialNo": serial} {
		if err == nil || !strings.Contains(err.Error(), "has an SM2 key, not an RSA key; load it with package signer/sm2") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
