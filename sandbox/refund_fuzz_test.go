package sandbox_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/sandbox"
)

// FuzzRefunds refunds an order that was paid with two coupons, and closes
// refunds, in any order. The user and the coupons never get back more than they
// gave, and in the end they get all of it.
func FuzzRefunds(f *testing.F) {
	f.Add([]byte{50, 1, 48, 1})
	f.Add([]byte{1, 1, 1, 1, 200, 201, 202, 1, 1, 1})
	f.Add([]byte{100, 200, 100, 200, 60, 60, 201, 30})
	f.Fuzz(func(t *testing.T, steps []byte) {
		w := newWorld(t)
		m := w.Merchant().MchID
		id := w.paid(t, number, 100)
		for i, amount := range []int{33, 20} {
			if err := w.UseCoupon(m, w.send(t, w.running(t, worth(amount, i == 1)), "a"), id); err != nil {
				t.Fatal(err)
			}
		}
		open := make(openRefunds)
		for i, step := range steps[:min(len(steps), 40)] {
			if step < 200 {
				open.refund(t, w, fmt.Sprint("r", i), int(step))
				continue
			}
			closed := fmt.Sprint("r", step-200)
			if _, ok := open[closed]; ok {
				delete(open, closed)
				if err := w.SettleRefund(m, closed, sandbox.RefundClosed); err != nil {
					t.Fatal(err)
				}
			}
		}
		if left := 100 - open.sum().whole; left > 0 {
			open.refund(t, w, "rest", int(left))
		}
		if all := open.sum(); all != (refundParts{100, 47, 53}) {
			t.Errorf("in the end %+v are refunded", all)
		}
	})
}

// refundParts are the fen of a refund: all of them, the user's and the coupons'.
type refundParts struct{ whole, payer, discount int64 }

// openRefunds are the refunds that are not closed, by out_refund_no, of an order
// of 47 fen that the user paid and 53 of coupons.
type openRefunds map[string]refundParts

func (open openRefunds) sum() (all refundParts) {
	for _, p := range open {
		all.whole, all.payer, all.discount = all.whole+p.whole, all.payer+p.payer, all.discount+p.discount
	}
	return all
}

// refund asks for a refund. It checks that the refund is accepted exactly if the
// amount is left, in parts that the user and the coupons paid.
func (open openRefunds) refund(t *testing.T, w *world, outRefundNo string, amount int) {
	t.Helper()
	left := 100 - open.sum().whole
	w.clock.add(time.Minute) // the refunds of an order are a minute apart
	resp, err := w.call("POST", refundPath, refundOf(outRefundNo, amount))
	if int64(amount) > left || amount < 1 {
		if err == nil {
			t.Errorf("%d fen are refunded of %d that are left", amount, left)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := w.SettleRefund(sandbox.DefaultMchID, outRefundNo, sandbox.RefundAbnormal); err != nil { // it can be closed later
		t.Fatal(err)
	}
	a := resp.Get("amount")
	p := refundParts{a.Get("refund").Int(), a.Get("payer_refund").Int(), a.Get("discount_refund").Int()}
	if p.whole != int64(amount) || p.payer+p.discount != p.whole || p.payer < 0 || p.discount < 0 {
		t.Errorf("a refund of %d is %s", amount, a.Raw)
	}
	open[outRefundNo] = p
	if all := open.sum(); all.payer > 47 || all.discount > 53 {
		t.Errorf("in all %+v are refunded, of 47 fen of the user and 53 of coupons", all)
	}
}
