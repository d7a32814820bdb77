package keys

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"

	"github.com/youmark/pkcs8"
	"software.sslmate.com/src/go-pkcs12"
)

// maxIterations bounds the work that a file may ask for before its password can
// be told right from wrong: a second or so. OpenSSL's files ask for 2048.
const maxIterations = 1_000_000

// Identifiers of RFC 8018.
var (
	pbkdf2         = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	pbmac1         = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 14}
	hmacWithSHA1   = asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 7}
	hmacWithSHA256 = asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}
)

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
						KeyLength  int                      `asn1:"optional"`
						PRF        pkix.AlgorithmIdentifier `asn1:"optional"`
					}
				}
				Scheme asn1.RawValue
			}
		}
		Data []byte
	}
	_, err = asn1.Unmarshal(der, &info)
	kdf := info.Algorithm.Params.KDF
	prf := kdf.Params.PRF.Algorithm
	switch {
	case err != nil, !kdf.ID.Equal(pbkdf2), kdf.Params.KeyLength != 0,
		len(prf) > 0 && !prf.Equal(hmacWithSHA1) && !prf.Equal(hmacWithSHA256):
		return nil, errors.New("ENCRYPTED PRIVATE KEY is damaged, or its encryption is not supported; encrypt it again with openssl pkcs8 -topk8 -v2 aes-256-cbc")
	case kdf.Params.Iterations > maxIterations:
		return nil, tooManyIterations(kdf.Params.Iterations)
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
	var pfx struct {
		Version int
		Safe    asn1.RawValue
		MAC     struct {
			Digest struct {
				Algorithm pkix.AlgorithmIdentifier
				Sum       []byte
			}
			Salt       []byte
			Iterations int `asn1:"optional,default:1"`
		} `asn1:"optional"`
	}
	if _, err := asn1.Unmarshal(der, &pfx); err != nil {
		switch {
		case len(der) == 0:
			return nil, nil, errors.New("the file is empty, so it is not PKCS#12; load apiclient_cert.p12")
		case bytes.Contains(der, []byte("-----BEGIN")):
			return nil, nil, errors.New("the file is PEM, so it is not PKCS#12; load a certificate and its key from PEM with tls.LoadX509KeyPair")
		}
		return nil, nil, errors.New("the file is damaged, or it is not PKCS#12; load apiclient_cert.p12")
	}
	if n := pfx.MAC.Iterations; n > maxIterations {
		return nil, nil, tooManyIterations(n)
	}
	if pfx.MAC.Digest.Algorithm.Algorithm.Equal(pbmac1) { // whose iterations are elsewhere, and bounded by nothing
		return nil, nil, errors.New("its MAC is PBMAC1, which is not supported; create the file again with openssl pkcs12 -export")
	}
	defer recoverDamaged("the file", &err)
	key, leaf, rest, err := pkcs12.DecodeChain(der, password)
	switch {
	case errors.Is(err, pkcs12.ErrIncorrectPassword) && password == "":
		return nil, nil, errors.New("password is missing: it is the merchant's number, mchid, unless somebody changed it")
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
