package frontend

import (
	"strings"

	"github.com/wxchain/wechatpay/internal/quote"
)

// appFields are the parameters of apps: as the documentation names them, and as the
// SDKs do.
var appFields = []struct {
	field
	sdk []string
}{
	{field{"appid", "appId", false}, []string{"appId", "openID"}},
	{field{"partnerid", "partnerid", false}, []string{"partnerId"}},
	{field{"prepayid", "prepayid", false}, []string{"prepayId"}},
	{field{"package", "package", false}, []string{"packageValue"}},
	{field{"noncestr", "nonceStr", false}, []string{"nonceStr"}},
	{field{"timestamp", "timeStamp", true}, []string{"timeStamp"}}, // a UInt32 on iOS
	{field{"sign", "paySign", false}, nil},
}

// app checks the parameters of an app.
func (c *check) app() error {
	for _, f := range appFields {
		for _, name := range f.sdk {
			if v, ok := c.given[name]; ok && c.given[f.name].kind == isMissing {
				c.given[f.name] = v
			}
		}
		c.take(f.field)
	}
	c.timeStamp()
	c.nonce()
	id := c.fields["prepayid"]
	if bare, ok := strings.CutPrefix(id, "prepay_id="); ok {
		c.mistake("prepay_prefix", "prepayid", "", "prepayid begins with prepay_id=, which pages need; an app passes the bare prepay_id", "prepayid 带有 prepay_id= 前缀，那是网页的写法；App 传 prepay_id 本身")
		id, c.fields["prepayid"] = bare, bare
	}
	if p := c.fields["package"]; p != "" && p != "Sign=WXPay" {
		c.mistake("package", "package", "", "package is %s, and must be Sign=WXPay", "package 为 %s，应为 Sign=WXPay", quote.Text(p))
	}
	o, err := c.order(id, tradeByApp)
	if err != nil || o == nil {
		return err
	}
	c.partner(o)
	c.paySign(o, c.appIDs(o))
	return nil
}

// partner reports a partnerid that is not the one of the order: the merchant, the
// partner by APIv3, the sub-merchant by APIv2.
//
// https://pay.weixin.qq.com/doc/v2/partner/4011986561
func (c *check) partner(o *Order) {
	want := o.MchID
	if o.SignType != "" && o.SubMchID != "" {
		want = o.SubMchID
	}
	got := c.fields["partnerid"]
	switch {
	case got == "" || got == want:
	case want == o.SubMchID:
		c.mistake("partnerid", "partnerid", "", "partnerid is %s, and must be the sub-merchant's number %s: APIv2 wants that", "partnerid 为 %s，应为子商户号 %s：APIv2 如此要求", quote.Text(got), want)
	default:
		c.mistake("partnerid", "partnerid", "", "partnerid is %s, and must be %s, the number that made the order", "partnerid 为 %s，应为下单的商户号 %s", quote.Text(got), want)
	}
}
