package v3

import (
	"errors"
	"net/http"

	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// A code is a status and a code with which APIv3 refuses.
type code struct {
	status int
	code   string
}

var unfit = code{http.StatusBadRequest, "INVALID_REQUEST"}

// codes are the codes for the domain's reasons to refuse.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012791856 (orders)
var codes = map[money.Reason]code{
	money.WrongField: {http.StatusBadRequest, "PARAM_ERROR"},
	money.Unfit:      unfit,
	money.NotFound:   {http.StatusNotFound, "RESOURCE_NOT_EXISTS"},
	money.OverLimit:  {http.StatusForbidden, "RULE_LIMIT"},
	money.NotEnough:  {http.StatusForbidden, "NOT_ENOUGH"},

	money.NotAuthorized: {http.StatusForbidden, "NO_AUTH"},
	money.AppMismatch:   {http.StatusBadRequest, "APPID_MCHID_NOT_MATCH"},
	money.NoMerchant:    {http.StatusBadRequest, "MCH_NOT_EXISTS"},
	money.Blocked:       {http.StatusForbidden, "REQUEST_BLOCKED"},

	money.NoOrder:       {http.StatusNotFound, "ORDER_NOT_EXIST"},
	money.OrderUsed:     {http.StatusForbidden, "OUT_TRADE_NO_USED"},
	money.OrderClosed:   {http.StatusBadRequest, "ORDER_CLOSED"},
	money.OrderReversed: unfit,
	money.OrderPaid:     unfit,
	money.UserPaying:    unfit,
	money.UnfitTrade:    unfit,
	money.ReverseLate:   unfit,
	money.BadCode:       {http.StatusBadRequest, "AUTH_CODE_INVALID"},
	money.CodeExpired:   {http.StatusBadRequest, "AUTHCODEEXPIRE"},
	money.UserNotEnough: {http.StatusForbidden, "NOT_ENOUGH"},

	money.NoRefund:      {http.StatusNotFound, "RESOURCE_NOT_EXISTS"},
	money.RefundUsed:    unfit,
	money.NotPaid:       unfit,
	money.PaidLongAgo:   unfit,
	money.ManyRefunds:   {http.StatusForbidden, "RULE_LIMIT"},
	money.RefundTooMuch: unfit,

	money.NoTransfer:   {http.StatusNotFound, "NOT_FOUND"},
	money.TransferUsed: {http.StatusBadRequest, "ALREADY_EXISTS"},
	money.NoRedPacket:  {http.StatusNotFound, "NOT_FOUND"},

	money.NoStatement:       {http.StatusBadRequest, "NO_STATEMENT_EXIST"},
	money.StatementCreating: {http.StatusBadRequest, "STATEMENT_CREATING"},
}

// A place is the location and the name of a field in APIv3.
type place struct{ location, name string }

// places are the places of fields that are not in the body, or that APIv3 and the
// domain name differently.
var places = map[string]place{
	"total":     {"body", "/amount/total"},
	"refund":    {"body", "/amount/refund"},
	"openid":    {"uri_template", "openid"},
	"bill_date": {"query", "bill_date"},
}

// Explain returns an error in the form of APIv3.
func Explain(err error) *wire.Refusal {
	if no := (*wire.Refusal)(nil); errors.As(err, &no) {
		return no
	}
	no := (*money.Refusal)(nil)
	if !errors.As(err, &no) {
		return wire.Failed()
	}
	if f := no.Field; f != nil {
		at, ok := places[f.Name]
		if !ok {
			at = place{"body", "/" + f.Name}
		}
		return wire.ParamError(at.location, at.name, f.Value, f.Issue)
	}
	c, ok := codes[no.Reason]
	if !ok {
		c = unfit
	}
	return &wire.Refusal{Status: c.status, Code: c.code, Message: no.Message}
}
