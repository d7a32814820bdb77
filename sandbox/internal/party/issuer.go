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

// An Issuer signs with what the platform has for now, which can be replaced, and
// remembers which key each merchant works with. It is safe for any number of
// goroutines.
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

// Platform is what is signed with for now.
func (i *Issuer) Platform() Platform { return i.current.Load().Platform }

// SignerFor is what an answer is signed with: the key that the request names,
// else the newest certificate.
func (i *Issuer) SignerFor(serial string) signer.Signer {
	signers := i.current.Load().signers
	for _, known := range signers {
		if strings.EqualFold(known.SerialNo(), serial) {
			return known
		}
	}
	return signers[0]
}

// Rotate replaces the platform's certificates by a new one.
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

// Note remembers the serial number or id of the key that a merchant works with,
// which its notifications are signed with as its answers are.
func (i *Issuer) Note(mchID, serial string) { i.keysOf.Store(mchID, serial) }

// Noted is the serial number or id of that key, or "" when it is not known.
func (i *Issuer) Noted(mchID string) string {
	serial, _ := i.keysOf.Load(mchID)
	text, _ := serial.(string)
	return text
}
