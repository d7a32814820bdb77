package v3

import (
	"cmp"
	"net/http"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// refunds returns the handlers of refunds. One order can have several.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012791862 (refund),
// https://pay.weixin.qq.com/doc/v3/merchant/4012791863 (query)
func refunds() map[string]handler {
	return map[string]handler{
		"POST v3/refund/domestic/refunds":                applyRefund,
		"GET v3/refund/domestic/refunds/{out_refund_no}": queryRefund,

		"POST v3/refund/domestic/refunds/{refund_id}/apply-abnormal-refund": retryRefund(func(r *money.Refund, c *call) any { return refundAnswerOf(r, c.Now) }),
	}
}

// available is the account that a refund can be paid from in place of the money
// that is not settled.
const available = "AVAILABLE"

func applyRefund(c *call) (int, any, error) {
	made, err := c.newRefund()
	if err != nil {
		return 0, nil, err
	}
	if made.FundsAccount != available {
		return 0, nil, wire.BadField("/funds_account", made.FundsAccount, "it is "+available+", or absent")
	}
	r, err := c.AskRefund(*made)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, refundAnswerOf(r, c.Now), nil
}

// newRefund reads a refund from the body.
func (c *call) newRefund() (*money.Refund, error) {
	w, err := ofEither(c)
	if err != nil {
		return nil, err
	}
	b := c.body
	if err := money.CheckCurrency("amount/currency", b.Get("amount.currency").String()); err != nil {
		return nil, err
	}
	made := &money.Refund{
		Owner:         w,
		OutRefundNo:   b.Get("out_refund_no").String(),
		OutTradeNo:    b.Get("out_trade_no").String(),
		TransactionID: b.Get("transaction_id").String(),
		Amount:        b.Get("amount.refund").Int(),
		Total:         b.Get("amount.total").Int(),
		FundsAccount:  cmp.Or(b.Get("funds_account").String(), available),
		NotifyURL:     b.Get("notify_url").String(),
		Reason:        b.Get("reason").String(),
	}
	made.Fingerprint, err = c.fingerprint("refund")
	return made, err
}

func queryRefund(c *call) (int, any, error) {
	r, err := c.refundOfPath()
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, refundAnswerOf(r, c.Now), nil
}

// refundOfPath returns the refund with the number in the path, which is either
// number.
func (c *call) refundOfPath() (*money.Refund, error) {
	w, err := ofEither(c)
	if err != nil {
		return nil, err
	}
	if id, ok := c.vars["refund_id"]; ok {
		return c.RefundByID(w, id)
	}
	return c.Ledger.Refund(w, c.vars["out_refund_no"])
}

// A refundFacts is what all answers show of a refund.
type refundFacts struct {
	RefundID      string            `json:"refund_id"`
	OutRefundNo   string            `json:"out_refund_no"`
	TransactionID string            `json:"transaction_id"`
	OutTradeNo    string            `json:"out_trade_no"`
	Channel       string            `json:"channel"`
	Received      string            `json:"user_received_account"`
	SuccessTime   string            `json:"success_time,omitempty"`
	CreateTime    string            `json:"create_time"`
	Status        money.RefundState `json:"status"`
}

// A refundAnswer is a refund as the platform shows it.
type refundAnswer struct {
	refundFacts
	FundsAccount string            `json:"funds_account"`
	Amount       refundAmount      `json:"amount"`
	Promotions   []refundPromotion `json:"promotion_detail,omitempty"`
}

type refundAmount struct {
	Total            int64  `json:"total"`
	Refund           int64  `json:"refund"`
	PayerTotal       int64  `json:"payer_total"`
	PayerRefund      int64  `json:"payer_refund"`
	SettlementRefund int64  `json:"settlement_refund"`
	SettlementTotal  int64  `json:"settlement_total"`
	DiscountRefund   int64  `json:"discount_refund"`
	Currency         string `json:"currency"`
}

func refundFactsOf(r *money.Refund, now time.Time) refundFacts {
	state, since := r.StateAt(now)
	channel, received := r.Channel()
	f := refundFacts{
		RefundID: r.RefundID, OutRefundNo: r.OutRefundNo, TransactionID: r.TransactionID, OutTradeNo: r.OutTradeNo,
		Channel: channel, Received: received, CreateTime: beijing.Format(r.Created), Status: state,
	}
	if state == money.RefundSuccess {
		f.SuccessTime = beijing.Format(since)
	}
	return f
}

func refundAnswerOf(r *money.Refund, now time.Time) refundAnswer {
	return refundAnswer{refundFactsOf(r, now), r.FundsAccount, refundAmountOf(r), refundPromotionsOf(r)}
}

func refundAmountOf(r *money.Refund) refundAmount {
	a := r.Amounts()
	return refundAmount{
		Total: r.Total, Refund: r.Amount, PayerTotal: a.PayerTotal, PayerRefund: a.PayerRefund,
		SettlementRefund: a.SettlementRefund, SettlementTotal: a.SettlementTotal, DiscountRefund: a.DiscountRefund, Currency: "CNY",
	}
}

// retryRefund sends a refund that is ABNORMAL to a bank card of the user, or of
// the merchant, which then pays the user. Repeating the call changes nothing.
//
// https://pay.weixin.qq.com/docs/merchant/apis/refund/refunds/create-abnormal-refund.html
func retryRefund(answer func(r *money.Refund, c *call) any) handler {
	return func(c *call) (int, any, error) {
		r, err := c.refundOfPath()
		if err != nil {
			return 0, nil, err
		}
		if number := c.text("out_refund_no"); number != r.OutRefundNo {
			return 0, nil, wire.BadField("/out_refund_no", number, "it is not that of refund_id")
		}
		received, err := c.receivingCard()
		if err != nil {
			return 0, nil, err
		}
		print, err := c.fingerprint("retry") // of the plain text, because the ciphertext differs each time
		if err != nil {
			return 0, nil, err
		}
		if err := c.RetryRefund(r, received, print); err != nil {
			return 0, nil, err
		}
		return http.StatusOK, answer(r, c), nil
	}
}

// receivingCard returns the card that the body names, as answers show it.
func (c *call) receivingCard() (string, error) {
	if c.text("type") != "USER_BANK_CARD" {
		return "商户银行卡", nil
	}
	for _, field := range [...]string{"bank_type", "bank_account", "real_name"} {
		if c.text(field) == "" {
			return "", wire.BadField("/"+field, nil, "it is required with the type USER_BANK_CARD")
		}
	}
	account := c.text("bank_account")
	return c.text("bank_type") + account[max(0, len(account)-4):], nil
}
