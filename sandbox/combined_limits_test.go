package sandbox_test

import (
	"fmt"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// A direct merchant combines 2 to 10 orders of at most ten million yuan each. With
// sub-merchants up to 50 can be combined.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012556926,
// https://pay.weixin.qq.com/docs/partner/apis/ecommerce-combine-payment/jsapi-prepay.html
func TestCombinedLimits(t *testing.T) {
	const most = 10_000_000_00
	ways := map[string]wechatpay.M{
		"jsapi": {"combine_payer_info": wechatpay.M{"openid": payer}}, "miniprogram": {"combine_payer_info": wechatpay.M{"openid": payer}}, "app": nil, "native": nil,
		"h5": {"scene_info": wechatpay.M{"payer_client_ip": "127.0.0.1", "device_id": "POS1:1", "h5_info": wechatpay.M{"type": "Wap"}}},
	}
	for way, edit := range ways {
		for _, tt := range []struct {
			sub      string
			n, total int
			field    string // at fault, or ""
		}{
			{"", 0, 1, "/sub_orders"}, {"", 1, 1, "/sub_orders"}, {"", 2, 1, ""}, {"", 10, 1, ""}, {"", 11, 1, "/sub_orders"},
			{"", 2, most, ""}, {"", 2, most + 1, "/sub_orders/0/amount/total_amount"},
			{sub, 1, 1, ""}, {sub, 11, 1, ""}, {sub, 50, 1, ""}, {sub, 51, 1, "/sub_orders"}, {sub, 2, most + 1, ""},
		} {
			w := newWorld(t)
			var parts []wechatpay.M
			for i := range tt.n {
				part := w.part(tt.sub, fmt.Sprintf("part-%03d", i), tt.total)
				if way == "miniprogram" {
					part["individual_auth_id"] = "1900000555"
				}
				parts = append(parts, part)
			}
			_, err := w.call("POST", combinePath+way, with(w.combination(parts...), edit))
			if tt.field == "" {
				if err != nil {
					t.Errorf("%s: %d orders of %d fen: %v", way, tt.n, tt.total, err)
				}
				continue
			}
			if e := refused(t, err, 400, "PARAM_ERROR"); e.Detail.Get("field").String() != tt.field {
				t.Errorf("%s: %d orders of %d fen: %v", way, tt.n, tt.total, err)
			}
		}
	}
}

// The queries of single orders do not find an order that is part of a combined one.
// It is refunded by its own number all the same.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012557006
func TestPartIsNotFoundAlone(t *testing.T) {
	w := newWorld(t)
	w.mustCall(t, "POST", combinePath+"app", w.combination(w.part("", number, 100), w.part(sub, "part-of-sub", 100)))
	own := wechatpay.Query(wechatpay.M{"mchid": sandbox.DefaultMchID})
	for _, paid := range []bool{false, true} {
		if paid {
			if _, err := w.Pay(sandbox.DefaultMchID, combineNumber); err != nil {
				t.Fatal(err)
			}
			ids := w.combined(t).Get("sub_orders.#.transaction_id").Array()
			_, err := w.call("GET", "v3/pay/transactions/id/"+ids[0].String(), nil, own)
			refused(t, err, 404, "ORDER_NOT_EXIST")
			_, err = w.call("GET", partnerPath+"id/"+ids[1].String(), nil, w.both(sub))
			refused(t, err, 404, "ORDER_NOT_EXIST")
			_, err = w.v2(queryPath, wechatpay.M{"appid": "wxd678efh567hg6787", "transaction_id": ids[0].String()})
			refusedV2(t, err, "ORDERNOTEXIST")
		}
		_, err := w.call("GET", "v3/pay/transactions/out-trade-no/"+number, nil, own)
		refused(t, err, 404, "ORDER_NOT_EXIST")
		_, err = w.call("GET", partnerPath+"out-trade-no/part-of-sub", nil, w.both(sub))
		refused(t, err, 404, "ORDER_NOT_EXIST")
		_, err = w.v2(queryPath, queryV2(number))
		refusedV2(t, err, "ORDERNOTEXIST")
	}
	if err := w.refund("r1", 60); err != nil {
		t.Error(err)
	}
}
