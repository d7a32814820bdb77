package sandbox_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/openapi"
)

// couponExamples are, by operation, what makes the example of the documentation
// one that can succeed: the values of fields, wherever they are.
func couponExamples(t *testing.T, w *world) map[string]wechatpay.M {
	t.Helper()
	m := w.Merchant().MchID
	w.setCallback(t, "https://www.example.com/coupons")
	fresh, running, paused, random := w.newStock(t, nil), w.running(t, nil), w.running(t, nil), w.running(t, onSending)
	w.mustCall(t, "POST", stockPath+paused+"/pause", wechatpay.M{"stock_creator_mchid": m})
	couponID := w.send(t, running, "user")
	const stocks, user = "v3/marketing/favor/stocks", "v3/marketing/favor/users/{openid}/coupons"
	one := stocks + "/{stock_id}"
	flow := w.mustCall(t, "GET", stockPath+running+"/use-flow", nil).Get("url").String()
	_, token, _ := strings.Cut(flow, "token=")
	body := w.stock("example", nil)
	body["out_request_no"] = "example"

	examples := map[string]wechatpay.M{
		"GET v3/billdownload/file":              {"token": token},
		"GET v3/marketing/favor/callbacks":      {"mchid": m},
		"POST v3/marketing/favor/callbacks":     {"mchid": m},
		"POST v3/marketing/favor/coupon-stocks": body,
		"GET " + stocks:                         {"offset": 0, "limit": 10},
		"POST " + one + "/start":                {"stock_id": fresh},
		"POST " + one + "/pause":                {"stock_id": running},
		"POST " + one + "/restart":              {"stock_id": paused},
		"POST " + one + "/stop":                 {"stock_id": w.running(t, nil)},
		"POST " + user:                          {"stock_id": random, "appid": appID},
		"GET " + user:                           {"appid": appID, "openid": "user", "creator_mchid": m, "limit": 20},
		"GET " + user + "/{coupon_id}":          {"appid": appID, "openid": "user", "coupon_id": couponID},
	}
	for _, get := range []string{"", "/items", "/merchants", "/use-flow", "/refund-flow"} {
		examples["GET "+one+get] = wechatpay.M{"stock_id": random, "limit": 10}
	}
	for _, set := range examples {
		set["stock_creator_mchid"] = m
	}
	return examples
}

// documented checks that the body of an answer is as the catalogue has it: all
// fields that are required, none that is not there, each of its type.
func documented(t testing.TB, method, template string, resp *wechatpay.Response) {
	t.Helper()
	op := openapi.Lookup(method, template)
	if op == nil {
		t.Fatalf("there is no %s %s", method, template)
	}
	r, ok := op.Response(resp.StatusCode)
	if !ok || r.Body == nil {
		t.Fatalf("%s: %d with a body is not documented", op, resp.StatusCode)
	}
	for _, problem := range unlike(r.Body, gjson.ParseBytes(resp.Bytes()), "body") {
		t.Errorf("%s: %s, in %s", op, problem, resp.Bytes())
	}
}

// fits is documented for answers that have more than the catalogue knows.
func fits(t testing.TB, method, template string, resp *wechatpay.Response) {
	t.Helper()
	r, ok := openapi.Lookup(method, template).Response(resp.StatusCode)
	if !ok || r.Body == nil {
		t.Fatalf("%s %s: %d with a body is not documented", method, template, resp.StatusCode)
	}
	for _, problem := range unlike(r.Body, gjson.ParseBytes(resp.Bytes()), "body") {
		if !strings.Contains(problem, "has the unknown") {
			t.Errorf("%s %s: %s, in %s", method, template, problem, resp.Bytes())
		}
	}
}

// unlike tells what of a value is not as its schema has it.
func unlike(s *openapi.Schema, v gjson.Result, at string) (problems []string) {
	wrong := false
	switch s.Type {
	case openapi.Object:
		wrong = !v.IsObject()
		for _, p := range s.Properties {
			if got := v.Get(p.Name); got.Exists() {
				problems = append(problems, unlike(p.Schema, got, at+"."+p.Name)...)
			} else if p.Required {
				problems = append(problems, at+" lacks "+p.Name)
			}
		}
		v.ForEach(func(name, _ gjson.Result) bool {
			if s.Property(name.Str) == nil {
				problems = append(problems, at+" has the unknown "+name.Str)
			}
			return true
		})
	case openapi.Array:
		wrong = !v.IsArray()
		for i, element := range v.Array() {
			problems = append(problems, unlike(s.Items, element, fmt.Sprintf("%s[%d]", at, i))...)
		}
	case openapi.String:
		wrong = v.Type != gjson.String || len(s.Enum) > 0 && !slices.Contains(s.Enum, v.Str)
	case openapi.Integer, openapi.Number:
		wrong = v.Type != gjson.Number
	case openapi.Boolean:
		wrong = !v.IsBool()
	}
	if wrong {
		problems = append(problems, fmt.Sprintf("%s is %s, want %s %v", at, v.Raw, s.Type, s.Enum))
	}
	return problems
}
