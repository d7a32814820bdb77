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

// A Platform is what a sandbox signs with: certificates, and a public key.
// Printing it shows no secret.
type Platform struct {
	Certificates []Certificate
	PublicKeyID  string          // such as PUB_KEY_ID_0114…
	PrivateKey   *rsa.PrivateKey // of that public key
}

// A Certificate is one of the platform, with its key. Printing it shows no
// secret.
type Certificate struct {
	Certificate *x509.Certificate
	PrivateKey  *rsa.PrivateKey
}

// NewPlatform makes a platform that is about to replace its certificate: one
// expires ten days from now, when another one is valid already.
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

// PlatformWithKeys is NewPlatform with keys that were made before.
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

// newCertificate makes a certificate that signs itself: nobody here asks for a
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

// Keys are the public keys of all that the platform signs with, by serial
// number or id.
func (p Platform) Keys() keys.Static {
	static := keys.Static{p.PublicKeyID: p.PrivateKey.Public()}
	for _, c := range p.Certificates {
		static[c.SerialNo()] = c.Certificate.PublicKey
	}
	return static
}

// SerialNo is the serial number of a certificate, "" for none.
func (c Certificate) SerialNo() string {
	if c.Certificate == nil {
		return ""
	}
	return fmt.Sprintf("%X", c.Certificate.SerialNumber.Bytes())
}

// Check says what is missing.
func (p Platform) Check() error {
	if len(p.Certificates) == 0 || !strings.HasPrefix(p.PublicKeyID, keys.PublicKeyIDPrefix) || p.PrivateKey == nil ||
		slices.ContainsFunc(p.Certificates, func(c Certificate) bool { return c.Certificate == nil || c.PrivateKey == nil }) {
		return errors.New("the Platform lacks a certificate or a key, or its PublicKeyID does not start with " +
			keys.PublicKeyIDPrefix + "; NewPlatform makes them")
	}
	return nil
}

// signers are what the platform signs with, newest certificate first and the
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
	s, err := signer.NewRSA(p.PublicKeyID, p.PrivateKey)
	return append(all, s), err
}

// KeyOf is the private key of a serial number or id, or nil.
func (p Platform) KeyOf(serial string) *rsa.PrivateKey {
	if strings.EqualFold(serial, p.PublicKeyID) {
		return p.PrivateKey
	}
	for _, c := range p.Certificates {
		if strings.EqualFold(serial, c.SerialNo()) {
			return c.PrivateKey
		}
	}
	return nil
}

// String tells how the platform signs, and no secret.
func (p Platform) String() string {
	return fmt.Sprintf("sandbox.Platform{PublicKeyID: %s, %d certificates}", p.PublicKeyID, len(p.Certificates))
}

// Format prints String, whatever the verb.
func (p Platform) Format(f fmt.State, _ rune) { fmt.Fprint(f, p.String()) }

// String tells which certificate it is.
func (c Certificate) String() string { return "sandbox.PlatformCertificate{" + c.SerialNo() + "}" }

// Format prints String, whatever the verb.
func (c Certificate) Format(f fmt.State, _ rune) { fmt.Fprint(f, c.String()) }
