package keys

import (
	"crypto/rsa"
	"crypto/tls"
	"errors"
	"fmt"

	"github.com/wxchain/wechatpay/internal/keyfile"
	"github.com/wxchain/wechatpay/signer"
)

// PKCS12 loads the merchant API certificate and its private key from
// apiclient_cert.p12, as [tls.LoadX509KeyPair] does from PEM. path is a path or a
// file:// URL. password is the merchant number (mchid), unless somebody changed it. In
// the result, Leaf is the certificate, which you can pass to [SerialNo], and
// PrivateKey is an *rsa.PrivateKey. An expired certificate is loaded too; see
// Leaf.NotAfter.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4013053053
func PKCS12(path, password string) (tls.Certificate, error) {
	cert, err := loadPKCS12(path, password)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("PKCS#12: %w", err)
	}
	return cert, nil
}

func loadPKCS12(path, password string) (cert tls.Certificate, err error) {
	if path == "" {
		return cert, errors.New("path is missing: give the path of apiclient_cert.p12")
	}
	data, err := keyfile.ReadFile(path)
	if err != nil {
		return cert, err
	}
	private, certs, err := decryptPKCS12([]byte(data), password)
	if err != nil {
		return cert, err
	}
	key, ok := private.(*rsa.PrivateKey)
	if !ok {
		return cert, fmt.Errorf("%T is not an RSA key; WeChat Pay uses RSA", private)
	}
	if err := signer.CheckRSA(key.Public()); err != nil {
		return cert, err
	}
	cert.PrivateKey = key
	for _, c := range certs {
		if cert.Leaf == nil && key.PublicKey.Equal(c.PublicKey) {
			cert.Leaf = c
			cert.Certificate = append([][]byte{c.Raw}, cert.Certificate...)
		} else {
			cert.Certificate = append(cert.Certificate, c.Raw)
		}
	}
	if cert.Leaf == nil {
		return tls.Certificate{}, errors.New("its certificate does not belong to its private key")
	}
	return cert, nil
}
