package keys_test

import (
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/keys"
)

func TestSerialNo(t *testing.T) {
	m := loadMaterial(t)
	hex := func(s string) *big.Int {
		n, ok := new(big.Int).SetString(s, 16)
		if !ok {
			t.Fatalf("%q is no number", s)
		}
		return n
	}
	tests := []struct{ name, certificate, want string }{
		{"merchant", m.merchantCertificate, m.merchantNo},
		{"platform", m.certificate, m.serialNo},
		{"leading zero", newCertificate(t, hex("0a1b2c")), "0A1B2C"},
		{"letters", newCertificate(t, hex("abcdef0123")), "ABCDEF0123"},
		{"short", newCertificate(t, hex("7")), "07"},
		{"20 bytes", newCertificate(t, hex("5157f09efdc096de15ebe81a47057a7232f1b8e1")), "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"},
	}
	for _, tt := range tests {
		for how, src := range spellings(t, tt.certificate) {
			t.Run(tt.name+" "+how, func(t *testing.T) {
				if got, err := keys.SerialNo(src); got != tt.want || err != nil {
					t.Errorf("SerialNo = %q, %v; want %q", got, err, tt.want)
				}
			})
		}
		t.Run(tt.name+" parsed", func(t *testing.T) {
			block, _ := pem.Decode([]byte(tt.certificate))
			c, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := keys.SerialNo(c); got != tt.want || err != nil {
				t.Errorf("SerialNo = %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

func TestCertificate(t *testing.T) {
	m := loadMaterial(t)
	for how, src := range spellings(t, m.merchantCertificate) {
		c, err := keys.Certificate(src)
		if err != nil {
			t.Fatalf("%s: %v", how, err)
		}
		if got, err := keys.SerialNo(c); got != m.merchantNo || err != nil {
			t.Errorf("%s: the certificate is %q, %v", how, got, err)
		}
	}
	for want, src := range map[string]string{
		"certificate: it is missing":       "",
		"no such file":                     "absent.pem",
		`the PEM block is "PRIVATE KEY"`:   "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n",
		"certificate: CERTIFICATE is dama": "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n",
	} {
		if c, err := keys.Certificate(src); c != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Certificate = %v, %v; want %q", c, err, want)
		}
	}
}

func TestSerialNoOfNoCertificate(t *testing.T) {
	for name, c := range map[string]*x509.Certificate{"nil": nil, "empty": {}} {
		if got, err := keys.SerialNo(c); got != "" || err == nil {
			t.Errorf("%s: SerialNo = %q, %v; want an error", name, got, err)
		}
	}
}
