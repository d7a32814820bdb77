package sandbox

import (
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"log/slog"
	"time"

	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/sandbox/internal/party"
	"github.com/wxchain/wechatpay/signer"
)

// A Platform has the certificates and the public key that a sandbox signs with.
// Printing it shows no secret.
type Platform struct {
	Certificates []PlatformCertificate
	// PublicKeyID is the id of the public key, such as PUB_KEY_ID_0114….
	PublicKeyID string
	// PrivateKey is the private key of that public key.
	PrivateKey *rsa.PrivateKey
}

// A PlatformCertificate is a certificate of the platform, with its key. Printing it
// shows no secret.
type PlatformCertificate struct {
	Certificate *x509.Certificate
	// PrivateKey is the key of Certificate. It may be nil if there is a Signer.
	PrivateKey *rsa.PrivateKey
	// Signer signs and decrypts in place of PrivateKey, in another suite than RSA. It
	// is a [signer.Suite]. The certificate is for the merchants of its Scheme.
	Signer signer.Signer
}

// NewPlatform returns a platform that is about to replace its certificate: one
// certificate expires ten days from now, and another one is valid already.
func NewPlatform(now time.Time) (Platform, error) {
	p, err := party.NewPlatform(now)
	return platformOf(p), err
}

// A PlatformKey says which of the platform's keys the merchants work with. These
// keys verify answers and notifications, and encrypt fields of requests. Merchants of
// another suite than RSA always work with certificates.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012154180
type PlatformKey string

const (
	// KeyPublic is the platform public key alone, as for new merchants. The answer
	// of v3/certificates is 404 RESOURCE_NOT_EXISTS.
	KeyPublic PlatformKey = "public"
	// KeyCertificate is the platform's certificates alone, as for merchants that
	// have no public key yet.
	KeyCertificate PlatformKey = "certificate"
	// KeyBoth is for merchants that migrate from certificates to the public key. A
	// certificate signs an answer unless Wechatpay-Serial in the request names the
	// public key.
	KeyBoth PlatformKey = "both"
)

// party returns the platform in the form that the rest of the sandbox uses.
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

// Keys returns the public keys of everything that the platform signs with, by
// serial number or id, for wechatpay.Config.PlatformKeys.
func (p Platform) Keys() keys.Static { return p.party().Keys() }

// String returns the id of the public key and the number of certificates, and no
// secret.
func (p Platform) String() string { return p.party().String() }

// Format prints String, whatever the verb.
func (p Platform) Format(f fmt.State, _ rune) { fmt.Fprint(f, p.String()) }

// LogValue returns String, for [slog].
func (p Platform) LogValue() slog.Value { return slog.StringValue(p.String()) }

// MarshalText returns String, so that JSON shows no secret either.
func (p Platform) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// String returns the serial number, and no secret.
func (c PlatformCertificate) String() string { return party.Certificate(c).String() }

// Format prints String, whatever the verb.
func (c PlatformCertificate) Format(f fmt.State, _ rune) { fmt.Fprint(f, c.String()) }

// LogValue returns String, for [slog].
func (c PlatformCertificate) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText returns String, so that JSON shows no secret either.
func (c PlatformCertificate) MarshalText() ([]byte, error) { return []byte(c.String()), nil }
