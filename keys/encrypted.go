package keys

import (
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"

	"github.com/youmark/pkcs8"
	"software.sslmate.com/src/go-pkcs12"
)

// maxIterations bounds the work that a file may ask for before its password can
// be told right from wrong: a second or so. OpenSSL's files ask for 2048.
const maxIterations = 1_000_000

// decryptPKCS8 opens an ENCRYPTED PRIVATE KEY.
func decryptPKCS8(der []byte, passphrase string) (key any, err error) {
	if passphrase == "" {
		return nil, errors.New("passphrase is missing, and the PEM is encrypted")
	}
	var info struct {
		Algorithm struct {
			ID     asn1.ObjectIdentifier
			Params struct {
				KDF struct {
					ID     asn1.ObjectIdentifier
					Params struct {
						Salt       []byte
						Iterations int
					}
				}
				Scheme asn1.RawValue
			}
		}
		Data []byte
	}
	pbkdf2 := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	switch _, err := asn1.Unmarshal(der, &info); {
	case err != nil, !info.Algorithm.Params.KDF.ID.Equal(pbkdf2):
		return nil, errors.New("ENCRYPTED PRIVATE KEY is damaged, or encrypted in a way unknown here; encrypt it anew, with openssl pkcs8 -topk8 -v2 aes-256-cbc")
	case info.Algorithm.Params.KDF.Params.Iterations > maxIterations:
		return nil, tooManyIterations(info.Algorithm.Params.KDF.Params.Iterations)
	}
	defer recoverDamaged("ENCRYPTED PRIVATE KEY", &err)
	if key, err = pkcs8.ParsePKCS8PrivateKey(der, []byte(passphrase)); err != nil {
		// Of what a wrong passphrase opens, not all looks wrong at once.
		return nil, errors.New("passphrase is wrong, or else ENCRYPTED PRIVATE KEY is damaged")
	}
	return key, nil
}

// decryptPKCS12 opens a PKCS#12 file: a private key, and certificates in no
// order to rely on.
func decryptPKCS12(der []byte, password string) (key any, certs []*x509.Certificate, err error) {
	if password == "" {
		return nil, nil, errors.New("password is missing: it is the merchant's number, mchid, unless somebody changed it")
	}
	var pfx struct {
		Version int
		Safe    asn1.RawValue
		MAC     struct {
			Digest     asn1.RawValue
			Salt       []byte
			Iterations int `asn1:"optional,default:1"`
		} `asn1:"optional"`
	}
	if _, err := asn1.Unmarshal(der, &pfx); err != nil {
		return nil, nil, errors.New("the file is damaged, or no PKCS#12; apiclient_cert.p12 is")
	}
	if n := pfx.MAC.Iterations; n > maxIterations {
		return nil, nil, tooManyIterations(n)
	}
	defer recoverDamaged("the file", &err)
	key, leaf, rest, err := pkcs12.DecodeChain(der, password)
	switch {
	case errors.Is(err, pkcs12.ErrIncorrectPassword):
		return nil, nil, errors.New("password is wrong: it is the merchant's number, mchid, unless somebody changed it")
	case err != nil:
		// The parser's error may quote what it read.
		return nil, nil, errors.New("the file is damaged, or lacks a private key or its certificate; apiclient_cert.p12 has both")
	}
	return key, append([]*x509.Certificate{leaf}, rest...), nil
}

func tooManyIterations(n int) error {
	return fmt.Errorf("it asks for %d iterations to derive a key, more than the %d allowed", n, maxIterations)
}

// recoverDamaged makes an error of a panic: the packages that decrypt panic over
// an IV or a ciphertext whose length does not fit the cipher.
func recoverDamaged(what string, err *error) {
	if recover() != nil {
		*err = errors.New(what + " is damaged: its lengths do not fit its cipher")
	}
}
