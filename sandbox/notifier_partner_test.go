package sandbox_test

import (
	"testing"
	"testing/synctest"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

func TestNotifyOfCombinedAndPartnerOrders(t *testing.T) {
	config := testConfig(t)
	synctest.Test(t, func(t *testing.T) {
		shop, server, client := newShop(t, config)
		defer server.Close()
		w := &world{Sandbox: &sandbox.Sandbox{Server: server}, client: client}
		w.mustCall(t, "POST", combinePath+"app", w.combination(w.part("", number, 100), w.part(sub, number, 23)))
		w.mustCall(t, "POST", partnerPath+"native", w.subOrder(sub, "partner", 77))
		var ids []string
		for _, number := range []string{combineNumber, "partner"} {
			id, err := server.Pay(sandbox.DefaultMchID, number)
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, id)
			synctest.Wait()
		}
		body := wechatpay.M{"sub_mchid": sub, "out_trade_no": "partner", "out_refund_no": "r1", "notify_url": "https://shop.example.com/notify",
			"amount": wechatpay.M{"refund": 7, "total": 77, "currency": "CNY"}}
		w.mustCall(t, "POST", refundPath, body)
		if err := server.SettleRefund(sub, "r1", sandbox.RefundSuccess); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		got := shop.got()
		if len(got) != 3 {
			t.Fatalf("%d notifications, want 3", len(got))
		}
		for i, want := range []map[string]string{
			{"combine_transaction_id": ids[0], "combine_mchid": sandbox.DefaultMchID, "combine_out_trade_no": combineNumber, "sub_orders.#": "2",
				"sub_orders.1.sub_mchid": sub, "sub_orders.1.trade_state": "SUCCESS", "sub_orders.1.amount.payer_amount": "23"},
			{"transaction_id": ids[1], "sp_mchid": sandbox.DefaultMchID, "sub_mchid": sub, "mchid": "", "sp_appid": "wxd678efh567hg6787",
				"out_trade_no": "partner", "trade_state": "SUCCESS", "amount.payer_total": "77"},
			{"sp_mchid": sandbox.DefaultMchID, "sub_mchid": sub, "mchid": "", "out_refund_no": "r1", "refund_status": "SUCCESS", "amount.refund": "7"},
		} {
			for field, value := range want {
				if v := got[i].Get(field).String(); v != value {
					t.Errorf("%s: %s is %q, want %q", got[i].EventType, field, v, value)
				}
			}
		}
	})
}
