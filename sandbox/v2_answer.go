package sandbox

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
	"github.com/wxchain/wechatpay/signer"
)

// codeV2 is the code as APIv2 has it.
func (r *refusal) codeV2() string {
	switch code := cmp.Or(r.CodeV2, r.Code); code {
	case "SYSTEM_ERROR":
		return "SYSTEMERROR"
	case "SIGN_ERROR":
		return "SIGNERROR"
	default:
		return code
	}
}

// messageV2 is the message with the field at fault as APIv2 calls it.
func (r *refusal) messageV2() string {
	at, ok := r.Detail.(fieldDetail)
	if !ok {
		return r.Message
	}
	name := strings.TrimPrefix(at.Field, "/")
	switch name {
	case "amount/total":
		name = "total_fee"
	case "amount/refund":
		name = "refund_fee"
	}
	return name + ": " + at.Issue
}

// v2 is the refusal of a request that is not shown to be a merchant's: it has
// the status 200 and no sign.
func (r *refusal) v2() reply {
	code := r.codeV2()
	body, err := xmlmap.Encode(map[string]any{
		"return_code": "FAIL", "return_msg": r.Message, "result_code": "FAIL", "err_code": code, "err_code_des": r.Message,
	})
	if err != nil { // the message quotes what XML cannot hold
		body = []byte("<xml><return_code>FAIL</return_code><return_msg>" + code + "</return_msg></xml>")
	}
	return reply{status: http.StatusOK, contentType: typeXML, body: body, code: code}
}

// reply is the answer with fields, or the refusal that err is, signed as the
// request was. Fields with an err_code refuse as well: what their handler stored
// is kept. Without fields it is a file, a page, or the way to one.
func (c *callV2) reply(op *openapi.Operation, fields map[string]any, err error) (reply, error) {
	if no := new(refusal); errors.As(err, &no) {
		if refusesBill(op) {
			return no.bill()
		}
		refused := map[string]any{"err_code": no.codeV2(), "err_code_des": no.messageV2()}
		maps.Copy(refused, fields)
		fields, err = refused, nil
	}
	switch {
	case err != nil:
		return reply{}, err
	case c.file != nil:
		return reply{status: http.StatusOK, contentType: http.DetectContentType(c.file), body: c.file}, nil
	case fields == nil:
		return reply{status: exampleStatus(op), contentType: typeXML}, nil
	}
	c.echo(op, fields)
	code, _ := fields["err_code"].(string)
	fields["return_code"], fields["return_msg"], fields["result_code"] = "SUCCESS", "OK", "SUCCESS"
	if code != "" {
		fields["result_code"] = "FAIL"
	}
	out := reply{status: http.StatusOK, contentType: typeXML, code: code}
	out.body, err = sealV2(fields, signTypeOf(c.fields), c.merchant.APIv2Key)
	return out, err
}

// echo puts into an answer what every answer repeats of its request. The
// catalogue lacks some of the fields of partners.
func (c *callV2) echo(op *openapi.Operation, fields map[string]any) {
	r, _ := op.Response(http.StatusOK)
	for _, name := range [...]string{"appid", "mch_id", "sub_appid", "sub_mch_id", "device_info"} {
		documented := strings.HasPrefix(name, "sub_") || r.Body != nil && r.Body.Property(name) != nil
		if text := c.fields[name]; text != "" && documented {
			fields[name] = text
		}
	}
}

// sealV2 signs fields, and returns them as the XML of an answer or a
// notification.
func sealV2(fields map[string]any, signType, key string) ([]byte, error) {
	fields["nonce_str"] = middleware.NewNonce()
	delete(fields, "sign")
	if _, ok := fields["sign_type"]; ok {
		fields["sign_type"] = signType
	}
	// What is signed is what the other side reads: a list of one is no list.
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

// digits is a number as APIv2 writes it.
func digits[N int | int64](n N) string { return strconv.FormatInt(int64(n), 10) }
