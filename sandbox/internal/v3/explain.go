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

// codes are the codes for the domain's reasons to refuse, as the platform answers.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012791856 (orders),
// https://pay.weixin.qq.com/doc/v3/merchant/4012791862 (refunds)
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
	money.OrderUsed:     unfit,
	money.OrderClosed:   {http.StatusBadRequest, "ORDER_CLOSED"},
	money.OrderReversed: unfit,
	money.OrderPaid:     unfit,
	money.UserPaying:    unfit,
	money.UnfitTrade:    unfit,
	money.ReverseLate:   unfit,
	money.BadCode:       {http.StatusBadRequest, "AUTH_CODE_INVALID"},
	money.CodeExpired:   {http.StatusBadRequest, "AUTHCODEEXPIRE"},
	money.UserNotEnough: {http.StatusForbidden, "NOT_ENOUGH"},

	money.NoRefund:       {http.StatusNotFound, "RESOURCE_NOT_EXISTS"},
	money.NoRefundOrder:  {http.StatusNotFound, "RESOURCE_NOT_EXISTS"},
	money.RefundMismatch: unfit,
	money.NotPaid:        {http.StatusNotFound, "RESOURCE_NOT_EXISTS"},
	money.PaidLongAgo:    unfit,
	money.ManyRefunds:    {http.StatusForbidden, "RULE_LIMIT"},
	money.TooSoon:        {http.StatusTooManyRequests, "FREQUENCY_LIMITED"},
	money.RefundTooMuch:  unfit,

	money.ShareUsed:  {http.StatusBadRequest, "PARAM_ERROR"},
	money.ManyShares: unfit,

	money.NoneToCancel: unfit,
	money.NoTransfer:   {http.StatusNotFound, "NOT_FOUND"},
	money.TransferUsed: {http.StatusBadRequest, "ALREADY_EXISTS"},
	money.NoRedPacket:  {http.StatusNotFound, "NOT_FOUND"},

	money.NoStatement:       {http.StatusBadRequest, "NO_STATEMENT_EXIST"},
	money.StatementCreating: {http.StatusBadRequest, "STATEMENT_CREATING"},
}

// documented are the codes of the platform's pages where it answers otherwise.
//
// https://pay.weixin.qq.com/docs/merchant/apis/mini-program-payment/mini-prepay.html (orders),
// https://pay.weixin.qq.com/doc/v3/merchant/4014547102 (profit sharing),
// https://pay.weixin.qq.com/doc/v3/merchant/4012716458 (cancel of a transfer)
var documented = map[money.Reason]code{
	money.OrderUsed:    {http.StatusForbidden, "OUT_TRADE_NO_USED"},
	money.ShareUsed:    unfit,
	money.ManyShares:   {http.StatusForbidden, "RULE_LIMIT"},
	money.NoneToCancel: {http.StatusNotFound, "NOT_FOUND"},
}

// codeOf returns the code for a reason.
func (api *API) codeOf(r money.Reason) code {
	if c, ok := documented[r]; ok && api.AsDocumented {
		return c
	}
	if c, ok := codes[r]; ok {
		return c
	}
	return unfit
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
func (api *API) Explain(err error) *wire.Refusal {
	if no := (*wire.Refusal)(nil); errors.As(err, &no) {
		return no
	}
	no := (*money.Refusal)(nil)
	if !errors.As(err, &no) {
		return wire.Failed()
	}
	c := api.codeOf(no.Reason)
	told := &wire.Refusal{Status: c.status, Code: c.code, Message: no.Message}
	if f := no.Field; f != nil {
		at, ok := places[f.Name]
		if !ok {
			at = place{"body", "/" + f.Name}
		}
		told.Message, told.Detail = at.name+": "+f.Issue, wire.FieldDetail{Field: at.name, Value: f.Value, Issue: f.Issue, Location: at.location}
	}
	return told
}
