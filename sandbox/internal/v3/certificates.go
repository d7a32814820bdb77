package v3

import (
	"cmp"
	"crypto/rand"
	"encoding/pem"
	"net/http"
	"strings"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/party"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
	"github.com/wxchain/wechatpay/signer"
)

// certificates returns the handler of the list of the platform's certificates.
// Each certificate is encrypted with the merchant's APIv3 key, with the cipher of its
// suite. Merchants that have only the public key are refused. The list is empty if the
// platform has certificates, but none of the algorithm_type.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012551764
// https://pay.weixin.qq.com/doc/v3/merchant/4012154180
func certificates() map[string]handler {
	return map[string]handler{
		"GET v3/certificates":        listCertificates,
		"GET v3/global/certificates": listCertificates, // of merchants overseas
		"GET hk/v3/certificates":     listCertificates,
	}
}

type certificateEntry struct {
	SerialNo  string        `json:"serial_no"`
	Effective string        `json:"effective_time"`
	Expire    string        `json:"expire_time"`
	Encrypted cipher.Sealed `json:"encrypt_certificate"`
}

var errNoCertificates = &wire.Refusal{Status: http.StatusNotFound, Code: "RESOURCE_NOT_EXISTS",
	Message: "this merchant has no platform certificates; it verifies with the platform public key"}

// certificatesOf returns the certificates of the platform that a query asks for, of RSA by
// default.
func certificatesOf(issuer *party.Issuer, algorithmType string) (all []party.PlatformKey) {
	for _, scheme := range issuer.Schemes() {
		for _, key := range issuer.Keys(scheme) {
			isListed := algorithmType == "ALL" || algorithmTypeOf(key) == cmp.Or(algorithmType, typeRSA)
			if key.Certificate != nil && isListed {
				all = append(all, key)
			}
		}
	}
	return all
}

const typeRSA = "RSA"

// algorithmTypeOf returns the algorithm_type of a key.
func algorithmTypeOf(key party.PlatformKey) string {
	suite, ok := key.Signer.(signer.Suite)
	if !ok {
		return typeRSA
	}
	_, algorithmType, _ := strings.Cut(suite.CertificatesQuery(), "algorithm_type=")
	return algorithmType
}

func listCertificates(c *call) (int, any, error) {
	all := certificatesOf(c.api.Issuer, c.query.Get("algorithm_type"))
	if len(all) == 0 && len(certificatesOf(c.api.Issuer, typeRSA)) == 0 {
		return 0, nil, errNoCertificates
	}
	entries := []certificateEntry{}
	for _, p := range all {
		cert := p.Certificate
		if c.Now.Before(cert.NotBefore) || c.Now.After(cert.NotAfter) {
			continue
		}
		gcm, err := p.GCM(c.merchant.APIv3Key)
		if err != nil {
			return 0, nil, err
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
