package sandbox

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// combinations are combined orders.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012556926 (order),
// https://pay.weixin.qq.com/doc/v3/merchant/4012557006 (query)
func combinations() map[string]handler {
	const path = "v3/combine-transactions/"
	return map[string]handler{
		"POST " + path + "jsapi":       combineOrders("JSAPI", prepayID),
		"POST " + path + "miniprogram": combineOrders("JSAPI", prepayID),
		"POST " + path + "app":         combineOrders("APP", prepayID),
		"POST " + path + "h5":          combineOrders("MWEB", h5URL),
		"POST " + path + "native":      combineOrders("NATIVE", codeURL),

		"GET " + path + "out-trade-no/{combine_out_trade_no}":        queryCombined,
		"GET " + path + "id/{combine_transaction_id}":                queryCombinedTransaction,
		"POST " + path + "out-trade-no/{combine_out_trade_no}/close": closeCombined,
	}
}

// maxParts is how many orders may be combined.
const maxParts = 50

func combineOrders(tradeType string, way func(prepayID string) any) handler {
	return func(c *call) (int, any, error) {
		if err := c.checkNamed("combine_mchid"); err != nil {
			return 0, nil, err
		}
		b := c.body
		made := &combined{
			MchID: c.merchant.MchID, AppID: b.Get("combine_appid").String(), OutTradeNo: b.Get("combine_out_trade_no").String(),
			NotifyURL: b.Get("notify_url").String(), DeviceID: b.Get("scene_info.device_id").String(), Scenario: b.Get("trade_scenario").String(),
		}
		if !outTradeNo.MatchString(made.OutTradeNo) {
			return 0, nil, badField("/combine_out_trade_no", made.OutTradeNo, outTradeNoForm)
		}
		if err := checkNotifyURL(made.NotifyURL); err != nil {
			return 0, nil, err
		}
		expire, err := c.timeExpire()
		if err != nil {
			return 0, nil, err
		}
		if made.Fingerprint, err = fingerprint("combine "+tradeType, b); err != nil {
			return 0, nil, err
		}
		parts, err := c.partsOf(made, tradeType)
		if err != nil {
			return 0, nil, err
		}
		k, err := c.combine(made, parts, expire)
		if err != nil {
			return 0, nil, err
		}
		return http.StatusOK, way(k.PrepayID), nil
	}
}

// partsOf reads the orders that are combined from the body.
func (c *call) partsOf(k *combined, tradeType string) ([]*order, error) {
	list := c.body.Get("sub_orders").Array()
	if len(list) < 1 || len(list) > maxParts {
		return nil, badField("/sub_orders", nil, fmt.Sprintf("1 to %d orders are wanted, not %d", maxParts, len(list)))
	}
	var parts []*order
	payer := c.body.Get("combine_payer_info")
	for i, v := range list {
		at := fmt.Sprintf("/sub_orders/%d", i)
		w, err := c.ownerOfPart(at, v)
		if err != nil {
			return nil, err
		}
		o := &order{
			owner: w, AppID: k.AppID, SubAppID: v.Get("sub_appid").String(), OutTradeNo: v.Get("out_trade_no").String(), TradeType: tradeType,
			Description: v.Get("description").String(), Attach: v.Get("attach").String(),
			OpenID:        payer.Get("openid").String(),
			ProfitSharing: v.Get("settle_info.profit_sharing").Bool() || v.Get("profit_sharing").Bool(),
		}
		if o.SubAppID != "" {
			o.SubOpenID = payer.Get("sub_openid").String()
		}
		if o.Total, err = fen(at+"/amount/total_amount", v.Get("amount.total_amount")); err != nil {
			return nil, err
		}
		if err := o.check(at, "/amount/total_amount"); err != nil {
			return nil, err
		}
		if err := checkCurrency(at+"/amount/currency", v.Get("amount.currency").String()); err != nil {
			return nil, err
		}
		parts = append(parts, o)
		k.Parts = append(k.Parts, combinedPart{AuthID: v.Get("individual_auth_id").String(), Name: v.Get("individual_name").String()})
	}
	return parts, nil
}

// ownerOfPart is whose an order is that is combined: of any merchant, or of a
// sub-merchant of one.
func (c *call) ownerOfPart(at string, v gjson.Result) (owner, error) {
	w := owner{v.Get("mchid").String(), v.Get("sub_mchid").String()}
	if w.SubMchID != "" {
		return w, c.checkSub(w, v.Get("sub_appid").String())
	}
	if _, ok := c.merchants[w.MchID]; !ok {
		return w, &refusal{Status: http.StatusBadRequest, Code: "MCH_NOT_EXISTS", Message: fmt.Sprintf("%s/mchid: there is no merchant %.32q", at, w.MchID)}
	}
	return w, nil
}

func queryCombined(c *call) (int, any, error) {
	k, parts, err := c.loadCombined(c.merchant.MchID, c.vars["combine_out_trade_no"])
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, k.answer(parts, c.now), nil
}

func queryCombinedTransaction(c *call) (int, any, error) {
	key, found, err := store.Load[string](c.tx, combinedTransactions, c.vars["combine_transaction_id"])
	if err == nil && !found {
		err = errNoOrder
	}
	if err != nil {
		return 0, nil, err
	}
	number, own := strings.CutPrefix(key, orderKey(c.merchant.MchID, ""))
	if !own {
		return 0, nil, errNoOrder
	}
	k, parts, err := c.loadCombined(c.merchant.MchID, number)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, k.answer(parts, c.now), nil
}

// closeCombined closes the orders of a combined one that the body lists. It
// cannot be paid any more once one of them is closed.
func closeCombined(c *call) (int, any, error) {
	k, parts, err := c.loadCombined(c.merchant.MchID, c.vars["combine_out_trade_no"])
	if err != nil {
		return 0, nil, err
	}
	if appID := c.body.Get("combine_appid").String(); appID != k.AppID {
		return 0, nil, badField("/combine_appid", appID, "it is not that of the order")
	}
	byKey := make(map[string]*order, len(parts))
	for _, o := range parts {
		byKey[o.key()] = o
	}
	for i, v := range c.body.Get("sub_orders").Array() {
		number := v.Get("out_trade_no").String()
		o := byKey[owner{v.Get("mchid").String(), v.Get("sub_mchid").String()}.key(number)]
		if o == nil {
			return 0, nil, badField(fmt.Sprintf("/sub_orders/%d/out_trade_no", i), number, "it is none of the combined order")
		}
		if err := c.close(o); err != nil {
			return 0, nil, err
		}
	}
	return http.StatusNoContent, nil, nil
}
