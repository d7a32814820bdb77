package explain

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"github.com/wxchain/wechatpay/openapi"
)

// beijing is the time zone of the platform.
var beijing = time.FixedZone("", 8*60*60)

// A Caller is the merchant whose calls are shown.
type Caller struct {
	MchID    string
	SubMchID string // of a partner
	Now      time.Time
	// Known returns the value that a field has in place of its documented example, or
	// false. It may be nil.
	Known func(name string) (text string, ok bool)
}

// A Sample is a call with examples of its values. Of fields of which the call needs one,
// it has the first.
type Sample struct {
	Caller
	op *openapi.Operation
}

// Sample returns a sample of an operation.
func (c Caller) Sample(op *openapi.Operation) Sample { return Sample{c, op} }

// A Value is the example of a parameter.
type Value struct{ Name, Text string }

// Path returns the variables of the template.
func (s Sample) Path() []Value { return s.values(PathParameters(s.op)) }

// Headers returns the headers that the call needs.
func (s Sample) Headers() []Value {
	return s.values(slices.DeleteFunc(slices.Clone(s.op.Headers), func(p openapi.Parameter) bool { return !p.Required }))
}

// upload returns the name of the file that an upload sends.
func (s Sample) upload() string {
	if strings.Contains(s.op.Template, "video") {
		return "video.mp4"
	}
	return "image.jpg"
}

// Query returns what the query needs.
func (s Sample) Query() []Value {
	chosen := append(choose(s.op.QueryOneOf), slices.Collect(maps.Keys(s.special()))...)
	var needed []openapi.Parameter
	for _, p := range s.op.Query {
		if p.Required || slices.Contains(chosen, p.Name) {
			needed = append(needed, p)
		}
	}
	return s.values(needed)
}

func (s Sample) values(list []openapi.Parameter) []Value {
	var values []Value
	for _, p := range list {
		text, ok := s.own(p.Name)
		if !ok {
			text = openapi.ExampleValue(p)
		}
		values = append(values, Value{p.Name, text})
	}
	return values
}

// own returns what the caller knows, the merchant's number for the fields that have it,
// that of its sub-merchant, and for the date of a bill yesterday.
func (s Sample) own(name string) (text string, ok bool) {
	if s.Known != nil {
		if text, ok := s.Known(name); ok {
			return text, true
		}
	}
	switch name {
	case "mchid", "mch_id", "sp_mchid", "combine_mchid", "combine_mch_id", "stock_creator_mchid", "creator_mchid", "belong_merchant", "complainted_mchid":
		return s.MchID, true
	case "sub_mchid", "sub_mch_id":
		return s.SubMchID, true
	case "bill_date":
		layout := time.DateOnly
		if isV2(s.op) {
			layout = "20060102"
		}
		const ready = 10 * time.Hour // of the next day
		return s.Now.In(beijing).Add(-ready).AddDate(0, 0, -1).Format(layout), true
	}
	return "", false
}

// special returns fields that the documentation demands in words, and examples of it
// that fit its own rules: the JSON of each value, or "" for the documented example.
func (s Sample) special() map[string]string {
	switch s.op.String() {
	case "POST v2/pay/unifiedorder": // of JSAPI
		return map[string]string{"openid": ""}
	case "GET v3/marketing/favor/users/{openid}/coupons": // or sender_mchid, or available_mchid
		return map[string]string{"creator_mchid": ""}
	case "POST v3/marketing/favor/users/{openid}/coupons": // of a stock without a fixed amount
		return map[string]string{"coupon_value": "", "coupon_minimum": ""}
	case "GET v3/transfer-detail/electronic-receipts", "POST v3/transfer-detail/electronic-receipts": // of a transfer in a batch
		return map[string]string{"out_batch_no": ""}
	case "POST v3/marketing/favor/coupon-stocks":
		day := func(days int) string { return s.Now.In(beijing).AddDate(0, 0, days).Format(`"` + time.RFC3339 + `"`) }
		return map[string]string{
			"stock_name": `"代金券批次"`, "available_begin_time": day(1), "available_end_time": day(31),
			"stock_use_rule":  `{"max_coupons":100,"max_amount":10000,"max_coupons_per_user":1,"natural_person_limit":false,"prevent_api_abuse":false}`,
			"coupon_use_rule": `{"fixed_normal_coupon":{"coupon_amount":100,"transaction_minimum":101},"available_merchants":["` + s.MchID + `"]}`,
		}
	}
	if body := s.op.JSON; body != nil && body.Property("transfer_amount") != nil && body.Property("transfer_scene_report_infos") != nil {
		return map[string]string{ // a scene has its own infos; large amounts need a name
			"transfer_amount":             "100",
			"transfer_scene_report_infos": `[{"info_type":"活动名称","info_content":"新会员有礼"},{"info_type":"奖励说明","info_content":"注册会员抽奖一等奖"}]`,
		}
	}
	return nil
}

// body returns the body with all fields, without alternatives to those that it has. It
// is nil if there is no body.
func (s Sample) body() []byte {
	return s.bodyWith(func(openapi.Property, []string) bool { return true })
}

// Least returns the body with the fields that the call needs.
func (s Sample) Least() []byte {
	return s.bodyWith(func(p openapi.Property, chosen []string) bool {
		return p.Required || slices.Contains(chosen, p.Name)
	})
}

// bodyWith returns the body with the fields that keep takes. It gets the alternatives
// that were chosen among the other fields.
func (s Sample) bodyWith(keep func(p openapi.Property, chosen []string) bool) []byte {
	body, schema := openapi.Example(s.op, 0), s.op.Body()
	if body == nil || schema == nil {
		return body
	}
	special := s.special()
	body = s.cut(nil, gjson.ParseBytes(body), schema, func(p openapi.Property, chosen []string) bool {
		_, ok := special[p.Name]
		return ok || keep(p, chosen)
	})
	for name, raw := range special {
		if raw != "" {
			body, _ = sjson.SetRawBytes(body, name, []byte(raw)) // it is there, so it keeps its place
		}
	}
	return agree(s.op, body)
}

// agree makes the parts of a body agree with each other, which the documented examples
// of its fields do not: a combined order has two orders or more, and a batch has the
// number and the sum of its transfers.
func agree(op *openapi.Operation, body []byte) []byte {
	const orders, transfers = "sub_orders", "transfer_detail_list"
	set := func(path string, value any) { body, _ = sjson.SetBytes(body, path, value) }
	if order := gjson.GetBytes(body, orders+".0"); strings.HasPrefix(op.Template, "v3/combine-transactions/") && order.Exists() {
		body, _ = sjson.SetRawBytes(body, orders+".1", []byte(order.Raw))
		set(orders+".1.out_trade_no", order.Get("out_trade_no").String()+"-2")
	}
	if gjson.GetBytes(body, transfers+".0.transfer_amount").Exists() && gjson.GetBytes(body, "total_num").Exists() {
		set(transfers+".0.transfer_amount", 100)
		set("total_amount", 100)
		set("total_num", 1)
	}
	return body
}

// cut appends v without the fields that are not wanted.
func (s Sample) cut(dst []byte, v gjson.Result, schema *openapi.Schema, keep func(openapi.Property, []string) bool) []byte {
	switch {
	case v.IsArray() && schema.Items != nil:
		dst = append(dst, '[')
		for i, element := range v.Array() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = s.cut(dst, element, schema.Items, keep)
		}
		return append(dst, ']')
	case v.IsObject() && len(schema.Properties) > 0:
		return s.cutObject(dst, v, schema, keep)
	}
	return append(dst, v.Raw...)
}

func (s Sample) cutObject(dst []byte, v gjson.Result, schema *openapi.Schema, keep func(openapi.Property, []string) bool) []byte {
	chosen, others := choose(schema.OneOf), slices.Concat(slices.Concat(schema.OneOf...)...)
	var kept []openapi.Property
	for _, p := range schema.Properties {
		isOther := slices.Contains(others, p.Name) && !slices.Contains(chosen, p.Name)
		if field(v, p.Name).Exists() && !isOther && keep(p, chosen) {
			kept = append(kept, p)
		}
	}
	if len(kept) == 0 { // an object with no field counts as absent
		kept = schema.Properties[:1]
	}
	dst = append(dst, '{')
	for i, p := range kept {
		if i > 0 {
			dst = append(dst, ',')
		}
		name := numbered.Replace(p.Name)
		dst = append(appendText(dst, name), ':')
		if text, ok := s.own(p.Name); ok && p.Type == openapi.String {
			dst = appendText(dst, text)
		} else {
			dst = s.cut(dst, field(v, p.Name), p.Schema, keep)
		}
	}
	return append(dst, '}')
}

// numbered writes the n of a numbered field as [openapi.Example] does.
var numbered = strings.NewReplacer("$n", "0", "$m", "0")

func field(v gjson.Result, name string) gjson.Result {
	return v.Get(gjson.Escape(numbered.Replace(name)))
}

// choose returns the fields of the first alternative of each group.
func choose(groups []openapi.OneOf) []string {
	var chosen []string
	for _, group := range groups {
		chosen = append(chosen, group[0]...)
	}
	return chosen
}

func appendText(dst []byte, text string) []byte {
	quoted, _ := json.Marshal(text) // a string has always a form in JSON
	return append(dst, quoted...)
}
