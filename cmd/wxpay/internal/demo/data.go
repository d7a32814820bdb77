package demo

import (
	"time"

	"github.com/wxchain/wechatpay"
)

// The data for the calls of the demo. Amounts are in fen.

// newStock returns a stock of a thousand coupons of 1 yuan. Each user can get
// three.
func (my *demo) newStock() wechatpay.M {
	now := time.Now()
	return wechatpay.M{
		"stock_name": "微信支付代金券", "stock_type": "NORMAL", "no_cash": false,
		"belong_merchant": my.mchID, "out_request_no": "stock-1",
		"available_begin_time": now.Format(time.RFC3339), "available_end_time": now.AddDate(0, 0, 30).Format(time.RFC3339),
		"stock_use_rule": wechatpay.M{
			"max_coupons": 1000, "max_amount": 100_000, "max_coupons_per_user": 3,
			"natural_person_limit": false, "prevent_api_abuse": false,
		},
		"coupon_use_rule": wechatpay.M{
			"fixed_normal_coupon": wechatpay.M{"coupon_amount": 100, "transaction_minimum": 200},
			"available_merchants": []string{my.mchID},
		},
	}
}

func (my *demo) coupon(outRequestNo string) wechatpay.M {
	return wechatpay.M{
		"stock_id": my.stockID, "stock_creator_mchid": my.mchID, "appid": my.appID, "out_request_no": outRequestNo,
	}
}

// tea returns an order of 15 yuan.
func (my *demo) tea() wechatpay.M {
	return wechatpay.M{
		"appid": my.appID, "mchid": my.mchID, "description": "a cup of tea", "out_trade_no": "tea-0001",
		"amount": wechatpay.M{"total": 1500}, "notify_url": my.notifyURL,
	}
}
