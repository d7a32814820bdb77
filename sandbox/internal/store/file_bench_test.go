package store_test

import (
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// Updates by many goroutines share writes to the disk; commits/op says how many
// there were for each.
func BenchmarkFile(b *testing.B) {
	for _, goroutines := range []int{1, 8, 64} {
		b.Run(strconv.Itoa(goroutines), func(b *testing.B) {
			st, err := store.Open(filepath.Join(b.TempDir(), "sandbox.db"))
			if err != nil {
				b.Fatal(err)
			}
			defer st.Close()
			value := make([]byte, 500)
			before := store.Commits(b, st)
			var n atomic.Int64
			var wg sync.WaitGroup
			for range goroutines {
				wg.Go(func() {
					for i := n.Add(1); i <= int64(b.N); i = n.Add(1) {
						if err := st.Update(func(tx store.Tx) error { return tx.Put("order", strconv.FormatInt(i, 10), value) }); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(store.Commits(b, st)-before)/float64(b.N), "commits/op")
		})
	}
}
