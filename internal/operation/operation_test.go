package operation_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/internal/operation"
	"github.com/wxchain/wechatpay/openapi"
)

var classes = map[openapi.RepeatClass]operation.Class{
	openapi.RepeatSameResult: operation.SameResult, openapi.RepeatErrorSaysDone: operation.ErrorSaysDone,
	openapi.RepeatHarmless: operation.Harmless, openapi.RepeatSecondEffect: operation.SecondEffect, openapi.RepeatUnknown: operation.Unknown,
}

// Every operation of the catalogue is found by its template, and by a path with
// something in place of the variables. The table has the facts of the catalogue.
func TestTableIsTheCatalogue(t *testing.T) {
	total := 0
	for op := range openapi.Operations() {
		total++
		got := operation.Find(op.Method, "/"+strings.TrimPrefix(op.Template, "v2/"))
		switch {
		case got == nil || shape(got.String()) != shape(op.String()):
			t.Errorf("%s: found %v", op, got)
		case got.String() == op.String():
			checkFacts(t, got, op)
			checkFilled(t, got)
		case got.Class != classes[op.Repeat.Class] || got.Number != "" && got.Number != op.Repeat.Number:
			t.Errorf("%s, which names its variable in another way, is not like %s", op, got)
		}
	}
	if total < 1154 {
		t.Errorf("%d operations", total)
	}
}

func checkFacts(t *testing.T, got *operation.Operation, op *openapi.Operation) {
	t.Helper()
	r := op.Repeat
	if got.Class != classes[r.Class] || got.Number != r.Number || got.Where != r.Where || got.Query != r.Query ||
		got.Window != r.Window || got.Days != r.Days || got.Interval != r.Interval {
		t.Errorf("%s: %+v, want %+v", op, *got, r)
	}
	if got.IsV2() != strings.HasPrefix(op.Template, "v2/") {
		t.Errorf("%s: APIv2 is %v", op, got.IsV2())
	}
	if _, accepted := op.Response(202); accepted != got.AcceptedIsDone {
		t.Errorf("%s: 202 is documented: %v", op, accepted)
	}
}

// checkFilled checks that op is found by a path with values, and tells these.
func checkFilled(t *testing.T, op *operation.Operation) {
	t.Helper()
	var names []string
	filled := strings.Split(op.Path, "/")
	for i, segment := range filled {
		if strings.HasPrefix(segment, "{") {
			filled[i] = "a%2Fb%20c"
			names = append(names, strings.Trim(segment, "{}"))
		}
	}
	path := strings.Join(filled, "/")
	if found := operation.Find(op.Method, path); found != op {
		t.Errorf("%s: filled in, it is %v", op, found)
	}
	for _, name := range names {
		if v := op.Variable(name, path); v != "a/b c" {
			t.Errorf("%s: {%s} is %q", op, name, v)
		}
	}
}

// The limits of the table hold for every client: they are the lowest of those that
// hold for all its calls.
func TestTableLimits(t *testing.T) {
	limited := 0
	for op := range openapi.Operations() {
		want := make(map[time.Duration]int)
		for _, l := range op.RateLimits() {
			isOfAll := l.Only == "" && !slices.Contains([]string{"order", "number", "receiving merchant", "sharing merchant"}, l.Per)
			if isOfAll && (want[l.Within] == 0 || l.Requests < want[l.Within]) {
				want[l.Within] = l.Requests
			}
		}
		got := operation.Find(op.Method, strings.TrimPrefix(op.Template, "v2/")).Limits
		if len(got) != len(want) {
			t.Errorf("%s: limits %v, want %v", op, got, want)
		}
		for _, l := range got {
			if want[l.Within] != l.Requests {
				t.Errorf("%s: limits %v, want %v", op, got, want)
			}
		}
		if len(got) > 0 {
			limited++
		}
	}
	if limited < 90 {
		t.Errorf("%d operations are limited", limited)
	}
}

// shape is a template without the names of its variables.
func shape(template string) string {
	return regexp.MustCompile(`{\w+}`).ReplaceAllString(template, "{}")
}

func TestFindNothing(t *testing.T) {
	for _, path := range []string{
		"", "/", "v3", "v3/", "v3/pay", "v3/pay/transactions", "v3/nothing", "v3/certificates/x", "zzz", "{", "//", "v3//certificates",
		"v3/pay/transactions/native2", "v2/pay/unifiedorder",
	} {
		if op := operation.Find("POST", path); op != nil {
			t.Errorf("%q is %s", path, op)
		}
	}
	if op := operation.Find("DELETE", "v3/certificates"); op != nil {
		t.Errorf("found %s", op)
	}
	if v := operation.Find("GET", "v3/certificates").Variable("x", "v3/certificates"); v != "" {
		t.Errorf("a variable that is not there is %q", v)
	}
}

// Those who pay by a code are charged at once, so these calls are queried.
func TestByCode(t *testing.T) {
	for path, want := range map[string]bool{
		"pay/micropay": true, "deposit/facepay": true, "v3/pay/transactions/codepay": true, "v3/offlineface/transactions": true,
		"hk/v3/transactions/micropay": true, "v3/global/micropay/transactions/pay": true,
		"pay/unifiedorder": false, "tools/authcodetoopenid": false, "v3/pay/transactions/native": false, "pay/pappayapply": false,
	} {
		if op := operation.Find("POST", path); op == nil || op.ByCode != want {
			t.Errorf("%s: %+v", path, op)
		}
	}
}

func BenchmarkFind(b *testing.B) {
	for b.Loop() {
		operation.Find("POST", "v3/marketing/favor/users/oUpF8/coupons")
	}
}
