package party

import (
	"fmt"
	"slices"

	"github.com/wxchain/wechatpay/signer"
)

// A Mode says which of the platform's keys the merchants work with.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012154180
type Mode string

// The modes.
const (
	WithPublicKey    Mode = "public"      // the public key alone, as new merchants do
	WithCertificates Mode = "certificate" // certificates alone, as old merchants do
	WithBoth         Mode = "both"        // certificates, unless a request names the public key: a merchant that migrates
)

// Modes are all modes.
var Modes = []Mode{WithPublicKey, WithCertificates, WithBoth}

// Check returns an error for a mode that is not one of Modes.
func (m Mode) Check() error {
	if !slices.Contains(Modes, m) {
		return fmt.Errorf("the platform key %.40q is not one of %q", string(m), Modes)
	}
	return nil
}

// limit returns the keys of a platform that the merchants work with. It limits RSA
// keys: the other suites have no public key.
func (m Mode) limit(p Platform) Platform {
	switch m {
	case WithPublicKey:
		p.Certificates = slices.DeleteFunc(slices.Clone(p.Certificates), func(c Certificate) bool { return c.Scheme() == signer.SchemeRSA })
	case WithCertificates:
		p.PublicKeyID, p.PrivateKey = "", nil
	}
	return p
}
