package batch

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/operation"
	"github.com/wxchain/wechatpay/internal/pace"
	"github.com/wxchain/wechatpay/sandbox"
)

const benchConcurrency = 32

// leastRatio is the minimum ratio of a batch's rate to the library's rate.
const leastRatio = 0.9

// BenchmarkBatch sends orders to a sandbox, alternately with a loop over the
// library and with a batch. It reports the median ratio of the rates. With 2000
// calls or more it fails if the batch is too slow.
func BenchmarkBatch(b *testing.B) {
	const turns = 15
	w := newWorld(b)
	client := w.Client(func(c *wechatpay.Config) { c.Transport, c.Middleware = nil, judgedOnly })
	lines := max(1, b.N/turns)
	ratio, batched := pace.Compare(turns,
		func(run int) time.Duration { return loopOrders(b, client, run, lines) },
		func(run int) time.Duration { return batchOrders(b, w, client, run, lines) })
	b.ReportMetric(float64(turns*lines)/batched.Seconds(), "calls/s")
	b.ReportMetric(ratio, "of-the-library's")
	if b.N >= 2000 && ratio < leastRatio {
		b.Errorf("the batch reaches %.2f of the library's rate, want %v", ratio, leastRatio)
	}
}

// loopOrders places orders with the library.
func loopOrders(b *testing.B, client *wechatpay.Client, run, lines int) time.Duration {
	chain := client.Chain(orderPath)
	return pace.AtOnce(benchConcurrency, lines, func(n int) {
		if _, err := chain.Post(b.Context(), wechatpay.JSON(wechatpay.M{
			"appid": "wx233544546545989", "mchid": sandbox.DefaultMchID, "description": "tea", "out_trade_no": fmt.Sprintf("loop%d_%07d", run, n),
			"notify_url": "https://www.weixin.qq.com/wxpay/pay.php", "amount": wechatpay.M{"total": 1},
		})); err != nil {
			b.Error(err)
		}
	})
}

// batchOrders places orders with a batch.
func batchOrders(b *testing.B, w *world, client *wechatpay.Client, run, lines int) time.Duration {
	w.orders(lines)
	text, err := os.ReadFile(w.in)
	if err != nil {
		b.Fatal(err)
	}
	name := strconv.Itoa(run)
	in := inputOf(b, "in.jsonl", strings.ReplaceAll(string(text), `"batch`, `"batch`+name+`_`), "POST", orderPath)
	batch := &batch{chain: client.Chain(orderPath), orders: new(orders), method: "POST", guard: newGuard(operation.Find("POST", orderPath)), concurrency: benchConcurrency, retry: 5, limiter: rate.NewLimiter(rate.Inf, 1)}
	return batch.timed(b, in, filepath.Join(b.TempDir(), name), lines)
}

// timed runs a batch and returns its duration. All lines must be done.
func (b *batch) timed(t testing.TB, in *input, path string, lines int) time.Duration {
	t.Helper()
	out, err := openOutput(path, identity{}, &census{records: int64(lines), lastLine: int64(lines)})
	if err != nil {
		t.Fatal(err)
	}
	defer out.close()
	b.journal = out.ledger
	start := time.Now()
	if err := b.run(t.Context(), in, out, nil); err != nil || out.tally.done != int64(lines) {
		t.Errorf("%v, %+v", err, out.tally)
	}
	return time.Since(start)
}
