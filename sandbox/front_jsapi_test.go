package sandbox_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

func TestFrontJSAPI(t *testing.T) {
	w := newWorld(t)
	id := w.prepaid(t, "jsapi", "front_jsapi")
	app := w.prepaid(t, "app", "front_of_app")
	of, err := w.client.JSAPIParams(frontApp, id)
	good := params(t, of, err)
	v := w.checkFront(t, sandbox.FrontJSAPI, good)
	if !v.OK || v.Order == nil || v.Order.OutTradeNo != "front_jsapi" || v.Order.Total != 1880 || !strings.HasSuffix(v.Signed, "\nprepay_id="+id+"\n") {
		t.Fatalf("verdict on good parameters is %+v", v)
	}
	const sign, lack = "支付验证签名失败", "调用支付JSAPI缺少参数："
	w.frontCases(t, sandbox.FrontJSAPI, "get_brand_wcpay_request:fail", []frontCase{
		{"timeStamp is a number", set(good, "timeStamp", 1414587457), []string{"pay_sign", "time_stamp_type"}, lack + "timeStamp"},
		{"timeStamp has milliseconds", set(good, "timeStamp", "1414587457123"), []string{"pay_sign", "time_stamp"}, lack + "timeStamp"},
		{"timeStamp is a date", set(good, "timeStamp", "2026-11-29"), []string{"pay_sign", "time_stamp"}, lack + "timeStamp"},
		{"timestamp", renamed(good, "timeStamp", "timestamp"), []string{"name"}, lack + "timeStamp"},
		{"appid", renamed(good, "appId", "appid"), []string{"name"}, lack + "appId"},
		{"prepay_id without its name", set(good, "package", id), []string{"package_prefix"}, lack + "total_fee"},
		{"package null", set(good, "package", "prepay_id=null"), []string{"prepay_empty"}, lack + "total_fee"},
		{"package of an app", set(good, "package", "Sign=WXPay"), []string{"package_of_app"}, lack + "total_fee"},
		{"package encoded", set(good, "package", "prepay_id%3D"+id), []string{"package_encoded"}, lack + "total_fee"},
		{"Prepay_Id", set(good, "package", "Prepay_Id="+id), []string{"package_prefix"}, lack + "total_fee"},
		{"package ends in a line feed", set(good, "package", "prepay_id="+id+"\n"), []string{"package_space"}, lack + "total_fee"},
		{"package null with a space", set(good, "package", "prepay_id= null"), []string{"prepay_empty"}, lack + "total_fee"},
		{"package without a prepay_id", set(good, "package", "prepay_id= "), []string{"prepay_empty"}, lack + "total_fee"},
		{"paySign in several lines", set(good, "paySign", of["paySign"][:76]+"\n"+of["paySign"][76:]+"\n"), []string{"pay_sign"}, sign},
		{"nonceStr of 33 bytes", set(good, "nonceStr", strings.Repeat("中", 11)), []string{"pay_sign"}, sign},
		{"no package", set(good, "package", nil), []string{"missing"}, lack + "total_fee"},
		{"no nonceStr", set(good, "nonceStr", nil), []string{"missing"}, lack + "nonceStr"},
		{"nonceStr too long", set(good, "nonceStr", strings.Repeat("a", 33)), []string{"nonce", "pay_sign"}, sign},
		{"nonceStr is an object", set(good, "nonceStr", map[string]any{}), []string{"type"}, lack + "nonceStr"},
		{"unknown prepay_id", set(good, "package", "prepay_id=wx00000000000000000000000000000000"), []string{"prepay_unknown"}, "该订单已过期，请重新下单"},
		{"prepay_id with another time", set(good, "package", "prepay_id=wx1"+id[3:]), []string{"prepay_unknown"}, "该订单已过期，请重新下单"},
		{"prepay_id in capitals", set(good, "package", "prepay_id="+strings.ToUpper(id)), []string{"prepay_unknown"}, "该订单已过期，请重新下单"},
		{"digits of a link", set(good, "package", "prepay_id="+id[len(id)-10:]), []string{"prepay_unknown"}, "该订单已过期，请重新下单"},
		{"prepay_id= twice", set(good, "package", "prepay_id=prepay_id="+id), []string{"package_twice"}, "该订单已过期，请重新下单"},
		{"cut prepay_id", set(good, "package", "prepay_id="+id[:30]), []string{"prepay_unknown"}, "该订单已过期，请重新下单"},
		{"order of an app", set(good, "package", "prepay_id="+app), []string{"pay_sign", "trade_type"}, "支付场景非法"},
		{"another appid", set(good, "appId", "wx8888888888888888"), []string{"app_id", "pay_sign"}, "商户传入的APPID参数不正确"},
		{"MD5", set(good, "signType", "MD5"), []string{"sign_type"}, sign},
		{"no signType", set(good, "signType", nil), []string{"missing"}, lack + "signType"},
		{"digest of APIv2", set(good, "paySign", strings.Repeat("0A", 16)), []string{"pay_sign"}, sign},
		{"not base64", set(good, "paySign", "!"), []string{"pay_sign"}, sign},
		{"paySign null", set(good, "paySign", nil), []string{"missing"}, lack + "paySign"},
		{"several", set(set(good, "signType", "RSA2"), "nonceStr", 12), []string{"pay_sign", "sign_type", "type"}, lack + "nonceStr"},
	})
	if v := w.checkFront(t, sandbox.FrontJSAPI, set(good, "package", id)); v.Signed != w.checkFront(t, sandbox.FrontJSAPI, good).Signed {
		t.Errorf("without prepay_id= in package, the text to sign is %q", v.Signed)
	}
	if _, err := w.CheckFront(sandbox.FrontCall{Front: "paypal", Params: []byte(`{}`)}); err == nil {
		t.Error("an unknown front-end is no error")
	}
}

// TestFrontNoObject checks parameters that are not an object.
func TestFrontNoObject(t *testing.T) {
	w := newWorld(t)
	for text, want := range map[string]string{
		`"{\"appId\":\"x\"}"`: "the parameters are a text; pass the object itself, as JSON.parse returns it",
		"null":                "the parameters are not a JSON object",
		"":                    "the parameters are not a JSON object",
		"[]":                  "the parameters are not a JSON object",
		`{"appId":`:           "the parameters are not a JSON object",
	} {
		v, err := w.CheckFront(sandbox.FrontCall{Front: sandbox.FrontJSAPI, Params: []byte(text)})
		if err != nil || len(v.Mistakes) != 1 || v.Mistakes[0].Code != "not_object" || v.Mistakes[0].Message.EN != want {
			t.Errorf("verdict on %q is %+v, %v", text, v, err)
		}
	}
	if shown := shownOf(w.checkFront(t, sandbox.FrontConfig, nil)); !slices.Equal(shown, []string{"invalid signature"}) {
		t.Errorf("wx.config without parameters shows %q", shown)
	}
}

// TestFrontStale checks prepay_ids that can no longer be used, and why.
func TestFrontStale(t *testing.T) {
	w := newWorld(t)
	verdict := func(id string) sandbox.FrontVerdict {
		of, err := w.client.JSAPIParams(frontApp, id)
		return w.checkFront(t, sandbox.FrontJSAPI, params(t, of, err))
	}
	want := func(v sandbox.FrontVerdict, code, shown string) {
		t.Helper()
		if len(v.Mistakes) != 1 || v.Mistakes[0].Code != code || v.Mistakes[0].Shown != shown {
			t.Errorf("verdict is %+v, want %s %s", v, code, shown)
		}
	}
	old := w.prepaid(t, "jsapi", "front_stale")
	w.clock.add(2*time.Hour - time.Second)
	if v := verdict(old); !v.OK {
		t.Errorf("within two hours: %+v", v)
	}
	w.clock.add(time.Second)
	want(verdict(old), "prepay_stale", "该订单已过期，请重新下单")
	later := w.prepaid(t, "jsapi", "front_stale")
	want(verdict(old), "prepay_stale", "该订单已过期，请重新下单")
	if v := verdict(later); !v.OK || later == old {
		t.Errorf("the later prepay_id: %+v", v)
	}
	if err := w.Expire(w.Merchant().MchID, "front_stale"); err != nil {
		t.Fatal(err)
	}
	want(verdict(later), "time_expire", "该订单已过期，请重新下单")

	paid := w.prepaid(t, "jsapi", "front_paid")
	if _, err := w.Pay(w.Merchant().MchID, "front_paid"); err != nil {
		t.Fatal(err)
	}
	want(verdict(paid), "paid", "该订单已支付")

	closed := w.prepaid(t, "jsapi", "front_closed")
	w.mustCall(t, "POST", "v3/pay/transactions/out-trade-no/front_closed/close", wechatpay.M{"mchid": w.Merchant().MchID})
	want(verdict(closed), "closed", "订单已关闭")
}

// TestFrontUser checks that the user is the one that the order names, and that a mini
// program is the one that the order was made for.
func TestFrontUser(t *testing.T) {
	w := newWorld(t)
	of, err := w.client.JSAPIParams(frontApp, w.prepaid(t, "jsapi", "front_user"))
	good := params(t, of, err)
	who := func(openID string) func(*sandbox.FrontCall) {
		return func(c *sandbox.FrontCall) { c.OpenID = openID }
	}
	if v := w.checkFront(t, sandbox.FrontJSAPI, good, who(frontUser)); !v.OK {
		t.Errorf("the user of the order: %+v", v)
	}
	v := w.checkFront(t, sandbox.FrontJSAPI, good, who("oUpF8uMuAJO_M2pxb1Q9zNjWeS6p"))
	if len(v.Mistakes) != 1 || v.Mistakes[0].Shown != "下单账号与支付账号不一致，请核实后再支付" {
		t.Errorf("another user: %+v", v)
	}
	mini := set(good, "appId", nil)
	if v := w.checkFront(t, sandbox.FrontMiniProgram, mini, func(c *sandbox.FrontCall) { c.AppID = frontApp }); !v.OK {
		t.Errorf("mini program: %+v", v)
	}
	if v := w.checkFront(t, sandbox.FrontMiniProgram, mini); !v.OK {
		t.Errorf("mini program of unknown appid: %+v", v)
	}
	v = w.checkFront(t, sandbox.FrontMiniProgram, mini, func(c *sandbox.FrontCall) { c.AppID = "wx8888888888888888" })
	if v.OK || v.Result != "requestPayment:fail" || v.Mistakes[0].Shown != "商户传入的APPID参数不正确" {
		t.Errorf("another mini program: %+v", v)
	}
}

// TestFrontChooseWXPay checks the parameters of the JS-SDK, as a page gives them, and
// as the JS-SDK passes them on.
func TestFrontChooseWXPay(t *testing.T) {
	w := newWorld(t)
	of, err := w.client.JSAPIParams(frontApp, w.prepaid(t, "jsapi", "front_choose"))
	bridge := params(t, of, err)
	good := set(renamed(bridge, "timeStamp", "timestamp"), "appId", nil)
	if v := w.checkFront(t, sandbox.FrontChooseWXPay, good, func(c *sandbox.FrontCall) { c.AppID = frontApp }); !v.OK {
		t.Errorf("good parameters: %+v", v)
	}
	const sign = "支付验证签名失败"
	w.frontCases(t, sandbox.FrontChooseWXPay, "chooseWXPay:fail", []frontCase{
		{"timeStamp", renamed(good, "timestamp", "timeStamp"), []string{"choose_timestamp"}, sign},
		{"no time", set(good, "timestamp", nil), []string{"missing"}, sign},
		{"SHA1 by default", set(good, "signType", nil), []string{"sha1_default"}, sign},
		{"SHA1 for an empty one", set(good, "signType", ""), []string{"sha1_default"}, sign},
		{"both", set(renamed(good, "timestamp", "timeStamp"), "signType", nil), []string{"choose_timestamp", "sha1_default"}, sign},
		{"another time", set(good, "timestamp", 1), []string{"pay_sign", "time_stamp"}, sign},
	})
	v := w.checkFront(t, sandbox.FrontChooseWXPay, renamed(good, "signType", "signtype"))
	if !slices.Equal(codesOf(v), []string{"sha1_default"}) || !strings.Contains(v.Mistakes[0].Message.EN, `signType, not "signtype"`) {
		t.Errorf("signtype: %+v", v)
	}

	for name, value := range map[string]string{"verifyAppId": frontApp, "verifySignType": "sha1", "verifyTimestamp": "1", "verifyNonceStr": "x", "verifySignature": "y"} {
		bridge[name] = value
	}
	if v := w.checkFront(t, sandbox.FrontJSAPI, bridge); !v.OK {
		t.Errorf("by the JS-SDK: %+v", v)
	}
	w.frontCases(t, sandbox.FrontJSAPI, "get_brand_wcpay_request:fail", []frontCase{
		{"timeStamp through the JS-SDK", set(bridge, "timeStamp", "undefined"), []string{"choose_timestamp"}, sign},
		{"SHA1 through the JS-SDK", set(bridge, "signType", "SHA1"), []string{"sha1_default"}, sign},
		{"config of another app", set(bridge, "appId", "wx8888888888888888"), []string{"app_id", "pay_sign"}, "商户传入的APPID参数不正确"},
		{"config without appId", set(bridge, "appId", nil), []string{"missing"}, "调用支付JSAPI缺少参数：appId"},
	})
}
