package sandbox

import (
	"fmt"
	"maps"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
)

// refundStatesV2 are the states of refunds that APIv2 calls otherwise.
var refundStatesV2 = map[RefundState]string{RefundClosed: "REFUNDCLOSE", RefundAbnormal: "CHANGE"}

// fundsAccounts are the accounts that a refund is paid from, as APIv2 calls them
// and as APIv3 does.
var fundsAccounts = map[string]string{
	"":                              "UNSETTLED",
	"REFUND_SOURCE_UNSETTLED_FUNDS": "UNSETTLED",
	"REFUND_SOURCE_RECHARGE_FUNDS":  "AVAILABLE",
}

// stateV2 is the state at an instant, and when it became SUCCESS, "" for
// not yet.
func (r *refund) stateV2(now time.Time) (state, succeeded string) {
	is, since := r.state(now)
	if is == RefundSuccess {
		return string(is), beijing.DateTime(since)
	}
	if name, ok := refundStatesV2[is]; ok {
		return name, ""
	}
	return string(is), ""
}

func (r *refund) accountV2() string {
	if r.FundsAccount == "UNSETTLED" {
		return "REFUND_SOURCE_UNSETTLED_FUNDS"
	}
	return "REFUND_SOURCE_RECHARGE_FUNDS"
}

// orderV2 is the order of a refund, as the answers of APIv2 show it.
func (r *refund) orderV2() map[string]string {
	a := r.amounts()
	return map[string]string{
		"transaction_id": r.TransactionID, "out_trade_no": r.OutTradeNo, "total_fee": digits(r.Total),
		"settlement_total_fee": digits(a.SettlementTotal), "fee_type": "CNY", "cash_fee": digits(a.PayerTotal),
	}
}

// acceptedV2 is a refund as the answer to asking for it.
func (r *refund) acceptedV2() map[string]any {
	a := r.amounts()
	texts := r.orderV2()
	maps.Copy(texts, r.couponsV2(""))
	maps.Copy(texts, map[string]string{
		"out_refund_no": r.OutRefundNo, "refund_id": r.RefundID, "refund_fee": digits(r.Amount),
		"settlement_refund_fee": digits(a.SettlementRefund), "cash_refund_fee": digits(a.PayerRefund), "cash_fee_type": "CNY",
	})
	return present(texts)
}

// textsV2 is a refund as the n-th of a query.
func (r *refund) textsV2(n int, now time.Time) map[string]string {
	end := fmt.Sprintf("_%d", n)
	state, succeeded := r.stateV2(now)
	shown := r.answer(now)
	texts := r.couponsV2(end)
	for name, text := range map[string]string{
		"out_refund_no": r.OutRefundNo, "refund_id": r.RefundID, "refund_channel": shown.Channel, "refund_fee": digits(r.Amount),
		"settlement_refund_fee": digits(shown.Amount.SettlementRefund), "refund_status": state, "refund_account": r.accountV2(),
		"refund_recv_accout": shown.Received, "refund_success_time": succeeded, // spelled so
	} {
		texts[name+end] = text
	}
	return texts
}

// endV2 tells that a refund which APIv2 asked for has ended.
//
// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_16
func (r *refund) endV2() resourceV2 {
	state, succeeded := r.stateV2(r.Settled)
	shown := r.answer(r.Settled)
	fields := present(r.partiesV2(r.AppID, r.SubAppID))
	fields["req_info"] = present(map[string]string{
		"out_refund_no": r.OutRefundNo, "out_trade_no": r.OutTradeNo, "refund_id": r.RefundID, "transaction_id": r.TransactionID,
		"refund_fee": digits(r.Amount), "settlement_refund_fee": digits(shown.Amount.SettlementRefund),
		"total_fee": digits(r.Total), "settlement_total_fee": digits(shown.Amount.SettlementTotal),
		"refund_status": state, "success_time": succeeded, "refund_account": r.accountV2(),
		"refund_recv_accout": shown.Received, "refund_request_source": "API",
	})
	return resourceV2{fields: fields}
}
