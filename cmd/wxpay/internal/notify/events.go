package notify

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/tidwall/sjson"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/beijing"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/item"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/read"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/internal/shallow"
	"github.com/wxchain/wechatpay/internal/suggest"
	"github.com/wxchain/wechatpay/sandbox"
)

// A sample is an event with sample fields.
type sample struct {
	event, original, summary string
	merchant, time           string // names of the fields for the merchant's number and the time
	resource                 string
}

// samples are the events that have fields already, those of one kind together:
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012791861 (payment),
// https://pay.weixin.qq.com/doc/v3/merchant/4012791865 (refund),
// https://pay.weixin.qq.com/wiki/doc/apiv3/wxpay/marketing/convention/chapter3_15.shtml (coupon),
// https://pay.weixin.qq.com/docs/merchant/apis/batch-transfer-to-balance/callback-notice.html (transfer)
func samples() []sample {
	const refund = `{"transaction_id":"1217752501201407033233368018","out_trade_no":"1217752501201407033233368018",
		"refund_id":"50000000382019052709732678859","out_refund_no":"1217752501201407033233368018","refund_status":"%s",
		"user_received_account":"支付用户零钱","amount":{"total":100,"refund":100,"payer_total":100,"payer_refund":100}}`
	return []sample{
		{"TRANSACTION.SUCCESS", "transaction", "支付成功", "mchid", "success_time",
			`{"appid":"wxd678efh567hg6787","out_trade_no":"1217752501201407033233368018","transaction_id":"1217752501201407033233368018",
			"trade_type":"NATIVE","trade_state":"SUCCESS","trade_state_desc":"支付成功","bank_type":"OTHERS","attach":"附加数据",
			"payer":{"openid":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},"amount":{"total":100,"payer_total":100,"currency":"CNY","payer_currency":"CNY"}}`},
		{"REFUND.SUCCESS", "refund", "退款成功", "mchid", "success_time", fmt.Sprintf(refund, "SUCCESS")},
		{"REFUND.ABNORMAL", "refund", "退款异常", "mchid", "", fmt.Sprintf(refund, "ABNORMAL")},
		{"REFUND.CLOSED", "refund", "退款关闭", "mchid", "", fmt.Sprintf(refund, "CLOSED")},
		{"COUPON.USE", "coupon", "代金券核销通知", "stock_creator_mchid", "consume_information.consume_time",
			`{"stock_id":"9856888","coupon_id":"9867041","coupon_name":"微信支付代金券","status":"USED","coupon_type":"NORMAL","singleitem":false,
			"no_cash":false,"description":"微信支付营销",
			"create_time":"2018-06-08T10:34:56+08:00","start_time":"2018-06-08T10:34:56+08:00",
			"available_begin_time":"2018-06-08T10:34:56+08:00","available_end_time":"2038-06-08T10:34:56+08:00",
			"normal_coupon_information":{"coupon_amount":100,"transaction_minimum":100},
			"consume_information":{"consume_mchid":"1900000109","transaction_id":"1217752501201407033233368018"}}`},
		{"MCHTRANSFER.BILL.FINISHED", "mch_payment", "商家转账单据终态通知", "mch_id", "update_time",
			`{"out_bill_no":"plfk2020042013","transfer_bill_no":"1330000071100999991182020050700019480001","state":"SUCCESS","transfer_amount":100,
			"openid":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o","create_time":"2018-06-08T10:34:56+08:00"}`},
	}
}

func eventNames() (names []string) {
	for _, s := range samples() {
		names = append(names, s.event)
	}
	return names
}

// newEvent creates the event that the flags name, with the fields that items
// set.
func (f sendOptions) newEvent(mchID string, items []item.Item) (sandbox.Event, error) {
	e, resource, err := f.find(mchID, time.Now())
	if err != nil {
		return sandbox.Event{}, err
	}
	for _, i := range items {
		if resource, err = setField(resource, i); err != nil {
			return sandbox.Event{}, err
		}
	}
	e.Resource = json.RawMessage(resource)
	return e, nil
}

// find returns the event that the flags name, and its resource.
func (f sendOptions) find(mchID string, now time.Time) (e sandbox.Event, resource []byte, err error) {
	for _, s := range samples() {
		if s.event != f.event {
			continue
		}
		e = sandbox.Event{Type: s.event, OriginalType: s.original, Summary: s.summary}
		if f.resource != "" {
			break
		}
		resource, err = sjson.SetBytes([]byte(s.resource), s.merchant, mchID)
		if err == nil && s.time != "" {
			resource, err = sjson.SetBytes(resource, s.time, beijing.In(now).Format(time.RFC3339))
		}
		return e, resource, err
	}
	if f.resource == "" {
		if nearest := suggest.Nearest(f.event, eventNames()); nearest != "" {
			return e, nil, fmt.Errorf("--event %q has no sample fields; did you mean %s? Otherwise name a file with its fields: --resource", term.Cut(f.event), nearest)
		}
		return e, nil, fmt.Errorf("--event %q has no sample fields; these events have: %s; for others, name a file with the fields: --resource", term.Cut(f.event), strings.Join(eventNames(), ", "))
	}
	if e.Type == "" {
		original, _, _ := strings.Cut(strings.ToLower(f.event), ".")
		e = sandbox.Event{Type: f.event, OriginalType: original, Summary: f.event}
	}
	if resource, err = read.FileOrStdin(f.resource, os.Stdin); err != nil {
		return e, nil, err
	}
	if !shallow.ValidJSON(resource) {
		return e, nil, fmt.Errorf("--resource %s is not valid JSON", f.resource)
	}
	return e, resource, nil
}

// setField sets the field that an item names.
func setField(resource []byte, i item.Item) (set []byte, err error) {
	switch i.Kind {
	case item.Text:
		set, err = sjson.SetBytes(resource, i.Name, i.Value)
	case item.JSON:
		set, err = sjson.SetRawBytes(resource, i.Name, []byte(i.Value))
	default:
		return nil, errors.New("a field of a notification is name=text or name:=json; --resource names a file of fields")
	}
	if err != nil {
		return nil, fmt.Errorf("item %s: %w", i.Name, err)
	}
	return set, nil
}
