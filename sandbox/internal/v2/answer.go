package v2

import (
	"cmp"
	"errors"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
	"github.com/wxchain/wechatpay/signer"
)

// A refusal is the code and the message with which APIv2 refuses.
type refusal struct{ code, message string }

// codes are the codes for the domain's reasons to refuse.
//
// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_1 (orders)
var codes = map[money.Reason]string{
	money.WrongField: "PARAM_ERROR",
	money.Unfit:      "INVALID_REQUEST",

	money.NotAuthorized: "NOAUTH",
	money.AppMismatch:   "APPID_MCHID_NOT_MATCH",

	money.NoOrder:       "ORDERNOTEXIST",
	money.OrderUsed:     "OUT_TRADE_NO_USED",
	money.OrderClosed:   "ORDERCLOSED",
	money.OrderReversed: "ORDERREVERSED",
	money.OrderPaid:     "ORDERPAID",
	money.UserPaying:    "USERPAYING",
	money.UnfitTrade:    "TRADE_ERROR",
	money.ReverseLate:   "REVERSE_EXPIRE",
	money.BadCode:       "AUTH_CODE_INVALID",
	money.CodeExpired:   "AUTHCODEEXPIRE",
	money.UserNotEnough: "NOTENOUGH",
	money.NotEnough:     "NOTENOUGH",

	money.NoRefund:       "REFUNDNOTEXIST",
	money.NoRefundOrder:  "ORDERNOTEXIST",
	money.RefundMismatch: "REFUND_FEE_MISMATCH",
	money.NotPaid:        "TRADE_STATE_ERROR",
	money.PaidLongAgo:    "TRADE_OVERDUE",
	money.ManyRefunds:    "INVALID_REQ_TOO_MUCH",
	money.TooSoon:        "FREQUENCY_LIMITED",
	money.RefundTooMuch:  "ERROR",

	money.NoRedPacket:    "NOT_FOUND",
	money.RedPacketUsed:  "FATAL_ERROR",
	money.RedPacketLimit: "MONEY_LIMIT",

	money.NoStatement:       "NO_STATEMENT_EXIST",
	money.StatementCreating: "STATEMENT_CREATING",
}

// fieldNames are the names of fields that APIv2 and the domain name differently.
var fieldNames = map[string]string{"total": "total_fee", "refund": "refund_fee", "reason": "refund_desc"}

// explain returns an error in the form of APIv2. ok is false if the error is not
// a refusal.
func explain(err error) (no refusal, ok bool) {
	if r := (*money.Refusal)(nil); errors.As(err, &r) {
		no = refusal{cmp.Or(codes[r.Reason], "INVALID_REQUEST"), r.Message}
		if r.Field != nil {
			no.message = cmp.Or(fieldNames[r.Field.Name], r.Field.Name) + ": " + r.Field.Issue
		}
		return no, true
	}
	if r := (*wire.Refusal)(nil); errors.As(err, &r) {
		no = refusal{r.Code, r.Message}
		switch r.Code {
		case "SYSTEM_ERROR":
			no.code = "SYSTEMERROR"
		case "SIGN_ERROR":
			no.code = "SIGNERROR"
		}
		if at, ok := r.Detail.(wire.FieldDetail); ok {
			no.message = strings.TrimPrefix(at.Field, "/") + ": " + at.Issue
		}
		return no, true
	}
	return no, false
}

// Refuse returns the refusal of a request that was not verified as a merchant's:
// it has the status 200 and no sign.
func (*API) Refuse(err error) wire.Reply {
	no := wire.Failed()
	errors.As(err, &no)
	code := no.Code
	if told, ok := explain(no); ok {
		code = told.code
	}
	body, err := xmlmap.Encode(map[string]any{
		"return_code": "FAIL", "return_msg": no.Message, "result_code": "FAIL", "err_code": code, "err_code_des": no.Message,
	})
	if err != nil { // the message quotes a character that XML cannot hold
		body = []byte("<xml><return_code>FAIL</return_code><return_msg>" + code + "</return_msg></xml>")
	}
	return wire.Reply{Status: http.StatusOK, ContentType: wire.TypeXML, Body: body, Code: code}
}

// reply returns the answer with fields, or the refusal for err, signed as the
// request was. Fields with an err_code refuse too, but what their handler stored
// is kept. Without fields the answer is a file, a page, or a redirect to one.
func (c *call) reply(op *openapi.Operation, fields map[string]any, err error) (wire.Reply, error) {
	if no, ok := explain(err); ok {
		if refusesBill(op) {
			return refuseBill(no)
		}
		refused := map[string]any{"err_code": no.code, "err_code_des": no.message}
		maps.Copy(refused, fields)
		fields, err = refused, nil
	}
	switch {
	case err != nil:
		return wire.Reply{}, err
	case c.file != nil:
		return wire.Reply{Status: http.StatusOK, ContentType: http.DetectContentType(c.file), Body: c.file}, nil
	case fields == nil:
		return wire.Reply{Status: wire.ExampleStatus(op), ContentType: wire.TypeXML}, nil
	}
	c.echo(op, fields)
	code, _ := fields["err_code"].(string)
	fields["return_code"], fields["return_msg"], fields["result_code"] = "SUCCESS", "OK", "SUCCESS"
	if code != "" {
		fields["result_code"] = "FAIL"
	}
	out := wire.Reply{Status: http.StatusOK, ContentType: wire.TypeXML, Code: code}
	out.Body, err = seal(fields, signTypeOf(c.fields), c.merchant.APIv2Key)
	return out, err
}

// echo adds to an answer the fields that every answer repeats from its request.
// The catalogue lacks some of the fields of partners.
func (c *call) echo(op *openapi.Operation, fields map[string]any) {
	r, _ := op.Response(http.StatusOK)
	for _, name := range [...]string{"appid", "mch_id", "sub_appid", "sub_mch_id", "device_info"} {
		documented := strings.HasPrefix(name, "sub_") || r.Body != nil && r.Body.Property(name) != nil
		if text := c.fields[name]; text != "" && documented {
			fields[name] = text
		}
	}
}

// seal signs fields, and returns them as the XML of an answer or a
// notification.
func seal(fields map[string]any, signType, key string) ([]byte, error) {
	fields["nonce_str"] = middleware.NewNonce()
	delete(fields, "sign")
	if _, ok := fields["sign_type"]; ok {
		fields["sign_type"] = signType
	}
	// Sign what the other side reads: to it, a list of one element is not a list.
	text, err := xmlmap.Encode(fields)
	if err != nil {
		return nil, err
	}
	if fields, err = xmlmap.Decode(text); err != nil {
		return nil, err
	}
	if fields["sign"], err = signer.V2Sign(signType, key, textsOf(fields)); err != nil {
		return nil, err
	}
	return xmlmap.Encode(fields)
}

// digits returns a number as APIv2 writes it.
func digits[N int | int64](n N) string { return strconv.FormatInt(int64(n), 10) }
