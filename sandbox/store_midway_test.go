package sandbox_test

import (
	"errors"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// A failing is a store whose writes fail from a given one on, within any
// transaction.
type failing struct {
	sandbox.Store
	left    int // writes that succeed yet, if it fails
	fails   bool
	failed  bool // a write has
	buckets map[string]bool
}

type failingTx struct {
	sandbox.Tx
	*failing
}

func (s *failing) Update(f func(sandbox.Tx) error) error {
	return s.Store.Update(func(tx sandbox.Tx) error { return f(failingTx{tx, s}) })
}

func (tx failingTx) Put(bucket, key string, value []byte) error {
	if tx.fails && tx.left == 0 {
		tx.failed = true
		return errDisk
	}
	tx.left--
	tx.buckets[bucket] = true
	return tx.Tx.Put(bucket, key, value)
}

// dump returns everything that is stored.
func (s *failing) dump(t *testing.T) map[string]string {
	t.Helper()
	all := make(map[string]string)
	err := s.View(func(tx sandbox.Tx) error {
		for bucket := range s.buckets {
			if err := tx.Each(bucket, "", func(key string, value []byte) error {
				all[bucket+" "+key] = string(value)
				return nil
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Whichever write of an action fails, the whole action fails, leaves nothing
// behind, and can be repeated.
func TestStoreFailsMidway(t *testing.T) {
	store := &failing{Store: sandbox.NewMemory(), buckets: make(map[string]bool)}
	w := newWorld(t, func(c *sandbox.Config) {
		c.Store = store
		// Notifications are not answered, because the answer would be stored too.
		c.Client = &http.Client{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
			<-req.Context().Done()
			return nil, req.Context().Err()
		})}
	})
	m := sandbox.DefaultMchID
	var id, couponID string
	call := func(method, path string, body wechatpay.M) func() error {
		return func() error { _, err := w.call(method, path, body); return err }
	}
	v2 := func(path string, fields wechatpay.M) func() error {
		return func() error { _, err := w.v2(path, fields); return err }
	}
	toShare := with(w.order("to-share", 1000), wechatpay.M{"settle_info": wechatpay.M{"profit_sharing": true}})
	stock := w.running(t, worth(70, true))
	for _, step := range append(w.transferSteps(), []midwayStep{
		{"order", call("POST", native, w.order(number, 100))},
		{"payment", func() (err error) { _, err = w.Pay(m, number); return err }},
		{"refund", call("POST", refundPath, refundOf("r1", 40))},
		{"settlement", func() error { return w.SettleRefund(m, "r1", sandbox.RefundAbnormal) }},
		{"end of a refund", func() error { return w.SettleRefund(m, "r1", sandbox.RefundClosed) }},
		{"refund by APIv2", v2(refundV2Path, refundV2("r2", 100, nil))},
		{"combined order", call("POST", combinePath+"app", w.combination(w.part("", "part-1", 100), w.part(sub, "part-2", 100)))},
		{"combined payment", func() error { _, err := w.Pay(m, combineNumber); return err }},
		{"code payment", call("POST", codePayPath, w.byCode("by-code", 100, userCode))},
		{"reversal", func() error { _, err := w.reverse("by-code"); return err }},
		{"order to share", call("POST", native, toShare)},
		{"its payment", func() (err error) { id, err = w.Pay(m, "to-share"); return err }},
		{"coupon", func() error {
			resp, err := w.call("POST", userPath+"a/coupons", w.sending(stock, "coupon"))
			if err == nil {
				couponID = resp.Get("coupon_id").String()
			}
			return err
		}},
		{"its use", func() error { return w.UseCoupon(m, couponID, id) }},
		{"receiver", func() error { _, err := w.receiver("add", "MERCHANT_ID", partner, nil); return err }},
		{"sharing", func() error { _, err := w.share(id, "s1", true, merchantPart(partner, 100)); return err }},
		{"return", call("POST", returnPath, wechatpay.M{"out_order_no": "s1", "out_return_no": "back", "return_mchid": partner, "amount": 50, "description": "退"})},
		{"red packet", v2(sendRed, redPacket("red1", nil))},
		{"its opening", func() error { _, err := w.OpenRedPacket(m, "red1", ""); return err }},
	}...) {
		switch step.name {
		case "refund by APIv2", "sharing":
			w.clock.add(time.Minute) // which is to pass after the other refund, and after the payment
		case "return":
			w.clock.add(5 * time.Second) // which sharing takes
		}
		before := store.dump(t)
		store.fails, store.failed = true, true
		for writes := 0; store.failed; writes++ {
			store.left, store.failed = writes, false
			err := step.do()
			if !store.failed {
				if err != nil || writes == 0 {
					t.Fatalf("%s: %d writes, error is %v", step.name, writes, err)
				}
				break
			}
			if err == nil {
				t.Errorf("%s: it succeeds though write %d failed", step.name, writes)
			}
			if !maps.Equal(store.dump(t), before) {
				t.Errorf("%s: something is left of it though write %d failed", step.name, writes)
			}
		}
		store.fails = false
		if maps.Equal(store.dump(t), before) {
			t.Errorf("%s: it stores nothing", step.name)
		}
	}
	if _, err := w.Pay(m, number); err == nil || errors.Is(err, errDisk) {
		t.Errorf("paying again: %v", err)
	}
}

// A midwayStep is an action that stores something.
type midwayStep struct {
	name string
	do   func() error
}

// transferSteps are the steps of transfers.
func (w *world) transferSteps() []midwayStep {
	m := sandbox.DefaultMchID
	return []midwayStep{
		{"transfer", func() error { _, err := w.transfer(wechatpay.M{"out_bill_no": "t1"}); return err }},
		{"its arrival", func() error { return w.SettleTransfer(m, "t1", sandbox.TransferSuccess) }},
		{"failing transfer", func() error { _, err := w.transfer(wechatpay.M{"out_bill_no": "t2"}); return err }},
		{"its failure", func() error { return w.FailTransfer(m, "t2", "ACCOUNT_FROZEN") }},
		{"transfer with a name", func() error {
			_, err := w.transfer(wechatpay.M{"out_bill_no": "t3", "user_name": wechatpay.Secret("张三")})
			return err
		}},
		{"arrival with a name", func() error { return w.SettleTransfer(m, "t3", sandbox.TransferSuccess) }},
		{"receipt", func() error { _, err := w.apply("t3"); return err }},
		{"authorization", func() error { _, err := w.authorize(nil); return err }},
		{"its confirmation", func() error { return w.ConfirmAuthorization(m, consent) }},
		{"transfer under it", func() error { _, err := w.transferTo(); return err }},
		{"its end", func() error { return w.CloseAuthorization(m, consent, "USER_CLOSE") }},
		{"batch", func() error {
			_, err := w.batch(nil, detail("d1", zhang, 100, nil), detail("d2", li, 200, nil))
			return err
		}},
		{"grant", func() error {
			_, err := w.call("POST", grantsPath, wechatpay.M{"sub_mchid": sub, "out_apply_no": "apply1"})
			return err
		}},
	}
}
