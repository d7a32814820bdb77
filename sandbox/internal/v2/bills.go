package v2

import (
	"cmp"
	"net/http"

	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// bills returns the handlers of bills. The answer is the bill itself.
//
// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_6
func bills() map[string]handler {
	return map[string]handler{
		"POST v2/pay/downloadbill": {handle: downloadBill, reads: true},
	}
}

func downloadBill(c *call) (map[string]any, error) {
	w, err := c.owner()
	if err != nil {
		return nil, err
	}
	on, err := c.api.Bills.Day(c.Now, beijing.DayLayout, c.fields["bill_date"])
	if err != nil {
		return nil, err
	}
	billType := cmp.Or(c.fields["bill_type"], "ALL")
	switch billType {
	case "ALL", "SUCCESS", "REFUND":
	case "RECHARGE_REFUND":
		return nil, &money.Refusal{Reason: money.NoStatement} // the sandbox has no recharges
	default:
		return nil, wire.BadField("bill_type", billType, "one of ALL, SUCCESS, REFUND, RECHARGE_REFUND is wanted")
	}
	tar := c.fields["tar_type"]
	if tar != "" && tar != "GZIP" {
		return nil, wire.BadField("tar_type", tar, "GZIP is wanted, or none")
	}
	if c.file, err = c.api.Bills.Make(c.Ledger, w.MchID, "trade", c.Now, on, billType, w.SubMchID); err != nil {
		return nil, err
	}
	if tar == "GZIP" {
		c.file, err = wire.Zip(c.file)
	}
	return nil, err
}

// refusesBill reports whether the refusals of an operation are those of a bill,
// with an error_code.
func refusesBill(op *openapi.Operation) bool {
	r, _ := op.Response(http.StatusOK)
	return r.Body != nil && r.Body.Property("error_code") != nil
}

// refuseBill returns the refusal of a bill's download, which has no sign.
func refuseBill(no refusal) (wire.Reply, error) {
	code, message := "20001", no.message
	switch no.code {
	case "NO_STATEMENT_EXIST":
		code, message = "20002", "No Bill Exist"
	case "STATEMENT_CREATING":
		code, message = "20003", "Bill Creating"
	}
	body, err := xmlmap.Encode(map[string]any{"return_code": "FAIL", "return_msg": message, "error_code": code})
	return wire.Reply{Status: http.StatusOK, ContentType: wire.TypeXML, Body: body, Code: code}, err
}
