//go:build !race

package wechatpay_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"testing"

	"github.com/wxchain/wechatpay"
)

// A call makes at most 36 allocations beside those of the bare signature and
// verification, and a chain at most 14. (The race detector adds its own.)
func TestAllocations(t *testing.T) {
	var config wechatpay.Config
	newCanned(t, &config)
	client := newClient(t, config)
	chain := client.Chain("v3/marketing/favor/users/{openid}/coupons")
	key := config.PrivateKey.(*rsa.PrivateKey)

	bare := testing.AllocsPerRun(20, func() {
		digest := sha256.Sum256(make([]byte, 300))
		signature, err := key.Sign(nil, digest[:], crypto.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		if err := rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], signature); err != nil {
			t.Fatal(err)
		}
	})
	call := testing.AllocsPerRun(20, func() { postCoupon(t, chain) })
	if call-bare > 36 {
		t.Errorf("a call makes %v allocations, %v more than the bare RSA work; at most 36 are allowed", call, call-bare)
	}
	for name, spell := range spellings(client) {
		if n := testing.AllocsPerRun(20, func() {
			if _, err := spell().URL(wechatpay.Options{"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}); err != nil {
				t.Fatal(err)
			}
		}); n > 14 {
			t.Errorf("a chain by %s makes %v allocations, at most 14 are allowed", name, n)
		}
	}
}
