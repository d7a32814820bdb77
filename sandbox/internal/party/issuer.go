package party

import (
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wxchain/wechatpay/signer"
)

// An Issuer signs with the current keys of the platform, which can be replaced,
// as far as its mode has them. It remembers which key each merchant works with. It
// is safe for concurrent use.
type Issuer struct {
	mode    Mode
	current atomic.Pointer[issued]
	keysOf  sync.Map // string by mchid
}

type issued struct {
	Platform                 // all its keys
	known    Platform        // those of the mode
	signers  []signer.Signer // those of the mode, newest certificate first
}

// NewIssuer returns an Issuer of a platform whose merchants have a mode.
func NewIssuer(p Platform, mode Mode) (*Issuer, error) {
	if err := errors.Join(p.Check(), mode.Check()); err != nil {
		return nil, err
	}
	p.Certificates = slices.Clone(p.Certificates)
	i := &Issuer{mode: mode}
	return i, i.issue(p)
}

func (i *Issuer) issue(p Platform) error {
	known := i.mode.limit(p)
	signers, err := known.signers()
	if err == nil {
		i.current.Store(&issued{p, known, signers})
	}
	return err
}

// Platform returns the platform with the current keys that merchants work with. It
// has no certificates, or no public key, if the mode does without.
func (i *Issuer) Platform() Platform { return i.current.Load().known }

// SignerFor returns what signs an answer: the key that the request names if the
// merchants work with it, or else the newest certificate, or the public key if
// there are no certificates.
func (i *Issuer) SignerFor(serial string) signer.Signer {
	signers := i.current.Load().signers
	for _, known := range signers {
		if strings.EqualFold(known.SerialNo(), serial) {
			return known
		}
	}
	return signers[0]
}

// Rotate replaces the platform's certificates with a new one.
func (i *Issuer) Rotate(now time.Time) error {
	key, err := rsa.GenerateKey(rand.Reader, signer.MinBits)
	if err != nil {
		return fmt.Errorf("sandbox: making the key of a certificate: %w", err)
	}
	cert, err := newCertificate("platform", key, now, now.AddDate(5, 0, 0))
	if err != nil {
		return err
	}
	next := i.current.Load().Platform
	next.Certificates = []Certificate{{cert, key}}
	return i.issue(next)
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
