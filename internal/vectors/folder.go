package vectors

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"software.sslmate.com/src/go-pkcs12"
)

// Enter makes a folder, below a new temporary one, with the files of a merchant:
// apiclient_key.pem, apiclient_cert.pem, apiclient_cert.p12, whose password is
// 1900000109, and pub_key.pem. It makes the temporary folder the working
// directory, so that an example finds the files under the paths that a reader
// sees. leave returns to the old directory and removes the temporary folder.
//
// Examples have no testing.TB, so Enter panics when it fails.
func Enter(folder string) (leave func()) {
	old, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	top, err := os.MkdirTemp("", "merchant")
	if err != nil {
		panic(err)
	}
	if err := write(filepath.Join(top, folder)); err != nil {
		panic(fmt.Errorf("%w; %w", err, os.RemoveAll(top)))
	}
	if err := os.Chdir(top); err != nil {
		panic(err)
	}
	return func() {
		if err := errors.Join(os.Chdir(old), os.RemoveAll(top)); err != nil {
			panic(err)
		}
	}
}

func write(folder string) error {
	c, err := Read()
	if err != nil {
		return err
	}
	key, err := c.MerchantKey()
	if err != nil {
		return err
	}
	block, _ := pem.Decode([]byte(c.MerchantCertificatePEM))
	if block == nil {
		return errors.New("testdata/crypto.json: no PEM of a certificate")
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return err
	}
	p12, err := pkcs12.Modern.Encode(key, cert, nil, "1900000109")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	for name, text := range map[string]string{
		"apiclient_key.pem":  c.MerchantPrivateKeyPEM,
		"apiclient_cert.pem": c.MerchantCertificatePEM,
		"apiclient_cert.p12": string(p12),
		"pub_key.pem":        c.PlatformPublicKeyPEM,
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}
