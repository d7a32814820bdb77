package sandbox_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

func TestFrontApp(t *testing.T) {
	w := newWorld(t)
	id := w.prepaid(t, "app", "front_app")
	of, err := w.client.AppParams(frontApp, id)
	good := params(t, of, err)
	sdk := renamed(renamed(renamed(renamed(renamed(renamed(good, "appid", "appId"), "partnerid", "partnerId"), "prepayid", "prepayId"),
		"package", "packageValue"), "noncestr", "nonceStr"), "timestamp", "timeStamp")
	for name, all := range map[string]map[string]any{"by the server": good, "as the SDK names them": sdk} {
		if v := w.checkFront(t, sandbox.FrontApp, all); !v.OK {
			t.Errorf("%s: %+v", name, v)
		}
	}
	const shown = "errCode -1"
	w.frontCases(t, sandbox.FrontApp, "-1", []frontCase{
		{"prepay_id= before it", set(good, "prepayid", "prepay_id="+id), []string{"prepay_prefix"}, shown},
		{"package of a page", set(good, "package", "prepay_id="+id), []string{"package"}, shown},
		{"another partnerid", set(good, "partnerid", "1900000110"), []string{"partnerid"}, shown},
		{"another app", set(good, "appid", "wx8888888888888888"), []string{"app_id", "pay_sign"}, shown},
		{"noncestr too long", set(good, "noncestr", strings.Repeat("a", 33)), []string{"nonce", "pay_sign"}, shown},
		{"no sign", set(good, "sign", nil), []string{"missing"}, shown},
		{"paySign", renamed(good, "sign", "Sign"), []string{"name"}, shown},
		{"order of a page", set(good, "prepayid", w.prepaid(t, "jsapi", "front_page")), []string{"pay_sign", "trade_type"}, shown},
		{"milliseconds", set(good, "timestamp", of["timestamp"]+"000"), []string{"pay_sign", "time_stamp"}, shown},
	})
	for name, value := range map[string]any{"noncestr": strings.Repeat("a", 33), "appid": "wx8888888888888888"} {
		if v := w.checkFront(t, sandbox.FrontApp, set(good, name, value)); v.Mistakes[0].Field != name || strings.Contains(v.Mistakes[0].Message.EN, "nonceStr") {
			t.Errorf("a wrong %s is a mistake of %+v", name, v.Mistakes[0])
		}
	}
}

// TestFrontV2 checks the parameters of orders of APIv2, by both sign types.
func TestFrontV2(t *testing.T) {
	w := newWorld(t)
	for _, signType := range []string{"MD5", "HMAC-SHA256"} {
		order := func(outTradeNo, trade string) string {
			resp := w.mustV2(t, unified, orderV2(outTradeNo, 100, wechatpay.M{"trade_type": trade, "openid": frontUser, "product_id": nil, "sign_type": signType}))
			return resp.Get("prepay_id").String()
		}
		id := order("front_v2_"+signType, "JSAPI")
		of, err := w.client.V2JSAPIParams(frontApp, id, signType)
		good := params(t, of, err)
		if v := w.checkFront(t, sandbox.FrontJSAPI, good); !v.OK {
			t.Errorf("%s: %+v", signType, v)
		}
		// A mini program may leave out signType, which is then MD5.
		v := w.checkFront(t, sandbox.FrontMiniProgram, set(set(good, "appId", nil), "signType", nil))
		if v.OK != (signType == "MD5") || !v.OK && (v.Mistakes[0].Code != "sign_type" || !strings.Contains(v.Mistakes[0].Message.EN, "signType is missing, which a mini program takes as MD5")) {
			t.Errorf("mini program without signType, %s: %+v", signType, v)
		}
		other := map[string]string{"MD5": "HMAC-SHA256", "HMAC-SHA256": "MD5"}[signType]
		of, err = w.client.V2JSAPIParams(frontApp, id, other)
		v = w.checkFront(t, sandbox.FrontJSAPI, params(t, of, err))
		if !slices.Equal(codesOf(v), []string{"pay_sign", "sign_type"}) || v.Mistakes[0].Shown != "支付验证签名失败" {
			t.Errorf("%s for an order by %s: %+v", other, signType, v)
		}
		of, err = w.client.JSAPIParams(frontApp, id)
		if v := w.checkFront(t, sandbox.FrontJSAPI, params(t, of, err)); !slices.Equal(codesOf(v), []string{"pay_sign", "sign_type"}) {
			t.Errorf("RSA for an order by %s: %+v", signType, v)
		}
		of, err = w.client.V2AppParams(frontApp, order("front_v2_app_"+signType[:3], "APP"), signType)
		if v := w.checkFront(t, sandbox.FrontApp, params(t, of, err)); !v.OK {
			t.Errorf("app, %s: %+v", signType, v)
		}
	}
}

// TestFrontPartner checks orders of partners: both appids pay, the partner's key
// signs, and an app of APIv2 names the sub-merchant.
func TestFrontPartner(t *testing.T) {
	w := newWorld(t)
	order := w.subOrder(sandbox.DefaultSubMchID, "front_partner", 100)
	order["sub_appid"], order["payer"] = "wxd678efh567hg6999", wechatpay.M{"sp_openid": frontUser}
	id := w.mustCall(t, "POST", partnerPath+"jsapi", order).Get("prepay_id").String()
	for _, appID := range []string{frontApp, "wxd678efh567hg6999"} {
		of, err := w.client.JSAPIParams(appID, id)
		if v := w.checkFront(t, sandbox.FrontJSAPI, params(t, of, err)); !v.OK || v.Order.Owner() != w.Merchant().MchID+"/"+sandbox.DefaultSubMchID {
			t.Errorf("appid %s: %+v", appID, v)
		}
	}
	resp := w.mustV2(t, unified, orderV2("front_partner_v2", 100, wechatpay.M{"trade_type": "APP", "sub_mch_id": sandbox.DefaultSubMchID, "sub_appid": frontApp, "product_id": nil}))
	app := resp.Get("prepay_id").String()
	of, err := w.client.V2PartnerAppParams(sandbox.DefaultSubMchID, frontApp, app)
	if v := w.checkFront(t, sandbox.FrontApp, params(t, of, err)); !v.OK {
		t.Errorf("app of a sub-merchant: %+v", v)
	}
	of, err = w.client.V2AppParams(frontApp, app)
	if v := w.checkFront(t, sandbox.FrontApp, params(t, of, err)); !slices.Equal(codesOf(v), []string{"partnerid"}) {
		t.Errorf("app with the partner's number: %+v", v)
	}
}

// TestFrontCombined checks that a combined order is found, with the sum of its orders.
func TestFrontCombined(t *testing.T) {
	w := newWorld(t)
	body := w.combination(w.part("", "front_part_1", 100), w.part("", "front_part_2", 200))
	body["combine_payer_info"] = wechatpay.M{"openid": frontUser}
	id := w.mustCall(t, "POST", combinePath+"jsapi", body).Get("prepay_id").String()
	of, err := w.client.JSAPIParams(body["combine_appid"].(string), id)
	v := w.checkFront(t, sandbox.FrontJSAPI, params(t, of, err))
	if !v.OK || !v.Order.Combined || v.Order.OutTradeNo != combineNumber || v.Order.Total != 300 {
		t.Fatalf("%+v", v)
	}
	if _, err := w.Pay(v.Order.Owner(), v.Order.OutTradeNo); err != nil {
		t.Error(err)
	}
}

// TestFrontTransferOfPartner checks that the page of a partner names the sub-merchant.
func TestFrontTransferOfPartner(t *testing.T) {
	w := newWorld(t)
	body := transferOf(wechatpay.M{"sub_mchid": sandbox.DefaultSubMchID})
	info := w.mustCall(t, "POST", "v3/fund-app/mch-transfer/partner/transfer-bills", body).Get("package_info").String()
	good := map[string]any{"mchId": w.Merchant().MchID, "subMchId": sandbox.DefaultSubMchID, "appId": body["appid"], "package": info}
	if v := w.checkFront(t, sandbox.FrontTransfer, good); !v.OK {
		t.Errorf("good parameters: %+v", v)
	}
	const missing = "调用支付JSAPI缺少参数：subMchId"
	w.frontCases(t, sandbox.FrontTransfer, "requestMerchantTransfer:fail", []frontCase{
		{"without", set(good, "subMchId", nil), []string{"missing"}, missing},
		{"sub_mchid", renamed(good, "subMchId", "sub_mchid"), []string{"name"}, missing},
		{"a number", set(good, "subMchId", 1900000208), []string{"type"}, missing},
		{"another", set(good, "subMchId", "1900000209"), []string{"mismatch"}, "商家参数格式有误，请联系商家解决"},
	})
}

func TestFrontTransfer(t *testing.T) {
	w := newWorld(t)
	resp := w.mustTransfer(t, nil)
	info := resp.Get("package_info").String()
	body := transferOf(nil)
	good := map[string]any{"mchId": w.Merchant().MchID, "appId": body["appid"], "package": info}
	v := w.checkFront(t, sandbox.FrontTransfer, good)
	if !v.OK || v.Bill == nil || v.Bill.OutBillNo != resp.Get("out_bill_no").String() {
		t.Fatalf("%+v", v)
	}
	const wrong = "商家参数格式有误，请联系商家解决"
	w.frontCases(t, sandbox.FrontTransfer, "requestMerchantTransfer:fail", []frontCase{
		{"another merchant", set(good, "mchId", "1900000110"), []string{"mismatch"}, wrong},
		{"another app", set(good, "appId", "wx8888888888888888"), []string{"mismatch"}, wrong},
		{"a sub-merchant", set(good, "subMchId", "1900000208"), []string{"mismatch"}, wrong},
		{"another package", set(good, "package", "AAAA"), []string{"package_unknown"}, wrong},
		{"mchid", renamed(good, "mchId", "mchid"), []string{"name"}, "调用支付JSAPI缺少参数：mchId"},
		{"no package", set(good, "package", nil), []string{"missing"}, "调用支付JSAPI缺少参数：package"},
		{"package_info", renamed(good, "package", "package_info"), []string{"name"}, "调用支付JSAPI缺少参数：package"},
		{"packageInfo", renamed(good, "package", "packageInfo"), []string{"name"}, "调用支付JSAPI缺少参数：package"},
		{"package ends in a line feed", set(good, "package", info+"\n"), []string{"package_space"}, wrong},
		{"subMchId is a number", set(good, "subMchId", 1900000208), []string{"mismatch", "type"}, wrong},
	})
	v = w.checkFront(t, sandbox.FrontTransfer, good, func(c *sandbox.FrontCall) { c.OpenID = "somebody" })
	if len(v.Mistakes) != 1 || v.Mistakes[0].Shown != "你的微信号与商家指定的微信号不一致" {
		t.Errorf("another user: %+v", v)
	}
	if err := w.SettleTransfer(v.Bill.Owner(), v.Bill.OutBillNo, sandbox.TransferSuccess); err != nil {
		t.Fatal(err)
	}
	if v := w.checkFront(t, sandbox.FrontTransfer, good); !slices.Equal(codesOf(v), []string{"state"}) {
		t.Errorf("after it arrived: %+v", v)
	}
}
