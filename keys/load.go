// Package keys loads the keys and certificates of a merchant and of the platform. It
// also has stores of the keys that verify the platform's signatures.
package keys

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/wxchain/wechatpay/signer"
)

// maxFile is the size, in bytes, of the longest key file that is read.
const maxFile = 1 << 20

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
	block, err := read(src, map[string]string{
		"private.pkcs1://": "RSA PRIVATE KEY",
		"private.pkcs8://": "PRIVATE KEY",
	})
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
		return nil, fmt.Errorf("the PEM block is %s, want PRIVATE KEY or RSA PRIVATE KEY", kind(block.Type))
	}
	if err != nil {
		// The parsers' errors may quote what they read.
		return nil, fmt.Errorf("%s is damaged: it cannot be parsed as DER", block.Type)
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
	block, err := read(src, map[string]string{
		"public.pkcs1://": "RSA PUBLIC KEY",
		"public.spki://":  "PUBLIC KEY",
	})
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
		return nil, fmt.Errorf("the PEM block is %s, want PUBLIC KEY, RSA PUBLIC KEY or CERTIFICATE", kind(block.Type))
	}
	if err != nil {
		return nil, fmt.Errorf("%s is damaged: %w", block.Type, err)
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
	block, err := read(src, nil)
	if err != nil {
		return nil, err
	}
	if block.Type != "CERTIFICATE" {
		return nil, fmt.Errorf("the PEM block is %s, want CERTIFICATE; the merchant's is in apiclient_cert.pem", kind(block.Type))
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("CERTIFICATE is damaged: %w", err)
	}
	return c, nil
}

// kind quotes the type of a PEM block, unless it is too long to be one.
func kind(blockType string) string {
	if len(blockType) > 40 {
		return "of no kind known"
	}
	return strconv.Quote(blockType)
}

// read finds the first PEM block of src. schemes are the spellings of bare
// DER that are good here, with the PEM type that each stands for.
func read(src string, schemes map[string]string) (*pem.Block, error) {
	if strings.TrimSpace(src) == "" {
		return nil, errors.New("it is missing: give PEM text or the path of a file")
	}
	for scheme, blockType := range schemes {
		if text, ok := strings.CutPrefix(src, scheme); ok {
			der, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				return nil, fmt.Errorf("what follows %s is not base64", scheme)
			}
			return &pem.Block{Type: blockType, Bytes: der}, nil
		}
	}
	if strings.Contains(src, "-----BEGIN") {
		return decode(src)
	}
	if block := decodeBare(strings.TrimPrefix(src, byteOrderMark)); block != nil {
		return block, nil
	}
	if strings.Contains(src, "\x00") { // no path has one
		if err := checkEncoding(src); err != nil {
			return nil, err
		}
	}
	text, err := readFile(src)
	if err != nil {
		return nil, err
	}
	return decode(text)
}

func readFile(src string) (string, error) {
	path := strings.TrimPrefix(src, "file://")
	if scheme, _, ok := strings.Cut(path, "://"); ok && len(scheme) < 20 {
		return "", fmt.Errorf("scheme %q does not fit here", scheme+"://")
	}
	// A key pasted without its PEM lines ends up here. It is no path, and
	// must not get into an error.
	if len(path) > 1024 || strings.ContainsAny(path, "\n\r\x00") {
		return "", errors.New("it is neither PEM text (-----BEGIN …) nor the path of a file")
	}
	f, err := os.Open(path)
	if err != nil {
		return "", reason(err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return "", reason(err)
	}
	if len(text) > maxFile {
		return "", fmt.Errorf("file %s is longer than %d bytes, too long for a key", path, maxFile)
	}
	return string(text), nil
}

// reason names the file that cannot be read, unless the "file" looks like
// the text of a key.
func reason(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) && looksLikeKey(p) {
		return fmt.Errorf("it is neither PEM text (-----BEGIN …) nor the path of a file: %w", p.Err)
	}
	return err
}

// looksLikeKey tells text too long for a path, and a line or more of base64
// that is the path of nothing.
func looksLikeKey(p *fs.PathError) bool {
	if len(p.Path) < 64 || len(p.Path) > 200 {
		return len(p.Path) > 200
	}
	_, err := base64.StdEncoding.DecodeString(p.Path)
	return err == nil && errors.Is(p.Err, fs.ErrNotExist)
}
