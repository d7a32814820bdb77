package sandbox_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

func ExampleServer_CheckFront() {
	// In a test file this is func TestPaySign(t *testing.T).
	test := func(t testing.TB) {
		sb := sandbox.Start(t)
		client, ctx := sb.Client(), context.Background()

		resp, err := client.Chain("v3/pay/transactions/jsapi").Post(ctx, wechatpay.JSON(wechatpay.M{
			"appid": "wxd678efh567hg6787", "mchid": sb.Merchant().MchID, "description": "a cup of tea", "out_trade_no": "tea_20261129",
			"notify_url": "https://www.example.com/notify", "amount": wechatpay.M{"total": 1880},
			"payer": wechatpay.M{"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},
		}))
		if err != nil {
			t.Fatal(err)
		}
		params, err := client.JSAPIParams("wxd678efh567hg6787", resp.Get("prepay_id").String())
		if err != nil {
			t.Fatal(err)
		}
		params["signType"] = "MD5" // as for an order of APIv2
		text, err := json.Marshal(params)
		if err != nil {
			t.Fatal(err)
		}
		verdict, err := sb.CheckFront(sandbox.FrontCall{Front: sandbox.FrontJSAPI, Params: text})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println(verdict.Result)
		for _, m := range verdict.Mistakes {
			fmt.Println(m.Message.EN)
			fmt.Println("WeChat shows", m.Shown)
		}
	}
	t := new(quiet)
	defer t.end()
	test(t)
	// Output:
	// get_brand_wcpay_request:fail
	// signType is "MD5", and must be RSA, as the order was made by APIv3
	// WeChat shows 支付验证签名失败
}

// TestFrontDocs runs the code of docs/sandbox.md.
func TestFrontDocs(t *testing.T) {
	w := newWorld(t)
	params, err := w.client.JSAPIParams(frontApp, w.prepaid(t, "jsapi", "front_docs"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(params)
	if err != nil {
		t.Fatal(err)
	}
	sb := w.Sandbox
	verdict, err := sb.CheckFront(sandbox.FrontCall{Front: sandbox.FrontJSAPI, Params: text})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range verdict.Mistakes {
		t.Error(m.Message.EN, m.Shown)
	}
}
