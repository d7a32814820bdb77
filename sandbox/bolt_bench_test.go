package sandbox_test

import (
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

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
