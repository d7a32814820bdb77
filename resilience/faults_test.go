package resilience_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/bill"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/resilience"
	"github.com/wxchain/wechatpay/sandbox"
)

// faultCalls returns how many payments and refunds TestFaults makes.
func faultCalls(t *testing.T) int {
	t.Helper()
	text := os.Getenv("WXPAY_FAULT_CALLS")
	if text == "" {
		return 96
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("WXPAY_FAULT_CALLS is %q", text)
	}
	return n
}

// Payments and refunds from 64 goroutines, while one request in ten meets each kind of
// fault. Every call ends done or with an error whose outcome is documented, no refund is
// done twice, the bill adds up, and nothing is left open.
func TestFaults(t *testing.T) {
	leaks := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, leaks) }) // after the sandbox has ended
	sb := sandbox.Start(t, func(c *sandbox.Config) {
		c.Clock = func() time.Time { return time.Date(2026, 6, 8, 2, 30, 0, 0, time.UTC) }
	})
	var faults []sandbox.Fault
	for _, kind := range []sandbox.FaultKind{
		sandbox.FaultDelay, sandbox.FaultRefuse, sandbox.FaultCut, sandbox.FaultError, sandbox.FaultUnavailable, sandbox.FaultTooMany,
		sandbox.FaultSignature, sandbox.FaultTimestamp, sandbox.FaultSerial,
	} {
		f := sandbox.Fault{Kind: kind, Chance: 0.1}
		if kind == sandbox.FaultDelay {
			f.Delay = time.Millisecond
		}
		faults = append(faults, f)
	}
	faults = append(faults, sandbox.Fault{Kind: sandbox.FaultError, Chance: 0.1, After: true})
	if err := sb.Faults(faults...); err != nil {
		t.Fatal(err)
	}
	var retried events
	client := sb.Client(func(c *wechatpay.Config) {
		c.Middleware = middleware.Edits(
			resilience.Retry(resilience.Tries(4), resilience.Backoff(time.Millisecond, 4*time.Millisecond), resilience.Budget(1e6, 1), retried.observe()),
			resilience.Failover(strings.TrimSuffix(c.BaseURL, "/"), resilience.Rest(time.Millisecond)),
		)
	})
	shop := &shop{t: t, sb: sb, client: client}
	n := faultCalls(t)
	var wg sync.WaitGroup
	var next atomic.Int64
	for range 64 {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				shop.sell(t.Context(), i)
			}
		})
	}
	wg.Wait()
	if err := sb.Faults(); err != nil {
		t.Fatal(err)
	}
	if len(retried.list) < n {
		t.Errorf("only %d repetitions for %d payments", len(retried.list), n)
	}
	shop.reconcile(t.Context(), n)
}

type shop struct {
	t      *testing.T
	sb     *sandbox.Sandbox
	client *wechatpay.Client
}

// sell sells and refunds an order of i+100 fen.
func (s *shop) sell(ctx context.Context, i int64) {
	mchID, number, total := s.sb.Merchant().MchID, fmt.Sprint("order-", i), i+100
	s.do(func() error {
		_, err := s.client.Chain("v3/pay/transactions/native").Post(ctx, wechatpay.JSON(wechatpay.M{
			"appid": "wxd678efh567hg6787", "mchid": mchID, "description": "x", "out_trade_no": number,
			"notify_url": "https://shop.example/notify", "amount": wechatpay.M{"total": total},
		}))
		return err
	})
	if _, err := s.sb.Pay(mchID, number); err != nil {
		s.t.Error(err)
	}
	s.do(func() error {
		_, err := s.client.Chain("v3/refund/domestic/refunds").Post(ctx, wechatpay.JSON(wechatpay.M{
			"out_trade_no": number, "out_refund_no": "refund-" + number, "amount": wechatpay.M{"refund": total, "total": total, "currency": "CNY"},
		}))
		return err
	})
}

// do makes a call until it is done, as a shop does with the same number.
func (s *shop) do(call func() error) {
	for range 1000 {
		err := call()
		switch outcome := wechatpay.OutcomeOf(err); outcome {
		case wechatpay.OutcomeDone:
			return
		case wechatpay.OutcomeRefused, wechatpay.OutcomeNotSent:
			s.t.Errorf("%s: %v", outcome, err)
			return
		}
		if !errors.As(err, new(*resilience.RetryError)) {
			s.t.Errorf("a call that is safe was not repeated: %v", err)
		}
	}
	s.t.Error("a call is not done after 1000 repetitions")
}

// reconcile compares the bill of the day with what was sold.
func (s *shop) reconcile(ctx context.Context, n int) {
	if err := s.sb.Advance(48 * time.Hour); err != nil {
		s.t.Fatal(err)
	}
	var text strings.Builder
	if _, err := bill.Download(ctx, s.client, bill.Trade, "2026-06-08", bill.To(&text)); err != nil {
		s.t.Fatal(err)
	}
	paid, refunded, times := int64(0), int64(0), make(map[string]int)
	for row, err := range bill.Rows(strings.NewReader(text.String())).All() {
		if err != nil {
			s.t.Fatal(err)
		}
		times[row.Get("商户订单号")+" "+row.Get("交易状态")]++
		total, err := row.Fen("订单金额")
		back, err2 := row.Fen("申请退款金额")
		if err := errors.Join(err, err2); err != nil {
			s.t.Fatal(err)
		}
		paid, refunded = paid+total, refunded+back
	}
	want := int64(n)*100 + int64(n)*int64(n+1)/2
	if len(times) != 2*n || paid != want || refunded != want {
		s.t.Errorf("the bill has %d rows, %d fen paid and %d refunded, want %d and %d", len(times), paid, refunded, 2*n, want)
	}
	for row, n := range times {
		if n != 1 {
			s.t.Errorf("%s is in the bill %d times", row, n)
		}
	}
}
