package party

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/wxchain/wechatpay/signer"
)

// A shift is how far the platform has gone over from a key to a newer one. It is
// safe for concurrent use.
type shift struct {
	share float64 // of the signatures that the newer key makes
	made  atomic.Int64
}

// pick returns the first of keys for a share of the calls, and the second for the rest.
// It returns nil if there is no second key.
func (s *shift) pick(keys []PlatformKey) signer.Signer {
	if len(keys) < 2 {
		return nil
	}
	n := float64(s.made.Add(1))
	if int64(n*s.share) > int64((n-1)*s.share) {
		return keys[0].Signer
	}
	return keys[1].Signer
}

// Announce adds a new certificate for RSA and one for the suite, and returns the serial
// numbers. Until Shift, the older keys sign.
//
// https://pay.weixin.qq.com/wiki/doc/apiv3/wechatpay/wechatpay5_0.shtml
func (i *Issuer) Announce(now time.Time) (serials []string, err error) {
	made, err := i.makeCertificates(now)
	if err != nil {
		return nil, err
	}
	err = i.change(func(next *issued) error {
		switch {
		case next.mode == WithBoth:
			return errors.New("the platform does not replace its certificates while merchants change to its public key")
		case next.mode == WithPublicKey && i.Suite == nil:
			return errors.New("the merchants have only the public key of the platform; set the platform key to \"certificate\" first")
		case next.shift != nil:
			return errors.New("the platform is replacing its certificates already; retire the old ones first")
		}
		if next.mode == WithPublicKey {
			made = made[1:] // RSA has no certificates
		}
		next.Certificates = slices.Concat(made, next.Certificates)
		next.shift = &shift{}
		return nil
	})
	for _, c := range made {
		serials = append(serials, c.SerialNo())
	}
	return serials, err
}

// Shift sets the share of what the newer key signs: the announced certificates, or, if
// the mode is WithBoth, the public key, for notifications.
func (i *Issuer) Shift(share float64) error {
	if !(share >= 0 && share <= 1) {
		return fmt.Errorf("the share is %v, want 0 to 1", share)
	}
	return i.change(func(next *issued) error {
		if next.mode != WithBoth && next.shift == nil {
			return errors.New("no certificate is announced")
		}
		next.shift = &shift{share: share}
		return nil
	})
}

// Retire ends all certificates but the newest of each scheme.
func (i *Issuer) Retire() error {
	return i.change(func(next *issued) error {
		if next.mode == WithBoth {
			return errors.New("the merchants are changing to the public key; set the platform key to \"public\" to end the certificates")
		}
		left := []Certificate{}
		for _, c := range newestFirst(next.Certificates) {
			if !slices.ContainsFunc(left, func(l Certificate) bool { return l.Scheme() == c.Scheme() }) {
				left = append(left, c)
			}
		}
		next.Certificates, next.shift = left, nil
		return nil
	})
}

// SetMode changes which keys the merchants work with.
func (i *Issuer) SetMode(mode Mode) error {
	return i.change(func(next *issued) error {
		next.mode, next.shift = mode, nil
		return mode.Check()
	})
}
