package telemetry_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/telemetry"
	"github.com/wxchain/wechatpay/wechatpaytest"
)

func ExampleLog() {
	test := func(t testing.TB) {
		// Logs usually have times; this output is compared.
		logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Key == "duration" || a.Key == "request_id" {
				return slog.Attr{}
			}
			return a
		}}))
		mock := wechatpaytest.New(t)
		mock.On("GET", "v3/pay/transactions/id/{transaction_id}", mock.JSON(200, wechatpay.M{"trade_state": "SUCCESS"}))
		client := mock.Client(func(c *wechatpay.Config) { c.Middleware = telemetry.Log(logger) })
		_, err := client.V3().Pay().Transactions().ID().TransactionID("1217752501201407033233368018").Get(context.Background())
		fmt.Println(err)
	}
	t := new(quiet)
	defer t.end()
	test(t)
	// Output:
	// level=INFO msg=wechatpay operation="GET v3/pay/transactions/id/{transaction_id}" outcome=done status=200
	// <nil>
}

// The clock of this machine is 100 seconds ahead of the platform's. Calls still succeed.
func ExampleLog_clockSkew() {
	test := func(t testing.TB) {
		logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == "outcome" || a.Key == "clock_skew" {
				return a
			}
			return slog.Attr{}
		}}))
		now := time.Date(2026, 6, 8, 2, 30, 0, 0, time.UTC)
		sb := sandbox.Start(t, func(c *sandbox.Config) {
			c.Clock, c.PlatformKey = func() time.Time { return now }, sandbox.KeyBoth
		})
		client := sb.Client(func(c *wechatpay.Config) {
			c.Middleware = telemetry.Log(logger)
			c.Clock = func() time.Time { return now.Add(100 * time.Second) }
		})
		if _, err := client.V3().Certificates().Get(context.Background()); err != nil {
			fmt.Println(err)
		}
	}
	t := new(quiet)
	defer t.end()
	test(t)
	// Output: outcome=done clock_skew=1m40s
}

func ExampleSample() {
	config := wechatpay.Config{MchID: "1900000109", APIv2Key: strings.Repeat("0", 32)}
	// One in a hundred of the calls that are done, and all that are slow or not done.
	config.Middleware = telemetry.Log(slog.Default(), telemetry.Sample(100), telemetry.Slow(time.Second))
	_, err := wechatpay.New(config)
	fmt.Println(err)
	// Output: <nil>
}

// quiet stands for a test that does not fail.
type quiet struct {
	testing.TB
	cleanup []func()
}

func (*quiet) Helper()                   {}
func (q *quiet) Cleanup(f func())        { q.cleanup = append(q.cleanup, f) }
func (*quiet) Fatal(a ...any)            { panic(fmt.Sprint(a...)) }
func (*quiet) Fatalf(f string, a ...any) { panic(fmt.Sprintf(f, a...)) }
func (q *quiet) end() {
	for _, f := range q.cleanup {
		f()
	}
}
