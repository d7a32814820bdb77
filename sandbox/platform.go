package sandbox

import (
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"log/slog"
	"time"

	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/sandbox/internal/party"
)

// A Platform is what the sandbox signs with: certificates, and a public key.
// Printing it shows no secret.
type Platform struct {
	Certificates []PlatformCertificate
	// PublicKeyID is such as PUB_KEY_ID_0114….
	PublicKeyID string
	// PrivateKey belongs to that public key.
	PrivateKey *rsa.PrivateKey
}

// A PlatformCertificate is one of the platform, with its key. Printing it shows
// no secret.
type PlatformCertificate struct {
	Certificate *x509.Certificate
	PrivateKey  *rsa.PrivateKey
}

// NewPlatform makes a platform that is about to replace its certificate: one
// expires ten days from now, when another one is valid already.
func NewPlatform(now time.Time) (Platform, error) {
	p, err := party.NewPlatform(now)
	return platformOf(p), err
}

// party is the platform as the rest of the sandbox knows it.
func (p Platform) party() party.Platform {
	own := party.Platform{PublicKeyID: p.PublicKeyID, PrivateKey: p.PrivateKey}
	for _, c := range p.Certificates {
		own.Certificates = append(own.Certificates, party.Certificate(c))
	}
	return own
}

func platformOf(p party.Platform) Platform {
	own := Platform{PublicKeyID: p.PublicKeyID, PrivateKey: p.PrivateKey}
	for _, c := range p.Certificates {
		own.Certificates = append(own.Certificates, PlatformCertificate(c))
	}
	return own
}

// Keys are the public keys of all that the platform signs with, by serial
// number or id, for wechatpay.Config.PlatformKeys.
func (p Platform) Keys() keys.Static { return p.party().Keys() }

// String tells how the platform signs, and no secret.
func (p Platform) String() string { return p.party().String() }

// Format prints String, whatever the verb.
func (p Platform) Format(f fmt.State, _ rune) { fmt.Fprint(f, p.String()) }

// LogValue is String, for [slog].
func (p Platform) LogValue() slog.Value { return slog.StringValue(p.String()) }

// MarshalText is String, so that JSON shows no secret either.
func (p Platform) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// String tells which certificate it is.
func (c PlatformCertificate) String() string { return party.Certificate(c).String() }

// Format prints String, whatever the verb.
func (c PlatformCertificate) Format(f fmt.State, _ rune) { fmt.Fprint(f, c.String()) }

// LogValue is String, for [slog].
func (c PlatformCertificate) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText is String, so that JSON shows no secret either.
func (c PlatformCertificate) MarshalText() ([]byte, error) { return []byte(c.String()), nil }
