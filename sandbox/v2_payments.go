package sandbox

import "time"

// paymentsV2 are orders by JSAPI, in an app, by H5 and by a QR code, of
// merchants and of partners for their sub-merchants, as APIv2 has them. The
// orders are those that APIv3 has.
//
// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_1 (order),
// …?chapter=9_2 (query), …?chapter=9_3 (close)
func paymentsV2() map[string]handlerV2 {
	return map[string]handlerV2{
		"POST v2/pay/unifiedorder": {handle: unifiedOrder},
		"POST v2/pay/orderquery":   {handle: queryOrderV2, reads: true},
		"POST v2/pay/closeorder":   {handle: closeOrderV2},
	}
}

// owner is whose orders or refunds a call is about: those of the sub-merchant,
// when it names one.
func (c *callV2) owner() (owner, error) {
	w := owner{c.merchant.MchID, c.fields["sub_mch_id"]}
	if w.SubMchID == "" {
		return w, nil
	}
	return w, c.checkSub(w, c.fields["sub_appid"])
}

func unifiedOrder(c *callV2) (map[string]any, error) {
	made, err := c.newOrder(c.fields["trade_type"])
	if err != nil {
		return nil, err
	}
	switch made.TradeType {
	case "JSAPI":
		if made.OpenID == "" && made.SubOpenID == "" {
			return nil, badField("openid", nil, "it is required with JSAPI, or sub_openid")
		}
	case "APP", "MWEB", "NATIVE":
	default:
		return nil, badField("trade_type", made.TradeType, "one of JSAPI, APP, MWEB, NATIVE is wanted")
	}
	o, err := c.place(made)
	if err != nil {
		return nil, err
	}
	fields := map[string]any{"trade_type": o.TradeType, "prepay_id": o.PrepayID}
	switch o.TradeType {
	case "NATIVE":
		fields["code_url"] = codeLink(o.PrepayID)
	case "MWEB":
		fields["mweb_url"] = h5Link(o.PrepayID)
	}
	return fields, nil
}

// newOrder reads an order from the fields.
func (c *callV2) newOrder(tradeType string) (*order, error) {
	w, err := c.owner()
	if err != nil {
		return nil, err
	}
	f := c.fields
	o := &order{
		owner: w, SignType: signTypeOf(f), AppID: f["appid"], SubAppID: f["sub_appid"], OutTradeNo: f["out_trade_no"], TradeType: tradeType,
		Description: f["body"], Attach: f["attach"], NotifyURL: f["notify_url"], OpenID: f["openid"], SubOpenID: f["sub_openid"],
		ProfitSharing: f["profit_sharing"] == "Y",
	}
	if o.Total, err = c.fen("total_fee"); err != nil {
		return nil, err
	}
	if err := checkCurrency("fee_type", f["fee_type"]); err != nil {
		return nil, err
	}
	if o.Expire, err = c.timeExpire(); err != nil {
		return nil, err
	}
	o.Fingerprint, err = c.fingerprint(tradeType)
	return o, err
}

// timeExpire is the time_expire of the fields, zero for none.
func (c *callV2) timeExpire() (t time.Time, err error) {
	text := c.fields["time_expire"]
	if text == "" {
		return t, nil
	}
	if t, err = time.Parse("20060102150405Z0700", text+"+0800"); err != nil || t.Year() < 2 {
		return t, badField("time_expire", text, "a time such as 20091227091010 is wanted")
	}
	return t.UTC(), nil
}

// found is the order that the fields name, by either number.
func (c *callV2) found() (*order, error) {
	w, err := c.owner()
	if err != nil {
		return nil, err
	}
	return loadEither(c.tx, w, c.fields["transaction_id"], c.fields["out_trade_no"])
}

func queryOrderV2(c *callV2) (map[string]any, error) {
	o, err := c.found()
	if err != nil {
		return nil, err
	}
	state := o.state(c.now)
	texts := o.textsV2()
	texts["trade_state"], texts["trade_state_desc"] = state, stateTexts[state]
	return present(texts), nil
}

// closeOrderV2 closes an order that is not paid, and once alone: that is where
// APIv2 is other than APIv3.
func closeOrderV2(c *callV2) (map[string]any, error) {
	o, err := c.found()
	if err != nil {
		return nil, err
	}
	if o.State == stateClosed && o.Combined == "" {
		return nil, &refusal{Code: "ORDERCLOSED", Message: "the order is closed already"}
	}
	return map[string]any{"result_msg": "OK"}, c.closeAlone(o)
}
