package resilience_test

import (
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/resilience"
	"github.com/wxchain/wechatpay/telemetry"
)

// quiet is a transport that costs nothing.
type quiet struct{ resp http.Response }

func (q *quiet) RoundTrip(*http.Request) (*http.Response, error) { return &q.resp, nil }

// idle returns the stack of edits, without the signer and the verifier, and a request
// as a client gives it to the stack.
func idle(tb testing.TB, edits ...middleware.Edit) (http.RoundTripper, *http.Request) {
	tb.Helper()
	pass := func(next http.RoundTripper) http.RoundTripper { return next }
	s := new(middleware.Stack)
	for _, err := range []error{
		s.Push(middleware.NameVerifier, pass), s.Push(middleware.NameSigner, pass), middleware.Edits(edits...)(middleware.APIv3, s),
	} {
		if err != nil {
			tb.Fatal(err)
		}
	}
	req, err := http.NewRequest(http.MethodPost, host+"v3/pay/transactions/native", strings.NewReader(`{"out_trade_no":"T1"}`))
	if err != nil {
		tb.Fatal(err)
	}
	x := &middleware.Exchange{Template: "v3/pay/transactions/native", URL: req.URL, Main: true}
	req = req.WithContext(middleware.WithExchange(tb.Context(), x))
	return s.Resolve(&quiet{http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader("{}"))}}), req
}

// idleEdits are the edits whose cost is bounded. The records of Log go nowhere, but are
// written.
func idleEdits() []middleware.Edit {
	return []middleware.Edit{
		resilience.Retry(), telemetry.Log(slog.New(slog.NewJSONHandler(io.Discard, nil))), resilience.Failover(backupURL),
	}
}

// What Retry, Log and Failover may cost a call while nothing fails.
const (
	mostIdleTime   = 3 * time.Microsecond
	mostIdleAllocs = 6
)

func idleAllocs(tb testing.TB) float64 {
	tb.Helper()
	stack, req := idle(tb, idleEdits()...)
	return testing.AllocsPerRun(100, func() {
		if _, err := stack.RoundTrip(req); err != nil {
			tb.Fatal(err)
		}
	})
}

// A stack that has nothing to do allocates at most six times a call. BenchmarkIdle
// bounds its time.
func TestIdleStackAllocations(t *testing.T) {
	if n := idleAllocs(t); n > mostIdleAllocs {
		t.Errorf("%v allocations a call, want %d at most", n, mostIdleAllocs)
	}
}

// BenchmarkIdle reports what Retry, Log and Failover cost a call while nothing fails, and
// fails if that is more than 3 µs or 6 allocations. The time is that of the fastest of
// many short runs, which a busy machine does not change; it is measured until it keeps to
// the bound.
func BenchmarkIdle(b *testing.B) {
	bare, bareReq := idle(b)
	stack, req := idle(b, idleEdits()...)
	fastest := func(stack http.RoundTripper, req *http.Request, runs int, before time.Duration) time.Duration {
		const calls = 100
		for range runs {
			start := time.Now()
			for range calls {
				_, _ = stack.RoundTrip(req)
			}
			before = min(before, time.Since(start)/calls)
		}
		return before
	}
	none := fastest(bare, bareReq, max(b.N, 100), time.Hour)
	took := time.Hour
	for round := range 50 {
		took = fastest(stack, req, max(b.N, 100), took)
		if round >= 5 && took-none <= mostIdleTime {
			break
		}
	}
	n := idleAllocs(b)
	b.ReportMetric(float64((took - none).Nanoseconds()), "ns/call")
	b.ReportMetric(n, "allocs/call")
	b.ReportMetric(0, "ns/op")
	if took-none > mostIdleTime || n > mostIdleAllocs {
		b.Errorf("an idle stack costs %v and %v allocations a call, want %v and %d at most", took-none, n, mostIdleTime, mostIdleAllocs)
	}
}

// What stacks cost a call while nothing fails.
func BenchmarkIdleStacks(b *testing.B) {
	for name, edits := range map[string][]middleware.Edit{
		"none":               nil,
		"Retry+Failover":     {resilience.Retry(), resilience.Failover(backupURL)},
		"Retry+Log+Failover": idleEdits(),
		"and Breaker":        {resilience.Retry(), resilience.Failover(backupURL), resilience.Breaker()},
		"Documented limit":   {resilience.RateLimit(nil, resilience.Documented())},
	} {
		b.Run(name, func(b *testing.B) {
			stack, req := idle(b, edits...)
			b.ReportAllocs()
			for b.Loop() {
				_, _ = stack.RoundTrip(req)
			}
		})
	}
}
