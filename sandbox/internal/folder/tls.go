package folder

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"path/filepath"
	"time"
)

const (
	// CAFile is the file, in the folder of a sandbox, of the certificate that its
	// clients must trust over TLS.
	CAFile    = "ca.pem"
	caKeyFile = "ca_key.pem"
)

// TLS returns the configuration for serving HTTPS for hosts, which are names or
// IP addresses. The authority of the certificate is [CAFile] in dir; TLS makes
// one if there is none or it has expired. Clients are asked for a certificate,
// because some calls of APIv2 must present the merchant's, which the sandbox
// checks.
func TLS(dir string, now time.Time, hosts ...string) (*tls.Config, error) {
	ca, err := tls.LoadX509KeyPair(filepath.Join(dir, CAFile), filepath.Join(dir, caKeyFile))
	switch {
	case errors.Is(err, fs.ErrNotExist) && !exists(filepath.Join(dir, CAFile)), err == nil && now.After(ca.Leaf.NotAfter):
		if ca, err = makeCA(dir, now); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, fmt.Errorf("%s and %s in %s: %w; remove both for new ones", CAFile, caKeyFile, dir, err)
	}
	leaf := &x509.Certificate{
		Subject:     pkix.Name{CommonName: "WeChat Pay sandbox"},
		NotAfter:    now.AddDate(1, 0, 0),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			leaf.IPAddresses = append(leaf.IPAddresses, ip)
		} else {
			leaf.DNSNames = append(leaf.DNSNames, host)
		}
	}
	cert, err := signCertificate(leaf, now, &ca)
	if err != nil {
		return nil, err
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequestClientCert, MinVersion: tls.VersionTLS12}, nil
}

// makeCA makes an authority and writes its files, the certificate last.
func makeCA(dir string, now time.Time) (tls.Certificate, error) {
	ca, err := signCertificate(&x509.Certificate{
		Subject:               pkix.Name{CommonName: "WeChat Pay sandbox CA, for tests alone"},
		NotAfter:              now.AddDate(5, 0, 0),
		KeyUsage:              x509.KeyUsageCertSign,
		IsCA:                  true,
		BasicConstraintsValid: true,
	}, now, nil)
	if err != nil {
		return ca, err
	}
	key, err := privatePEM(ca.PrivateKey)
	if err != nil {
		return ca, err
	}
	if err := writeFile(filepath.Join(dir, caKeyFile), secretMode, key); err != nil {
		return ca, err
	}
	return ca, writeFile(filepath.Join(dir, CAFile), publicMode, certificatePEM(ca.Leaf))
}

// signCertificate makes a certificate from a template, with a key of its own. ca
// signs it; if ca is nil, the certificate signs itself.
func signCertificate(template *x509.Certificate, now time.Time, ca *tls.Certificate) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	if template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 158)); err != nil {
		return tls.Certificate{}, err
	}
	template.NotBefore = now.Add(-time.Hour)
	parent, by := template, any(key)
	if ca != nil {
		parent, by = ca.Leaf, ca.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), by)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf, err := x509.ParseCertificate(der)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, err
}
