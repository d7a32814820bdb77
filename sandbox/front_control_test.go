package sandbox_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// TestFrontEndpoint asks the check from the page of a shop: every origin may, by a
// Host that the control API accepts.
func TestFrontEndpoint(t *testing.T) {
	w := newWorld(t)
	of, err := w.client.JSAPIParams(frontApp, w.prepaid(t, "jsapi", "front_endpoint"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(of)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(method, host, front, body string) *httptest.ResponseRecorder {
		rec := httptest.NewRecorder()
		req := httptest.NewRequest(method, "http://"+host+"/_sandbox/check/"+front, strings.NewReader(body))
		req.Header.Set("Origin", "https://shop.example.com")
		w.ServeHTTP(rec, req)
		return rec
	}
	got := ask("POST", "localhost:8686", "jsapi", string(text))
	if got.Code != 200 || got.Header().Get("Access-Control-Allow-Origin") != "*" || !gjson.Get(got.Body.String(), "ok").Bool() ||
		strings.Contains(got.Body.String(), "Image") || strings.Contains(got.Body.String(), "front_endpoint") {
		t.Errorf("answered %d %v %s", got.Code, got.Header(), got.Body)
	}
	if got := ask("OPTIONS", "localhost:8686", "jsapi", ""); got.Code != 204 || got.Header().Get("Access-Control-Allow-Headers") != "Content-Type" {
		t.Errorf("preflight: %d %v", got.Code, got.Header())
	}
	if got := ask("POST", "localhost:8686", "jsapi", "{"); got.Code != 200 || gjson.Get(got.Body.String(), "mistakes.0.code").String() != "not_object" {
		t.Errorf("half of JSON: %d %s", got.Code, got.Body)
	}
	if got := ask("POST", "localhost:8686", "alipay", "{}"); got.Code != 400 {
		t.Errorf("unknown front-end: %d %s", got.Code, got.Body)
	}
	if got := ask("POST", "shop.example.com", "jsapi", string(text)); got.Code != 403 {
		t.Errorf("by another Host: %d %s", got.Code, got.Body)
	}
	if got := ask("POST", "localhost", "jsapi", strings.Repeat(" ", 1<<17)); got.Code != 400 {
		t.Errorf("too long: %d %s", got.Code, got.Body)
	}
}

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
