package notify

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/beijing"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/item"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/signer"
)

// paidV2 is the notification of APIv2 that an order is paid, with the fields
// that items say.
//
// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_7
func paidV2(ctx context.Context, url string, m sandbox.Merchant, items []item.Item) (*http.Request, error) {
	fields := map[string]string{
		"return_code": "SUCCESS", "result_code": "SUCCESS", "appid": "wxd678efh567hg6787", "mch_id": m.MchID,
		"nonce_str": middleware.NewNonce(), "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "is_subscribe": "Y", "trade_type": "NATIVE",
		"bank_type": "OTHERS", "total_fee": "100", "cash_fee": "100", "fee_type": "CNY",
		"transaction_id": "1217752501201407033233368018", "out_trade_no": "1217752501201407033233368018",
		"time_end": beijing.In(time.Now()).Format("20060102150405"),
	}
	for _, i := range items {
		if i.Kind != item.Text {
			return nil, lang.Errorf("a field of a notification of APIv2 is name=text, a number too")
		}
		fields[i.Name] = i.Value
	}
	sign, err := signer.V2Sign(fields["sign_type"], m.APIv2Key, fields)
	if err != nil {
		return nil, err
	}
	signed := map[string]any{"sign": sign}
	for name, value := range fields {
		if name != "sign" {
			signed[name] = value
		}
	}
	body, err := xmlmap.Encode(signed)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "text/xml")
	return req, nil
}
