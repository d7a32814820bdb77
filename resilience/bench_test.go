package resilience_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/resilience"
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

// A stack that has nothing to do allocates at most six times a call. The time is that
// of the benchmark.
func TestIdleStackAllocations(t *testing.T) {
	stack, req := idle(t, resilience.Retry(), resilience.Failover(backupURL))
	n := testing.AllocsPerRun(100, func() {
		if _, err := stack.RoundTrip(req); err != nil {
			t.Fatal(err)
		}
	})
	if n > 6 {
		t.Errorf("%v allocations a call, want 6 at most", n)
	}
}

// What Retry and Failover, and all of this package, cost a call while nothing fails.
func BenchmarkIdle(b *testing.B) {
	for name, edits := range map[string][]middleware.Edit{
		"none":             nil,
		"Retry+Failover":   {resilience.Retry(), resilience.Failover(backupURL)},
		"and Breaker":      {resilience.Retry(), resilience.Failover(backupURL), resilience.Breaker()},
		"Documented limit": {resilience.RateLimit(nil, resilience.Documented())},
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
