package sandbox

import (
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/party"
)

// KeyedConfig is a Config with the keys that all tests share, certificates as they
// are made at an instant, and merchants that work with both kinds of keys.
func KeyedConfig(now time.Time) (Config, error) {
	config := Config{Clock: func() time.Time { return now }, PlatformKey: KeyBoth}
	err := config.forTest()
	return config, err
}

// KeyedMerchant is NewMerchant with a private key that all tests share.
func KeyedMerchant(mchID string, now time.Time) (Merchant, error) {
	made, err := testKeys()
	if err != nil {
		return Merchant{}, err
	}
	m, err := party.MerchantWithKey(mchID, made[0], now)
	return Merchant(m), err
}

// FaultKinds are all that there are: no other is taken.
var FaultKinds = faultKinds[:]
