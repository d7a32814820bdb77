package party

import (
	"cmp"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/signer"
)

// An Issuer signs with the current keys of the platform, which can be made,
// as far as its mode has them. It remembers which key each merchant works with. It
// is safe for concurrent use.
type Issuer struct {
	IssuerConfig
	changing sync.Mutex // held by one change at a time
	current  atomic.Pointer[issued]
	keysOf   sync.Map // string by mchid
}

// An IssuerConfig is what an Issuer works with.
type IssuerConfig struct {
	Mode  Mode // at first
	RSA   RSA
	Suite Suite // besides RSA, or nil
	// NewKey makes the key of a certificate; crypto/rsa by default.
	NewKey func() (*rsa.PrivateKey, error)
}

type issued struct {
	Platform // all its keys
	mode     Mode
	shift    *shift
	keys     map[string][]PlatformKey // those of the mode, by scheme
	schemes  []string
}

// NewIssuer returns an Issuer of a platform. If the platform lacks certificates of
// the suite, it gets two.
func NewIssuer(p Platform, config IssuerConfig, now time.Time) (*Issuer, error) {
	if err := errors.Join(p.Check(), config.Mode.Check()); err != nil {
		return nil, err
	}
	p.Certificates = slices.Clone(p.Certificates)
	if suite := config.Suite; suite != nil && !slices.ContainsFunc(p.Certificates, func(c Certificate) bool { return c.Scheme() == suite.Scheme() }) {
		made, err := MakeCertificates(suite, now)
		if err != nil {
			return nil, err
		}
		for _, m := range made {
			p.Certificates = append(p.Certificates, m.Certificate)
		}
	}
	if config.NewKey == nil {
		config.NewKey = func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, signer.MinBits) }
	}
	i := &Issuer{IssuerConfig: config}
	return i, i.change(func(next *issued) error {
		next.Platform, next.mode = p, config.Mode
		return nil
	})
}

// change replaces the keys by those that f sets.
func (i *Issuer) change(f func(next *issued) error) error {
	i.changing.Lock()
	defer i.changing.Unlock()
	next := &issued{}
	if now := i.current.Load(); now != nil {
		*next = *now
	}
	err := f(next)
	if err == nil {
		next.keys, err = next.mode.limit(next.Platform).keys(i.RSA)
	}
	if err == nil {
		next.schemes = slices.Sorted(maps.Keys(next.keys))
		i.current.Store(next)
	}
	return err
}

// Check returns an error if merchants sign with a scheme that the platform lacks.
func (i *Issuer) Check(all *Merchants) error {
	for _, mchID := range all.MchIDs() {
		m, _ := all.Of(mchID)
		if scheme := m.Key.Scheme(); len(i.Keys(scheme)) == 0 {
			return fmt.Errorf("merchant %s signs with %.64q, but the Platform has no certificate of that scheme; set Suite, or add one", mchID, scheme)
		}
	}
	return nil
}

// Schemes returns the schemes of the platform's keys.
func (i *Issuer) Schemes() []string { return i.current.Load().schemes }

// Keys returns the keys of a scheme that the merchants work with, newest certificate
// first, public key last. RSA lacks certificates, or the public key, if the mode does
// without.
func (i *Issuer) Keys(scheme string) []PlatformKey { return i.current.Load().keys[scheme] }

// PublicKeys returns the public keys of a scheme by serial number or id.
func (i *Issuer) PublicKeys(scheme string) keys.Static {
	static := make(keys.Static)
	for _, key := range i.Keys(scheme) {
		static[key.SerialNo()] = key.Public
	}
	return static
}

// KeyOf returns the key of a scheme that has a serial number or id.
func (i *Issuer) KeyOf(scheme, serial string) (Key, bool) {
	for _, key := range i.Keys(scheme) {
		if strings.EqualFold(key.SerialNo(), serial) {
			return key.Key, true
		}
	}
	return Key{}, false
}

// Named returns the key of a scheme, which is RSA for "", that a request names, if the
// merchants work with it. Otherwise it is the newest certificate, or the public key if
// there are no certificates.
func (i *Issuer) Named(scheme, serial string) signer.Signer {
	scheme = cmp.Or(scheme, signer.SchemeRSA)
	if key, ok := i.KeyOf(scheme, serial); ok {
		return key.Signer
	}
	return i.Keys(scheme)[0].Signer
}

// SignerFor returns what signs an answer to a merchant of a scheme: the key that
// Named returns, unless the certificates are being replaced.
func (i *Issuer) SignerFor(scheme, serial string) signer.Signer {
	scheme = cmp.Or(scheme, signer.SchemeRSA)
	if now := i.current.Load(); now.shift != nil && now.mode != WithBoth {
		if by := now.shift.pick(now.keys[scheme]); by != nil {
			return by
		}
	}
	return i.Named(scheme, serial)
}

// NoticeSignerFor returns what signs a notification to a merchant of a scheme that
// works with a key.
func (i *Issuer) NoticeSignerFor(scheme, serial string) signer.Signer {
	now := i.current.Load()
	keys := now.keys[scheme]
	if n := len(keys); now.shift != nil && now.mode == WithBoth && n > 1 && keys[n-1].Certificate == nil {
		return now.shift.pick([]PlatformKey{keys[n-1], keys[0]})
	}
	return i.SignerFor(scheme, serial)
}

// Rotate replaces the platform's certificates at once with new ones, one for RSA and
// one for the suite.
func (i *Issuer) Rotate(now time.Time) error {
	made, err := i.makeCertificates(now)
	if err != nil {
		return err
	}
	return i.change(func(next *issued) error {
		next.shift = nil
		next.Certificates = append(made, slices.DeleteFunc(slices.Clone(next.Certificates), func(c Certificate) bool {
			return slices.ContainsFunc(made, func(m Certificate) bool { return m.Scheme() == c.Scheme() })
		})...)
		return nil
	})
}

// makeCertificates makes a certificate for RSA and one for the suite.
func (i *Issuer) makeCertificates(now time.Time) ([]Certificate, error) {
	key, err := i.NewKey()
	if err != nil {
		return nil, fmt.Errorf("sandbox: making the key of a certificate: %w", err)
	}
	cert, err := newCertificate("platform", key, now, now.AddDate(5, 0, 0))
	if err != nil {
		return nil, err
	}
	made := []Certificate{{Certificate: cert, PrivateKey: key}}
	if i.Suite == nil {
		return made, nil
	}
	one, err := makeIn(i.Suite, "platform", now, now.AddDate(5, 0, 0))
	return append(made, one.Certificate), err
}

// Note records the serial number or id of the key that a merchant works with.
// That key signs the merchant's answers and notifications.
func (i *Issuer) Note(mchID, serial string) { i.keysOf.Store(mchID, serial) }

// Noted returns the serial number or id of that key, or "" if it is unknown.
func (i *Issuer) Noted(mchID string) string {
	serial, _ := i.keysOf.Load(mchID)
	text, _ := serial.(string)
	return text
}
