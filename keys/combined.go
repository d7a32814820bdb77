package keys

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/wxchain/wechatpay/internal/quote"
	"github.com/wxchain/wechatpay/signer"
)

// Combined returns a store with the keys of several stores. A merchant needs it
// during the migration from certificates to the platform public key, when the
// platform signs answers with either:
//
//	keys.Combined(keys.Static{"PUB_KEY_ID_…": publicKey}, downloader)
//
// Combined looks into each [Static] first, whatever the order, so it downloads
// nothing for a key that a Static has. The current key is that of a Static.
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

// PublicKey asks one store after another. The error is [signer.ErrUnknownSerial] only
// if all stores answered that they lack the key. If a store failed, the error is that
// failure.
func (c combined) PublicKey(ctx context.Context, serial string) (crypto.PublicKey, error) {
	var unknown, failed error
	for _, store := range c {
		key, err := store.PublicKey(ctx, serial)
		switch {
		case err == nil:
			return key, nil
		case errors.Is(err, signer.ErrUnknownSerial):
			unknown = both(unknown, err)
		default:
			failed = both(failed, err)
		}
	}
	switch {
	case failed != nil:
		return nil, failed
	case unknown != nil:
		return nil, unknown
	}
	return nil, fmt.Errorf("%w %s: no store of keys is combined", signer.ErrUnknownSerial, quote.Text(serial))
}

// Current is that of the first store that has one.
func (c combined) Current(ctx context.Context) (string, crypto.PublicKey, error) {
	var problems error
	for _, store := range c {
		serial, key, err := store.Current(ctx)
		if err == nil {
			return serial, key, nil
		}
		problems = both(problems, err)
	}
	if problems == nil {
		problems = errNoKey
	}
	return "", nil, problems
}

// Static has the keys of every [Static] in it, for who checks them.
func (c combined) Static() Static {
	all := make(Static)
	for _, store := range c {
		switch s := store.(type) {
		case Static:
			maps.Copy(all, s)
		case combined:
			maps.Copy(all, s.Static())
		}
	}
	return all
}

// both is errors.Join in one line.
func both(a, b error) error {
	if a == nil {
		return b
	}
	return fmt.Errorf("%w; %w", a, b)
}

var errNoKey = errors.New("no platform key: add the platform public key, from the merchant platform's account center, under API security")
