package sandbox_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

func TestProfitSharing(t *testing.T) {
	w, id := newSharing(t)
	w.left(t, id, 1000)
	first := w.mustShare(t, id, "s1", false, merchantPart(partner, 300), personal(200))
	if first.Get("state").String() != "PROCESSING" || first.Get("receivers.0.result").String() != "PENDING" {
		t.Errorf("answer %s", first.Bytes())
	}
	w.left(t, id, 500)
	again := w.mustShare(t, id, "s1", false, merchantPart(partner, 300), personal(200))
	if string(again.Bytes()) != string(first.Bytes()) {
		t.Errorf("repeated: %s, at first %s", again.Bytes(), first.Bytes())
	}
	_, err := w.share(id, "s1", false, merchantPart(partner, 301), personal(200))
	refused(t, err, 400, "PARAM_ERROR")
	_, err = w.unfreeze(id, "s1")
	refused(t, err, 400, "PARAM_ERROR")
	w.left(t, id, 500)

	w.clock.add(5 * time.Second)
	got, err := w.queryShare(id, "s1")
	if err != nil {
		t.Fatal(err)
	}
	documented(t, "POST", sharePath, got) // the query's own schema has the values of other fields
	for field, want := range map[string]string{
		"state": "FINISHED", "out_order_no": "s1", "transaction_id": id, "order_id": first.Get("order_id").String(), "receivers.#": "2",
		"receivers.0.account": partner, "receivers.0.amount": "300", "receivers.0.result": "SUCCESS", "receivers.1.type": "PERSONAL_OPENID",
		"receivers.1.amount": "200", "receivers.1.result": "SUCCESS", "receivers.1.finish_time": "2018-06-08T10:31:05+08:00",
	} {
		if got := got.Get(field).String(); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
	if a, b := got.Get("receivers.0.detail_id").String(), got.Get("receivers.1.detail_id").String(); a == "" || a == b {
		t.Errorf("detail_ids %q and %q", a, b)
	}
	for transactionID, outOrderNo := range map[string]string{id: "s2", "4200": "s1"} {
		_, err := w.queryShare(transactionID, outOrderNo)
		refused(t, err, 404, "RESOURCE_NOT_EXISTS")
	}
}

// TestUnfreeze gives the merchant the rest, in both ways. That ends sharing.
func TestUnfreeze(t *testing.T) {
	for name, end := range map[string]func(*testing.T, *world, string){
		"unfreeze": func(t *testing.T, w *world, id string) {
			w.mustShare(t, id, "s1", false, merchantPart(partner, 300))
			for range 2 {
				resp, err := w.unfreeze(id, "last")
				if err != nil {
					t.Fatal(err)
				}
				documented(t, "POST", unfreezePath, resp)
			}
		},
		"unfreeze_unsplit": func(t *testing.T, w *world, id string) {
			w.mustShare(t, id, "last", true, merchantPart(partner, 300))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, id := newSharing(t)
			end(t, w, id)
			w.left(t, id, 0)
			w.clock.add(5 * time.Second)
			got, err := w.queryShare(id, "last")
			if err != nil {
				t.Fatal(err)
			}
			rest := got.Get(fmt.Sprintf(`receivers.#(account=="%s")`, w.Merchant().MchID))
			if got.Get("state").String() != "FINISHED" || rest.Get("amount").Int() != 700 || rest.Get("result").String() != "SUCCESS" {
				t.Errorf("the rest: %s", got.Bytes())
			}
			_, err = w.share(id, "s3", false, merchantPart(partner, 1))
			refused(t, err, 403, "NOT_ENOUGH")
			_, err = w.unfreeze(id, "s4")
			refused(t, err, 403, "NOT_ENOUGH")
		})
	}
}

func TestProfitSharingRefuses(t *testing.T) {
	w, id := newSharing(t)
	ordinary := w.paid(t, "ordinary", 1000)
	many := make([]wechatpay.M, 51)
	for i := range many {
		many[i] = merchantPart(fmt.Sprint(1900000000+i), 1)
	}
	kind := merchantPart(partner, 1)
	kind["type"] = "OTHER"
	sub := merchantPart(partner, 1)
	sub["type"] = "PERSONAL_SUB_OPENID"
	for name, tt := range map[string]struct {
		id, number string
		parts      []wechatpay.M
		status     int
		code       string
	}{
		"no sharing ordered": {ordinary, "s1", []wechatpay.M{merchantPart(partner, 1)}, 400, "INVALID_REQUEST"},
		"unknown order":      {"4200", "s1", []wechatpay.M{merchantPart(partner, 1)}, 400, "INVALID_REQUEST"},
		"number":             {id, "a b", []wechatpay.M{merchantPart(partner, 1)}, 400, "PARAM_ERROR"},
		"no receivers":       {id, "s1", []wechatpay.M{}, 400, "PARAM_ERROR"},
		"many receivers":     {id, "s1", many, 400, "PARAM_ERROR"},
		"nothing":            {id, "s1", []wechatpay.M{merchantPart(partner, 0)}, 400, "PARAM_ERROR"},
		"negative":           {id, "s1", []wechatpay.M{personal(500), merchantPart(partner, -1)}, 400, "PARAM_ERROR"},
		"one twice":          {id, "s1", []wechatpay.M{merchantPart(partner, 1), personal(1), merchantPart(partner, 2)}, 400, "PARAM_ERROR"},
		"itself, not added":  {id, "s1", []wechatpay.M{merchantPart(w.Merchant().MchID, 1)}, 400, "INVALID_REQUEST"},
		"type":               {id, "s1", []wechatpay.M{kind}, 400, "PARAM_ERROR"},
		"no sub_appid":       {id, "s1", []wechatpay.M{sub}, 400, "PARAM_ERROR"},
		"not added":          {id, "s1", []wechatpay.M{merchantPart("1900009999", 1)}, 400, "INVALID_REQUEST"},
		"one not added":      {id, "s1", []wechatpay.M{merchantPart(partner, 1), merchantPart("1900009999", 1)}, 400, "INVALID_REQUEST"},
		"too much":           {id, "s1", []wechatpay.M{merchantPart(partner, 1001)}, 403, "NOT_ENOUGH"},
		"together too much":  {id, "s1", []wechatpay.M{merchantPart(partner, 600), personal(401)}, 403, "NOT_ENOUGH"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.share(tt.id, tt.number, true, tt.parts...)
			refused(t, err, tt.status, tt.code)
		})
	}
	w.left(t, id, 1000) // nothing of what was refused is kept
	_, err := w.call("GET", amountsOf, nil, wechatpay.Options{"transaction_id": ordinary})
	refused(t, err, 400, "INVALID_REQUEST")
	_, err = w.unfreeze(ordinary, "s1")
	refused(t, err, 400, "INVALID_REQUEST")
	w.clock.add(31 * 24 * time.Hour)
	_, err = w.share(id, "late", false, merchantPart(partner, 1))
	refused(t, err, 403, "NOT_ENOUGH")
	w.left(t, id, 0)
}

func TestProfitSharingAtMostFiftyTimes(t *testing.T) {
	w, id := newSharing(t)
	for i := range 50 {
		w.mustShare(t, id, fmt.Sprint("s", i), false, merchantPart(partner, 1))
	}
	_, err := w.share(id, "last", false, merchantPart(partner, 1))
	refused(t, err, 400, "INVALID_REQUEST")
}

// Refunded money cannot be shared. If a refund did not take it after all, the
// merchant gets it once the order is unfrozen.
func TestProfitSharingAfterRefund(t *testing.T) {
	w, id := newSharing(t)
	for _, outRefundNo := range []string{"r1", "r2"} {
		w.clock.add(time.Minute)
		w.mustCall(t, "POST", refundPath, wechatpay.M{"transaction_id": id, "out_refund_no": outRefundNo,
			"amount": wechatpay.M{"refund": 200, "total": 1000, "currency": "CNY"}})
		if err := w.SettleRefund(w.Merchant().MchID, outRefundNo, sandbox.RefundAbnormal); err != nil {
			t.Fatal(err)
		}
	}
	w.left(t, id, 600)
	_, err := w.share(id, "s1", false, merchantPart(partner, 601))
	refused(t, err, 403, "NOT_ENOUGH")
	closed := func(outRefundNo string, left int64) {
		t.Helper()
		if err := w.SettleRefund(w.Merchant().MchID, outRefundNo, sandbox.RefundClosed); err != nil {
			t.Fatal(err)
		}
		w.left(t, id, left)
	}
	closed("r1", 800)
	w.mustShare(t, id, "s1", true, merchantPart(partner, 600))
	closed("r2", 0)
}

// TestProfitSharingAtOnce shares from many goroutines: never more than was paid,
// and each number once.
func TestProfitSharingAtOnce(t *testing.T) {
	w, id := newSharing(t)
	var wg sync.WaitGroup
	var shared atomic.Int64
	for i := range 8 {
		wg.Go(func() {
			if _, err := w.share(id, "same", false, merchantPart(partner, 100)); err != nil {
				t.Error(err)
			}
			_, err := w.share(id, fmt.Sprint("own-", i), false, merchantPart(partner, 300))
			if err == nil {
				shared.Add(300)
			} else if !wechatpay.IsCode(err, "NOT_ENOUGH") {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if shared.Load() != 900 {
		t.Errorf("%d fen are shared beside the 100, want 900", shared.Load())
	}
	w.left(t, id, 0)
}

// A merchant shares its own money. If no sub-merchant received the payment of an
// order, the call cannot name one as the giver.
func TestShareNamesTheSubMerchantOfTheOrder(t *testing.T) {
	w, id := newSharing(t)
	if _, err := w.receiver("add", "MERCHANT_ID", sandbox.DefaultMchID, nil); err != nil {
		t.Fatal(err)
	}
	for path, body := range map[string]wechatpay.M{
		sharePath:    {"receivers": []wechatpay.M{merchantPart(sandbox.DefaultMchID, 5)}, "unfreeze_unsplit": false, "appid": "wx8888888888888888"},
		unfreezePath: {"description": "解冻"},
	} {
		_, err := w.call("POST", path, with(body, wechatpay.M{"transaction_id": id, "out_order_no": "s1", "sub_mchid": sub}))
		refused(t, err, 400, "PARAM_ERROR")
	}
	w.left(t, id, 1000)
}

// A coupon without cash brings the merchant no money to share. A later coupon
// would take away what was shared.
func TestShareOfWhatCouponsLeave(t *testing.T) {
	w, id := newSharing(t)
	stock := w.running(t, worth(100, true))
	use := func() error { return w.UseCoupon(sandbox.DefaultMchID, w.send(t, stock, "a"), id) }
	if err := use(); err != nil {
		t.Fatal(err)
	}
	w.left(t, id, 900)
	_, err := w.share(id, "s1", false, merchantPart(partner, 901))
	refused(t, err, 403, "NOT_ENOUGH")
	w.mustShare(t, id, "s2", false, merchantPart(partner, 300))
	if err := use(); err == nil {
		t.Error("a coupon is used on a payment that was shared")
	}
	w.mustCall(t, "POST", refundPath, wechatpay.M{"out_trade_no": number, "out_refund_no": "r1",
		"amount": wechatpay.M{"refund": 500, "total": 1000, "currency": "CNY"}}) // of which 50 are the coupon's
	w.left(t, id, 150)
}
