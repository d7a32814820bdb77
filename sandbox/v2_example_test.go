package sandbox_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/sandbox"
)

// The notification of an APIv2 order has the form of APIv2: XML with a sign
// inside.
func ExampleServer_Pay_apiv2() {
	// In a test file this is func TestOrder(t *testing.T).
	test := func(t testing.TB) {
		sb := sandbox.Start(t)
		client, ctx := sb.Client(), context.Background()

		paid := make(chan string, 1)
		shop := httptest.NewServer(client.Notify().Handler(func(_ context.Context, n *notify.Notification) error {
			paid <- n.Get("out_trade_no").String() + " " + n.Get("total_fee").String()
			return nil
		}))
		defer shop.Close()

		resp, err := client.Chain("v2/pay/unifiedorder").Post(ctx, wechatpay.XML(wechatpay.M{
			"appid": "wxd678efh567hg6787", "body": "Image形象店", "out_trade_no": "20150806125346", "total_fee": 88,
			"spbill_create_ip": "123.12.12.123", "notify_url": shop.URL, "trade_type": "JSAPI", "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
		}))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println(resp.Get("result_code"), resp.Get("trade_type"), resp.Get("prepay_id").String() != "")

		if _, err := sb.Pay(sb.Merchant().MchID, "20150806125346"); err != nil {
			t.Fatal(err)
		}
		fmt.Println(<-paid)
		resp, err = client.Chain("v2/pay/orderquery").Post(ctx, wechatpay.XML(wechatpay.M{"appid": "wxd678efh567hg6787", "out_trade_no": "20150806125346"}))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println(resp.Get("trade_state"))
	}
	t := new(quiet)
	defer t.end()
	test(t)
	// Output:
	// SUCCESS JSAPI true
	// 20150806125346 88
	// SUCCESS
}
