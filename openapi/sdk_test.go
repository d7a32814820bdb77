package openapi_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/openapi"
)

// A sdkOperation is an operation as the models of wechatpay-go have it.
type sdkOperation struct {
	Method, Template string
	Path, Query      []sdkParameter
	JSON             *sdkSchema
}

type sdkParameter struct {
	Name     string
	Required bool
	sdkSchema
}

type sdkSchema struct {
	Type       string
	Enum       []any
	Items      *sdkSchema
	Properties map[string]*sdkSchema
	Fields     []string `json:"required"`
}

// UnmarshalJSON reads a parameter, of which required is a boolean.
func (p *sdkParameter) UnmarshalJSON(text []byte) error {
	var plain struct {
		Name, Type string
		Required   bool
		Enum       []any
		Items      *sdkSchema
	}
	err := json.Unmarshal(text, &plain)
	*p = sdkParameter{plain.Name, plain.Required, sdkSchema{Type: plain.Type, Enum: plain.Enum, Items: plain.Items}}
	return err
}

// sdkOperations returns the operations that wechatpay-go and the catalogue both
// know.
func sdkOperations(t *testing.T) map[*openapi.Operation]sdkOperation {
	t.Helper()
	text, err := os.ReadFile("testdata/wechatpay-go.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	known := make(map[*openapi.Operation]sdkOperation)
	for line := range bytes.Lines(text) {
		var o sdkOperation
		if err := json.Unmarshal(line, &o); err != nil {
			t.Fatal(err)
		}
		if op := openapi.Lookup(o.Method, o.Template); op != nil {
			known[op] = o
		}
	}
	return known
}

// A filler makes values that fit the SDK's models. It takes them from the
// catalogue's examples where these fit the model.
type filler struct {
	all  bool // optional fields too
	pick int  // which value of an enum
}

func (f filler) value(s *sdkSchema, known *openapi.Schema) any {
	switch {
	case s.Type == "object":
		return f.object(s, known)
	case s.Type == "array":
		var items *openapi.Schema
		if known != nil {
			items = known.Items
		}
		if s.Items == nil {
			return []any{}
		}
		return []any{f.value(s.Items, items)}
	case len(s.Enum) > 0:
		return s.Enum[f.pick%len(s.Enum)]
	}
	return s.scalar(known)
}

// scalar returns the catalogue's example, if it fits the model.
func (s *sdkSchema) scalar(known *openapi.Schema) any {
	text := "1"
	if known != nil && known.Properties == nil && known.Items == nil {
		text = openapi.ExampleValue(openapi.Parameter{Schema: *known})
	}
	switch s.Type {
	case "boolean":
		return text == "true"
	case "integer", "number":
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n
		}
		return 1
	}
	if text == "" {
		return "1"
	}
	return text
}

func (f filler) object(s *sdkSchema, known *openapi.Schema) map[string]any {
	m := make(map[string]any)
	for name, field := range s.Properties {
		if !f.all && !slices.Contains(s.Fields, name) && !f.needed(s, known, name) {
			continue
		}
		var inner *openapi.Schema
		if known != nil {
			if p := known.Property(name); p != nil {
				inner = p.Schema
			}
		}
		m[name] = f.value(field, inner)
	}
	return m
}

// needed reports whether a correct call gives a field that the model leaves optional:
// the one of several that is chosen, a list with what the call is about (the models
// call every list optional), and the payer of a JSAPI order.
func (f filler) needed(s *sdkSchema, known *openapi.Schema, name string) bool {
	switch name {
	case "transfer_detail_list", "qualification_ids", "apply_infos", "openid":
		return true
	}
	return known != nil && slices.ContainsFunc(known.OneOf, func(group openapi.OneOf) bool {
		return slices.Contains(chosen(group, func(name string) bool { return s.Properties[name] != nil }, f.pick), name)
	})
}

// chosen returns one of the alternatives that a model has all fields of.
func chosen(group openapi.OneOf, has func(name string) bool, pick int) []string {
	group = slices.DeleteFunc(slices.Clone(group), func(names []string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return !has(name) })
	})
	if len(group) == 0 {
		return nil
	}
	return group[pick%len(group)]
}

// request returns a call that fits the models.
func (f filler) request(t *testing.T, op *openapi.Operation, o sdkOperation) *http.Request {
	t.Helper()
	parameter := func(p sdkParameter, known []openapi.Parameter) string {
		var schema *openapi.Schema
		for i := range known {
			if known[i].Name == p.Name {
				schema = &known[i].Schema
			}
		}
		v := f.value(&p.sdkSchema, schema)
		if list, ok := v.([]any); ok {
			v = list[0]
		}
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Trim(string(text), `"`)
	}
	path := o.Template
	for _, p := range o.Path {
		path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(parameter(p, op.Path)))
	}
	query := make(url.Values)
	for _, p := range o.Query {
		if p.Required || f.all {
			query.Set(p.Name, parameter(p, op.Query))
		}
	}
	var body []byte
	if o.JSON != nil {
		var err error
		if body, err = json.Marshal(f.object(o.JSON, op.JSON)); err != nil {
			t.Fatal(err)
		}
	}
	req, err := http.NewRequest(o.Method, "https://api.mch.weixin.qq.com/"+path+"?"+query.Encode(), bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// What wechatpay-go's models allow is valid: with all fields and with the required
// ones alone, whatever the values of its enums.
func TestValidateAcceptsTheModelsOfWechatpayGo(t *testing.T) {
	operations := sdkOperations(t)
	for op, o := range operations {
		for pick := range 8 {
			for _, all := range []bool{true, false} {
				f := filler{all, pick}
				for _, opts := range [][]openapi.ValidateOption{nil, {openapi.Strict}} {
					if err := validate(f.request(t, op, o), opts...); err != nil {
						t.Errorf("all fields %t, value %d, %d options: %v", all, pick, len(opts), err)
					}
				}
			}
		}
	}
	if len(operations) < 118 {
		t.Errorf("%d operations, want 118 or more", len(operations))
	}
}

// An H5 order names the payer's address and the kind of page.
func TestValidateWantsTheSceneOfAnH5Order(t *testing.T) {
	const order = `{"appid":"wx1","mchid":"1","description":"tea","out_trade_no":"1","notify_url":"https://example.com","amount":{"total":100},` +
		`"scene_info":{"payer_client_ip":"1.2.3.4","h5_info":{"type":"Wap"}}}`
	testValidations(t, []validation{
		{"whole", "POST", "/v3/pay/transactions/h5", order, "", ""},
		{"no address", "POST", "/v3/pay/transactions/h5", with(order, `"payer_client_ip":"1.2.3.4",`, ""), "body scene_info.payer_client_ip: required, missing (用户终端IP)", ""},
		{"no page", "POST", "/v3/pay/transactions/h5", with(order, `,"h5_info":{"type":"Wap"}`, ""), "body scene_info.h5_info: required, missing (H5场景信息)", ""},
		{"no scene", "POST", "/v3/pay/transactions/h5", with(order, `"scene_info":{"payer_client_ip":"1.2.3.4","h5_info":{"type":"Wap"}}`, `"attach":"x"`), "body scene_info: required, missing", ""},
	})
}
