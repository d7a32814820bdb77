package v3

import (
	"errors"
	"net/http"

	"github.com/wxchain/wechatpay/sandbox/internal/money"
)

// payments returns the handlers of orders by JSAPI, in an app, by H5 and by a QR
// code (native), of merchants and of partners for their sub-merchants.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012791856 (order),
// https://pay.weixin.qq.com/doc/v3/merchant/4012791859 (query),
// https://pay.weixin.qq.com/doc/v3/merchant/4012791860 (close),
// https://pay.weixin.qq.com/doc/v3/partner/4012714902 (order of a partner)
func payments() map[string]handler {
	all := map[string]handler{
		"POST v3/pay/partner/transactions/miniprogram": prepay(ofSubMerchant, "JSAPI", prepayID),
	}
	for path, of := range map[string]access{"v3/pay/transactions/": ofMerchant, "v3/pay/partner/transactions/": ofSubMerchant} {
		all["POST "+path+"jsapi"] = prepay(of, "JSAPI", prepayID)
		all["POST "+path+"app"] = prepay(of, "APP", prepayID)
		all["POST "+path+"h5"] = prepay(of, money.TradeByH5, h5URL)
		all["POST "+path+"native"] = prepay(of, "NATIVE", codeURL)

		all["GET "+path+"id/{transaction_id}"] = queryOrder(of)
		all["GET "+path+"out-trade-no/{out_trade_no}"] = queryOrder(of)
		all["POST "+path+"out-trade-no/{out_trade_no}/close"] = closeOrder(of)
	}
	return all
}

// refusesUnknown are the operations that refuse fields which they do not document
// (请求中含有未在API文档中定义的参数). All others ignore such fields.
//
// https://developers.weixin.qq.com/community/pay/doc/000242f1b642687c25a3a677166c00
// (an answer whose Request-ID ends in 270924358)
var refusesUnknown = map[string]bool{
	"POST v3/pay/transactions/jsapi":         true,
	"POST v3/pay/partner/transactions/jsapi": true,
}

// A way returns how the user pays.
type way func(c *call, p *money.Prepay) any

func prepayID(_ *call, p *money.Prepay) any { return map[string]string{"prepay_id": p.PrepayID} }

func h5URL(c *call, p *money.Prepay) any { return map[string]string{"h5_url": p.H5Link(c.base)} }

func codeURL(_ *call, p *money.Prepay) any { return map[string]string{"code_url": p.CodeLink()} }

// prepay places an order and answers with the way to pay it.
func prepay(of access, tradeType string, pay way) handler {
	return func(c *call) (int, any, error) {
		w, err := of(c)
		if err != nil {
			return 0, nil, err
		}
		made, err := c.newOrder(w, tradeType)
		if err != nil {
			return 0, nil, err
		}
		o, err := c.Place(made)
		if err != nil {
			return 0, nil, err
		}
		return http.StatusOK, pay(c, &o.Prepay), nil
	}
}

// newOrder reads an order from the body.
func (c *call) newOrder(w money.Owner, tradeType string) (*money.Order, error) {
	b := c.body
	o := &money.Order{
		Owner:       w,
		AppID:       b.Get("appid").String(),
		OutTradeNo:  b.Get("out_trade_no").String(),
		TradeType:   tradeType,
		Description: b.Get("description").String(),
		Attach:      b.Get("attach").String(),
		NotifyURL:   b.Get("notify_url").String(),
		OpenID:      b.Get("payer.openid").String(),

		ProfitSharing: b.Get("settle_info.profit_sharing").Bool(),
	}
	if w.SubMchID != "" {
		o.AppID, o.SubAppID = b.Get("sp_appid").String(), b.Get("sub_appid").String()
		o.OpenID, o.SubOpenID = b.Get("payer.sp_openid").String(), b.Get("payer.sub_openid").String()
	}
	if err := money.CheckCurrency("amount/currency", b.Get("amount.currency").String()); err != nil {
		return nil, err
	}
	var err error
	if o.Total, err = fen("/amount/total", b.Get("amount.total")); err != nil {
		return nil, err
	}
	if o.Expire, err = c.timeExpire(); err != nil {
		return nil, err
	}
	o.Fingerprint, err = c.fingerprint(tradeType)
	return o, err
}

// orderOfPath returns the order with the out_trade_no in the path.
func (c *call) orderOfPath(of access) (*money.Order, error) {
	w, err := of(c)
	if err != nil {
		return nil, err
	}
	return c.Order(w, c.vars["out_trade_no"])
}

func queryOrder(of access) handler {
	return func(c *call) (int, any, error) {
		w, err := of(c)
		if err != nil {
			return 0, nil, err
		}
		o, err := c.SingleOrder(w, c.vars["transaction_id"], c.vars["out_trade_no"])
		if err != nil {
			return 0, nil, err
		}
		return http.StatusOK, queried(o, c.Now), nil
	}
}

// closeOrder closes an order. A number that was never used is closed too, except by
// the documentation.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012556398
func closeOrder(of access) handler {
	return func(c *call) (int, any, error) {
		o, err := c.orderOfPath(of)
		if errors.Is(err, money.ErrNoOrder) && !c.api.AsDocumented {
			return http.StatusNoContent, nil, nil
		}
		if err != nil {
			return 0, nil, err
		}
		return http.StatusNoContent, nil, c.CloseAlone(o)
	}
}
