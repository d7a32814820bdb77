package sandbox_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// A watchedStore counts the values that transactions see.
type watchedStore struct {
	sandbox.Store
	seen *atomic.Int64
}

func (s watchedStore) View(f func(sandbox.Tx) error) error {
	return s.Store.View(func(tx sandbox.Tx) error { return f(watchedTx{tx, s.seen}) })
}

func (s watchedStore) Update(f func(sandbox.Tx) error) error {
	return s.Store.Update(func(tx sandbox.Tx) error { return f(watchedTx{tx, s.seen}) })
}

type watchedTx struct {
	sandbox.Tx
	seen *atomic.Int64
}

func (tx watchedTx) Get(bucket, key string) ([]byte, error) {
	tx.seen.Add(1)
	return tx.Tx.Get(bucket, key)
}

func (tx watchedTx) Each(bucket, prefix string, f func(string, []byte) error) error {
	return tx.Tx.Each(bucket, prefix, func(key string, value []byte) error {
		tx.seen.Add(1)
		return f(key, value)
	})
}

// A call reads as many values among many orders, refunds and coupons as among
// none.
func TestReadsDoNotGrow(t *testing.T) {
	var fewest []int64
	for _, orders := range []int{10, 5000} {
		var seen atomic.Int64
		store := watchedStore{sandbox.NewMemory(), &seen}
		fill(t, store.Store, orders)
		w := newWorld(t, func(c *sandbox.Config) { c.Store = store })
		var reads []int64
		calls := callsOfOne(w, t)
		for _, c := range calls {
			before := seen.Load()
			c.do()
			reads = append(reads, seen.Load()-before)
		}
		if fewest == nil {
			fewest = reads
			continue
		}
		for i, c := range calls {
			if reads[i] != fewest[i] || reads[i] > 20 {
				t.Errorf("%s looks at %d values with %d orders, and at %d with 10", c.name, reads[i], orders, fewest[i])
			}
		}
		if seen.Load() < int64(len(calls)) {
			t.Errorf("%d calls look at %d values: they were not counted", len(calls), seen.Load())
		}
	}
}

type namedCall struct {
	name string
	do   func()
}

// callsOfOne are calls that concern one order or one user, in an order in which
// they succeed.
func callsOfOne(w *world, t *testing.T) []namedCall {
	w.clock.add(time.Minute) // since the refunds that the state has
	of := wechatpay.Query(wechatpay.M{"mchid": sandbox.DefaultMchID})
	call := func(name, method, path string, body any, opts ...wechatpay.Option) namedCall {
		return namedCall{name, func() { w.mustCall(t, method, path, body, opts...) }}
	}
	v2 := func(name, path string, fields wechatpay.M) namedCall {
		fields["appid"] = "wxd678efh567hg6787"
		return namedCall{name, func() {
			if _, err := w.client.Chain(path).Post(t.Context(), wechatpay.XML(fields)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}}
	}
	jsapi := w.order("by-jsapi", 100)
	jsapi["payer"] = wechatpay.M{"openid": "o"}
	asked := full(7)
	refund := wechatpay.M{"out_trade_no": asked, "out_refund_no": "new", "amount": wechatpay.M{"refund": 2, "total": 100, "currency": "CNY"}}
	byNumber := "v3/pay/transactions/out-trade-no/"
	return []namedCall{
		call("an order by QR code", "POST", native, w.order("by-code", 100)),
		call("the same again", "POST", native, w.order("by-code", 100)),
		call("an order in WeChat", "POST", "v3/pay/transactions/jsapi", jsapi),
		call("an order in an app", "POST", "v3/pay/transactions/app", w.order("in-app", 100)),
		call("a query by the merchant's number", "GET", byNumber+asked, nil, of),
		call("a query by the platform's number", "GET", "v3/pay/transactions/id/"+asked, nil, of),
		{"a payment", func() {
			if _, err := w.Pay(sandbox.DefaultMchID, "by-jsapi"); err != nil {
				t.Error(err)
			}
		}},
		call("a close", "POST", byNumber+"by-code/close", wechatpay.M{"mchid": sandbox.DefaultMchID}),
		call("a refund", "POST", "v3/refund/domestic/refunds", refund),
		call("the same refund again", "POST", "v3/refund/domestic/refunds", refund),
		call("a query for a refund", "GET", "v3/refund/domestic/refunds/"+asked, nil),
		{"the end of a refund", func() {
			if err := w.SettleRefund(sandbox.DefaultMchID, "new", sandbox.RefundSuccess); err != nil {
				t.Error(err)
			}
		}},
		v2("an order of APIv2", "v2/pay/unifiedorder", wechatpay.M{"out_trade_no": "by-apiv2", "body": "x", "total_fee": 100,
			"spbill_create_ip": "127.0.0.1", "notify_url": "https://www.example.com/notify", "trade_type": "NATIVE", "product_id": "1"}),
		v2("a query of APIv2", "v2/pay/orderquery", wechatpay.M{"out_trade_no": asked}),
		call("the coupons of a user", "GET", fmt.Sprintf("v3/marketing/favor/users/%s/coupons", asked), nil,
			wechatpay.Query(wechatpay.M{"appid": "wxd678efh567hg6787", "creator_mchid": sandbox.DefaultMchID, "status": "USED"})),
	}
}
