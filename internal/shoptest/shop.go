// Package shoptest is a shop of a sandbox that sells and refunds while the network and the
// platform fail, for tests.
package shoptest

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

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/bill"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/resilience"
	"github.com/wxchain/wechatpay/sandbox"
)

// Day is the day on which a Shop sells. The clock of its sandbox shows [Morning].
const Day = "2026-06-08"

// Morning is a time of [Day].
func Morning() time.Time { return time.Date(2026, 6, 8, 2, 30, 0, 0, time.UTC) }

// Calls returns the number that an environment variable sets, or usual if it is not set.
func Calls(t testing.TB, variable string, usual int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s is %q, want a number of calls", variable, text)
	}
	return n
}

// A Shop makes its calls with Client, which repeats them.
type Shop struct {
	T       testing.TB
	Sandbox *sandbox.Sandbox
	Client  *wechatpay.Client
}

// Trade sells and refunds n orders from 64 goroutines. It checks that each call ends done,
// or with a documented error after which the same call may be made again.
func (s *Shop) Trade(ctx context.Context, n int, each func(i int)) {
	var wg sync.WaitGroup
	var next atomic.Int64
	for range 64 {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				if each != nil {
					each(int(i))
				}
				s.sell(ctx, i)
			}
		})
	}
	wg.Wait()
}

// sell sells and refunds an order of i+100 fen.
func (s *Shop) sell(ctx context.Context, i int64) {
	mchID, number, total := s.Sandbox.Merchant().MchID, fmt.Sprint("order-", i), i+100
	s.do(func() error {
		_, err := s.Client.Chain("v3/pay/transactions/native").Post(ctx, wechatpay.JSON(wechatpay.M{
			"appid": "wxd678efh567hg6787", "mchid": mchID, "description": "x", "out_trade_no": number,
			"notify_url": "https://shop.example/notify", "amount": wechatpay.M{"total": total},
		}))
		return err
	})
	if _, err := s.Sandbox.Pay(mchID, number); err != nil {
		s.T.Error(err)
	}
	s.do(func() error {
		_, err := s.Client.Chain("v3/refund/domestic/refunds").Post(ctx, wechatpay.JSON(wechatpay.M{
			"out_trade_no": number, "out_refund_no": "refund-" + number, "amount": wechatpay.M{"refund": total, "total": total, "currency": "CNY"},
		}))
		return err
	})
}

// do makes a call until it is done, as a shop does with the same number.
func (s *Shop) do(call func() error) {
	for range 1000 {
		err := call()
		switch outcome := wechatpay.OutcomeOf(err); outcome {
		case wechatpay.OutcomeDone:
			return
		case wechatpay.OutcomeRefused:
			if !isLater(err) {
				s.T.Errorf("%s: %v", outcome, err)
				return
			}
		default:
			// A machine that is busy may use up the time of a call, after which there is no repetition.
			if !errors.As(err, new(*resilience.RetryError)) && !errors.Is(err, context.DeadlineExceeded) {
				s.T.Errorf("a call that is safe was not repeated: %v", err)
			}
		}
	}
	s.T.Error("a call is not done after 1000 repetitions")
}

// isLater reports whether err is the documented refusal NOT_ENOUGH, after which the shop
// adds money and makes the call again.
func isLater(err error) bool {
	var refused *wechatpay.Error
	if !errors.As(err, &refused) || refused.Code != "NOT_ENOUGH" {
		return false
	}
	req := wechatpay.RequestOf(err)
	for _, e := range openapi.Match(req.Method, req.URL.Path).Errors() {
		if e.Code == refused.Code {
			return true
		}
	}
	return false
}

// Reconcile compares the bill of the day with n orders that were sold and refunded.
func (s *Shop) Reconcile(ctx context.Context, n int) {
	s.T.Helper()
	if err := s.Sandbox.Advance(48 * time.Hour); err != nil {
		s.T.Fatal(err)
	}
	var text strings.Builder
	if _, err := bill.Download(ctx, s.Client, bill.Trade, Day, bill.To(&text)); err != nil {
		s.T.Fatal(err)
	}
	paid, refunded, times := int64(0), int64(0), make(map[string]int)
	for row, err := range bill.Rows(strings.NewReader(text.String())).All() {
		if err != nil {
			s.T.Fatal(err)
		}
		times[row.Get("商户订单号")+" "+row.Get("交易状态")]++
		total, err := row.Fen("订单金额")
		back, err2 := row.Fen("申请退款金额")
		if err := errors.Join(err, err2); err != nil {
			s.T.Fatal(err)
		}
		paid, refunded = paid+total, refunded+back
	}
	want := int64(n)*100 + int64(n)*int64(n+1)/2
	if len(times) != 2*n || paid != want || refunded != want {
		s.T.Errorf("the bill has %d rows, %d fen paid and %d refunded, want %d and %d", len(times), paid, refunded, 2*n, want)
	}
	for row, n := range times {
		if n != 1 {
			s.T.Errorf("%s is in the bill %d times", row, n)
		}
	}
}
