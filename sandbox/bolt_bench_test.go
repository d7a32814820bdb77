package sandbox_test

import (
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// Updates by many goroutines share writes to the disk; commits/op says how many
// there were for each.
func BenchmarkFileStore(b *testing.B) {
	for _, goroutines := range []int{1, 8, 64} {
		b.Run(strconv.Itoa(goroutines), func(b *testing.B) {
			store, err := sandbox.OpenStore(filepath.Join(b.TempDir(), "sandbox.db"))
			if err != nil {
				b.Fatal(err)
			}
			defer store.Close()
			value := make([]byte, 500)
			before := sandbox.Commits(b, store)
			var n atomic.Int64
			var wg sync.WaitGroup
			for range goroutines {
				wg.Go(func() {
					for i := n.Add(1); i <= int64(b.N); i = n.Add(1) {
						if err := store.Update(func(tx sandbox.Tx) error { return tx.Put("order", strconv.FormatInt(i, 10), value) }); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(sandbox.Commits(b, store)-before)/float64(b.N), "commits/op")
		})
	}
}

// Orders through HTTP, with both sides' RSA, that are on the disk when they are
// answered; beside it the same with the state in memory.
func BenchmarkOrders(b *testing.B) {
	const goroutines = 32
	for name, store := range map[string]sandbox.Store{"memory": sandbox.NewMemory(), "file": newStore(b)} {
		b.Run(name, func(b *testing.B) {
			sb := sandbox.Start(b, func(c *sandbox.Config) { c.Store = store })
			client, mchID := sb.Client(), sb.Merchant().MchID
			var n atomic.Int64
			var wg sync.WaitGroup
			b.ResetTimer()
			for range goroutines {
				wg.Go(func() {
					for i := n.Add(1); i <= int64(b.N); i = n.Add(1) {
						_, err := client.Chain("v3/pay/transactions/native").Post(b.Context(), wechatpay.JSON(wechatpay.M{
							"appid": "wxd678efh567hg6787", "mchid": mchID, "description": "x", "out_trade_no": "bench_" + strconv.Itoa(b.N) + "_" + strconv.FormatInt(i, 10),
							"notify_url": "https://www.example.com/notify", "amount": wechatpay.M{"total": 1},
						}))
						if err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "orders/s")
		})
	}
}
