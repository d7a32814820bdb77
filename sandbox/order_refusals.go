package sandbox

import (
	"fmt"
	"net/http"
)

// What the rules of orders refuse, with the codes of both protocols.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012791856 (APIv3),
// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_1 (APIv2)
var (
	errNoOrder = &refusal{Status: http.StatusNotFound, Code: "ORDER_NOT_EXIST", CodeV2: "ORDERNOTEXIST",
		Message: "there is no such order of this merchant"}
	errOrderClosed = &refusal{Status: http.StatusBadRequest, Code: "ORDER_CLOSED", CodeV2: "ORDERCLOSED",
		Message: "the order is closed; take a new out_trade_no"}
	errOrderUsed = &refusal{Status: http.StatusForbidden, Code: "OUT_TRADE_NO_USED",
		Message: "out_trade_no was used for another order; repeat that request as it was, or take a new number"}
	errOrderFailed = &refusal{Status: http.StatusBadRequest, Code: "INVALID_REQUEST", CodeV2: "TRADE_ERROR",
		Message: "the payment of the order failed; take a new out_trade_no"}
	errOrderReversed = &refusal{Status: http.StatusBadRequest, Code: "INVALID_REQUEST", CodeV2: "ORDERREVERSED",
		Message: "the order is reversed; take a new out_trade_no"}
	errOrderPaid = &refusal{Status: http.StatusBadRequest, Code: "INVALID_REQUEST", CodeV2: "ORDERPAID",
		Message: "the order is paid"}
	errPaidClosed = &refusal{Status: http.StatusBadRequest, Code: "INVALID_REQUEST", CodeV2: "ORDERPAID",
		Message: "the order is paid; a paid order cannot be closed, but refunded"}
	errPartClosed = &refusal{Status: http.StatusBadRequest, Code: "INVALID_REQUEST", CodeV2: "TRADE_ERROR",
		Message: "the order is part of a combined one; close that"}
	errUserPaying = &refusal{Status: http.StatusBadRequest, Code: "INVALID_REQUEST", CodeV2: "USERPAYING",
		Message: "the user is about to pay the order; query it, or reverse it"}
	errNotByCode = &refusal{Status: http.StatusBadRequest, Code: "INVALID_REQUEST", CodeV2: "TRADE_ERROR",
		Message: "only payments by code can be reversed; close the order, or refund it"}
	errReverseRefunded = &refusal{Status: http.StatusBadRequest, Code: "INVALID_REQUEST", CodeV2: "TRADE_ERROR",
		Message: "the order has refunds; refund what is left of it"}
	errReverseLate = &refusal{Status: http.StatusBadRequest, Code: "INVALID_REQUEST", CodeV2: "REVERSE_EXPIRE",
		Message: "the order was paid more than seven days ago; refund it"}

	errNoRefund = &refusal{Status: http.StatusNotFound, Code: "RESOURCE_NOT_EXISTS", CodeV2: "REFUNDNOTEXIST",
		Message: "there is no such refund of this merchant"}
	errRefundUsed = &refusal{Status: http.StatusBadRequest, Code: "INVALID_REQUEST", CodeV2: "REFUND_FEE_MISMATCH",
		Message: "out_refund_no was used for another refund; repeat that request as it was, or take a new number"}
	errNotPaid = &refusal{Status: http.StatusBadRequest, Code: "INVALID_REQUEST", CodeV2: "TRADE_STATE_ERROR",
		Message: "the order is not paid"}
	errPaidLongAgo = &refusal{Status: http.StatusBadRequest, Code: "INVALID_REQUEST", CodeV2: "TRADE_OVERDUE",
		Message: "the order was paid more than a year ago"}
	errManyRefunds = &refusal{Status: http.StatusForbidden, Code: "RULE_LIMIT", CodeV2: "INVALID_REQ_TOO_MUCH",
		Message: fmt.Sprintf("the order has %d refunds, which is the most", maxRefunds)}
)

func errRefundTooMuch(amount, left int64) *refusal {
	return &refusal{Status: http.StatusBadRequest, Code: "INVALID_REQUEST", CodeV2: "ERROR",
		Message: fmt.Sprintf("the refund is of %d fen, but %d are left of the order", amount, left)}
}
