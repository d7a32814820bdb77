package openapi_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/openapi"
)

// propertyOf returns the field of a body at a path, or nil.
func propertyOf(s *openapi.Schema, path string) *openapi.Property {
	var p *openapi.Property
	for name := range strings.SplitSeq(path, ".") {
		for s != nil && s.Items != nil {
			s = s.Items
		}
		if s == nil {
			return nil
		}
		if p = s.Property(name); p == nil {
			return nil
		}
		s = p.Schema
	}
	return p
}

// Facts that the official SDKs have and the base does not.
func TestPatchedFields(t *testing.T) {
	for _, tt := range []struct {
		method, template string
		status           int // 0: the request
		path             string
		want             openapi.Type // "" if there must not be such a field
		required         bool
	}{
		{"POST", "v3/pay/transactions/h5", 0, "scene_info.payer_client_ip", openapi.String, true},
		{"POST", "v3/pay/transactions/h5", 0, "scene_info.h5_info.type", openapi.String, true},
		{"POST", "v3/pay/transactions/native", 0, "scene_info.store_info.id", openapi.String, true},
		{"POST", "v3/pay/transactions/native", 0, "scene_info.store_info.name", openapi.String, false},
		{"POST", "v3/pay/partner/transactions/jsapi", 0, "payer.sp_openid", openapi.String, false},
		{"POST", "v3/marketing/favor/coupon-stocks", 0, "coupon_use_rule.fixed_normal_coupon.coupon_amount", openapi.Integer, true},
		{"GET", "v3/marketing/favor/users/{openid}/coupons", 200, "data.no_cash", openapi.Boolean, true},
		{"GET", "v3/marketing/favor/stocks/{stock_id}", 200, "stock_use_rule.max_amount_by_day", openapi.Integer, true},
		{"GET", "v3/payroll-card/relations/{openid}", 200, "register_state", openapi.String, true},
		{"GET", "v3/lovefeast/users/{openid}/orders/out-trade-no/{out_trade_no}", 200, "merchant_order.mchid", openapi.String, true},
		{"POST", "v3/refund/domestic/refunds", 200, "amount.refund_fee", openapi.Integer, false},
		{"POST", "v3/marketing/favor/stocks/{stock_id}/stop", 200, "stop_time", openapi.String, true},
		{"POST", "v3/combine-transactions/jsapi", 0, "sub_orders.sub_mchid", openapi.String, false},
		{"POST", "v3/catering/orders/sync-status", 0, "dish_list.count", openapi.Number, true},
	} {
		op := openapi.Lookup(tt.method, tt.template)
		if op == nil {
			t.Errorf("there is no %s %s", tt.method, tt.template)
			continue
		}
		body := op.JSON
		if tt.status != 0 {
			r, _ := op.Response(tt.status)
			body = r.Body
		}
		switch p := propertyOf(body, tt.path); {
		case p == nil:
			t.Errorf("%s has no %s", op, tt.path)
		case p.Type != tt.want || p.Required != tt.required:
			t.Errorf("%s: %s is %s, required %t; want %s, %t", op, tt.path, p.Type, p.Required, tt.want, tt.required)
		}
	}
}

// eachSchema calls f with every schema of an operation.
func eachSchema(op *openapi.Operation, f func(name string, s *openapi.Schema)) {
	var walk func(name string, s *openapi.Schema)
	walk = func(name string, s *openapi.Schema) {
		if s == nil {
			return
		}
		f(name, s)
		walk(name, s.Items)
		for _, p := range s.Properties {
			walk(p.Name, p.Schema)
		}
	}
	for _, ps := range [][]openapi.Parameter{op.Headers, op.Path, op.Query, op.Form} {
		for i := range ps {
			walk(ps[i].Name, &ps[i].Schema)
		}
	}
	walk("", op.Body())
	for _, r := range op.Responses {
		walk("", r.Body)
	}
}

// A number is an integer wherever its example is one, and an example is one of
// the values where these are listed.
func TestExamplesFitTheirSchemas(t *testing.T) {
	n := 0
	for op := range openapi.Operations() {
		eachSchema(op, func(name string, s *openapi.Schema) {
			n++
			if s.Type == openapi.Number && s.Example != "" && !strings.Contains(s.Example, ".") {
				t.Errorf("%s: %s is a number; its example %s is an integer", op, name, s.Example)
			}
			if len(s.Enum) > 0 && s.Example != "" && !slices.Contains(s.Enum, s.Example) {
				t.Errorf("%s: the example %q of %s is none of %q", op, s.Example, name, s.Enum)
			}
		})
	}
	if n < 29_000 {
		t.Errorf("%d schemas, want 29000 or more", n)
	}
}

// Where direct merchants and institutions call one operation, what only one of
// them has is not required.
func TestFieldsOfOneModeAreNotRequired(t *testing.T) {
	n := 0
	for op := range openapi.Operations() {
		direct := slices.ContainsFunc(op.Roles, func(r string) bool { return strings.HasPrefix(r, "直连") || r == "普通商户" })
		if !direct || strings.HasPrefix(op.Template, "v2/") {
			continue
		}
		n++
		check := func(name string, required bool) {
			if required && slices.Contains([]string{"sp_mchid", "sp_appid", "sub_mchid"}, name) {
				t.Errorf("%s requires %s of direct merchants", op, name)
			}
		}
		for _, p := range op.Query {
			check(p.Name, p.Required)
		}
		if op.JSON != nil {
			eachField(op, func(f field) { check(f.Name, f.Required) })
		}
	}
	if n < 100 {
		t.Errorf("%d operations of direct merchants, want 100 or more", n)
	}
}

func TestPagesOfCoupons(t *testing.T) {
	const template = "v3/marketing/favor/users/{openid}/coupons"
	for method, page := range map[string]string{"POST": "send-coupon.html", "GET": "list-coupons-by-filter.html"} {
		for i, product := range []string{"merchant", "partner"} {
			want := "https://pay.weixin.qq.com/docs/" + product + "/apis/cash-coupons/coupon/" + page
			if docs := openapi.Lookup(method, template).Docs; len(docs) < 2 || docs[i] != want {
				t.Errorf("pages of %s %s: %v, want %s", method, template, docs, want)
			}
		}
	}
}
