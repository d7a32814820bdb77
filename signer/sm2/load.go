package sm2

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"

	"github.com/wxchain/wechatpay/internal/keyfile"
	"github.com/wxchain/wechatpay/keys"
)

// Private loads an SM2 private key, such as that in apiclient_key.pem. src is PEM text
// (PKCS#8, or SEC 1), the path or file:// URL of such a file, or bare PKCS#8 in base64,
// optionally after private.pkcs8://. It accepts the same irregular text as
// [keys.Private]. Errors never quote a key.
func Private(src string) (*sm2.PrivateKey, error) {
	key, err := private(src)
	if err != nil {
		return nil, fmt.Errorf("sm2: private key: %w", err)
	}
	return key, nil
}

func private(src string) (*sm2.PrivateKey, error) {
	block, err := keyfile.Read(src, map[string]string{"private.pkcs8://": "PRIVATE KEY"}, typeOf)
	if err != nil {
		return nil, err
	}
	var key any
	switch block.Type {
	case "PRIVATE KEY":
		key, err = smx509.ParsePKCS8PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = smx509.ParseSM2PrivateKey(block.Bytes)
	case "ENCRYPTED PRIVATE KEY":
		return nil, errors.New("the PEM is encrypted with a passphrase; convert it with openssl pkcs8")
	case "CERTIFICATE":
		return nil, errors.New("this is a certificate, not a private key; the key is in apiclient_key.pem")
	case "PUBLIC KEY":
		return nil, errors.New("this is a public key, not a private key; the key is in apiclient_key.pem")
	default:
		return nil, fmt.Errorf("the PEM block is %s, want PRIVATE KEY or EC PRIVATE KEY", keyfile.Kind(block.Type))
	}
	if err != nil {
		// The parsers' errors may quote what they read.
		return nil, fmt.Errorf("%s is damaged, or is not an SM2 key: it cannot be parsed as DER", block.Type)
	}
	switch k := key.(type) {
	case *sm2.PrivateKey:
		return k, check(&k.PublicKey)
	case *ecdsa.PrivateKey:
		return nil, errors.New("EC key is of another curve, not SM2")
	}
	return nil, fmt.Errorf("%T is not an SM2 key; for RSA, use package keys", key)
}

// Public loads an SM2 public key of the platform, for [keys.Static]. src is PEM text (SPKI
// or an X.509 certificate), the path or file:// URL of such a file, or bare DER in
// base64, optionally after public.spki://. The key is a [signer.Verifier] and a
// [signer.Encrypter].
func Public(src string) (crypto.PublicKey, error) {
	key, err := public(src)
	if err != nil {
		return nil, fmt.Errorf("sm2: public key: %w", err)
	}
	return key, nil
}

func public(src string) (crypto.PublicKey, error) {
	block, err := keyfile.Read(src, map[string]string{"public.spki://": "PUBLIC KEY"}, typeOf)
	if err != nil {
		return nil, err
	}
	switch block.Type {
	case "PUBLIC KEY":
		key, err := smx509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("%s is damaged: %w", block.Type, err)
		}
		return newPublicKey(key)
	case "CERTIFICATE":
		cert, err := parseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		return cert.PublicKey, nil
	case "PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY":
		return nil, errors.New("this is a private key, not a public key; keep it secret, and load the platform's certificate here")
	}
	return nil, fmt.Errorf("the PEM block is %s, want PUBLIC KEY or CERTIFICATE", keyfile.Kind(block.Type))
}

// Certificate loads an X.509 certificate of an SM2 key, which crypto/x509 does not
// parse. src is PEM text, a path or a file:// URL. The PublicKey of the result is as
// from [Public]. Use it for [keys.DownloaderConfig].Trusted.
func Certificate(src string) (*x509.Certificate, error) {
	cert, err := certificate(src)
	if err != nil {
		return nil, fmt.Errorf("sm2: certificate: %w", err)
	}
	return cert, nil
}

func certificate(src string) (*x509.Certificate, error) {
	block, err := keyfile.Read(src, nil, typeOf)
	if err != nil {
		return nil, err
	}
	if block.Type != "CERTIFICATE" {
		return nil, fmt.Errorf("the PEM block is %s, want CERTIFICATE; the merchant's is in apiclient_cert.pem", keyfile.Kind(block.Type))
	}
	return parseCertificate(block.Bytes)
}

// parseCertificate parses the certificate of an SM2 key.
func parseCertificate(der []byte) (*x509.Certificate, error) {
	parsed, err := smx509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("CERTIFICATE is damaged: %w", err)
	}
	cert := parsed.ToX509()
	if cert.PublicKey, err = newPublicKey(cert.PublicKey); err != nil {
		return nil, err
	}
	return cert, nil
}

// SerialNo returns the serial number of an X.509 certificate in upper-case
// hexadecimal, as the platform writes it. src is as for [Certificate].
func SerialNo(src string) (string, error) {
	cert, err := Certificate(src)
	if err != nil {
		return "", err
	}
	return keys.SerialNo(cert)
}

// typeOf returns the PEM type of an SM2 key or certificate in DER, or "".
func typeOf(der []byte) string {
	if key, err := smx509.ParsePKCS8PrivateKey(der); err == nil {
		if _, ok := key.(*sm2.PrivateKey); ok {
			return "PRIVATE KEY"
		}
	}
	if _, err := smx509.ParsePKIXPublicKey(der); err == nil {
		return "PUBLIC KEY"
	}
	if _, err := smx509.ParseCertificate(der); err == nil {
		return "CERTIFICATE"
	}
	return ""
}
