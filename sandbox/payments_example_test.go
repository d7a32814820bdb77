package sandbox_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// A partner places an order for its sub-merchant, and refunds a part of it.
func Example_partner() {
	// In a test file this is func TestPartner(t *testing.T).
	test := func(t testing.TB) {
		const subMchID = "1900000301"
		sb := sandbox.Start(t, func(c *sandbox.Config) {
			c.SubMerchants = []sandbox.SubMerchant{{SpMchID: sandbox.DefaultMchID, SubMchID: subMchID}}
		})
		client, ctx := sb.Client(), context.Background()

		if _, err := client.Chain("v3/pay/partner/transactions/native").Post(ctx, wechatpay.JSON(wechatpay.M{
			"sp_appid": "wx8888888888888888", "sp_mchid": sandbox.DefaultMchID, "sub_mchid": subMchID, "description": "Image形象店",
			"out_trade_no": "partner-1", "notify_url": "https://www.example.com/notify", "amount": wechatpay.M{"total": 100},
		})); err != nil {
			t.Fatal(err)
		}
		transactionID, err := sb.Pay(subMchID, "partner-1") // the user does
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.Chain("v3/refund/domestic/refunds").Post(ctx, wechatpay.JSON(wechatpay.M{
			"sub_mchid": subMchID, "transaction_id": transactionID, "out_refund_no": "refund-1",
			"amount": wechatpay.M{"refund": 30, "total": 100, "currency": "CNY"},
		})); err != nil {
			t.Fatal(err)
		}
		resp, err := client.Chain("v3/pay/partner/transactions/id/{transaction_id}").Bind("transaction_id", transactionID).
			Get(ctx, wechatpay.Query(wechatpay.M{"sp_mchid": sandbox.DefaultMchID, "sub_mchid": subMchID}))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println(resp.Get("sub_mchid"), resp.Get("trade_state"))

		_, err = client.Chain("v3/pay/partner/transactions/out-trade-no/partner-1").
			Get(ctx, wechatpay.Query(wechatpay.M{"sp_mchid": sandbox.DefaultMchID, "sub_mchid": "1900000302"}))
		fmt.Println(wechatpay.IsCode(err, "NO_AUTH")) // of no sub-merchant of this partner
	}
	t := new(quiet)
	defer t.end()
	test(t)
	// Output:
	// 1900000301 REFUND
	// true
}

// The user must enter the password: the till waits, and reverses the order if the
// user does not.
func Example_codePayment() {
	// In a test file this is func TestTill(t *testing.T).
	test := func(t testing.TB) {
		sb := sandbox.Start(t)
		client, ctx := sb.Client(), context.Background()
		mchID := sb.Merchant().MchID
		pay := func(outTradeNo, authCode string) {
			resp, err := client.Chain("v3/pay/transactions/codepay").Post(ctx, wechatpay.JSON(wechatpay.M{
				"appid": "wxd678efh567hg6787", "mchid": mchID, "description": "Image形象店", "out_trade_no": outTradeNo,
				"payer": wechatpay.M{"auth_code": authCode}, "amount": wechatpay.M{"total": 100},
				"scene_info": wechatpay.M{"store_info": wechatpay.M{"out_id": "A1111"}},
			}))
			if err != nil {
				t.Fatal(err)
			}
			fmt.Println(resp.Get("trade_state"))
		}
		order := client.Chain("v3/pay/transactions/out-trade-no/till-2")

		pay("till-1", "130061098828009406")
		pay("till-2", "130061098828000001") // this end asks for the password
		if _, err := order.Chain("reverse").Post(ctx, wechatpay.JSON(wechatpay.M{"appid": "wxd678efh567hg6787", "mchid": mchID})); err != nil {
			t.Fatal(err)
		}
		resp, err := order.Get(ctx, wechatpay.Query(wechatpay.M{"mchid": mchID}))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println(resp.Get("trade_state"))
	}
	t := new(quiet)
	defer t.end()
	test(t)
	// Output:
	// SUCCESS
	// USERPAYING
	// REVOKED
}
