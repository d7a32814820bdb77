package sandbox

import (
	"fmt"
	"net/http"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
)

// An advance is the money of a refund that the partner gives for the
// sub-merchant.
type advance struct {
	ReturnID string    `json:"return_id,omitempty"` // of giving it back to the partner
	Returned time.Time `json:"returned,omitzero"`
}

// The merchants that a refund is paid by.
const (
	bySubMerchant = "REFUND_SOURCE_SUB_MERCHANT"
	byPartner     = "REFUND_SOURCE_PARTNER_ADVANCE"
)

// returnAdvance gives back to a partner what it has advanced; to give it back
// again changes nothing.
//
// https://pay.weixin.qq.com/wiki/doc/apiv3_partner/apis/chapter7_6_4.shtml
func returnAdvance(c *call) (int, any, error) {
	r, err := c.advancedRefund()
	if err != nil {
		return 0, nil, err
	}
	if state, _ := r.state(c.now); state != RefundSuccess {
		return 0, nil, invalid(fmt.Sprintf("the refund is %s, not %s", state, RefundSuccess))
	}
	if r.Advance.ReturnID == "" {
		n, err := c.number("advance_return_id")
		if err != nil {
			return 0, nil, err
		}
		r.Advance = &advance{ReturnID: "3010" + beijing.Day(c.now) + n, Returned: c.now}
		if err := r.postAdvance(c.tx); err != nil {
			return 0, nil, err
		}
		if err := r.save(c.tx); err != nil {
			return 0, nil, err
		}
	}
	return http.StatusOK, r.advanceAnswer(), nil
}

func queryAdvance(c *call) (int, any, error) {
	r, err := c.advancedRefund()
	if err != nil {
		return 0, nil, err
	}
	if r.Advance.ReturnID == "" {
		return 0, nil, errNoRefund
	}
	return http.StatusOK, r.advanceAnswer(), nil
}

// advancedRefund is the refund of the path, if a partner has advanced it.
func (c *call) advancedRefund() (*refund, error) {
	r, err := c.refundOfPath()
	if err == nil && r.Advance == nil {
		err = invalid("the refund is not advanced; it takes the refund_account " + byPartner)
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

func (r *refund) advanceAnswer() advanceAnswer {
	return advanceAnswer{r.RefundID, r.Advance.ReturnID, r.amounts().SettlementRefund, r.SubMchID, "BASIC", r.MchID, "BASIC", "SUCCESS", beijing.Format(r.Advance.Returned)}
}
