package openapi_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"github.com/wxchain/wechatpay/openapi"
)

// eachOneOf calls f with each group of the body and the path of its object in
// the example: "" or "payer".
func eachOneOf(op *openapi.Operation, f func(path string, s *openapi.Schema, group openapi.OneOf)) {
	call := func(path string, s *openapi.Schema) {
		for s.Items != nil {
			s, path = s.Items, path+".0"
		}
		for _, group := range s.OneOf {
			f(path, s, group)
		}
	}
	if body := op.Body(); body != nil {
		call("", body)
		eachField(op, func(f field) { call(f.path, f.Schema) })
	}
}

// fieldOf returns the path of a field of the object at path.
func fieldOf(path, name string) string { return strings.TrimPrefix(path+"."+name, ".") }

// Each alternative alone is enough, and none is an error that names all of them.
func TestValidateTakesEachAlternative(t *testing.T) {
	groups := 0
	for op := range openapi.Operations() {
		eachOneOf(op, func(path string, s *openapi.Schema, group openapi.OneOf) {
			groups++
			none := openapi.Example(op, 0)
			for _, name := range slices.Concat(group...) {
				if p := s.Property(name); p == nil || p.Required {
					t.Errorf("%s: %s of %s: is absent, or required by itself", op, name, group)
				}
				none = without(t, none, fieldOf(path, name))
			}
			if path != "" && gjson.GetBytes(none, path).Raw == "{}" { // an object with nothing in it
				none, _ = sjson.SetBytes(none, path+".x", 1)
			}
			for _, names := range group {
				one := none
				for _, name := range names {
					var err error
					if one, err = sjson.SetRawBytes(one, fieldOf(path, name), []byte(gjson.GetBytes(openapi.Example(op, 0), fieldOf(path, name)).Raw)); err != nil {
						t.Fatal(err)
					}
				}
				if err := validate(requestOf(t, op, one)); err != nil {
					t.Errorf("with %s: %v", names, err)
				}
				last := fieldOf(path, names[len(names)-1])
				for _, body := range [][]byte{without(t, one, last), replaced(t, one, last, `""`), replaced(t, one, last, "null")} {
					wantMissing(t, op, body, openapi.Problem{In: "body", Field: path, Kind: openapi.KindRequired, Message: "one of " + group.String() + " is missing"})
				}
			}
		})
	}
	if groups < 60 {
		t.Errorf("%d groups, want at least 60", groups)
	}
}

func without(t *testing.T, body []byte, path string) []byte {
	t.Helper()
	body, err := sjson.DeleteBytes(slices.Clone(body), path)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func replaced(t *testing.T, body []byte, path, value string) []byte {
	t.Helper()
	body, err := sjson.SetRawBytes(slices.Clone(body), path, []byte(value))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// wantMissing checks that want is the only error of a body. Warnings do not count.
func wantMissing(t *testing.T, op *openapi.Operation, body []byte, want openapi.Problem) {
	t.Helper()
	err := validate(requestOf(t, op, body))
	e := (*openapi.ValidationError)(nil)
	if !errors.As(err, &e) {
		t.Errorf("%s with %s: %v, want %v", op, body, err, want)
		return
	}
	found := slices.DeleteFunc(slices.Clone(e.Problems), func(p openapi.Problem) bool { return p.Warning })
	if len(found) != 1 || found[0] != want {
		t.Errorf("%s with %s: %v, want %v", op, body, found, want)
	}
}

func TestValidateAlternativesOfQueries(t *testing.T) {
	const (
		id     = "/v3/global/transactions/id/1"
		pages  = "&offset=0&count=10"
		modes  = "query: one of mchid, sp_mchid+sub_mchid is missing"
		number = "query: one of transaction_id, out_trade_no is missing"
	)
	testValidations(t, []validation{
		{"direct", "GET", id + "?mchid=1", "", "", ""},
		{"institution", "GET", id + "?sp_mchid=1&sub_mchid=2", "", "", ""},
		{"both", "GET", id + "?mchid=1&sp_mchid=1&sub_mchid=2", "", "", ""},
		{"half an institution", "GET", id + "?sp_mchid=1", "", modes, ""},
		{"neither", "GET", id, "", modes, ""},
		{"empty", "GET", id + "?mchid=", "", modes, ""},
		{"two groups", "GET", "/v3/global/refunds?mchid=1&out_trade_no=2" + pages, "", "", ""},
		{"one of two groups", "GET", "/v3/global/refunds?mchid=1" + pages, "", number, ""},
		{"neither of two groups", "GET", "/v3/global/refunds?offset=0&count=10", "", modes + "; " + number, ""},
	})
}

func TestValidateAlternatives(t *testing.T) {
	const (
		refund  = "/v3/refund/domestic/refunds"
		partner = "/v3/pay/partner/transactions/jsapi"
		order   = `{"sp_appid":"wx1","sp_mchid":"1","sub_mchid":"2","description":"tea","out_trade_no":"1","notify_url":"https://example.com","amount":{"total":100},"payer":{"sp_openid":"o"}}`
		payer   = "body payer: one of sp_openid, sub_openid is missing"
		body    = `{"transaction_id":"1","out_refund_no":"1","amount":{"refund":1,"total":1,"currency":"CNY"}}`
	)
	testValidations(t, []validation{
		{"transaction", "POST", refund, body, "", ""},
		{"order", "POST", refund, with(body, "transaction_id", "out_trade_no"), "", ""},
		{"no number", "POST", refund, with(body, `"transaction_id":"1",`, ""), "body: one of transaction_id, out_trade_no is missing", ""},
		{"partner's user", "POST", partner, order, "", ""},
		{"sub-merchant's user", "POST", partner, with(order, "sp_openid", "sub_openid"), "", ""},
		{"no user", "POST", partner, with(order, `"sp_openid":"o"`, ""), payer, ""},
		{"payer of another type", "POST", partner, with(order, `{"sp_openid":"o"}`, `"o"`), "body payer: a string, want an object (支付者)", ""},
	})
}

func TestOneOfString(t *testing.T) {
	for want, o := range map[string]openapi.OneOf{
		"":     nil,
		"a, b": {{"a"}, {"b"}},
		"mchid+appid, sp_mchid+sp_appid+sub_mchid": {{"mchid", "appid"}, {"sp_mchid", "sp_appid", "sub_mchid"}},
	} {
		if o.String() != want {
			t.Errorf("%q, want %q", o.String(), want)
		}
	}
}

// A query of what was declared to the customs names one of four numbers; a declaration
// needs both of its numbers.
//
// https://pay.weixin.qq.com/wiki/doc/api/external/declarecustom.php?chapter=18_2
func TestValidateCustomsNumbers(t *testing.T) {
	const query, order = "v2/cgi-bin/mch/customs/customdeclarequery", "v2/cgi-bin/mch/customs/customdeclareorder"
	for _, tt := range []struct {
		path, numbers, missing string
	}{
		{query, "<transaction_id>1</transaction_id>", ""},
		{query, "<sub_order_no>1</sub_order_no>", ""},
		{query, "", "one of"},
		{order, "<transaction_id>1</transaction_id><out_trade_no>1</out_trade_no>", ""},
		{order, "<transaction_id>1</transaction_id>", "out_trade_no"},
	} {
		body := "<xml><appid>wx1</appid><customs>SHANGHAI</customs><mch_customs_no>1</mch_customs_no>" + tt.numbers + "</xml>"
		err := validate(request(t, "POST", "/"+strings.TrimPrefix(tt.path, "v2/"), body))
		if tt.missing == "" && err != nil || tt.missing != "" && (err == nil || !strings.Contains(err.Error(), tt.missing)) {
			t.Errorf("%s with %q: %v", tt.path, tt.numbers, err)
		}
	}
}
