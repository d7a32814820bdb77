package wechatpay_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
)

// TestV2Values sends every kind of value. No digit of a number is lost, and a
// value that cannot be sent exactly is refused.
func TestV2Values(t *testing.T) {
	type fen int64
	type state string
	type goods struct {
		ID int64 `json:"id"`
	}
	seven := 7
	for _, tt := range []struct {
		name  string
		value any
		want  any
	}{
		{"largest int64", int64(math.MaxInt64), "9223372036854775807"},
		{"smallest int64", int64(math.MinInt64), "-9223372036854775808"},
		{"largest uint64", uint64(math.MaxUint64), "18446744073709551615"},
		{"large int", 1e9 * 1000 * 1000, "1000000000000000"},
		{"json.Number", json.Number("9223372036854775807"), "9223372036854775807"},
		{"json.Number as written", json.Number("1e21"), "1e21"},
		{"json.Number with a zero", json.Number("1.10"), "1.10"},
		{"float", 0.1, "0.1"},
		{"whole float", 888.0, "888"},
		{"large float", float64(1 << 53), "9007199254740992"},
		{"small float", 1e-7, "0.0000001"},
		{"float32", float32(0.1), "0.1"},
		{"big.Int", new(big.Int).Lsh(big.NewInt(1), 100), "1267650600228229401496703205376"},
		{"true", true, "true"},
		{"false", false, "false"},
		{"named number", fen(100), "100"},
		{"named text", state("OK"), "OK"},
		{"pointer", &seven, "7"},
		{"digits as text", "007", "007"},
		{"spaces", " a ", " a "},
		{"markup", `</a><sign>x</sign><a>`, `</a><sign>x</sign><a>`},
		{"end of CDATA", `<]]>]]>`, `<]]>]]>`},
		{"ends of CDATA alone", `]]>`, `]]>`},
		{"end of CDATA cut", `&]]`, `&]]`},
		{"an entity", `&lt;&#13;`, `&lt;&#13;`},
		{"line ends", "a\r\nb\rc\nd", "a\r\nb\rc\nd"},
		{"a nested map", M{"a": M{"b": int64(math.MaxInt64), "c": ""}}, M{"a": M{"b": "9223372036854775807", "c": ""}}},
		{"a typed map", map[string]int{"a": 1}, M{"a": "1"}},
		{"a list", []any{1, "b", true}, M{"item": []any{"1", "b", "true"}}},
		{"a list of maps", []M{{"a": 1}, {"a": 2}}, M{"item": []any{M{"a": "1"}, M{"a": "2"}}}},
		{"a struct", goods{math.MaxInt64}, `{"id":9223372036854775807}`},
		{"a pointer to a struct", &goods{1}, `{"id":1}`},
		{"a nil", nil, nil},
		{"a nil pointer", (*int)(nil), nil},
	} {
		got := sentFields(t, "v2/pay/orderquery", wechatpay.XML(M{"a": tt.value}))["a"]
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: sent %#v, want %#v", tt.name, got, tt.want)
		}
	}
	for name, value := range map[string]any{
		"a float past 2^53":    1e21,
		"infinity":             math.Inf(1),
		"no number":            math.NaN(),
		"a complex number":     1i,
		"a Secret":             wechatpay.Secret("张三"),
		"a Secret in a map":    M{"b": wechatpay.Secret("张三")},
		"a Secret in a list":   []any{wechatpay.Secret("张三")},
		"a Secret in a struct": struct{ Name wechatpay.Secret }{"张三"},
		"a channel in a list":  []any{make(chan int)},
		"a surrogate":          "\xed\xa0\x80",
		"U+FFFE":               "\ufffe",
		"a json.RawMessage":    json.RawMessage(`{}`),
		"lists in lists":       []any{[]any{make(chan int)}},
	} {
		for _, field := range []string{"a", "detail"} {
			if name == "a json.RawMessage" && field == "detail" {
				continue // is JSON in a field for JSON
			}
			out := new(recorder)
			_, err := newV2(t, out).Chain("v2/pay/orderquery").Post(background(), wechatpay.XML(M{field: value}))
			if !errors.Is(err, wechatpay.ErrOption) || !strings.Contains(err.Error(), field) || strings.Contains(err.Error(), "张三") || out.count() > 0 {
				t.Errorf("%s in %s: %v, %d sent", name, field, err, out.count())
			}
		}
	}
}

// A raw body is checked like the option "xml".
func TestV2RawXML(t *testing.T) {
	out := new(recorder)
	client := newV2(t, out)
	chain := client.Chain("v2/pay/orderquery")
	for _, raw := range []string{
		`<xml><out_trade_no>1</out_trade_no></xml>`,
		"<?xml version=\"1.0\"?>\n<xml><sign>x</sign><mch_id>1900000109</mch_id>\n<out_trade_no><![CDATA[1]]></out_trade_no></xml>",
	} {
		if _, err := chain.Post(background(), wechatpay.Body("text/xml", strings.NewReader(raw))); !errors.As(err, new(errNotSent)) {
			t.Fatal(err)
		}
	}
	want := sentFields(t, "v2/pay/orderquery", wechatpay.XML(M{"out_trade_no": "1"}))
	for i, body := range out.body {
		if got := fieldsOf(t, body); !reflect.DeepEqual(got, want) {
			t.Errorf("%d: sent %v, want %v", i, got, want)
		}
		if got := out.sent[i].Header.Get("Content-Type"); got != "text/xml" {
			t.Errorf("%d: Content-Type %s", i, got)
		}
	}
	_, err := chain.Post(background(), wechatpay.Options{"body": `<xml><mch_id>1900000110</mch_id></xml>`})
	if !errors.Is(err, wechatpay.ErrOption) || !strings.Contains(err.Error(), `option "body": mch_id is "1900000110"`) || out.count() != 2 {
		t.Errorf("another merchant: %v, %d sent", err, out.count())
	}
}
