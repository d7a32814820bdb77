package v3

import (
	"maps"
	"net/http"

	"github.com/wxchain/wechatpay/sandbox/internal/money"
)

// codePayments returns the handlers of payments by the code that a user shows at
// the till, of merchants and of partners for their sub-merchants.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012382150
func codePayments() map[string]handler {
	all := codePaymentsOf("v3/pay/transactions/", ofMerchant)
	maps.Copy(all, codePaymentsOf("v3/pay/partner/transactions/", ofSubMerchant))
	return all
}

func codePaymentsOf(path string, of access) map[string]handler {
	return map[string]handler{
		"POST " + path + "codepay":                             codePay(of),
		"POST " + path + "out-trade-no/{out_trade_no}/reverse": reverseOrder(of),
	}
}

// codePay pays an order by its user's code. While the user must enter the password,
// the answer has the trade_state alone; by the documentation it has all fields.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012382150
func codePay(of access) handler {
	return func(c *call) (int, any, error) {
		w, err := of(c)
		if err != nil {
			return 0, nil, err
		}
		made, err := c.newOrder(w, money.TradeByCode)
		if err != nil {
			return 0, nil, err
		}
		o, err := c.PayByCode(made, c.text("payer.auth_code"))
		if err != nil {
			return 0, nil, err
		}
		if state := o.StateAt(c.Now); state == money.OrderUserPaying && !c.api.AsDocumented {
			return http.StatusOK, map[string]money.OrderState{"trade_state": state}, nil
		}
		return http.StatusOK, transactionOf(o, c.Now), nil
	}
}

// A reversal is the answer to reversing an order.
type reversal struct {
	parties
	OutTradeNo string `json:"out_trade_no"`
}

func reverseOrder(of access) handler {
	return func(c *call) (int, any, error) {
		o, err := c.orderOfPath(of)
		if err != nil {
			return 0, nil, err
		}
		return http.StatusOK, reversal{partiesOf(o), o.OutTradeNo}, c.Reverse(o)
	}
}
