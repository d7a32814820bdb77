package explain_test

import (
	"go/parser"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/wxchain/wechatpay/internal/explain"
	"github.com/wxchain/wechatpay/openapi"
)

// shop is the merchant who calls.
var shop = explain.Caller{MchID: "1900000109", SubMchID: "1900000209"}

// pages are the pages of all operations, made once for all tests.
var pages = sync.OnceValue(func() (all []explain.Page) {
	for op := range openapi.Operations() {
		all = append(all, shop.Page(op))
	}
	return all
})

// Each call is shown in the spellings of both languages, and what is Go parses.
func TestPageCalls(t *testing.T) {
	few := 0
	for _, p := range pages() {
		op, languages := p.Op, make(map[string][]explain.Spelling)
		for _, c := range p.Code {
			languages[c.Name] = c.Calls
		}
		if len(languages["PHP"]) != 6 || len(languages["wxpay"]) != 1 {
			t.Errorf("%s has %d calls in PHP and %d of wxpay", op, len(languages["PHP"]), len(languages["wxpay"]))
		}
		if n := len(languages["Go"]); n == 4 {
			few++
		} else if n != 6 {
			t.Errorf("%s has %d calls in Go", op, n)
		}
		for _, c := range languages["Go"] {
			_, right, _ := strings.Cut(c.Code, ":= ")
			if _, err := parser.ParseExpr(right); err != nil || strings.HasSuffix(strings.TrimSpace(right), ".Wait()") != strings.Contains(c.Name.EN, "async") {
				t.Errorf("%s: %v in\n%s", op, err, c.Code)
			}
		}
		if p.Types == "" && op.Body() != nil {
			t.Errorf("%s has no Go types", op)
		}
	}
	if few > 20 {
		t.Errorf("%d calls cannot be written with segments", few)
	}
}

func TestPage(t *testing.T) {
	op := openapi.Lookup("POST", "v3/marketing/favor/users/{openid}/coupons")
	p := shop.Page(op)
	if explain.Slug(op) != "post-v3-marketing-favor-users-openid-coupons" || !strings.Contains(p.Body, `"stock_id": "9856000"`) || !strings.Contains(p.Answer, "coupon_id") {
		t.Errorf("the page is %+v", p)
	}
	var names []string
	for _, table := range p.Tables {
		for _, f := range table.Fields {
			names = append(names, f.Name)
		}
	}
	if want := "openid stock_id out_request_no appid stock_creator_mchid coupon_value coupon_minimum coupon_id"; strings.Join(names, " ") != want {
		t.Errorf("the fields are %s, want %s", names, want)
	}
	for _, want := range []string{
		`client.Segment("v3", "marketing", "favor", "users", "{openid}", "coupons").PostAsync(ctx, wechatpay.Options{`,
		`$instance['v3/marketing/favor/users/{openid}/coupons']->post([`, `->coupons->postAsync([`,
	} {
		found := false
		for _, c := range p.Code {
			found = found || slices.ContainsFunc(c.Calls, func(s explain.Spelling) bool { return strings.Contains(s.Code, want) })
		}
		if !found {
			t.Errorf("no call has %s: %+v", want, p.Code)
		}
	}
}

// No two operations share a page, and each is in one product.
func TestSlugs(t *testing.T) {
	slugs, listed := make(map[string]bool), 0
	operations := slices.Collect(openapi.Operations())
	for _, op := range operations {
		slugs[explain.Slug(op)] = true
	}
	for _, product := range explain.Products(operations) {
		listed += len(product.Operations)
	}
	if len(slugs) != len(operations) || listed != len(operations) {
		t.Errorf("%d pages, %d operations in products, want %d", len(slugs), listed, len(operations))
	}
}

// What is said of the limits and repetitions of an operation is said in both languages.
func TestBothLanguages(t *testing.T) {
	said := 0
	for _, p := range pages() {
		texts := append(slices.Clone(p.Limits), p.Repeat)
		for _, table := range p.Tables {
			texts = append(texts, table.Name)
			for _, f := range table.Fields {
				texts = append(texts, f.Bounds)
			}
		}
		for _, text := range texts {
			if (text.ZH == "") != (text.EN == "") || strings.Contains(text.ZH+text.EN, "%!") {
				t.Errorf("%s: %+v", p.Op, text)
			}
			if text.EN != "" {
				said++
			}
		}
	}
	if said < 1000 {
		t.Errorf("%d texts", said)
	}
}

// What the caller knows of a field is in the sample of every call.
func TestKnown(t *testing.T) {
	knowing := shop
	knowing.Known = func(name string) (string, bool) { return "known-1", name == "out_trade_no" }
	for _, call := range []string{"POST v3/pay/transactions/native", "POST v2/pay/unifiedorder", "GET v3/pay/transactions/out-trade-no/{out_trade_no}"} {
		method, template, _ := strings.Cut(call, " ")
		if code := knowing.Sample(openapi.Lookup(method, template)).Wxpay(); !strings.Contains(code, "out_trade_no=known-1") {
			t.Errorf("%s: %s", call, code)
		}
	}
}
