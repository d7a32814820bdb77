package console_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/pace"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/sandbox/console"
)

const (
	benchClients = 4
	leastOfRate  = 0.95
)

// BenchmarkOpen places orders in a sandbox whose console is open in a browser, and
// alternately in one whose console is closed. It reports the median ratio of the
// rates. With 4000 orders or more it fails if the open console costs too much.
func BenchmarkOpen(b *testing.B) {
	const turns = 15
	closed, open := sandbox.Start(b, console.Use), sandbox.Start(b, console.Use)
	openConsole(b, open)
	n := max(1, b.N/turns)
	ratio, took := pace.Compare(turns,
		func(run int) time.Duration { return placeMany(b, closed, run, n) },
		func(run int) time.Duration { return placeMany(b, open, run, n) })
	b.ReportMetric(float64(turns*n)/took.Seconds(), "orders/s")
	b.ReportMetric(ratio, "of-the-rate")
	if b.N >= 4000 && ratio < leastOfRate {
		b.Errorf("with the console open, a sandbox reaches %.3f of the rate without, want %v", ratio, leastOfRate)
	}
}

// openConsole does what the first page does in a browser: it listens to the events, and
// gets the page again at each of them.
func openConsole(b *testing.B, sb *sandbox.Sandbox) {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	var ended sync.WaitGroup
	b.Cleanup(func() {
		cancel()
		ended.Wait()
	})
	open := func(path string) io.ReadCloser {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, sb.URL()+path, nil)
		if err != nil {
			b.Error(err)
			return nil
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return nil // the benchmark is over
		}
		return resp.Body
	}
	events := open("_sandbox/events")
	if events == nil {
		b.Fatal("there are no events")
	}
	ended.Go(func() {
		defer events.Close()
		lines := bufio.NewScanner(events)
		for lines.Scan() {
			if !strings.HasPrefix(lines.Text(), "data:") {
				continue
			}
			if page := open(""); page != nil {
				_, _ = io.Copy(io.Discard, page) // which ends with the benchmark
				page.Close()
			}
		}
	})
}

// placeMany places n orders by several clients at once.
func placeMany(b *testing.B, sb *sandbox.Sandbox, run, n int) time.Duration {
	b.Helper()
	chain := sb.Client().Chain("v3/pay/transactions/native")
	return pace.AtOnce(benchClients, n, func(i int) {
		if _, err := chain.Post(b.Context(), wechatpay.JSON(wechatpay.M{"appid": "wx1", "mchid": mchID, "description": "tea",
			"out_trade_no": fmt.Sprintf("open_%d_%06d", run, i), "notify_url": "https://www.example.com/notify", "amount": wechatpay.M{"total": 1}})); err != nil {
			b.Error(err)
		}
	})
}
