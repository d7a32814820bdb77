//go:build cgo

package openssl_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"math"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/internal/vectors"
)

// BenchmarkCall is the RSA of one call, a signature and a verification, by OpenSSL. The
// metric of-crypto/rsa is its time as a part of the time of crypto/rsa, which works in
// turns with it; of each the fastest turn counts. It fails above a half.
func BenchmarkCall(b *testing.B) {
	key, own := privateKey(b), vectors.MerchantKey(b)
	public := publicKey(b, own.Public())
	message := make([]byte, 300)
	sum := sha256.Sum256(message)
	native := func() error {
		signature, err := key.Sign(nil, sum[:], crypto.SHA256)
		if err != nil {
			return err
		}
		return public.Verify(message, signature)
	}
	standard := func() error {
		signature, err := own.Sign(nil, sum[:], crypto.SHA256)
		if err != nil {
			return err
		}
		return rsa.VerifyPKCS1v15(&own.PublicKey, crypto.SHA256, sum[:], signature)
	}
	fastest := func(before time.Duration, work func() error) time.Duration {
		start := time.Now()
		if err := work(); err != nil {
			b.Fatal(err)
		}
		return min(before, time.Since(start))
	}
	ours, theirs := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
	for b.Loop() {
		ours = fastest(ours, native)
		theirs = fastest(theirs, standard)
	}
	part := float64(ours) / float64(theirs)
	b.ReportMetric(float64(ours), "ns-openssl")
	b.ReportMetric(float64(theirs), "ns-crypto/rsa")
	b.ReportMetric(part, "of-crypto/rsa")
	if part > 0.5 && b.N > 100 {
		b.Errorf("OpenSSL takes %.2f of the time of crypto/rsa, want 0.5 or less", part)
	}
}
