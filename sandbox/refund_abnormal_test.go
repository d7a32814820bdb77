package sandbox_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

const abnormalOf = "/{refund_id}/apply-abnormal-refund"

// card returns the fields of a user's bank card for a refund.
func card(outRefundNo string) wechatpay.M {
	return wechatpay.M{"out_refund_no": outRefundNo, "type": "USER_BANK_CARD", "bank_type": "ICBC_DEBIT",
		"bank_account": wechatpay.Secret("6222021234567890"), "real_name": wechatpay.Secret("张三")}
}

func TestAbnormalRefund(t *testing.T) {
	for _, path := range []string{"v3/refund/domestic/refunds", "v3/ecommerce/refunds"} {
		t.Run(path, func(t *testing.T) {
			w := newWorld(t)
			w.paid(t, number, 100)
			id := w.mustCall(t, "POST", refundPath, refundOf("r1", 60)).Get("refund_id").String()
			retry := func(body wechatpay.M) (*wechatpay.Response, error) {
				return w.call("POST", path+abnormalOf, body, wechatpay.Bind("refund_id", id))
			}
			status := func() string { return w.mustCall(t, "GET", refundPath+"/r1", nil).Get("status").String() }
			_, err := retry(card("r1"))
			refused(t, err, 400, "INVALID_REQUEST")
			if err := w.SettleRefund(w.Merchant().MchID, "r1", sandbox.RefundAbnormal); err != nil {
				t.Fatal(err)
			}
			_, err = retry(card("r2"))
			refused(t, err, 400, "PARAM_ERROR")
			without := card("r1")
			delete(without, "real_name")
			_, err = retry(without)
			refused(t, err, 400, "PARAM_ERROR")
			_, err = w.call("POST", path+abnormalOf, card("r1"), wechatpay.Bind("refund_id", "404"))
			refused(t, err, 404, "RESOURCE_NOT_EXISTS")

			w.clock.add(time.Hour)
			for range 2 {
				got, err := retry(card("r1"))
				if err != nil {
					t.Fatal(err)
				}
				documented(t, "POST", path+abnormalOf, got)
				if got.Get("status").String() != "PROCESSING" || got.Get("channel").String() != "OTHER_BANKCARD" ||
					got.Get("user_received_account").String() != "ICBC_DEBIT7890" {
					t.Errorf("answered %s", got.Bytes())
				}
			}
			_, err = retry(wechatpay.M{"out_refund_no": "r1", "type": "MERCHANT_BANK_CARD"})
			refused(t, err, 400, "INVALID_REQUEST")
			w.clock.add(5 * time.Second)
			if got := status(); got != "SUCCESS" {
				t.Errorf("the refund is %s in the end, want SUCCESS", got)
			}
		})
	}
}

// The notification of a refund that is sent again comes when it succeeds, and not
// earlier.
func TestNotifyOfAbnormalRefund(t *testing.T) {
	config := testConfig(t)
	synctest.Test(t, func(t *testing.T) {
		shop, server, client := newShop(t, config)
		defer server.Close()
		w := &world{Sandbox: &sandbox.Sandbox{Server: server}, client: client}
		w.paid(t, number, 100)
		synctest.Wait() // that is told before the refund is
		body := refundOf("r1", 60)
		body["notify_url"] = "https://shop.example.com/notify"
		id := w.mustCall(t, "POST", refundPath, body).Get("refund_id").String()
		if err := server.SettleRefund(sandbox.DefaultMchID, "r1", sandbox.RefundAbnormal); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		w.mustCall(t, "POST", refundPath+abnormalOf, wechatpay.M{"out_refund_no": "r1", "type": "MERCHANT_BANK_CARD"}, wechatpay.Bind("refund_id", id))
		time.Sleep(4500 * time.Millisecond)
		synctest.Wait()
		last := func() string {
			all := shop.got()
			return all[len(all)-1].EventType
		}
		if got := last(); got != "REFUND.ABNORMAL" {
			t.Errorf("the last notification is %s, want that it is abnormal", got)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if got := last(); got != "REFUND.SUCCESS" {
			t.Errorf("the last notification is %s, want that it succeeded", got)
		}
	})
}
