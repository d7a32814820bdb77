package sandbox_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// BenchmarkOrders places orders over HTTP, with the RSA of both sides: with the
// state in memory, and with a state that is on the disk when an order is
// answered. For comparison it measures their RSA alone: each order is signed and
// verified twice.
func BenchmarkOrders(b *testing.B) {
	for name, open := range map[string]func() sandbox.Store{
		"memory": sandbox.NewMemory,
		"file":   func() sandbox.Store { return newStore(b) },
	} {
		b.Run(name, func(b *testing.B) {
			sb := sandbox.Start(b, func(c *sandbox.Config) { c.Store = open() })
			client := sb.Client()
			atOnce(b, func(i int64) error {
				_, err := client.Chain(native).Post(b.Context(), wechatpay.JSON(orderOf("bench_"+strconv.FormatInt(i, 10), 1)))
				return err
			})
		})
	}
	b.Run("RSA", func(b *testing.B) {
		key := sandbox.Start(b).Merchant().PrivateKey
		sum := sha256.Sum256(nil)
		atOnce(b, func(int64) error {
			for range 2 {
				signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
				if err != nil {
					return err
				}
				if err := rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, sum[:], signature); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// atOnce places b.N orders from many goroutines, and reports how many per second.
func atOnce(b *testing.B, order func(i int64) error) {
	const goroutines = 32
	var n atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for range goroutines {
		wg.Go(func() {
			for i := n.Add(1); i <= int64(b.N); i = n.Add(1) {
				if err := order(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "orders/s")
}
