package keys

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"slices"

	"github.com/wxchain/wechatpay/signer"
)

// Combined has the keys of several stores, for a merchant who is on the way
// from certificates to the platform public key and gets answers signed by
// either:
//
//	keys.Combined(keys.Static{"PUB_KEY_ID_…": publicKey}, downloader)
//
// What a [Static] has is found first, whatever the order, so that a download
// happens for nothing it knows; and its key is the current one.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012154180
func Combined(stores ...signer.PublicKeys) signer.PublicKeys {
	c := slices.DeleteFunc(slices.Clone(stores), func(s signer.PublicKeys) bool { return s == nil })
	slices.SortStableFunc(c, func(a, b signer.PublicKeys) int { return rank(a) - rank(b) })
	return combined(c)
}

func rank(s signer.PublicKeys) int {
	if _, ok := s.(Static); ok {
		return 0
	}
	return 1
}

type combined []signer.PublicKeys

// PublicKey asks one store after another.
func (c combined) PublicKey(ctx context.Context, serial string) (crypto.PublicKey, error) {
	var problems []error
	for _, store := range c {
		key, err := store.PublicKey(ctx, serial)
		if err == nil {
			return key, nil
		}
		problems = append(problems, err)
	}
	if len(problems) == 0 {
		return nil, fmt.Errorf("%w %q: no store of keys is combined", signer.ErrUnknownSerial, serial)
	}
	return nil, errors.Join(problems...)
}

// Current is that of the first store that has one.
func (c combined) Current(ctx context.Context) (string, crypto.PublicKey, error) {
	problems := errNoKey
	for i, store := range c {
		serial, key, err := store.Current(ctx)
		switch {
		case err == nil:
			return serial, key, nil
		case i == 0:
			problems = err
		default:
			problems = errors.Join(problems, err)
		}
	}
	return "", nil, problems
}

var errNoKey = errors.New("no platform key: add the platform public key, from the merchant platform's account center, under API security")
