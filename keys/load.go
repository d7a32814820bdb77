// Package keys loads the keys and certificates of a merchant and of the platform. It
// also has stores of the keys that verify the platform's signatures.
package keys

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/wxchain/wechatpay/internal/keyfile"
	"github.com/wxchain/wechatpay/signer"
)

// Private loads an RSA private key of at least [signer.MinBits] bits, such as that in
// apiclient_key.pem. src is PEM text (PKCS#1 or PKCS#8), the path or file:// URL of
// such a file, or bare DER in base64, optionally after private.pkcs1:// or
// private.pkcs8://. Private accepts a byte order mark, indented lines, and the two
// characters \n in place of line breaks, as in environment variables. Errors name
// what is wrong with other sources, and never quote a key.
func Private(src string) (*rsa.PrivateKey, error) {
	key, err := private(src, nil)
	if err != nil {
		return nil, fmt.Errorf("private key: %w", err)
	}
	return key, nil
}

// PrivateWithPassphrase is [Private] for a key in PKCS#8 that is encrypted with a
// passphrase (BEGIN ENCRYPTED PRIVATE KEY). It also loads a key that is not encrypted.
func PrivateWithPassphrase(src, passphrase string) (*rsa.PrivateKey, error) {
	key, err := private(src, func(der []byte) (any, error) { return decryptPKCS8(der, passphrase) })
	if err != nil {
		return nil, fmt.Errorf("private key: %w", err)
	}
	return key, nil
}

// private loads a key, which open opens if it is encrypted.
func private(src string, open func(der []byte) (any, error)) (*rsa.PrivateKey, error) {
	block, err := keyfile.Read(src, map[string]string{
		"private.pkcs1://": "RSA PRIVATE KEY",
		"private.pkcs8://": "PRIVATE KEY",
	}, nil)
	if err != nil {
		return nil, err
	}
	var key any
	switch block.Type {
	case "RSA PRIVATE KEY":
		if block.Headers["DEK-Info"] != "" {
			return nil, errors.New("the PEM is encrypted with a passphrase in the old format of OpenSSL; convert it to PKCS#8 with openssl pkcs8 -topk8")
		}
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "ENCRYPTED PRIVATE KEY":
		if open == nil {
			return nil, errors.New("the PEM is encrypted with a passphrase; load it with PrivateWithPassphrase")
		}
		if key, err = open(block.Bytes); err != nil {
			return nil, err
		}
	case "CERTIFICATE":
		return nil, errors.New("this is a certificate, not a private key; the key is in apiclient_key.pem")
	case "PUBLIC KEY", "RSA PUBLIC KEY":
		return nil, errors.New("this is a public key, not a private key; the key is in apiclient_key.pem")
	default:
		return nil, fmt.Errorf("the PEM block is %s, want PRIVATE KEY or RSA PRIVATE KEY", keyfile.Kind(block.Type))
	}
	if err != nil {
		// The parsers' errors may quote what they read.
		return nil, damaged(block, errors.New("it cannot be parsed as DER"))
	}
	k, ok := key.(*rsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%T is not an RSA key; WeChat Pay uses RSA", key)
	}
	return k, signer.CheckRSA(k.Public())
}

// Public loads an RSA public key of at least [signer.MinBits] bits, such as the
// platform public key. src is PEM text (SPKI, PKCS#1 or an X.509 certificate), the
// path or file:// URL of such a file, or bare DER in base64, optionally after
// public.pkcs1:// or public.spki://. Public accepts the same irregular text as
// [Private].
func Public(src string) (*rsa.PublicKey, error) {
	key, err := public(src)
	if err != nil {
		return nil, fmt.Errorf("public key: %w", err)
	}
	return key, nil
}

func public(src string) (*rsa.PublicKey, error) {
	block, err := keyfile.Read(src, map[string]string{
		"public.pkcs1://": "RSA PUBLIC KEY",
		"public.spki://":  "PUBLIC KEY",
	}, nil)
	if err != nil {
		return nil, err
	}
	var key any
	switch block.Type {
	case "PUBLIC KEY":
		key, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		key, err = x509.ParsePKCS1PublicKey(block.Bytes)
	case "CERTIFICATE":
		var cert *x509.Certificate
		if cert, err = x509.ParseCertificate(block.Bytes); err == nil {
			key = cert.PublicKey
		}
	case "PRIVATE KEY", "RSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY":
		return nil, errors.New("this is a private key, not a public key; keep it secret, and load the platform's pub_key.pem or certificate here")
	default:
		return nil, fmt.Errorf("the PEM block is %s, want PUBLIC KEY, RSA PUBLIC KEY or CERTIFICATE", keyfile.Kind(block.Type))
	}
	if err != nil {
		return nil, damaged(block, err)
	}
	k, ok := key.(*rsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("%T is not an RSA key; WeChat Pay uses RSA", key)
	}
	return k, signer.CheckRSA(k)
}

// SerialNo returns the serial number of an X.509 certificate in upper-case
// hexadecimal, as the platform writes it. cert is a parsed certificate, PEM text, a
// path or a file:// URL.
func SerialNo[C string | *x509.Certificate](cert C) (string, error) {
	c, err := certificate(cert)
	if err != nil {
		return "", fmt.Errorf("certificate: %w", err)
	}
	return serialNo(c), nil
}

// Certificate loads an X.509 certificate, such as that in apiclient_cert.pem.
// src is PEM text, a path or a file:// URL.
func Certificate(src string) (*x509.Certificate, error) {
	c, err := certificate(src)
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	return c, nil
}

func certificate(cert any) (*x509.Certificate, error) {
	src, ok := cert.(string)
	if !ok {
		c := cert.(*x509.Certificate)
		if c == nil || c.SerialNumber == nil {
			return nil, errors.New("it is empty")
		}
		return c, nil
	}
	block, err := keyfile.Read(src, nil, nil)
	if err != nil {
		return nil, err
	}
	if block.Type != "CERTIFICATE" {
		return nil, fmt.Errorf("the PEM block is %s, want CERTIFICATE; the merchant's is in apiclient_cert.pem", keyfile.Kind(block.Type))
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, damaged(block, err)
	}
	return c, nil
}

// curveOfSM2 is the SM2 curve in DER. The standard library does not parse its keys.
var curveOfSM2 = []byte{0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d}

// damaged returns the error of a block that err says cannot be parsed.
func damaged(block *pem.Block, err error) error {
	if bytes.Contains(block.Bytes, curveOfSM2) {
		return fmt.Errorf("%s has an SM2 key, not an RSA key; load it with package signer/sm2, or use the build of wxpay in cmd/wxpay/native", block.Type)
	}
	return fmt.Errorf("%s is damaged: %w", block.Type, err)
}
