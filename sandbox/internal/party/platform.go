package party

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
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
	Signer      signer.Signer // in place of PrivateKey; it is a signer.Suite
}

// Scheme returns the scheme of what the certificate signs.
func (c Certificate) Scheme() string {
	if c.Signer == nil {
		return signer.SchemeRSA
	}
	return c.Signer.Scheme()
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
		Certificates: []Certificate{{Certificate: expiring, PrivateKey: made[0]}, {Certificate: fresh, PrivateKey: made[1]}},
		PublicKeyID:  fmt.Sprintf("%s%028d", keys.PublicKeyIDPrefix, digits),
		PrivateKey:   made[2],
	}, nil
}

// newCertificate makes a certificate of an RSA key.
func newCertificate(name string, key *rsa.PrivateKey, from, to time.Time) (*x509.Certificate, error) {
	template, err := newTemplate(name, from, to)
	if err != nil {
		return nil, err
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
	ofRSA := 0
	for _, c := range p.Certificates {
		if c.Certificate == nil || c.PrivateKey == nil && c.Signer == nil {
			return errLacking
		}
		if _, ok := c.Signer.(signer.Suite); c.Signer != nil && !ok {
			return fmt.Errorf("the Signer of the platform's certificate %s is a %T, which is not a signer.Suite, and cannot decrypt fields", c.SerialNo(), c.Signer)
		}
		if c.Signer != nil && !strings.EqualFold(c.Signer.SerialNo(), c.SerialNo()) {
			return fmt.Errorf("the Signer of the platform's certificate %s has the serial number %.64q", c.SerialNo(), c.Signer.SerialNo())
		}
		if c.Scheme() == signer.SchemeRSA {
			ofRSA++
		}
	}
	if ofRSA == 0 || !strings.HasPrefix(p.PublicKeyID, keys.PublicKeyIDPrefix) || p.PrivateKey == nil {
		return errLacking
	}
	return nil
}

var errLacking = errors.New("the Platform lacks a certificate or a key, or its PublicKeyID does not start with " +
	keys.PublicKeyIDPrefix + "; NewPlatform makes them")

// newestFirst returns certificates in the order of their NotBefore. Those of the same
// second stay in their order.
func newestFirst(all []Certificate) []Certificate {
	return slices.SortedStableFunc(slices.Values(all), func(a, b Certificate) int {
		return b.Certificate.NotBefore.Compare(a.Certificate.NotBefore)
	})
}

// A PlatformKey is a key of the platform at work. Certificate is nil for the public
// key.
type PlatformKey struct {
	Key
	Certificate *x509.Certificate
}

// keys returns the keys of the platform by the scheme of their signatures. Of each
// scheme, the newest certificate is first and the public key last.
func (p Platform) keys(r RSA) (map[string][]PlatformKey, error) {
	all := make(map[string][]PlatformKey)
	for _, c := range newestFirst(p.Certificates) {
		key, err := r.newKey(c.SerialNo(), c.PrivateKey, c.Signer, c.Certificate.PublicKey)
		if err == nil {
			err = signer.CheckRSA(key.Public)
		}
		if err != nil {
			return nil, fmt.Errorf("the platform's certificate %s: %w", c.SerialNo(), err)
		}
		all[c.Scheme()] = append(all[c.Scheme()], PlatformKey{key, c.Certificate})
	}
	if p.PrivateKey == nil {
		return all, nil
	}
	key, err := r.newKey(p.PublicKeyID, p.PrivateKey, nil, p.PrivateKey.Public())
	all[signer.SchemeRSA] = append(all[signer.SchemeRSA], PlatformKey{Key: key})
	return all, err
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
