package fleet

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/internal/batchtest"
	"github.com/wxchain/wechatpay/sandbox"
)

const orderPath = "v3/pay/transactions/native"

// orders writes an input of orders whose numbers begin with prefix.
func (w *world) orders(name, prefix string, n int) {
	w.t.Helper()
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"appid":"wx233544546545989","mchid":%q,"description":"tea","out_trade_no":"%s%07d",`+
			`"notify_url":"https://www.weixin.qq.com/wxpay/pay.php","amount":{"total":1}}`+"\n", sandbox.DefaultMchID, prefix, i+1)
	}
	w.write(name, b.String())
}

// A meter measures how fast calls arrive.
type meter struct {
	mu sync.Mutex
	at []time.Time
}

// count counts a call before next answers it.
func (m *meter) count(next http.HandlerFunc) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		m.mu.Lock()
		m.at = append(m.at, time.Now())
		m.mu.Unlock()
		next(rw, r)
	}
}

// rate returns the calls a second since the last call of rate, without the first and
// the last tenth, in which processes start and end.
func (m *meter) rate() float64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := m.at
	m.at = nil
	cut := len(at) / 10
	if len(at) < 20 {
		return 0
	}
	return float64(len(at)-2*cut-1) / at[len(at)-cut-1].Sub(at[cut]).Seconds()
}

// alone skips a test that compares speeds, unless WXPAY_FLEET_LINES says how many lines
// it has: that is set at night, when the machine does nothing else.
func alone(t *testing.T) {
	t.Helper()
	if os.Getenv("WXPAY_FLEET_LINES") == "" {
		t.Skip("WXPAY_FLEET_LINES is not set")
	}
}

// Four workers on a cluster are as fast as the batch of one process: the sandbox
// takes the time. The servers share two cores with all of that here, so they are
// embedded.
func TestThroughput(t *testing.T) {
	alone(t)
	const rounds = 11 // odd: other programs on the machine may disturb some
	lines := min(10000, batchtest.FromEnv(t, "WXPAY_FLEET_LINES", 2000)/10)
	w, s := newWorld(t), embedCluster(t)
	var m meter
	w.handle(m.count(w.Server.ServeHTTP))
	batch := func(round int, name string, more ...string) float64 {
		in := fmt.Sprintf("%s%d", name, round)
		w.orders(in+".jsonl", in+"_", lines)
		w.run(exitOK, append([]string{"batch", "POST", orderPath, "--in", in + ".jsonl", "--out", in + ".out.jsonl"}, more...)...)
		return m.rate()
	}
	for range 4 {
		w.work(s)
	}
	var ratios []float64
	for round := range rounds {
		one := batch(round, "one")
		four := batch(round, "four", "--nats", s.url())
		t.Logf("%d lines: %.0f calls a second of one process, %.0f of four workers", lines, one, four)
		ratios = append(ratios, four/one)
	}
	slices.Sort(ratios)
	median := ratios[rounds/2]
	t.Logf("the workers reach %.3f of the rate of one process, of %.3f", median, ratios)
	if median < 0.9 {
		t.Errorf("the workers reach %.2f of the rate of one process, want 0.9", median)
	}
}

// If the platform takes the time, the rate grows with the workers.
func TestLinear(t *testing.T) {
	alone(t)
	w, s := newWorld(t), startCluster(t)
	var m meter
	w.handle(m.count(func(rw http.ResponseWriter, _ *http.Request) {
		time.Sleep(200 * time.Millisecond) // the platform's time
		http.Error(rw, `{"code":"NO_AUTH","message":"x"}`, http.StatusForbidden)
	}))
	batch := func(name string, lines int) float64 {
		w.orders(name+".jsonl", name+"_", lines)
		w.run(exitFailed, "batch", "POST", orderPath, "--in", name+".jsonl", "--out", name+".out.jsonl", "--nats", s.url())
		return m.rate()
	}
	const concurrency, seconds = 4, 5
	w.work(s, "--concurrency", fmt.Sprint(concurrency))
	one := batch("one", seconds*concurrency*5)
	for range 7 {
		w.work(s, "--concurrency", fmt.Sprint(concurrency)).says(t, "lines")
	}
	eight := batch("eight", 8*seconds*concurrency*5)
	t.Logf("%.1f calls a second of one worker, %.1f of eight", one, eight)
	if eight < 7*one {
		t.Errorf("eight workers make %.1f times the calls of one, want 7", eight/one)
	}
}
