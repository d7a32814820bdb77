package v2

import (
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// payments returns the handlers of orders by JSAPI, in an app, by H5 and by a QR
// code, of merchants and of partners for their sub-merchants. APIv2 and APIv3
// share the orders.
//
// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_1 (order),
// …?chapter=9_2 (query), …?chapter=9_3 (close)
func payments() map[string]handler {
	return map[string]handler{
		"POST v2/pay/unifiedorder": {handle: unifiedOrder},
		"POST v2/pay/orderquery":   {handle: queryOrder, reads: true},
		"POST v2/pay/closeorder":   {handle: closeOrder},
	}
}

// owner returns the owner of the orders or refunds of a call: the sub-merchant if
// the call names one, or else the merchant.
func (c *call) owner() (money.Owner, error) {
	w := money.Owner{MchID: c.merchant.MchID, SubMchID: c.fields["sub_mch_id"]}
	if w.SubMchID == "" {
		return w, nil
	}
	return w, c.Parties.CheckSub(w, c.fields["sub_appid"])
}

func unifiedOrder(c *call) (map[string]any, error) {
	made, err := c.newOrder(c.fields["trade_type"])
	if err != nil {
		return nil, err
	}
	switch made.TradeType {
	case "JSAPI":
		if made.OpenID == "" && made.SubOpenID == "" {
			return nil, wire.BadField("openid", nil, "it is required with JSAPI, or sub_openid")
		}
	case "APP", "MWEB", "NATIVE":
	default:
		return nil, wire.BadField("trade_type", made.TradeType, "one of JSAPI, APP, MWEB, NATIVE is wanted")
	}
	o, err := c.Place(made)
	if err != nil {
		return nil, err
	}
	fields := map[string]any{"trade_type": o.TradeType, "prepay_id": o.PrepayID}
	switch o.TradeType {
	case "NATIVE":
		fields["code_url"] = o.CodeLink()
	case "MWEB":
		fields["mweb_url"] = o.H5Link(c.base)
	}
	return fields, nil
}

// newOrder reads an order from the fields.
func (c *call) newOrder(tradeType string) (*money.Order, error) {
	w, err := c.owner()
	if err != nil {
		return nil, err
	}
	f := c.fields
	o := &money.Order{
		Owner: w, SignType: signTypeOf(f), AppID: f["appid"], SubAppID: f["sub_appid"], OutTradeNo: f["out_trade_no"], TradeType: tradeType,
		Description: f["body"], Attach: f["attach"], NotifyURL: f["notify_url"], OpenID: f["openid"], SubOpenID: f["sub_openid"],
		ProfitSharing: f["profit_sharing"] == "Y",
	}
	if o.Total, err = c.fen("total_fee"); err != nil {
		return nil, err
	}
	if err := money.CheckCurrency("fee_type", f["fee_type"]); err != nil {
		return nil, err
	}
	if o.Expire, err = c.timeExpire(); err != nil {
		return nil, err
	}
	o.Fingerprint, err = c.fingerprint(tradeType)
	return o, err
}

// timeExpire returns the time_expire of the fields, or zero.
func (c *call) timeExpire() (t time.Time, err error) {
	text := c.fields["time_expire"]
	if text == "" {
		return t, nil
	}
	if t, err = time.Parse("20060102150405Z0700", text+"+0800"); err != nil || t.Year() < 2 {
		return t, wire.BadField("time_expire", text, "a time such as 20091227091010 is wanted")
	}
	return t.UTC(), nil
}

// found returns the order that the fields name by either number.
func (c *call) found() (*money.Order, error) {
	w, err := c.owner()
	if err != nil {
		return nil, err
	}
	return c.EitherOrder(w, c.fields["transaction_id"], c.fields["out_trade_no"])
}

func queryOrder(c *call) (map[string]any, error) {
	w, err := c.owner()
	if err != nil {
		return nil, err
	}
	o, err := c.SingleOrder(w, c.fields["transaction_id"], c.fields["out_trade_no"])
	if err != nil {
		return nil, err
	}
	state := o.StateAt(c.Now)
	texts := orderTexts(o)
	texts["trade_state"], texts["trade_state_desc"] = string(state), state.Text()
	return present(texts), nil
}

// closeOrder closes an unpaid order. Unlike APIv3, APIv2 refuses to close it
// again.
func closeOrder(c *call) (map[string]any, error) {
	o, err := c.found()
	if err != nil {
		return nil, err
	}
	if o.State == money.OrderIsClosed && o.Combined == "" {
		return nil, &wire.Refusal{Code: "ORDERCLOSED", Message: "the order is closed already"}
	}
	return map[string]any{"result_msg": "OK"}, c.CloseAlone(o)
}

// codePayments returns the handlers of payments by the code that a user shows at
// the till.
//
// https://pay.weixin.qq.com/wiki/doc/api/micropay.php?chapter=9_10 (pay),
// …?chapter=9_11 (reverse)
func codePayments() map[string]handler {
	return map[string]handler{
		"POST v2/pay/micropay":       {handle: codePay},
		"POST v2/secapi/pay/reverse": {handle: reverseOrder},
	}
}

// codePay pays an order by its user's code. If the user must enter the password,
// the order is stored but the answer is a refusal, and the merchant must query
// the order.
func codePay(c *call) (map[string]any, error) {
	made, err := c.newOrder(money.TradeByCode)
	if err != nil {
		return nil, err
	}
	o, err := c.PayByCode(made, c.fields["auth_code"])
	if err != nil {
		return nil, err
	}
	if state := o.StateAt(c.Now); state == money.OrderUserPaying {
		return map[string]any{"err_code": string(state), "err_code_des": state.Text()}, nil
	}
	return present(orderTexts(o)), nil
}

// reverseOrder reverses an order. Both answers say that the call must not be
// repeated.
func reverseOrder(c *call) (map[string]any, error) {
	fields := map[string]any{"recall": "N"}
	o, err := c.found()
	if err != nil {
		return fields, err
	}
	return fields, c.Reverse(o)
}
