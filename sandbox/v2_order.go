package sandbox

import (
	"maps"
	"strings"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
)

// partiesV2 are who it is, and by which apps.
func (w owner) partiesV2(appID, subAppID string) map[string]string {
	return map[string]string{"appid": appID, "sub_appid": subAppID, "mch_id": w.MchID, "sub_mch_id": w.SubMchID}
}

// present are the fields that are not empty, without what XML cannot hold but
// the JSON of APIv3 can.
func present(texts map[string]string) map[string]any {
	fields := make(map[string]any, len(texts))
	for name, text := range texts {
		text = strings.Map(func(r rune) rune {
			if r < ' ' && !strings.ContainsRune("\t\n\r", r) || r == '\ufffe' || r == '\uffff' {
				return -1
			}
			return r
		}, text)
		if text != "" {
			fields[name] = text
		}
	}
	return fields
}

// textsV2 is an order as APIv2 shows it: of one that is not paid only what its
// merchant calls it.
func (o *order) textsV2() map[string]string {
	texts := map[string]string{"out_trade_no": o.OutTradeNo, "attach": o.Attach}
	if o.TransactionID == "" {
		return texts
	}
	maps.Copy(texts, map[string]string{
		"transaction_id": o.TransactionID, "trade_type": o.TradeType, "bank_type": "OTHERS", "time_end": beijing.Second(o.Paid),
		"total_fee": digits(o.Total), "settlement_total_fee": digits(o.settlement()), "fee_type": "CNY",
		"cash_fee": digits(o.payerTotal()), "cash_fee_type": "CNY",
		"openid": o.OpenID, "is_subscribe": "N", "sub_openid": o.SubOpenID,
	})
	if o.SubOpenID != "" {
		texts["sub_is_subscribe"] = "N"
	}
	maps.Copy(texts, o.couponsV2())
	return texts
}

// paymentV2 tells that an order which APIv2 placed is paid.
//
// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_7
func (o *order) paymentV2() resourceV2 {
	texts := o.textsV2()
	maps.Copy(texts, o.partiesV2(o.AppID, o.SubAppID))
	texts["result_code"] = "SUCCESS"
	return resourceV2{present(texts), o.SignType}
}
