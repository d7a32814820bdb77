package sandbox

import (
	"cmp"
	"net/http"

	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
)

// billsV2 are what happened on a day. The answer is the bill itself.
//
// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_6
func billsV2() map[string]handlerV2 {
	return map[string]handlerV2{
		"POST v2/pay/downloadbill": {handle: downloadBillV2, reads: true},
	}
}

func downloadBillV2(c *callV2) (map[string]any, error) {
	w, err := c.owner()
	if err != nil {
		return nil, err
	}
	on, err := billDay(c.now, beijing.DayLayout, c.fields["bill_date"])
	if err != nil {
		return nil, err
	}
	billType := cmp.Or(c.fields["bill_type"], billAll)
	switch billType {
	case billAll, billSuccess, billRefund:
	case "RECHARGE_REFUND":
		return nil, errNoStatement // nobody recharges here
	default:
		return nil, badField("bill_type", billType, "one of ALL, SUCCESS, REFUND, RECHARGE_REFUND is wanted")
	}
	if c.file, err = tradeBill(c.tx, w.MchID, w.SubMchID, on, billType); err != nil {
		return nil, err
	}
	if c.fields["tar_type"] == "GZIP" {
		c.file, err = zip(c.file)
	}
	return nil, err
}

// refusesBill tells whether the refusals of an operation are those of a bill,
// with an error_code.
func refusesBill(op *openapi.Operation) bool {
	r, _ := op.Response(http.StatusOK)
	return r.Body != nil && r.Body.Property("error_code") != nil
}

// bill is the refusal as the download of a bill says it, which has no sign.
func (r *refusal) bill() (reply, error) {
	code, message := "20001", r.messageV2()
	switch r.Code {
	case "NO_STATEMENT_EXIST":
		code, message = "20002", "No Bill Exist"
	case "STATEMENT_CREATING":
		code, message = "20003", "Bill Creating"
	}
	body, err := xmlmap.Encode(map[string]any{"return_code": "FAIL", "return_msg": message, "error_code": code})
	return reply{status: http.StatusOK, contentType: typeXML, body: body, code: code}, err
}
