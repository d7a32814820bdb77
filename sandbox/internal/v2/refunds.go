package v2

import (
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// refunds returns the handlers of refunds. APIv2 and APIv3 share the refunds.
//
// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_4 (refund),
// …?chapter=9_5 (query)
func refunds() map[string]handler {
	all := make(map[string]handler)
	for _, version := range [...]string{"", "v2"} { // v2 names goods too
		all["POST v2/secapi/pay/refund"+version] = handler{handle: applyRefund}
		all["POST v2/pay/refundquery"+version] = handler{handle: queryRefunds, reads: true}
	}
	return all
}

func applyRefund(c *call) (map[string]any, error) {
	w, err := c.owner()
	if err != nil {
		return nil, err
	}
	f := c.fields
	made := money.Refund{
		Owner: w, AppID: f["appid"], SubAppID: f["sub_appid"], OutRefundNo: f["out_refund_no"], OutTradeNo: f["out_trade_no"], TransactionID: f["transaction_id"],
		FundsAccount: fundsAccounts[f["refund_account"]], NotifyURL: f["notify_url"], Reason: f["refund_desc"],
	}
	if made.FundsAccount == "" {
		return nil, wire.BadField("refund_account", f["refund_account"], "REFUND_SOURCE_UNSETTLED_FUNDS or REFUND_SOURCE_RECHARGE_FUNDS is wanted")
	}
	if err := money.CheckCurrency("refund_fee_type", f["refund_fee_type"]); err != nil {
		return nil, err
	}
	if made.Total, err = c.fen("total_fee"); err != nil {
		return nil, err
	}
	if made.Amount, err = c.fen("refund_fee"); err != nil {
		return nil, err
	}
	if made.Fingerprint, err = c.fingerprint("refund"); err != nil {
		return nil, err
	}
	r, err := c.AskRefund(made)
	if err != nil {
		return nil, err
	}
	return accepted(r), nil
}

// maxRefundsShown is the largest number of refunds in an answer.
const maxRefundsShown = 10

// queryRefunds answers with one refund, or with the refunds of an order from an
// offset on.
func queryRefunds(c *call) (map[string]any, error) {
	all, err := c.refundsNamed()
	if err != nil {
		return nil, err
	}
	offset := 0
	if text := c.fields["offset"]; text != "" {
		if offset, err = strconv.Atoi(text); err != nil || offset < 0 {
			return nil, wire.BadField("offset", text, "an integer of 0 or more is wanted")
		}
	}
	if offset >= len(all) {
		return nil, money.ErrNoRefund
	}
	shown := all[offset:min(offset+maxRefundsShown, len(all))]
	texts := orderOf(shown[0])
	texts["total_refund_count"], texts["refund_count"] = digits(len(all)), digits(len(shown))
	for i, r := range shown {
		maps.Copy(texts, refundTexts(r, i, c.Now))
	}
	return present(texts), nil
}

// refundsNamed returns the refunds that the fields name. The first number that is
// there of four counts.
func (c *call) refundsNamed() ([]*money.Refund, error) {
	w, err := c.owner()
	if err != nil {
		return nil, err
	}
	switch id, number := c.fields["refund_id"], c.fields["out_refund_no"]; {
	case id != "":
		r, err := c.RefundByID(w, id)
		return []*money.Refund{r}, err
	case number != "":
		r, err := c.Refund(w, number)
		return []*money.Refund{r}, err
	}
	o, err := c.EitherOrder(w, c.fields["transaction_id"], c.fields["out_trade_no"])
	if err != nil {
		return nil, err
	}
	return c.RefundsOf(o)
}

// refundStates are the states of refunds that have other names in APIv2.
var refundStates = map[money.RefundState]string{money.RefundClosed: "REFUNDCLOSE", money.RefundAbnormal: "CHANGE"}

// fundsAccounts are the accounts that refunds are paid from: the names of APIv2
// and those of APIv3.
var fundsAccounts = map[string]string{
	"":                              "UNSETTLED",
	"REFUND_SOURCE_UNSETTLED_FUNDS": "UNSETTLED",
	"REFUND_SOURCE_RECHARGE_FUNDS":  "AVAILABLE",
}

// stateOf returns the state of a refund at an instant, and when it became
// SUCCESS, or "".
func stateOf(r *money.Refund, now time.Time) (state, succeeded string) {
	is, since := r.StateAt(now)
	if is == money.RefundSuccess {
		return string(is), beijing.DateTime(since)
	}
	if name, ok := refundStates[is]; ok {
		return name, ""
	}
	return string(is), ""
}

func accountOf(r *money.Refund) string {
	if r.FundsAccount == "UNSETTLED" {
		return "REFUND_SOURCE_UNSETTLED_FUNDS"
	}
	return "REFUND_SOURCE_RECHARGE_FUNDS"
}

// orderOf returns the order of a refund as the answers of APIv2 show it.
func orderOf(r *money.Refund) map[string]string {
	a := r.Amounts()
	return map[string]string{
		"transaction_id": r.TransactionID, "out_trade_no": r.OutTradeNo, "total_fee": digits(r.Total),
		"settlement_total_fee": digits(a.SettlementTotal), "fee_type": "CNY", "cash_fee": digits(a.PayerTotal),
	}
}

// accepted returns the answer to a request for a refund.
func accepted(r *money.Refund) map[string]any {
	a := r.Amounts()
	texts := orderOf(r)
	maps.Copy(texts, refundCoupons(r, ""))
	maps.Copy(texts, map[string]string{
		"out_refund_no": r.OutRefundNo, "refund_id": r.RefundID, "refund_fee": digits(r.Amount),
		"settlement_refund_fee": digits(a.SettlementRefund), "cash_refund_fee": digits(a.PayerRefund), "cash_fee_type": "CNY",
	})
	return present(texts)
}

// refundTexts returns a refund as the n-th of a query.
func refundTexts(r *money.Refund, n int, now time.Time) map[string]string {
	end := fmt.Sprintf("_%d", n)
	state, succeeded := stateOf(r, now)
	channel, received := r.Channel()
	texts := refundCoupons(r, end)
	for name, text := range map[string]string{
		"out_refund_no": r.OutRefundNo, "refund_id": r.RefundID, "refund_channel": channel, "refund_fee": digits(r.Amount),
		"settlement_refund_fee": digits(r.Amounts().SettlementRefund), "refund_status": state, "refund_account": accountOf(r),
		"refund_recv_accout": received, "refund_success_time": succeeded, // as the platform spells it
	} {
		texts[name+end] = text
	}
	return texts
}
