package party

import (
	"cmp"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/signer"
)

// A Platform has the certificates and the public key that a sandbox signs with.
// Printing it shows no secret.
type Platform struct {
	Certificates []Certificate
	PublicKeyID  string          // such as PUB_KEY_ID_0114…
	PrivateKey   *rsa.PrivateKey // of that public key
}

// A Certificate is a certificate of the platform, with its key. Printing it shows
// no secret.
type Certificate struct {
	Certificate *x509.Certificate
	PrivateKey  *rsa.PrivateKey
}

// NewPlatform returns a platform that is about to replace its certificate: one
// certificate expires ten days from now, and another one is valid already.
func NewPlatform(now time.Time) (Platform, error) {
	var made [3]*rsa.PrivateKey
	for i := range made {
		var err error
		if made[i], err = rsa.GenerateKey(rand.Reader, signer.MinBits); err != nil {
			return Platform{}, fmt.Errorf("sandbox: making the keys of the platform: %w", err)
		}
	}
	return PlatformWithKeys(made, now)
}

// PlatformWithKeys does what NewPlatform does, with existing keys.
func PlatformWithKeys(made [3]*rsa.PrivateKey, now time.Time) (Platform, error) {
	expiring, err := newCertificate("platform", made[0], now.AddDate(-5, 0, 10), now.AddDate(0, 0, 10))
	if err != nil {
		return Platform{}, err
	}
	fresh, err := newCertificate("platform", made[1], now.Add(-time.Hour), now.AddDate(5, 0, 0))
	if err != nil {
		return Platform{}, err
	}
	digits, err := rand.Int(rand.Reader, new(big.Int).Exp(big.NewInt(10), big.NewInt(28), nil))
	if err != nil {
		return Platform{}, err
	}
	return Platform{
		Certificates: []Certificate{{expiring, made[0]}, {fresh, made[1]}},
		PublicKeyID:  fmt.Sprintf("%s%028d", keys.PublicKeyIDPrefix, digits),
		PrivateKey:   made[2],
	}, nil
}

// newCertificate makes a self-signed certificate, because no client checks a
// chain.
func newCertificate(name string, key *rsa.PrivateKey, from, to time.Time) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 158))
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial.SetBit(serial, 158, 1), // 20 bytes, as the platform's
		Subject:      pkix.Name{CommonName: "WeChat Pay sandbox " + name},
		NotBefore:    from,
		NotAfter:     to,
		KeyUsage:     x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("sandbox: making a certificate: %w", err)
	}
	return x509.ParseCertificate(der)
}

// Keys returns the public keys of everything that the platform signs with, by
// serial number or id.
func (p Platform) Keys() keys.Static {
	static := make(keys.Static)
	if p.PrivateKey != nil {
		static[p.PublicKeyID] = p.PrivateKey.Public()
	}
	for _, c := range p.Certificates {
		static[c.SerialNo()] = c.Certificate.PublicKey
	}
	return static
}

// SerialNo returns the serial number of a certificate, or "" without one.
func (c Certificate) SerialNo() string {
	if c.Certificate == nil {
		return ""
	}
	return fmt.Sprintf("%X", c.Certificate.SerialNumber.Bytes())
}

// Check returns an error that says what is missing.
func (p Platform) Check() error {
	if len(p.Certificates) == 0 || !strings.HasPrefix(p.PublicKeyID, keys.PublicKeyIDPrefix) || p.PrivateKey == nil ||
		slices.ContainsFunc(p.Certificates, func(c Certificate) bool { return c.Certificate == nil || c.PrivateKey == nil }) {
		return errors.New("the Platform lacks a certificate or a key, or its PublicKeyID does not start with " +
			keys.PublicKeyIDPrefix + "; NewPlatform makes them")
	}
	return nil
}

// signers returns the signers of the platform, newest certificate first and the
// public key last.
func (p Platform) signers() ([]signer.Signer, error) {
	newest := slices.SortedFunc(slices.Values(p.Certificates), func(a, b Certificate) int {
		return cmp.Or(b.Certificate.NotBefore.Compare(a.Certificate.NotBefore), cmp.Compare(b.SerialNo(), a.SerialNo()))
	})
	var all []signer.Signer
	for _, c := range newest {
		s, err := signer.NewRSA(c.SerialNo(), c.PrivateKey)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	if p.PrivateKey == nil {
		return all, nil
	}
	s, err := signer.NewRSA(p.PublicKeyID, p.PrivateKey)
	return append(all, s), err
}

// KeyOf returns the private key of a serial number or id, or nil.
func (p Platform) KeyOf(serial string) *rsa.PrivateKey {
	if p.PrivateKey != nil && strings.EqualFold(serial, p.PublicKeyID) {
		return p.PrivateKey
	}
	for _, c := range p.Certificates {
		if strings.EqualFold(serial, c.SerialNo()) {
			return c.PrivateKey
		}
	}
	return nil
}

// String returns the id of the public key and the number of certificates, and no
// secret.
func (p Platform) String() string {
	return fmt.Sprintf("sandbox.Platform{PublicKeyID: %s, %d certificates}", p.PublicKeyID, len(p.Certificates))
}

// Format prints String, whatever the verb.
func (p Platform) Format(f fmt.State, _ rune) { fmt.Fprint(f, p.String()) }

// String returns the serial number, and no secret.
func (c Certificate) String() string { return "sandbox.PlatformCertificate{" + c.SerialNo() + "}" }

// Format prints String, whatever the verb.
func (c Certificate) Format(f fmt.State, _ rune) { fmt.Fprint(f, c.String()) }
