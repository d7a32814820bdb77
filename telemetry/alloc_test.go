//go:build !race

package telemetry_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"testing"

	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/telemetry"
)

// A record takes at most 3 allocations, those of package log/slog included. (The race
// detector adds its own.)
func TestAllocations(t *testing.T) {
	plain := func(next http.RoundTripper) http.RoundTripper { return next }
	stack := new(middleware.Stack)
	for _, name := range []string{middleware.NameVerifier, middleware.NameSigner} {
		if err := stack.Push(name, plain); err != nil {
			t.Fatal(err)
		}
	}
	logger := slog.New(slog.NewTextHandler(io.Discard, nil))
	if err := telemetry.Log(logger)(middleware.APIv3, stack); err != nil {
		t.Fatal(err)
	}
	ctx := middleware.WithExchange(context.Background(), &middleware.Exchange{Template: "v3/pay/transactions/native"})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://api.mch.weixin.qq.com/v3/pay/transactions/native", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp := &http.Response{StatusCode: 200, Header: http.Header{"Request-Id": {"08F5"}}, Body: http.NoBody}
	rt := stack.Resolve(roundTripper(func(*http.Request) (*http.Response, error) { return resp, nil }))
	if n := testing.AllocsPerRun(1000, func() { _, _ = rt.RoundTrip(req) }); n > 3 {
		t.Errorf("%v allocations", n)
	}
}
