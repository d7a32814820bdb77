package sandbox

import (
	"crypto/rand"
	"crypto/rsa"
	"fmt"

	"github.com/wxchain/wechatpay/signer"
)

// issued is what the sandbox signs with for now.
type issued struct {
	Platform
	signers []signer.Signer // newest certificate first
}

func issue(p Platform) (*issued, error) {
	signers, err := p.signers()
	return &issued{p, signers}, err
}

// rotate replaces the platform's certificates by a new one.
func (s *Server) rotate() error {
	key, err := rsa.GenerateKey(rand.Reader, signer.MinBits)
	if err != nil {
		return fmt.Errorf("sandbox: making the key of a certificate: %w", err)
	}
	now := s.wall()
	cert, err := newCertificate("platform", key, now, now.AddDate(5, 0, 0))
	if err != nil {
		return err
	}
	next := s.platform.Load().Platform
	next.Certificates = []PlatformCertificate{{cert, key}}
	made, err := issue(next)
	if err != nil {
		return err
	}
	s.platform.Store(made)
	return nil
}
