package resilience_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/resilience"
)

// exampleConfig returns the configuration of a merchant whose platform gives these
// answers, in order, and the last one from then on.
func exampleConfig(answers ...func(int, sent) (*http.Response, error)) wechatpay.Config {
	return newConfig(exampleTB{}, &platform{answer: inOrder(answers...)})
}

// exampleTB is the testing.TB of examples, which have none.
type exampleTB struct{ testing.TB }

func (exampleTB) Helper()           {}
func (exampleTB) Fatal(args ...any) { panic(fmt.Sprint(args...)) }

func Example() {
	config := exampleConfig(unavailable, fine) // the main host is down

	config.Middleware = middleware.Edits(
		resilience.Retry(),
		resilience.Failover("https://api2.mch.weixin.qq.com/"),
		resilience.RateLimit(rate.NewLimiter(150, 150)), // requests a second, and at once
		resilience.Breaker(),
	)

	client, err := wechatpay.New(config)
	if err != nil {
		fmt.Println(err)
		return
	}
	resp, err := client.Chain("v3/refund/domestic/refunds").Post(context.Background(), wechatpay.JSON(wechatpay.M{
		"out_trade_no":  "1217752501201407033233368018",
		"out_refund_no": "1217752501201407033233368018-1",
		"amount":        wechatpay.M{"refund": 888, "total": 888, "currency": "CNY"},
	}))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(resp.StatusCode, resp.Request.URL.Host)
	// Output: 200 api2.mch.weixin.qq.com
}

func ExampleRetry() {
	config := exampleConfig(unavailable, fine)
	config.Middleware = resilience.Retry(
		resilience.Tries(5),
		resilience.Backoff(10*time.Millisecond, 2*time.Second),
		resilience.MaxElapsed(10*time.Second),
		resilience.Observe(func(_ context.Context, e resilience.Event) {
			fmt.Println(e.Kind, e.Operation, "attempt", e.Attempt, "because of", e.Cause)
		}),
	)
	client, err := wechatpay.New(config)
	if err != nil {
		fmt.Println(err)
		return
	}
	err = placeOrder(context.Background(), client)
	fmt.Println(wechatpay.OutcomeOf(err))
	// Output:
	// retry POST v3/pay/transactions/native attempt 2 because of 503 SERVICE_UNAVAILABLE
	// done
}

func ExampleRetryError() {
	config := exampleConfig(reset)
	config.Middleware = resilience.Retry(resilience.Backoff(time.Millisecond, time.Millisecond))
	client, err := wechatpay.New(config)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.Chain("v3/vehicle/transactions/parking").Post(context.Background(), wechatpay.JSON(wechatpay.M{"out_trade_no": "P1"}))
	var retried *resilience.RetryError
	if errors.As(err, &retried) {
		fmt.Println(wechatpay.OutcomeOf(err), "after", retried.Tries, "tries; query", retried.Query)
	}
	// Output: unknown after 3 tries; query GET v3/vehicle/transactions/out-trade-no/{out_trade_no}
}

func ExampleResolve() {
	config := exampleConfig(reset, found(`{"status":"PROCESSING"}`), found(`{"status":"SUCCESS"}`))
	client, err := wechatpay.New(config)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	_, err = client.Chain("v3/refund/domestic/refunds").Post(ctx, wechatpay.JSON(refund))
	for wechatpay.OutcomeOf(err) == wechatpay.OutcomeUnknown {
		r, problem := resilience.Resolve(ctx, client, err)
		if problem != nil {
			fmt.Println("ask again later:", problem)
			return
		}
		fmt.Println(r.Number, "is", r.State, "by", r.Query)
		if r.State != resilience.StateOpen {
			break
		}
		// In a program, wait a minute here.
	}
	// Output:
	// R1 is open by GET v3/refund/domestic/refunds/{out_refund_no}
	// R1 is done by GET v3/refund/domestic/refunds/{out_refund_no}
}

func ExampleFailover() {
	config := exampleConfig(noConnection, fine)
	config.Middleware = resilience.Failover("https://api2.mch.weixin.qq.com/", resilience.Rest(5*time.Minute))
	client, err := wechatpay.New(config)
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 2 {
		resp, err := client.Chain("v3/certificates").Get(context.Background())
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(resp.Request.URL.Host)
	}
	// Output:
	// api2.mch.weixin.qq.com
	// api2.mch.weixin.qq.com
}

func ExampleRateLimit() {
	config := exampleConfig(fine)
	config.Middleware = resilience.RateLimit(nil, resilience.Documented()) // 150 refunds a second, …
	client, err := wechatpay.New(config)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(placeOrder(context.Background(), client))
	// Output: <nil>
}

func ExampleBreaker() {
	config := exampleConfig(systemError)
	config.Middleware = resilience.Breaker(resilience.Failures(2, 10), resilience.Rest(time.Minute))
	client, err := wechatpay.New(config)
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 3 {
		err := placeOrder(context.Background(), client)
		fmt.Println(errors.Is(err, resilience.ErrOpen), wechatpay.OutcomeOf(err))
	}
	// Output:
	// false unknown
	// false unknown
	// true not sent
}

func ExampleIdempotent() {
	req, err := http.NewRequest("POST", "https://api.mch.weixin.qq.com/v3/refund/domestic/refunds",
		strings.NewReader(`{"out_trade_no":"T1","out_refund_no":"R1"}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	number, ok := resilience.Idempotent(req)
	fmt.Println(number, ok)
	// Output: R1 true
}
