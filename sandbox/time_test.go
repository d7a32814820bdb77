package sandbox_test

import (
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// A time that Go can read but not write is accepted or refused as the caller's
// mistake. It is never a failure of the sandbox.
func TestTimesThatCannotBeWritten(t *testing.T) {
	sb := sandbox.Start(t)
	for text, ok := range map[string]bool{
		"2099-06-08T10:34:56+24:00": true,
		"9999-12-31T23:59:59-01:00": false,
		"2099-06-08":                false,
	} {
		_, err := sb.Client().Chain("v3/pay/transactions/native").Post(t.Context(), wechatpay.JSON(wechatpay.M{
			"appid": "wxd678efh567hg6787", "mchid": sb.Merchant().MchID, "description": "Image形象店", "time_expire": text,
			"out_trade_no": "native12177525012012070332333", "notify_url": "https://www.example.com/notify", "amount": wechatpay.M{"total": 100},
		}))
		if ok && err != nil || !ok && !wechatpay.IsCode(err, "PARAM_ERROR") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
