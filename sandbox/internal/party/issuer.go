package party

import (
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wxchain/wechatpay/signer"
)

// An Issuer signs with the current keys of the platform, which can be replaced.
// It remembers which key each merchant works with. It is safe for concurrent use.
type Issuer struct {
	current atomic.Pointer[issued]
	keysOf  sync.Map // string by mchid
}

type issued struct {
	Platform
	signers []signer.Signer // newest certificate first
}

// NewIssuer returns an Issuer of a platform.
func NewIssuer(p Platform) (*Issuer, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	p.Certificates = slices.Clone(p.Certificates)
	i := new(Issuer)
	return i, i.issue(p)
}

func (i *Issuer) issue(p Platform) error {
	signers, err := p.signers()
	if err == nil {
		i.current.Store(&issued{p, signers})
	}
	return err
}

// Platform returns the platform with its current keys.
func (i *Issuer) Platform() Platform { return i.current.Load().Platform }

// SignerFor returns what signs an answer: the key that the request names, or else
// the newest certificate.
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
	next := i.Platform()
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
