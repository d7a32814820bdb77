package sandbox

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"time"
)

// payments are orders by JSAPI, in an app, by H5 and by a QR code (native).
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012791856 (order),
// https://pay.weixin.qq.com/doc/v3/merchant/4012791859 (query),
// https://pay.weixin.qq.com/doc/v3/merchant/4012791860 (close)
func payments() map[string]handler {
	return map[string]handler{
		"POST v3/pay/transactions/jsapi":  prepay("JSAPI", prepayID),
		"POST v3/pay/transactions/app":    prepay("APP", prepayID),
		"POST v3/pay/transactions/h5":     prepay("MWEB", h5URL),
		"POST v3/pay/transactions/native": prepay("NATIVE", codeURL),

		"GET v3/pay/transactions/id/{transaction_id}":                queryTransaction,
		"GET v3/pay/transactions/out-trade-no/{out_trade_no}":        queryOrder,
		"POST v3/pay/transactions/out-trade-no/{out_trade_no}/close": closeOrder,
	}
}

func prepayID(o *order) any { return map[string]string{"prepay_id": o.PrepayID} }

func h5URL(o *order) any {
	return map[string]string{"h5_url": "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=" + url.QueryEscape(o.PrepayID)}
}

func codeURL(o *order) any {
	return map[string]string{"code_url": "weixin://wxpay/bizpayurl?pr=" + o.PrepayID[len(o.PrepayID)-10:]}
}

// prepay takes an order and answers with the way to pay it.
func prepay(tradeType string, way func(*order) any) handler {
	return func(c *call) (int, any, error) {
		if err := c.checkMchID("body", "/mchid", c.body.Get("mchid").String()); err != nil {
			return 0, nil, err
		}
		made, err := c.newOrder(tradeType)
		if err != nil {
			return 0, nil, err
		}
		o, found, err := load[order](c.tx, orders, made.key())
		if err != nil {
			return 0, nil, err
		}
		if found {
			err = o.again(made)
		} else {
			o = *made
			err = c.place(&o)
		}
		if err != nil {
			return 0, nil, err
		}
		return http.StatusOK, way(&o), nil
	}
}

// place keeps a new order.
func (c *call) place(o *order) error {
	// Checked for new orders alone: repeating an old one stays possible.
	if !o.Expire.IsZero() && o.Expire.Before(c.now.Add(time.Minute)) {
		return badField("/time_expire", c.body.Get("time_expire").String(), "it must be a minute from now, or later")
	}
	n, err := c.number("prepay_id")
	if err != nil {
		return err
	}
	o.PrepayID = fmt.Sprintf("wx%s%010d%s", second(c.now), c.seed%numbers, n)
	o.State = stateNotPay
	return o.save(c.tx)
}

// again is what stands against giving out the prepay_id of an order once more.
func (o *order) again(made *order) error {
	switch {
	case o.State == stateClosed:
		return &refusal{Status: http.StatusBadRequest, Code: "ORDER_CLOSED", Message: "the order is closed; take a new out_trade_no"}
	case o.Fingerprint != made.Fingerprint:
		return &refusal{Status: http.StatusForbidden, Code: "OUT_TRADE_NO_USED",
			Message: "out_trade_no was used for another order; repeat that request as it was, or take a new number"}
	case o.State == stateFailed:
		return invalid("the payment of the order failed; take a new out_trade_no")
	case o.State != stateNotPay:
		return invalid("the order is paid")
	}
	return nil
}

var outTradeNo = regexp.MustCompile(`^[0-9A-Za-z_\-|*]{6,32}$`)

// newOrder reads an order from the body.
func (c *call) newOrder(tradeType string) (*order, error) {
	b := c.body
	o := &order{
		AppID:      b.Get("appid").String(),
		MchID:      c.merchant.MchID,
		OutTradeNo: b.Get("out_trade_no").String(),
		TradeType:  tradeType,
		Attach:     b.Get("attach").String(),
		NotifyURL:  b.Get("notify_url").String(),
		OpenID:     b.Get("payer.openid").String(),
		Total:      b.Get("amount.total").Int(),

		ProfitSharing: b.Get("settle_info.profit_sharing").Bool(),
	}
	if !outTradeNo.MatchString(o.OutTradeNo) {
		return nil, badField("/out_trade_no", o.OutTradeNo, "6 to 32 of 0-9 A-Z a-z _ - | * are wanted")
	}
	if o.Total < 1 {
		return nil, badField("/amount/total", o.Total, "it must be 1 fen or more")
	}
	if err := checkCurrency(b.Get("amount.currency").String()); err != nil {
		return nil, err
	}
	if u, err := url.Parse(o.NotifyURL); err != nil || u.Host == "" || u.RawQuery != "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, badField("/notify_url", o.NotifyURL, "a URL without a query is wanted")
	}
	if text := b.Get("time_expire").String(); text != "" {
		var err error
		if o.Expire, err = parseTime(text); err != nil {
			return nil, badField("/time_expire", text, "a time such as 2018-06-08T10:34:56+08:00 is wanted")
		}
	}
	var err error
	o.Fingerprint, err = fingerprint(tradeType, b)
	return o, err
}

func checkCurrency(currency string) error {
	if currency != "" && currency != "CNY" {
		return badField("/amount/currency", currency, "only CNY is known")
	}
	return nil
}

// checkMchID refuses the number of another merchant than who signed.
func (c *call) checkMchID(location, field, mchID string) error {
	if mchID != c.merchant.MchID {
		return paramError(location, field, mchID, "it is not the merchant that signed, which is "+c.merchant.MchID)
	}
	return nil
}

func queryOrder(c *call) (int, any, error) {
	if err := c.checkMchID("query", "mchid", c.query.Get("mchid")); err != nil {
		return 0, nil, err
	}
	o, err := loadOrder(c.tx, c.merchant.MchID, c.vars["out_trade_no"])
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, o.transaction(), nil
}

func queryTransaction(c *call) (int, any, error) {
	if err := c.checkMchID("query", "mchid", c.query.Get("mchid")); err != nil {
		return 0, nil, err
	}
	o, err := loadTransaction(c.tx, c.merchant.MchID, c.vars["transaction_id"])
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, o.transaction(), nil
}

// closeOrder closes an order that is not paid; to close it again changes
// nothing.
func closeOrder(c *call) (int, any, error) {
	if err := c.checkMchID("body", "/mchid", c.body.Get("mchid").String()); err != nil {
		return 0, nil, err
	}
	o, err := loadOrder(c.tx, c.merchant.MchID, c.vars["out_trade_no"])
	if err != nil {
		return 0, nil, err
	}
	if o.State != stateNotPay && o.State != stateFailed && o.State != stateClosed {
		return 0, nil, invalid("the order is paid; a paid order cannot be closed, but refunded")
	}
	o.State = stateClosed
	return http.StatusNoContent, nil, o.save(c.tx)
}
