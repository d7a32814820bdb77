package sandbox_test

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// perOrder is how much memory an order may take, in bytes.
const perOrder = 4 << 10

// BenchmarkOrderMemory fails when an order leaves more behind than it may, told
// by 2000 orders or more.
func BenchmarkOrderMemory(b *testing.B) {
	sb := sandbox.Start(b)
	client, mchID := sb.Client(), sb.Merchant().MchID
	var number atomic.Int64
	order := func() error {
		_, err := client.Chain("v3/pay/transactions/native").Post(b.Context(), wechatpay.JSON(wechatpay.M{
			"appid": "wxd678efh567hg6787", "mchid": mchID, "description": "Image形象店", "amount": wechatpay.M{"total": 100},
			"out_trade_no": fmt.Sprintf("bench-%012d", number.Add(1)), "notify_url": "https://www.example.com/notify",
		}))
		return err
	}
	for range 1100 { // the requests that are remembered, and connections
		if err := order(); err != nil {
			b.Fatal(err)
		}
	}
	before := heap()
	b.SetParallelism(16)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := order(); err != nil {
				b.Error(err)
			}
		}
	})
	b.StopTimer()
	if b.N < 2000 { // connections and their buffers count for more
		return
	}
	left := (heap() - before) / int64(b.N)
	b.ReportMetric(float64(left), "B/order")
	if left > perOrder {
		b.Errorf("%d bytes an order, at most %d", left, perOrder)
	}
	if _, err := client.Chain("v3/pay/transactions/out-trade-no/bench-000000000001").Get(b.Context(), wechatpay.Query(wechatpay.M{"mchid": mchID})); err != nil {
		b.Error(err)
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
