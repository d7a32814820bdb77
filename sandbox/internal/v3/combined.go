package v3

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// combinations returns the handlers of combined orders.
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

func combineOrders(tradeType string, pay way) handler {
	return func(c *call) (int, any, error) {
		if err := c.checkNamed("combine_mchid"); err != nil {
			return 0, nil, err
		}
		b := c.body
		made := &money.Combined{
			MchID: c.merchant.MchID, AppID: b.Get("combine_appid").String(), OutTradeNo: b.Get("combine_out_trade_no").String(),
			NotifyURL: b.Get("notify_url").String(), DeviceID: b.Get("scene_info.device_id").String(), Scenario: b.Get("trade_scenario").String(),
		}
		if err := made.Check(); err != nil {
			return 0, nil, err
		}
		expire, err := c.timeExpire()
		if err != nil {
			return 0, nil, err
		}
		if made.Fingerprint, err = c.fingerprint("combine " + tradeType); err != nil {
			return 0, nil, err
		}
		parts, err := c.partsOf(made, tradeType)
		if err != nil {
			return 0, nil, err
		}
		k, err := c.Combine(made, parts, expire)
		if err != nil {
			return 0, nil, err
		}
		return http.StatusOK, pay(c, &k.Prepay), nil
	}
}

// partsOf reads the orders of a combined order from the body.
func (c *call) partsOf(k *money.Combined, tradeType string) ([]*money.Order, error) {
	list := c.body.Get("sub_orders").Array()
	var parts []*money.Order
	payer := c.body.Get("combine_payer_info")
	for i, v := range list {
		at := fmt.Sprintf("/sub_orders/%d", i)
		w, err := c.ownerOfPart(at, v)
		if err != nil {
			return nil, err
		}
		o := &money.Order{
			Owner: w, AppID: k.AppID, SubAppID: v.Get("sub_appid").String(), OutTradeNo: v.Get("out_trade_no").String(), TradeType: tradeType,
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
		if err := o.Check(); err != nil {
			return nil, atPart(i, err)
		}
		if err := money.CheckCurrency(fmt.Sprintf("sub_orders/%d/amount/currency", i), v.Get("amount.currency").String()); err != nil {
			return nil, err
		}
		parts = append(parts, o)
		k.Parts = append(k.Parts, money.CombinedPart{AuthID: v.Get("individual_auth_id").String(), Name: v.Get("individual_name").String()})
	}
	return parts, nil
}

// ownerOfPart returns the owner of one order of a combined order: any merchant,
// or a sub-merchant of one.
func (c *call) ownerOfPart(at string, v gjson.Result) (money.Owner, error) {
	w := money.Owner{MchID: v.Get("mchid").String(), SubMchID: v.Get("sub_mchid").String()}
	if w.SubMchID != "" {
		return w, c.Parties.CheckSub(w, v.Get("sub_appid").String())
	}
	if err := c.Parties.CheckMerchant(w.MchID); err != nil {
		no := c.api.Explain(err)
		no.Message = at + "/mchid: " + no.Message
		return w, no
	}
	return w, nil
}

func queryCombined(c *call) (int, any, error) {
	k, parts, err := c.CombinedOrder(c.merchant.MchID, c.vars["combine_out_trade_no"])
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, combinedAnswerOf(k, parts, c.Now), nil
}

func queryCombinedTransaction(c *call) (int, any, error) {
	k, parts, err := c.PaidCombined(c.merchant.MchID, c.vars["combine_transaction_id"])
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, combinedAnswerOf(k, parts, c.Now), nil
}

// closeCombined closes a combined order. The body lists all its orders.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4013421298
func closeCombined(c *call) (int, any, error) {
	k, parts, err := c.CombinedOrder(c.merchant.MchID, c.vars["combine_out_trade_no"])
	if err != nil {
		return 0, nil, err
	}
	if appID := c.body.Get("combine_appid").String(); appID != k.AppID {
		return 0, nil, wire.BadField("/combine_appid", appID, "it is not that of the order")
	}
	listed := c.body.Get("sub_orders").Array()
	if len(listed) != len(parts) {
		return 0, nil, money.Invalid(fmt.Sprintf("a combined order is closed as a whole: it has %d orders, and sub_orders lists %d", len(parts), len(listed)))
	}
	for _, o := range parts {
		if !slices.ContainsFunc(listed, func(v gjson.Result) bool {
			of := money.Owner{MchID: v.Get("mchid").String(), SubMchID: v.Get("sub_mchid").String()}
			return of == o.Owner && v.Get("out_trade_no").String() == o.OutTradeNo
		}) {
			return 0, nil, money.Invalid(fmt.Sprintf("a combined order is closed as a whole: sub_orders lacks the order %s of the merchant %s", o.OutTradeNo, cmp.Or(o.Owner.SubMchID, o.Owner.MchID)))
		}
		if err := c.Close(o); err != nil {
			return 0, nil, err
		}
	}
	return http.StatusNoContent, nil, nil
}

// atPart adds to a refusal the order of a combined order that it is about.
func atPart(i int, err error) error {
	no := (*money.Refusal)(nil)
	if !errors.As(err, &no) || no.Field == nil {
		return err
	}
	name := no.Field.Name
	if name == "total" {
		name = "amount/total_amount"
	}
	return money.BadField(fmt.Sprintf("sub_orders/%d/%s", i, name), no.Field.Value, no.Field.Issue)
}
