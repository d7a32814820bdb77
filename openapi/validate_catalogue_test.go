package openapi_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"github.com/wxchain/wechatpay/openapi"
)

// The tests of this file break the example of every operation in every field.
// What they break is counted, so that a catalogue read wrongly is not taken
// for one that is right.
const (
	leastBodies       = 697  // of JSON and XML
	leastFields       = 8800 // in them
	leastWithFields   = 692  // bodies that have a field
	leastRequired     = 4426 // fields
	leastWithRequired = 650  // bodies that have a required field
)

func TestValidateAcceptsEveryExample(t *testing.T) {
	n := 0
	for op := range openapi.Operations() {
		if body := openapi.Example(op, 0); op.Body() != nil {
			n++
			if err := validate(requestOf(t, op, body), openapi.Strict); err != nil {
				t.Errorf("%v\n%s", err, body)
			}
		} else if err := validate(requestOf(t, op, nil), openapi.Strict); err != nil {
			t.Error(err)
		}
	}
	if n < leastBodies {
		t.Errorf("%d bodies, want at least %d", n, leastBodies)
	}
}

func TestValidateFindsEveryRequiredFieldThatIsMissing(t *testing.T) {
	n, operations := 0, 0
	for op := range openapi.Operations() {
		before := n
		eachField(op, func(f field) {
			if !f.Required || signed(op, f) {
				return
			}
			n++
			body, err := sjson.DeleteBytes(openapi.Example(op, 0), f.path)
			if err != nil {
				t.Fatal(op, f.path, err)
			}
			wantOne(t, op, body, openapi.Problem{In: "body", Field: f.path, Label: f.Label,
				Kind: openapi.KindRequired, Message: "required, missing"})
		})
		if n > before {
			operations++
		}
	}
	if n < leastRequired || operations < leastWithRequired {
		t.Errorf("%d fields of %d operations, want at least %d of %d", n, operations, leastRequired, leastWithRequired)
	}
}

func TestValidateFindsEveryFieldOfAnotherType(t *testing.T) {
	n, operations := 0, 0
	for op := range openapi.Operations() {
		before := n
		eachField(op, func(f field) {
			wrong, message := mistyped(f.Type, op.XML != nil)
			n++
			body, err := sjson.SetRawBytes(openapi.Example(op, 0), f.path, []byte(wrong))
			if err != nil {
				t.Fatal(op, f.path, err)
			}
			wantOne(t, op, body, openapi.Problem{In: "body", Field: f.path, Label: f.Label, Kind: openapi.KindType, Message: message})
		})
		if n > before {
			operations++
		}
	}
	if n < leastFields || operations < leastWithFields {
		t.Errorf("%d fields of %d operations, want at least %d of %d", n, operations, leastFields, leastWithFields)
	}
}

// mistyped returns a value that is not of type t, and what is said of it.
func mistyped(t openapi.Type, text bool) (value, message string) {
	switch {
	case t == openapi.Array:
		return `true`, "a boolean, want an array"
	case t == openapi.Object:
		return `"x"`, "a string, want an object"
	case t == openapi.Integer && text:
		return `"1.5"`, "not an integer"
	case t == openapi.Integer:
		return `1.5`, "not an integer"
	case t == openapi.Number && text:
		return `"1,5"`, "not a number"
	case t == openapi.Number:
		return `"1"`, "a string, want a number"
	case t == openapi.Boolean && text:
		return `"Y"`, "not a boolean"
	case t == openapi.Boolean:
		return `"true"`, "a string, want a boolean"
	case text:
		return `{"x":"1"}`, "an object, want a text"
	}
	return `1`, "a number, want a string"
}

func TestValidateFindsEveryNameThatIsMisspelt(t *testing.T) {
	n, operations := 0, 0
	for op := range openapi.Operations() {
		before := n
		eachField(op, func(f field) {
			if len(f.name) < 2 || signed(op, f) {
				return
			}
			n++
			example := openapi.Example(op, 0)
			misspelt := f.path + f.path[len(f.path)-1:] // stock_idd
			body, err := sjson.DeleteBytes(example, f.path)
			if err == nil {
				body, err = sjson.SetRawBytes(body, misspelt, []byte(gjson.GetBytes(example, f.path).Raw))
			}
			if err != nil {
				t.Fatal(op, f.path, err)
			}
			want := []openapi.Problem{{In: "body", Field: misspelt, Kind: openapi.KindUnknown, Message: "unknown", Nearest: f.name}}
			if f.Required {
				want = append([]openapi.Problem{{In: "body", Field: f.path, Label: f.Label,
					Kind: openapi.KindRequired, Message: "required, missing"}}, want...)
			}
			wantOne(t, op, body, want...)
			if err := validate(requestOf(t, op, body)); (err != nil) != f.Required {
				t.Errorf("%s, not strict: %v", op, err)
			}
		})
		if n > before {
			operations++
		}
	}
	if n < leastFields || operations < leastWithFields {
		t.Errorf("%d fields of %d operations, want at least %d of %d", n, operations, leastFields, leastWithFields)
	}
}

// wantOne checks what Strict finds in a body.
func wantOne(t *testing.T, op *openapi.Operation, body []byte, want ...openapi.Problem) {
	t.Helper()
	err := validate(requestOf(t, op, body), openapi.Strict)
	var e *openapi.ValidationError
	if !errors.As(err, &e) {
		t.Errorf("%s: no error, want %v", op, want)
		return
	}
	if fmt.Sprint(e.Problems) != fmt.Sprint(want) {
		t.Errorf("%s: problems %v, want %v", op, e.Problems, want)
	}
}

// validate sends req through the middleware to a platform that says yes.
func validate(req *http.Request, opts ...openapi.ValidateOption) error {
	_, err := openapi.Validate(opts...)(fine).RoundTrip(req)
	return err
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

var fine = transport(func(req *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Body: http.NoBody, Request: req}, nil
})

// requestOf returns a request that fits op, with that JSON, or the same as XML.
func requestOf(t testing.TB, op *openapi.Operation, body []byte) *http.Request {
	t.Helper()
	path := strings.TrimPrefix(op.Template, "v2/")
	for _, p := range op.Path {
		path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(openapi.ExampleValue(p)))
	}
	path = strings.NewReplacer("{", "", "}", "").Replace(path) // what has no parameter
	query := make(url.Values)
	for _, p := range op.Query {
		if p.Name != "sign" && p.Name != "mch_id" { // as they enter the stack
			query.Set(p.Name, openapi.ExampleValue(p))
		}
	}
	if op.XML != nil {
		body = asXML(body)
	}
	target := "https://api.mch.weixin.qq.com/" + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	req, err := http.NewRequest(op.Method, target, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range op.Headers {
		req.Header.Set(p.Name, openapi.ExampleValue(p))
	}
	return req
}

// asXML writes a JSON object as the XML of APIv2.
func asXML(body []byte) []byte {
	var b bytes.Buffer
	var write func(name string, v gjson.Result)
	write = func(name string, v gjson.Result) {
		switch {
		case v.IsArray():
			v.ForEach(func(_, element gjson.Result) bool { write(name, element); return true })
			return
		case v.IsObject():
			b.WriteString("<" + name + ">")
			v.ForEach(func(key, field gjson.Result) bool { write(key.Str, field); return true })
		default:
			b.WriteString("<" + name + ">")
			_ = xml.EscapeText(&b, []byte(v.String())) // a buffer takes all
		}
		b.WriteString("</" + name + ">")
	}
	write("xml", gjson.ParseBytes(body))
	return b.Bytes()
}

// A field is a place in an example.
type field struct {
	openapi.Property
	name, path string
}

// eachField calls f for every field in the example of a body.
func eachField(op *openapi.Operation, f func(field)) {
	var walk func(s *openapi.Schema, v gjson.Result, prefix string)
	walk = func(s *openapi.Schema, v gjson.Result, prefix string) {
		if s.Items != nil {
			walk(s.Items, v.Get("0"), prefix+"0.")
			return
		}
		for _, p := range s.Properties {
			if fv := v.Get(p.Name); fv.Exists() {
				f(field{p, p.Name, prefix + p.Name})
				walk(p.Schema, fv, prefix+p.Name+".")
			}
		}
	}
	if s := op.Body(); s != nil {
		walk(s, gjson.ParseBytes(openapi.Example(op, 0)), "")
	}
}

// signed reports whether the signer adds the field.
func signed(op *openapi.Operation, f field) bool {
	return op.XML != nil && strings.Contains(" combine_mch_id mch_id mchid nonce_str sign sign_type ", " "+f.path+" ")
}

// An order is found by either number, and a refund by any of four.
func TestValidateTakesOneNumberOfMany(t *testing.T) {
	for _, tt := range []struct {
		template, body string
		ok             bool
	}{
		{"v2/pay/orderquery", `{"appid":"wx1","out_trade_no":"1"}`, true},
		{"v2/pay/orderquery", `{"appid":"wx1","transaction_id":"1"}`, true},
		{"v2/pay/orderquery", `{"appid":"wx1","transaction_id":"","out_trade_no":"1"}`, true},
		{"v2/pay/orderquery", `{"appid":"wx1"}`, false},
		{"v2/pay/orderquery", `{"appid":"wx1","transaction_id":""}`, false},
		{"v2/pay/refundquery", `{"appid":"wx1","refund_id":"1"}`, true},
		{"v2/pay/refundquery", `{"appid":"wx1"}`, false},
		{"v2/secapi/pay/refund", `{"appid":"wx1","out_trade_no":"1","out_refund_no":"2","total_fee":"1","refund_fee":"1"}`, true},
		{"v2/secapi/pay/refund", `{"appid":"wx1","out_trade_no":"1","total_fee":"1","refund_fee":"1"}`, false},
	} {
		op := openapi.Lookup("POST", tt.template)
		if err := validate(requestOf(t, op, []byte(tt.body))); (err == nil) != tt.ok {
			t.Errorf("%s with %s: %v", tt.template, tt.body, err)
		}
	}
}
