package sandbox_test

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// cutting hands requests to next, and ends the connection in place of every
// answer while cuts is set.
func cutting(t *testing.T, next http.Handler, cuts *atomic.Bool) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !cuts.Load() {
			next.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(httptest.NewRecorder(), r)
		cuts.Store(false)
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		conn.Close()
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// A call that was done before its connection ended is not refused as a replay,
// which net/http would make of it: the caller gets an error of the network, and
// finds the refund by a query.
func TestCutConnection(t *testing.T) {
	p := sandbox.Start(t)
	var cuts atomic.Bool
	config := p.ClientConfig()
	config.BaseURL = cutting(t, p, &cuts)
	client, err := wechatpay.New(config)
	if err != nil {
		t.Fatal(err)
	}
	post := func(path string, body wechatpay.M, opts ...wechatpay.Option) error {
		_, err := client.Chain(path).Post(t.Context(), append(opts, wechatpay.JSON(body))...)
		return err
	}
	order := wechatpay.M{"appid": "wx233544546545989", "mchid": sandbox.DefaultMchID, "description": "tea", "out_trade_no": "cut-order-1",
		"notify_url": "https://www.weixin.qq.com/wxpay/pay.php", "amount": wechatpay.M{"total": 100}}
	if err := post("v3/pay/transactions/native", order); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Pay(sandbox.DefaultMchID, "cut-order-1"); err != nil {
		t.Fatal(err)
	}
	for _, header := range []string{"Idempotency-Key", "X-Idempotency-Key"} {
		number := "cut-" + strings.ToLower(header)
		if err := p.Advance(time.Minute); err != nil { // the refunds of an order are a minute apart
			t.Fatal(err)
		}
		cuts.Store(true)
		err := post("v3/refund/domestic/refunds", wechatpay.M{"out_trade_no": "cut-order-1", "out_refund_no": number,
			"amount": wechatpay.M{"refund": 1, "total": 100, "currency": "CNY"}}, wechatpay.Header(header, number))
		if !errors.As(err, new(net.Error)) {
			t.Errorf("%s: %v, want an error of the network", header, err)
		}
		cuts.Store(true)
		if _, err := client.Chain("v3/refund/domestic/refunds/" + number).Get(t.Context()); !errors.As(err, new(net.Error)) {
			t.Errorf("query: %v, want an error of the network", err)
		}
		if _, err := client.Chain("v3/refund/domestic/refunds/" + number).Get(t.Context()); err != nil {
			t.Errorf("the refund was not done: %v", err)
		}
	}
}
