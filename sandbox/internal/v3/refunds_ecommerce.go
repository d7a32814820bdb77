package v3

import (
	"net/http"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// ecommerceRefunds returns the handlers of refunds of e-commerce partners, which
// may advance the money for the sub-merchant.
//
// https://pay.weixin.qq.com/wiki/doc/apiv3/wxpay/ecommerce/refunds/chapter3_1.shtml
func ecommerceRefunds() map[string]handler {
	const path = "v3/ecommerce/refunds/"
	return map[string]handler{
		"POST " + path + "apply":                             applyEcommerceRefund,
		"GET " + path + "id/{refund_id}":                     queryEcommerceRefund,
		"GET " + path + "out-refund-no/{out_refund_no}":      queryEcommerceRefund,
		"POST " + path + "{refund_id}/apply-abnormal-refund": retryRefund(func(r *money.Refund, c *call) any { return ecommerceOf(r, c.Now) }),
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
			return 0, nil, wire.BadField("/sub_mchid", nil, "it is required with the refund_account "+byPartner)
		}
		made.Advance = new(money.Advance)
	}
	r, err := c.AskRefund(*made)
	if err != nil {
		return 0, nil, err
	}
	a := ecommerceOf(r, c.Now)
	return http.StatusOK, ecommerceReceipt{a.RefundID, a.OutRefundNo, a.CreateTime, a.Amount, a.Promotions, a.Account}, nil
}

func queryEcommerceRefund(c *call) (int, any, error) {
	r, err := c.refundOfPath()
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, ecommerceOf(r, c.Now), nil
}

// An ecommerceReceipt is the answer to a request for a refund.
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
	refundFacts
	Amount       ecommerceAmount   `json:"amount"`
	Promotions   []refundPromotion `json:"promotion_detail,omitempty"`
	Account      string            `json:"refund_account"`
	FundsAccount string            `json:"funds_account"`
}

type ecommerceAmount struct {
	Refund         int64  `json:"refund"`
	PayerRefund    int64  `json:"payer_refund"`
	DiscountRefund int64  `json:"discount_refund"`
	Currency       string `json:"currency"`
	Advance        int64  `json:"advance,omitempty"`
}

func ecommerceOf(r *money.Refund, now time.Time) ecommerceRefund {
	a := r.Amounts()
	e := ecommerceRefund{refundFactsOf(r, now), ecommerceAmount{r.Amount, a.PayerRefund, a.DiscountRefund, "CNY", 0},
		refundPromotionsOf(r), bySubMerchant, r.FundsAccount}
	if e.Status == money.RefundClosed {
		e.Status = "CLOSE" // spelled like this here
	}
	if r.Advance != nil {
		e.Account, e.Amount.Advance = byPartner, a.SettlementRefund
	}
	return e
}

// The merchants that a refund is paid by.
const (
	bySubMerchant = "REFUND_SOURCE_SUB_MERCHANT"
	byPartner     = "REFUND_SOURCE_PARTNER_ADVANCE"
)

// returnAdvance gives back to a partner what it has advanced. Repeating the call
// changes nothing.
//
// https://pay.weixin.qq.com/wiki/doc/apiv3_partner/apis/chapter7_6_4.shtml
func returnAdvance(c *call) (int, any, error) {
	r, err := c.advancedRefund()
	if err != nil {
		return 0, nil, err
	}
	if err := c.ReturnAdvance(r); err != nil {
		return 0, nil, err
	}
	return http.StatusOK, advanceAnswerOf(r), nil
}

func queryAdvance(c *call) (int, any, error) {
	r, err := c.advancedRefund()
	if err != nil {
		return 0, nil, err
	}
	if r.Advance.ReturnID == "" {
		return 0, nil, money.ErrNoRefund
	}
	return http.StatusOK, advanceAnswerOf(r), nil
}

// advancedRefund returns the refund of the path, if a partner has advanced it.
func (c *call) advancedRefund() (*money.Refund, error) {
	r, err := c.refundOfPath()
	if err == nil && r.Advance == nil {
		err = wire.Invalid("the refund is not advanced; it takes the refund_account " + byPartner)
	}
	return r, err
}

// An advanceAnswer is an advance that is given back.
type advanceAnswer struct {
	RefundID string `json:"refund_id"`
	ReturnID string `json:"advance_return_id"`
	Amount   int64  `json:"return_amount"`
	Payer    string `json:"payer_mchid"`
	From     string `json:"payer_account"`
	Payee    string `json:"payee_mchid"`
	To       string `json:"payee_account"`
	Result   string `json:"result"`
	Time     string `json:"success_time"`
}

func advanceAnswerOf(r *money.Refund) advanceAnswer {
	return advanceAnswer{r.RefundID, r.Advance.ReturnID, r.Amounts().SettlementRefund, r.SubMchID, "BASIC", r.MchID, "BASIC", "SUCCESS", beijing.Format(r.Advance.Returned)}
}
