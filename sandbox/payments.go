package sandbox

import (
	"net/http"
	"net/url"
	"time"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
)

// payments are orders by JSAPI, in an app, by H5 and by a QR code (native), of
// merchants and of partners for their sub-merchants.
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
		all["POST "+path+"h5"] = prepay(of, "MWEB", h5URL)
		all["POST "+path+"native"] = prepay(of, "NATIVE", codeURL)

		all["GET "+path+"id/{transaction_id}"] = queryOrder(of)
		all["GET "+path+"out-trade-no/{out_trade_no}"] = queryOrder(of)
		all["POST "+path+"out-trade-no/{out_trade_no}/close"] = closeOrder(of)
	}
	return all
}

func prepayID(prepayID string) any { return map[string]string{"prepay_id": prepayID} }

func h5URL(prepayID string) any { return map[string]string{"h5_url": h5Link(prepayID)} }

func codeURL(prepayID string) any { return map[string]string{"code_url": codeLink(prepayID)} }

func h5Link(prepayID string) string {
	return "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=" + url.QueryEscape(prepayID)
}

func codeLink(prepayID string) string {
	return "weixin://wxpay/bizpayurl?pr=" + prepayID[len(prepayID)-10:]
}

// prepay takes an order and answers with the way to pay it.
func prepay(of access, tradeType string, way func(prepayID string) any) handler {
	return func(c *call) (int, any, error) {
		w, err := of(c)
		if err != nil {
			return 0, nil, err
		}
		made, err := c.newOrder(w, tradeType)
		if err != nil {
			return 0, nil, err
		}
		o, err := c.place(made)
		if err != nil {
			return 0, nil, err
		}
		return http.StatusOK, way(o.PrepayID), nil
	}
}

// newOrder reads an order from the body.
func (c *call) newOrder(w owner, tradeType string) (*order, error) {
	b := c.body
	o := &order{
		owner:       w,
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
	if err := checkCurrency("/amount/currency", b.Get("amount.currency").String()); err != nil {
		return nil, err
	}
	var err error
	if o.Total, err = fen("/amount/total", b.Get("amount.total")); err != nil {
		return nil, err
	}
	if o.Expire, err = c.timeExpire(); err != nil {
		return nil, err
	}
	o.Fingerprint, err = fingerprint(tradeType, b)
	return o, err
}

// fen is an amount of the body, which must be a whole number.
func fen(field string, v gjson.Result) (int64, error) {
	if n := v.Int(); v.Num == float64(n) {
		return n, nil
	}
	return 0, badField(field, v.Value(), "a whole number of fen is wanted")
}

// timeExpire is the time_expire in the body, which is zero for none.
func (c *call) timeExpire() (t time.Time, err error) {
	text := c.body.Get("time_expire").String()
	if text == "" {
		return t, nil
	}
	if t, err = beijing.Parse(text); err != nil {
		return t, badField("/time_expire", text, "a time such as 2018-06-08T10:34:56+08:00 is wanted")
	}
	return t, nil
}

// orderOfPath is the order of a number in the path, which is either one.
func (c *call) orderOfPath(of access) (*order, error) {
	w, err := of(c)
	if err != nil {
		return nil, err
	}
	return loadEither(c.tx, w, c.vars["transaction_id"], c.vars["out_trade_no"])
}

func queryOrder(of access) handler {
	return func(c *call) (int, any, error) {
		o, err := c.orderOfPath(of)
		if err != nil {
			return 0, nil, err
		}
		return http.StatusOK, o.queried(c.now), nil
	}
}

func closeOrder(of access) handler {
	return func(c *call) (int, any, error) {
		o, err := c.orderOfPath(of)
		if err != nil {
			return 0, nil, err
		}
		return http.StatusNoContent, nil, c.closeAlone(o)
	}
}
