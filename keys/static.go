package keys

import (
	"context"
	"crypto"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/wxchain/wechatpay/internal/quote"
	"github.com/wxchain/wechatpay/signer"
)

// PublicKeyIDPrefix starts the id of every platform public key.
const PublicKeyIDPrefix = "PUB_KEY_ID_"

// Static is a fixed [signer.PublicKeys]: platform public keys by id (PUB_KEY_ID_…),
// keys of platform certificates by serial number, or both. Do not change it after a
// client has it.
type Static map[string]crypto.PublicKey

var _ signer.PublicKeys = Static(nil)

// PublicKey returns the key of an id or a serial number, whose letters may be of
// either case. If there is none, the error is [signer.ErrUnknownSerial].
func (s Static) PublicKey(_ context.Context, serial string) (crypto.PublicKey, error) {
	if key, ok := s[serial]; ok {
		return key, nil
	}
	for known, key := range s {
		if strings.EqualFold(known, serial) {
			return key, nil
		}
	}
	known := make([]string, 0, len(s))
	for _, id := range slices.Sorted(maps.Keys(s)) {
		known = append(known, quote.Setting(id))
	}
	return nil, fmt.Errorf("%w %s (known: %s)", signer.ErrUnknownSerial, quote.Text(serial), strings.Join(known, " "))
}

// Current returns the platform public key, or the key of a certificate if there is no
// public key. If there are several, it returns the one whose name sorts last.
func (s Static) Current(context.Context) (string, crypto.PublicKey, error) {
	var current string
	for serial := range s {
		a, b := strings.HasPrefix(serial, PublicKeyIDPrefix), strings.HasPrefix(current, PublicKeyIDPrefix)
		if current == "" || a && !b || a == b && serial > current {
			current = serial
		}
	}
	if current == "" {
		return "", nil, errNoKey
	}
	return current, s[current], nil
}
