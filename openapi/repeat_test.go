package openapi_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/openapi"
)

// Every operation has a class, and every name in its facts is one of its fields.
func TestRepeatOfAllOperations(t *testing.T) {
	classes := make(map[openapi.RepeatClass]int)
	for op := range openapi.Operations() {
		r := op.Repeat
		classes[r.Class]++
		if op.Method == http.MethodGet {
			if r.Class != openapi.RepeatHarmless || r.Number != "" {
				t.Errorf("%s: %+v, want harmless without a number", op, r)
			}
			continue
		}
		switch r.Class {
		case openapi.RepeatSameResult, openapi.RepeatErrorSaysDone, openapi.RepeatHarmless, openapi.RepeatSecondEffect, openapi.RepeatUnknown:
		default:
			t.Errorf("%s: class %q", op, r.Class)
		}
		checkRepeatFields(t, op)
		checkRepeatBasis(t, op)
		checkRepeatTimes(t, op)
	}
	if classes[openapi.RepeatErrorSaysDone] < 97 || classes[openapi.RepeatSameResult] < 236 || classes[openapi.RepeatSecondEffect] < 9 {
		t.Errorf("classes %v", classes)
	}
}

// checkRepeatFields checks that the request has each field that op.Repeat names.
func checkRepeatFields(t *testing.T, op *openapi.Operation) {
	t.Helper()
	r := op.Repeat
	if (r.Number == "") != (r.Where == "") || r.Number != "" && !hasField(op, r.Where, r.Number) {
		t.Errorf("%s: the number %q is not in %q", op, r.Number, r.Where)
	}
	for _, name := range slices.Concat(r.Also, r.Order) {
		if !slices.ContainsFunc([]string{"path", "query", "header", "json", "xml"}, func(where string) bool { return hasField(op, where, name) }) {
			t.Errorf("%s: the request has no field %q", op, name)
		}
	}
}

// checkRepeatBasis checks where op.Repeat comes from: its basis, its page, and
// the query that tells what happened.
func checkRepeatBasis(t *testing.T, op *openapi.Operation) {
	t.Helper()
	r := op.Repeat
	if r.Basis != "documented" && r.Basis != "by-name" && r.Basis != "by-nature" {
		t.Errorf("%s: basis %q", op, r.Basis)
	}
	if r.Basis == "documented" && r.Page == "" {
		t.Errorf("%s is documented on no page", op)
	}
	if u, err := url.Parse(r.Page); r.Page != "" && (err != nil || u.Scheme != "https") {
		t.Errorf("%s: page %q", op, r.Page)
	}
	if method, template, _ := strings.Cut(r.Query, " "); r.Query != "" && openapi.Lookup(method, template) == nil {
		t.Errorf("%s: the query %q is not in the catalogue", op, r.Query)
	}
}

// unqueried are the operations that are done once, refuse a second request, and have no
// query in the catalogue that reports whether the first was done.
var unqueried = map[string]string{
	"POST v3/edu-papay/user-notifications/{contract_id}/send":               "no query of messages",
	"POST v3/gov/subsidy/audit/cup/upload":                                  "no query of uploads",
	"POST v3/marketing/goods-subsidy-activity/activity/{activity_id}/apply": "no query of registrations",
	"POST v3/marketing/weekly-discount/activities/{activity_id}/apply":      "the activity does not list who takes part",
	"POST v3/marketing/membercard-open/cards/{card_id}/service-modules":     "the card does not list its modules",
	"POST v3/papay/insurance-pay/transactions/apply":                        "no query of deductions",
	"POST v3/papay/pay/harmony/transactions/apply":                          "no query of deductions",
	"POST v3/papay/pay/partner/transactions/apply":                          "no query of deductions",
	"POST v3/papay/pay/transactions/apply":                                  "no query of deductions",
	"POST v3/taxi-invoice/cards":                                            "no query of cards",
	"POST v3/taxi-invoice/taxi-company/create-taxi-company":                 "the query needs the number that the answer has",
}

// An operation whose second request is refused names the query that tells what happened,
// if there is one.
func TestErrorSaysDoneNamesItsQuery(t *testing.T) {
	for op := range openapi.Operations() {
		r := op.Repeat
		_, listed := unqueried[op.String()]
		if without := r.Class == openapi.RepeatErrorSaysDone && r.Query == ""; without != listed {
			t.Errorf("%s: query %q, class %s; listed as without a query: %t", op, r.Query, r.Class, listed)
		}
	}
}

// checkRepeatTimes checks that the times of op.Repeat agree with each other.
func checkRepeatTimes(t *testing.T, op *openapi.Operation) {
	t.Helper()
	r := op.Repeat
	if (r.Apart > 0) != (len(r.Order) > 0) || r.Window > 0 && r.Days > 0 || r.Window < 0 || r.Days < 0 || r.Interval < 0 {
		t.Errorf("%s: times %+v", op, r)
	}
	if (r.Window > 0 || r.Days > 0 || r.Interval > 0) && r.Number == "" {
		t.Errorf("%s has times, but not the number that they are about", op)
	}
}

// hasField reports whether a request has a field of that name.
func hasField(op *openapi.Operation, where, name string) bool {
	in := map[string][]openapi.Parameter{"path": op.Path, "query": op.Query, "header": op.Headers}[where]
	if slices.ContainsFunc(in, func(p openapi.Parameter) bool { return p.Name == name }) {
		return true
	}
	schema := map[string]*openapi.Schema{"json": op.JSON, "xml": op.XML}[where]
	for part := range strings.SplitSeq(name, ".") {
		if schema == nil {
			return false
		}
		plain, isList := strings.CutSuffix(part, "[]")
		p := schema.Property(plain)
		if p == nil {
			return false
		}
		if schema = p.Schema; isList {
			schema = p.Items
		}
	}
	return schema != nil
}

func TestRepeatFacts(t *testing.T) {
	for _, test := range []struct {
		method, template string
		class            openapi.RepeatClass
		number, where    string
		safe             bool
	}{
		{"POST", "v3/refund/domestic/refunds", openapi.RepeatSameResult, "out_refund_no", "json", true},
		{"POST", "v2/pay/micropay", openapi.RepeatErrorSaysDone, "out_trade_no", "xml", true},
		{"POST", "v3/pay/transactions/out-trade-no/{out_trade_no}/close", openapi.RepeatHarmless, "out_trade_no", "path", true},
		{"POST", "hk/v3/merchants", openapi.RepeatSameResult, "Idempotency-Key", "header", true},
		{"POST", "v3/papay/contracts/{contract_id}/fail-notify", openapi.RepeatSecondEffect, "", "", false},
		{"POST", "v3/smartguide/guides", openapi.RepeatUnknown, "", "", false},
		{"GET", "v3/certificates", openapi.RepeatHarmless, "", "", true},
	} {
		r := openapi.Lookup(test.method, test.template).Repeat
		if r.Class != test.class || r.Number != test.number || r.Where != test.where || r.Safe() != test.safe {
			t.Errorf("%s %s: %+v", test.method, test.template, r)
		}
	}
}

func TestRepeatUntil(t *testing.T) {
	at := func(text string) time.Time {
		parsed, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	for _, test := range []struct{ template, first, want string }{
		{"v3/merchant/fund/withdraw", "2026-03-01T10:00:00+08:00", "2026-03-07T10:00:00+08:00"},
		{"v3/ecommerce/subsidies/create", "2026-01-01T00:00:00Z", "2026-06-30T00:00:00Z"},
		{"v2/mmpaymkttransfers/promotion/transfers", "2026-03-01T23:59:59+08:00", "2026-03-03T00:00:00+08:00"},
		{"v2/mmpaymkttransfers/promotion/transfers", "2026-03-01T00:00:00+08:00", "2026-03-03T00:00:00+08:00"},
		{"v2/mmpaymkttransfers/sendredpack", "2026-02-28T15:59:59Z", "2026-03-01T00:00:00+08:00"},
		{"v2/mmpaymkttransfers/sendredpack", "2026-02-28T16:00:00Z", "2026-03-02T00:00:00+08:00"},
	} {
		got, ok := openapi.Lookup("POST", test.template).Repeat.Until(at(test.first))
		if !ok || !got.Equal(at(test.want)) {
			t.Errorf("%s from %s: until %v, %v; want %s", test.template, test.first, got, ok, test.want)
		}
	}
	if got, ok := openapi.Lookup("POST", "v3/refund/domestic/refunds").Repeat.Until(time.Now()); ok || !got.IsZero() {
		t.Errorf("a refund's number: until %v, %v; the documentation states no time", got, ok)
	}
}
