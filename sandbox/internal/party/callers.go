package party

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/signer"
)

// MaxCertificates is how many certificates of a merchant may be valid at once.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4013053053
const MaxCertificates = 3

// A Caller is a merchant that may call, with one of its keys at work.
type Caller struct {
	Merchant
	Key  Key
	Keys keys.Static // the public keys of all its certificates, by serial number

	certified []certified // newest last
}

// A certified is a certificate of a merchant, with its key at work.
type certified struct {
	Merchant
	key Key
}

// With returns the caller with the key of a serial number at work.
func (c Caller) With(serial string) (Caller, bool) {
	for _, one := range c.certified {
		if strings.EqualFold(one.SerialNo, serial) {
			c.Merchant, c.Key = one.Merchant, one.key
			return c, true
		}
	}
	return c, false
}

// HasCertificate reports whether a certificate, in DER, is one of the caller's.
func (c Caller) HasCertificate(der []byte) bool {
	return slices.ContainsFunc(c.certified, func(one certified) bool { return bytes.Equal(one.Certificate.Raw, der) })
}

// newCaller returns the merchant of certificates, with the newest at work.
func newCaller(all []certified) Caller {
	newest := all[len(all)-1]
	c := Caller{Merchant: newest.Merchant, Key: newest.key, Keys: make(keys.Static, len(all)), certified: all}
	for _, one := range all {
		c.Keys[one.SerialNo] = one.key.Public
	}
	return c
}

// Merchants are those of a sandbox. They are safe for concurrent use.
type Merchants struct {
	rsa   RSA
	suite Suite // of the merchants without RSA, or nil

	mu   sync.RWMutex
	byID map[string]Caller
}

// NewMerchants checks merchants. Two of them must not have the same number. The suite
// makes keys for those of its scheme; it may be nil.
func NewMerchants(merchants []Merchant, r RSA, suite Suite) (*Merchants, error) {
	all := &Merchants{rsa: r, suite: suite, byID: make(map[string]Caller, len(merchants))}
	for _, m := range merchants {
		if err := m.Check(); err != nil {
			return nil, err
		}
		if _, twice := all.byID[m.MchID]; twice {
			return nil, fmt.Errorf("merchant %s is there twice", m.MchID)
		}
		one, err := all.certify(m)
		if err != nil {
			return nil, err
		}
		all.byID[m.MchID] = newCaller([]certified{one})
	}
	return all, nil
}

func (all *Merchants) certify(m Merchant) (certified, error) {
	key, err := all.rsa.newKey(m.SerialNo, m.PrivateKey, m.Signer, m.Certificate.PublicKey)
	if err == nil {
		err = signer.CheckRSA(key.Public)
	}
	if err != nil {
		return certified{}, fmt.Errorf("merchant %s: %w", m.MchID, err)
	}
	return certified{m, key}, nil
}

// Of returns the merchant that has a number, with the newest of its keys at work.
func (all *Merchants) Of(mchID string) (Caller, bool) {
	all.mu.RLock()
	defer all.mu.RUnlock()
	c, ok := all.byID[mchID]
	return c, ok
}

// All returns the merchants by number, each with the newest of its keys at work.
func (all *Merchants) All() map[string]Caller {
	all.mu.RLock()
	defer all.mu.RUnlock()
	return maps.Clone(all.byID)
}

// MchIDs returns the numbers of the merchants, in order.
func (all *Merchants) MchIDs() []string {
	all.mu.RLock()
	defer all.mu.RUnlock()
	return slices.Sorted(maps.Keys(all.byID))
}

// Certify makes a certificate with a new key for a merchant, which is valid beside
// those that it has.
func (all *Merchants) Certify(mchID string, now time.Time) (Merchant, error) {
	c, ok := all.Of(mchID)
	if !ok {
		return Merchant{}, fmt.Errorf("there is no merchant %.40q", mchID)
	}
	var made Merchant
	var err error
	switch {
	case c.Signer == nil:
		made, err = NewMerchant(mchID, now)
	case all.suite != nil && all.suite.Scheme() == c.Key.Scheme():
		made, _, err = MakeMerchant(all.suite, mchID, now)
	default:
		err = fmt.Errorf("merchant %s signs with its own Signer, so the sandbox cannot make a key for it", mchID)
	}
	if err != nil {
		return Merchant{}, err
	}
	err = all.change(mchID, func(old []certified) ([]certified, error) {
		if len(old) >= MaxCertificates {
			return nil, fmt.Errorf("merchant %s has %d certificates, and cannot have more; revoke one", mchID, len(old))
		}
		made.APIv3Key, made.APIv2Key = old[0].APIv3Key, old[0].APIv2Key
		one, err := all.certify(made)
		return append(old, one), err
	})
	return made, err
}

// Revoke ends a certificate of a merchant, which must have another.
func (all *Merchants) Revoke(mchID, serial string) error {
	return all.change(mchID, func(old []certified) ([]certified, error) {
		had := len(old)
		left := slices.DeleteFunc(old, func(one certified) bool { return strings.EqualFold(one.SerialNo, serial) })
		switch {
		case len(left) == had:
			return nil, fmt.Errorf("merchant %s has no certificate %.64q", mchID, serial)
		case len(left) == 0:
			return nil, fmt.Errorf("%.64q is the only certificate of merchant %s", serial, mchID)
		}
		return left, nil
	})
}

// SetAPIv3Key replaces the APIv3 key of a merchant.
func (all *Merchants) SetAPIv3Key(mchID, key string) error {
	return all.change(mchID, func(old []certified) ([]certified, error) {
		if len(key) != 32 {
			return nil, errors.New("an APIv3 key has 32 bytes")
		}
		for i := range old {
			old[i].APIv3Key = key
		}
		return old, nil
	})
}

// change replaces the certificates of a merchant by those that f returns. f may change
// its argument.
func (all *Merchants) change(mchID string, f func([]certified) ([]certified, error)) error {
	all.mu.Lock()
	defer all.mu.Unlock()
	c, ok := all.byID[mchID]
	if !ok {
		return fmt.Errorf("there is no merchant %.40q", mchID)
	}
	changed, err := f(slices.Clone(c.certified))
	if err == nil {
		all.byID[mchID] = newCaller(changed)
	}
	return err
}
