package sandbox_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// goroutines is how many goroutines call at once.
const goroutines = 40

// atOnceOf calls f from goroutines, which begin together.
func atOnceOf(f func(i int)) {
	var ready, done sync.WaitGroup
	ready.Add(goroutines)
	for i := range goroutines {
		done.Go(func() {
			ready.Done()
			ready.Wait()
			f(i)
		})
	}
	done.Wait()
}

// tally counts the results of many goroutines.
type tally struct {
	mu  sync.Mutex
	got map[string]int
}

func (c *tally) add(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.got == nil {
		c.got = make(map[string]int)
	}
	c.got[what]++
}

// Many goroutines order, pay, refund and close at once, by shared numbers and by
// their own. Each number does one thing, and no fen is refunded twice.
func TestAtOnce(t *testing.T) {
	for name, store := range stores(t) {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(c *sandbox.Config) { c.Store = store })
			w.paid(t, number, 100)
			w.mustCall(t, "POST", native, w.order("to-pay", 100))
			var got atOnceResults
			atOnceOf(func(i int) {
				own := fmt.Sprintf("own-%04d", i)
				w.orderAtOnce(t, own, &got)
				w.payAtOnce(t, own, &got)
				w.contest(t, fmt.Sprintf("contested-%d", i%8), i)
			})
			const minutes = 3 // in which 30 fen can be refunded, each
			for minute := range minutes {
				atOnceOf(func(i int) { w.refundAtOnce(t, fmt.Sprintf("own-%d-%d", minute, i), &got) })
				w.clock.add(time.Minute)
			}
			got.checkOrders(t)
			got.checkIDs(t)
			w.checkRefunds(t, &got, minutes)
			for i := range 8 {
				w.settled(t, fmt.Sprintf("contested-%d", i))
			}
		})
	}
}

// atOnceResults are what the goroutines of TestAtOnce got.
type atOnceResults struct {
	ordered  tally // answers to the order that all place
	paid     tally // transaction_ids of the order that all pay
	ids      tally // transaction_ids of each one's own order
	refunds  tally // "taken" for each refund with a number of its own
	repeated tally // answers to the refund that all ask for
}

// orderAtOnce places one order by a shared number and one by its own number.
func (w *world) orderAtOnce(t *testing.T, own string, got *atOnceResults) {
	for _, outTradeNo := range []string{"same-number", own} {
		resp, err := w.call("POST", native, w.order(outTradeNo, 100))
		if err != nil {
			t.Error(err)
		} else if outTradeNo != own {
			got.ordered.add(string(resp.Bytes()))
		}
	}
}

// payAtOnce pays its own order and the shared one.
func (w *world) payAtOnce(t *testing.T, own string, got *atOnceResults) {
	if id, err := w.Pay(sandbox.DefaultMchID, own); err != nil {
		t.Error(err)
	} else {
		got.ids.add(id)
	}
	if id, err := w.Pay(sandbox.DefaultMchID, "to-pay"); err == nil {
		got.paid.add(id)
	}
}

// refundAtOnce refunds parts of one paid order, by its own number and by a shared
// number.
func (w *world) refundAtOnce(t *testing.T, own string, got *atOnceResults) {
	if err := w.refund(own, 30); err == nil {
		got.refunds.add("taken")
	} else if !wechatpay.IsCode(err, "INVALID_REQUEST", "FREQUENCY_LIMITED") {
		t.Error(err)
	}
	if resp, err := w.call("POST", refundPath, refundOf("shared", 10)); err == nil {
		got.repeated.add(resp.Get("refund_id").String())
	} else if !wechatpay.IsCode(err, "INVALID_REQUEST", "FREQUENCY_LIMITED") {
		t.Error(err)
	}
}

// checkOrders checks that what all ordered and paid was done once.
func (got *atOnceResults) checkOrders(t *testing.T) {
	t.Helper()
	if len(got.ordered.got) != 1 {
		t.Errorf("the orders of one number were answered with %v, want one", got.ordered.got)
	}
	if len(got.paid.got) != 1 {
		t.Errorf("one order was paid with %v, want one", got.paid.got)
	}
}

// checkIDs checks that each payment has a transaction_id of its own.
func (got *atOnceResults) checkIDs(t *testing.T) {
	t.Helper()
	for id, times := range got.paid.got {
		if got.ids.add(id); times != 1 {
			t.Errorf("one order was paid %d times as %s", times, id)
		}
	}
	if len(got.ids.got) != goroutines+1 {
		t.Errorf("%d orders have %d transaction_ids", goroutines+1, len(got.ids.got))
	}
}

// checkRefunds checks that one refund was taken each minute, and no more than the
// order's 100 fen: what is left of them can be refunded.
func (w *world) checkRefunds(t *testing.T, got *atOnceResults, minutes int) {
	t.Helper()
	taken, shared := got.refunds.got["taken"], len(got.repeated.got)
	if taken+shared != minutes || shared > 1 {
		t.Errorf("in %d minutes %d refunds were taken, and that of one number was answered with %v", minutes, taken, got.repeated.got)
	}
	left := 100 - 30*taken - 10*shared
	if w.refund("too-much", left+1) == nil || left > 0 && w.refund("the-rest", left) != nil {
		t.Errorf("%d fen are not what is left", left)
	}
}

// contest pays or closes an order that eight goroutines want to pay or close.
func (w *world) contest(t *testing.T, outTradeNo string, i int) {
	// The last one finds the order closed or paid.
	if _, err := w.call("POST", native, w.order(outTradeNo, 100)); err != nil && !wechatpay.IsCode(err, "INVALID_REQUEST", "ORDER_CLOSED") {
		t.Error(err)
	}
	if i/8%2 == 0 {
		_, _ = w.Pay(sandbox.DefaultMchID, outTradeNo) // it may be closed
		return
	}
	_, err := w.call("POST", "v3/pay/transactions/out-trade-no/"+outTradeNo+"/close", wechatpay.M{"mchid": sandbox.DefaultMchID})
	if err != nil && !wechatpay.IsCode(err, "INVALID_REQUEST") {
		t.Error(err)
	}
}

// settled checks that an order is either paid or closed.
func (w *world) settled(t *testing.T, outTradeNo string) {
	t.Helper()
	resp := w.query(t, "v3/pay/transactions/out-trade-no/"+outTradeNo)
	state, id := resp.Get("trade_state").String(), resp.Get("transaction_id").String()
	if (state == "SUCCESS") != (id != "") || state != "SUCCESS" && state != "CLOSED" {
		t.Errorf("%s is %s with the transaction_id %q", outTradeNo, state, id)
	}
}
