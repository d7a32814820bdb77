package sandbox

import (
	"net/http"
	"time"
)

// ecommerceRefunds are refunds of a platform's partners, which may advance the
// money for the sub-merchant.
//
// https://pay.weixin.qq.com/wiki/doc/apiv3/wxpay/ecommerce/refunds/chapter3_1.shtml
func ecommerceRefunds() map[string]handler {
	const path = "v3/ecommerce/refunds/"
	return map[string]handler{
		"POST " + path + "apply":                             applyEcommerceRefund,
		"GET " + path + "id/{refund_id}":                     queryEcommerceRefund,
		"GET " + path + "out-refund-no/{out_refund_no}":      queryEcommerceRefund,
		"POST " + path + "{refund_id}/apply-abnormal-refund": retryRefund(func(r *refund, c *call) any { return r.ecommerce(c.now) }),
		"POST " + path + "{refund_id}/return-advance":        returnAdvance,
		"GET " + path + "{refund_id}/return-advance":         queryAdvance,
	}
}

func applyEcommerceRefund(c *call) (int, any, error) {
	made, err := c.newRefund()
	if err != nil {
		return 0, nil, err
	}
	if c.body.Get("refund_account").String() == byPartner {
		if made.SubMchID == "" {
			return 0, nil, badField("/sub_mchid", nil, "it is required with the refund_account "+byPartner)
		}
		made.Advance = new(advance)
	}
	r, err := c.refund(*made)
	if err != nil {
		return 0, nil, err
	}
	a := r.ecommerce(c.now)
	return http.StatusOK, ecommerceReceipt{a.RefundID, a.OutRefundNo, a.CreateTime, a.Amount, a.Promotions, a.Account}, nil
}

func queryEcommerceRefund(c *call) (int, any, error) {
	r, err := c.refundOfPath()
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, r.ecommerce(c.now), nil
}

// An ecommerceReceipt is the answer to asking for a refund.
type ecommerceReceipt struct {
	RefundID    string            `json:"refund_id"`
	OutRefundNo string            `json:"out_refund_no"`
	CreateTime  string            `json:"create_time"`
	Amount      ecommerceAmount   `json:"amount"`
	Promotions  []refundPromotion `json:"promotion_detail,omitempty"`
	Account     string            `json:"refund_account"`
}

// An ecommerceRefund is a refund as its queries show it.
type ecommerceRefund struct {
	RefundID      string            `json:"refund_id"`
	OutRefundNo   string            `json:"out_refund_no"`
	TransactionID string            `json:"transaction_id"`
	OutTradeNo    string            `json:"out_trade_no"`
	Channel       string            `json:"channel"`
	Received      string            `json:"user_received_account"`
	SuccessTime   string            `json:"success_time,omitempty"`
	CreateTime    string            `json:"create_time"`
	Status        RefundState       `json:"status"`
	Amount        ecommerceAmount   `json:"amount"`
	Promotions    []refundPromotion `json:"promotion_detail,omitempty"`
	Account       string            `json:"refund_account"`
	FundsAccount  string            `json:"funds_account"`
}

type ecommerceAmount struct {
	Refund         int64  `json:"refund"`
	PayerRefund    int64  `json:"payer_refund"`
	DiscountRefund int64  `json:"discount_refund"`
	Currency       string `json:"currency"`
	Advance        int64  `json:"advance,omitempty"`
}

func (r *refund) ecommerce(now time.Time) ecommerceRefund {
	a := r.answer(now)
	e := ecommerceRefund{
		RefundID: a.RefundID, OutRefundNo: a.OutRefundNo, TransactionID: a.TransactionID, OutTradeNo: a.OutTradeNo,
		Channel: a.Channel, Received: a.Received, SuccessTime: a.SuccessTime, CreateTime: a.CreateTime, Status: a.Status,
		Amount: ecommerceAmount{a.Amount.Refund, a.Amount.PayerRefund, a.Amount.DiscountRefund, "CNY", 0}, Promotions: a.Promotions,
		Account: bySubMerchant, FundsAccount: a.FundsAccount,
	}
	if e.Status == RefundClosed {
		e.Status = "CLOSE" // so it is written here
	}
	if r.Advance != nil {
		e.Account, e.Amount.Advance = byPartner, a.Amount.SettlementRefund
	}
	return e
}
