package sandbox_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

func ExampleServer_UseCoupon() {
	// In a test file this is func TestCoupon(t *testing.T).
	test := func(t testing.TB) {
		sb := sandbox.Start(t)
		client, ctx := sb.Client(), context.Background()
		mchID := sb.Merchant().MchID
		post := func(path string, body wechatpay.M) *wechatpay.Response {
			resp, err := client.Chain(path).Post(ctx, wechatpay.JSON(body))
			if err != nil {
				t.Fatal(err)
			}
			return resp
		}

		now := time.Now()
		stockID := post("v3/marketing/favor/coupon-stocks", wechatpay.M{
			"stock_name": "满二减一", "stock_type": "NORMAL", "belong_merchant": mchID, "out_request_no": "stock-1", "no_cash": false,
			"available_begin_time": now.Format(time.RFC3339), "available_end_time": now.AddDate(0, 1, 0).Format(time.RFC3339),
			"stock_use_rule": wechatpay.M{
				"max_coupons": 10, "max_amount": 1000, "max_coupons_per_user": 1, "natural_person_limit": false, "prevent_api_abuse": false,
			},
			"coupon_use_rule": wechatpay.M{"fixed_normal_coupon": wechatpay.M{"coupon_amount": 100, "transaction_minimum": 200}},
		}).Get("stock_id").String()
		post("v3/marketing/favor/stocks/"+stockID+"/start", wechatpay.M{"stock_creator_mchid": mchID})
		couponID := post("v3/marketing/favor/users/oUpF8uMuAJO_M2pxb1Q9zNjWeS6o/coupons", wechatpay.M{
			"stock_id": stockID, "stock_creator_mchid": mchID, "out_request_no": "coupon-1", "appid": "wxd678efh567hg6787",
		}).Get("coupon_id").String()

		post("v3/pay/transactions/native", wechatpay.M{
			"appid": "wxd678efh567hg6787", "mchid": mchID, "description": "Image形象店", "out_trade_no": "native-1",
			"notify_url": "https://www.example.com/notify", "amount": wechatpay.M{"total": 200},
		})
		transactionID, err := sb.Pay(mchID, "native-1") // the user does
		if err != nil {
			t.Fatal(err)
		}
		if err := sb.UseCoupon(mchID, couponID, transactionID); err != nil {
			t.Fatal(err)
		}
		resp, err := client.Chain("v3/marketing/favor/users/oUpF8uMuAJO_M2pxb1Q9zNjWeS6o/coupons/"+couponID).
			Get(ctx, wechatpay.Query(wechatpay.M{"appid": "wxd678efh567hg6787"}))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println(resp.Get("status"), resp.Get("consume_information.transaction_id").String() == transactionID)
	}
	t := new(quiet)
	defer t.end()
	test(t)
	// Output:
	// USED true
}
