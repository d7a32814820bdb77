//go:build !race

package wechatpay_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"runtime"
	"testing"

	"github.com/wxchain/wechatpay"
)

// A call makes at most 36 allocations and 6.6 KB beside those of the bare signature and
// verification, and a chain at most 14 allocations. (The race detector adds its own.)
func TestAllocations(t *testing.T) {
	var config wechatpay.Config
	newCanned(t, &config)
	client := newClient(t, config)
	chain := client.Chain("v3/marketing/favor/users/{openid}/coupons")
	key := config.PrivateKey.(*rsa.PrivateKey)

	sign := func() {
		digest := sha256.Sum256(make([]byte, 300))
		signature, err := key.Sign(nil, digest[:], crypto.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		if err := rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], signature); err != nil {
			t.Fatal(err)
		}
	}
	bare, bareBytes := allocated(sign)
	call, callBytes := allocated(func() { postCoupon(t, chain) })
	if call-bare > 36 || callBytes-bareBytes > 6600 {
		t.Errorf("a call makes %v allocations of %v bytes, and the bare RSA work %v of %v; at most 36 of 6600 bytes more are allowed",
			call, callBytes, bare, bareBytes)
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

// allocated returns how many allocations f makes, and of how many bytes.
func allocated(f func()) (objects, bytes float64) {
	const runs = 50
	f()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range runs {
		f()
	}
	runtime.ReadMemStats(&after)
	return float64((after.Mallocs - before.Mallocs) / runs), float64((after.TotalAlloc - before.TotalAlloc) / runs)
}
