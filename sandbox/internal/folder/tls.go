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
	"slices"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/internal/platform"
)

const (
	// CAFile is the file, in the folder of a sandbox, of the certificate that its
	// clients must trust over TLS.
	CAFile    = "ca.pem"
	caKeyFile = "ca_key.pem"
)

// caMonths is the life of an authority. It is renewed in the last month.
const caMonths = 12

// TLS returns the configuration for serving HTTPS for hosts, which are names or
// IP addresses. The authority of the certificate is [CAFile] in dir; TLS makes
// it if it is missing, expires within a month, or may not certify the hosts. An
// authority may certify only the platform's hosts, this machine and hosts. Clients are
// asked for a certificate, because some calls of APIv2 must present the merchant's,
// which the sandbox checks.
func TLS(dir string, now time.Time, hosts ...string) (*tls.Config, error) {
	ca, err := tls.LoadX509KeyPair(filepath.Join(dir, CAFile), filepath.Join(dir, caKeyFile))
	switch {
	case errors.Is(err, fs.ErrNotExist) && !exists(filepath.Join(dir, CAFile)), err == nil && !serves(ca.Leaf, now, hosts):
		if ca, err = makeCA(dir, now, hosts); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, fmt.Errorf("%s and %s in %s: %w; remove both for new ones", CAFile, caKeyFile, dir, err)
	}
	leaf := &x509.Certificate{
		Subject:     pkix.Name{CommonName: "WeChat Pay sandbox"},
		NotAfter:    ca.Leaf.NotAfter,
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	leaf.DNSNames, leaf.IPAddresses = namesOf(hosts)
	cert, err := signCertificate(leaf, now, &ca)
	if err != nil {
		return nil, err
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequestClientCert, MinVersion: tls.VersionTLS12}, nil
}

// namesOf parts hosts into names and addresses.
func namesOf(hosts []string) (names []string, ips []net.IP) {
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			ips = append(ips, ip)
		} else {
			names = append(names, strings.ToLower(host))
		}
	}
	return names, ips
}

// permittedOf returns what an authority for hosts may certify.
func permittedOf(hosts []string) (names []string, networks []*net.IPNet) {
	names, ips := namesOf(hosts)
	names = slices.Concat(platform.Hosts[:], []string{"localhost"}, names)
	slices.Sort(names)
	networks = []*net.IPNet{{IP: net.IPv4(127, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)}, {IP: net.IPv6loopback, Mask: net.CIDRMask(128, 128)}}
	for _, ip := range ips {
		if ip.IsLoopback() {
			continue
		}
		if ip4 := ip.To4(); ip4 != nil {
			ip = ip4
		}
		networks = append(networks, &net.IPNet{IP: ip, Mask: net.CIDRMask(8*len(ip), 8*len(ip))})
	}
	return slices.Compact(names), networks
}

// serves reports whether an authority has the limits of this version, is not about
// to expire, and may certify hosts.
func serves(ca *x509.Certificate, now time.Time, hosts []string) bool {
	if !ca.MaxPathLenZero || !ca.PermittedDNSDomainsCritical || now.After(ca.NotAfter.AddDate(0, -1, 0)) {
		return false
	}
	names, ips := namesOf(hosts)
	return !slices.ContainsFunc(names, func(name string) bool { return !slices.Contains(ca.PermittedDNSDomains, name) }) &&
		!slices.ContainsFunc(ips, func(ip net.IP) bool {
			return !slices.ContainsFunc(ca.PermittedIPRanges, func(n *net.IPNet) bool { return n.Contains(ip) })
		})
}

// makeCA makes an authority and writes its files, the certificate last.
func makeCA(dir string, now time.Time, hosts []string) (tls.Certificate, error) {
	names, networks := permittedOf(hosts)
	ca, err := signCertificate(&x509.Certificate{
		Subject:                     pkix.Name{CommonName: "WeChat Pay sandbox CA, for tests alone"},
		NotAfter:                    now.AddDate(0, caMonths, 0),
		KeyUsage:                    x509.KeyUsageCertSign,
		ExtKeyUsage:                 []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IsCA:                        true,
		BasicConstraintsValid:       true,
		MaxPathLenZero:              true,
		PermittedDNSDomainsCritical: true,
		PermittedDNSDomains:         names,
		PermittedIPRanges:           networks,
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
