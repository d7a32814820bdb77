package sandbox_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

func ExampleServer_SettleTransfer() {
	// In a test file this is func TestTransfer(t *testing.T).
	test := func(t testing.TB) {
		sb := sandbox.Start(t)
		client, ctx := sb.Client(), context.Background()

		bills := client.Chain("v3/fund-app/mch-transfer/transfer-bills")
		resp, err := bills.Post(ctx, wechatpay.JSON(wechatpay.M{
			"appid": "wxf636efh567hg4356", "out_bill_no": "plfk2020042013", "openid": "o-MYE42l80oelYMDE34nYD456Xoy",
			"transfer_amount": 100, "transfer_remark": "2020年4月报销", "transfer_scene_id": "1000",
			"transfer_scene_report_infos": []wechatpay.M{{"info_type": "活动名称", "info_content": "注册会员有礼"}, {"info_type": "奖励说明", "info_content": "注册会员抽奖一等奖"}},
		}))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println(resp.Get("state"))

		// The user confirms, and the money arrives.
		if err := sb.SettleTransfer(sb.Merchant().MchID, "plfk2020042013", sandbox.TransferSuccess); err != nil {
			t.Fatal(err)
		}
		resp, err = bills.Chain("out-bill-no/{out_bill_no}").Bind("out_bill_no", "plfk2020042013").Get(ctx)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println(resp.Get("state"))
	}
	t := new(quiet)
	defer t.end()
	test(t)
	// Output:
	// WAIT_USER_CONFIRM
	// SUCCESS
}

func ExampleServer_FailTransfer() {
	// In a test file this is func TestTransferFails(t *testing.T).
	test := func(t testing.TB) {
		sb := sandbox.Start(t, func(c *sandbox.Config) { c.SlowTransfers = true })
		client, ctx, mchID := sb.Client(), context.Background(), sb.Merchant().MchID

		bills := client.Chain("v3/fund-app/mch-transfer/transfer-bills")
		resp, err := bills.Post(ctx, wechatpay.JSON(wechatpay.M{
			"appid": "wxf636efh567hg4356", "out_bill_no": "plfk2020042013", "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
			"transfer_amount": 100, "transfer_remark": "2020年4月报销", "transfer_scene_id": "1000",
			"transfer_scene_report_infos": []wechatpay.M{{"info_type": "活动名称", "info_content": "注册会员有礼"}, {"info_type": "奖励说明", "info_content": "注册会员抽奖一等奖"}},
		}))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println(resp.Get("state"))

		if err := sb.FailTransfer(mchID, "plfk2020042013", "ACCOUNT_FROZEN"); err != nil {
			t.Fatal(err)
		}
		if resp, err = bills.Chain("out-bill-no/{out_bill_no}").Bind("out_bill_no", "plfk2020042013").Get(ctx); err != nil {
			t.Fatal(err)
		}
		fmt.Println(resp.Get("state"), resp.Get("fail_reason"))
	}
	t := new(quiet)
	defer t.end()
	test(t)
	// Output:
	// ACCEPTED
	// FAIL ACCOUNT_FROZEN
}
