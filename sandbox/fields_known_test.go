package sandbox_test

import (
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
)

// Orders by JSAPI refuse fields that they do not document, at any depth. Other
// operations ignore such fields.
//
// https://developers.weixin.qq.com/community/pay/doc/000242f1b642687c25a3a677166c00
// (…-270924358)
func TestSomeOperationsRefuseUnknownFields(t *testing.T) {
	w := newWorld(t)
	direct := wayToPay{way: "jsapi"}.order(w)
	ofPartner := with(w.subOrder(sub, "of-partner", 100), wechatpay.M{"payer": wechatpay.M{"sp_openid": payer}})
	for _, tt := range []struct {
		path  string
		body  wechatpay.M
		edit  wechatpay.M
		field string
	}{
		{"v3/pay/transactions/jsapi", direct, wechatpay.M{"orderTime": "1"}, "/orderTime"},
		{"v3/pay/transactions/jsapi", direct, wechatpay.M{"payer": wechatpay.M{"openid": payer, "sp_openid": payer}}, "/payer/sp_openid"},
		{partnerPath + "jsapi", ofPartner, wechatpay.M{"mchid": "1900000109"}, "/mchid"},
		{partnerPath + "jsapi", ofPartner, wechatpay.M{"payer": wechatpay.M{"sp_openid": payer, "openid": payer}}, "/payer/openid"},
		{"v3/pay/transactions/jsapi", direct, wechatpay.M{"detail": wechatpay.M{"goods_detail": []wechatpay.M{{"merchant_goods_id": "1", "quantity": 1, "unit_price": 1, "price": 1}}}},
			"/detail/goods_detail/0/price"},
	} {
		body := wechatpay.M{}
		for name, v := range tt.body {
			body[name] = v
		}
		_, err := w.call("POST", tt.path, with(body, tt.edit))
		if e := refused(t, err, 400, "PARAM_ERROR"); e.Detail.Get("field").String() != tt.field || !strings.Contains(e.Message, "请求中含有未在API文档中定义的参数") {
			t.Errorf("%s: %s, want it about %s", tt.path, e.Message, tt.field)
		}
		w.mustCall(t, "POST", tt.path, tt.body)
	}
	w.mustCall(t, "POST", native, with(w.order("by-native", 1), wechatpay.M{"orderTime": "1"}))
	w.mustCall(t, "POST", combinePath+"app", with(w.combination(w.part("", "part-1", 1), w.part("", "part-2", 1)), wechatpay.M{"orderTime": "1"}))
	w.mustV2(t, unified, orderV2("by-apiv2", 1, wechatpay.M{"orderTime": "1"}))
}

// The tar_type of a bill is GZIP or absent, by either protocol.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012556654,
// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_6 (APIv2)
func TestTarType(t *testing.T) {
	w := newWorld(t)
	w.paid(t, number, 100)
	w.until(t, "2018-06-09 10:00:00")
	for _, path := range []string{tradePath, flowPath} {
		for tar, ok := range map[string]bool{"GZIP": true, "": true, "ZIP": false, "gzip": false} {
			_, err := w.call("GET", path, nil, wechatpay.Query(wechatpay.M{"bill_date": dayOf, "tar_type": tar}))
			if ok && err != nil {
				t.Errorf("%s with %q: %v", path, tar, err)
			}
			if !ok && refused(t, err, 400, "PARAM_ERROR").Detail.Get("field").String() != "tar_type" {
				t.Errorf("%s with %q: %v", path, tar, err)
			}
		}
	}
	_, err := w.v2(billV2, wechatpay.M{"appid": "wxd678efh567hg6787", "bill_date": "20180608", "bill_type": "ALL", "tar_type": "ZIP"})
	if !wechatpay.IsCode(err, "20001") || !strings.Contains(err.Error(), "tar_type") {
		t.Errorf("APIv2: error is %v", err)
	}
}
