package sandbox_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/sandbox"
)

// BenchmarkQuery queries orders among 100,000 of them, without signatures, which
// would hide the cost of the store. times-1000 is the ratio to the time among
// 1000 orders. For comparison it measures a signed answer, including RSA.
func BenchmarkQuery(b *testing.B) {
	for name, open := range map[string]func(string) sandbox.Store{
		"memory": func(string) sandbox.Store { return sandbox.NewMemory() },
		"file":   func(name string) sandbox.Store { return openStore(b, filepath.Join(b.TempDir(), name)) },
	} {
		b.Run(name, func(b *testing.B) {
			few, many := filled(b, open("few"), 1000), filled(b, open("many"), 100_000)
			for b.Loop() {
				ask(b, many, 100_000)
			}
			perMany := b.Elapsed() / time.Duration(b.N)
			perFew := timed(func() { ask(b, few, 1000) })
			b.ReportMetric(float64(perMany)/asks, "ns/query")
			b.ReportMetric(float64(perMany)/float64(perFew), "times-1000")
		})
	}
	b.Run("signed", func(b *testing.B) {
		w := newWorld(b)
		w.mustCall(b, "POST", native, w.order(number, 100))
		for b.Loop() {
			w.query(b, "v3/pay/transactions/out-trade-no/"+number)
		}
	})
}

// filled returns a sandbox with n orders.
func filled(b *testing.B, store sandbox.Store, n int) *sandbox.Server {
	b.Helper()
	fill(b, store, n)
	return newWorld(b, func(c *sandbox.Config) { c.Store = store }).Server
}

// asks is how many orders, far from each other, an operation of a benchmark
// asks for.
const asks = 100

func ask(b *testing.B, s *sandbox.Server, orders int) {
	for i := range asks {
		if err := s.Query(full(i * 7919 % orders)); err != nil {
			b.Fatal(err)
		}
	}
}

// timed returns how long f takes, measured many times.
func timed(f func()) time.Duration {
	const times = 200
	began := time.Now()
	for range times {
		f()
	}
	return time.Since(began) / times
}
