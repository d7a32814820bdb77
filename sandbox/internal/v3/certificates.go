package v3

import (
	"crypto/rand"
	"encoding/pem"
	"net/http"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// certificates returns the handler of the list of the platform's certificates.
// Each certificate is encrypted with the merchant's APIv3 key. Merchants that have
// only the public key are refused.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012551764
// https://pay.weixin.qq.com/doc/v3/merchant/4012154180
func certificates() map[string]handler {
	return map[string]handler{"GET v3/certificates": listCertificates}
}

type certificateEntry struct {
	SerialNo  string        `json:"serial_no"`
	Effective string        `json:"effective_time"`
	Expire    string        `json:"expire_time"`
	Encrypted cipher.Sealed `json:"encrypt_certificate"`
}

var errNoCertificates = &wire.Refusal{Status: http.StatusNotFound, Code: "RESOURCE_NOT_EXISTS",
	Message: "this merchant has no platform certificates; it verifies with the platform public key"}

func listCertificates(c *call) (int, any, error) {
	listed := c.api.Issuer.Platform().Certificates
	if len(listed) == 0 {
		return 0, nil, errNoCertificates
	}
	gcm, err := cipher.NewGCM(c.merchant.APIv3Key)
	if err != nil {
		return 0, nil, err
	}
	entries := []certificateEntry{}
	for _, p := range listed {
		cert := p.Certificate
		if c.Now.Before(cert.NotBefore) || c.Now.After(cert.NotAfter) {
			continue
		}
		text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})
		sealed, err := gcm.Seal(text, rand.Text()[:12], "certificate")
		if err != nil {
			return 0, nil, err
		}
		entries = append(entries, certificateEntry{p.SerialNo(), beijing.Format(cert.NotBefore), beijing.Format(cert.NotAfter), sealed})
	}
	return http.StatusOK, map[string]any{"data": entries}, nil
}
