package openapi_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/openapi"
)

// Every error belongs to an operation of the catalogue, and says what it means and
// where that is written.
func TestErrors(t *testing.T) {
	operations, total := 0, 0
	for op := range openapi.Operations() {
		list := op.Errors()
		if len(list) > 0 {
			operations++
		}
		total += len(list)
		if !slices.IsSortedFunc(list, func(a, b openapi.ErrorCode) int { return a.Status - b.Status }) {
			t.Errorf("%s: the errors are not in the order of their status", op)
		}
		for _, e := range list {
			if !isWhole(e) {
				t.Errorf("%s: %+v", op, e)
			}
		}
	}
	if operations != 34 || total != 283 {
		t.Errorf("%d errors of %d operations, want 283 of 34", total, operations)
	}
}

var han = regexp.MustCompile(`\p{Han}`)

// isWhole reports whether an error has all its facts.
func isWhole(e openapi.ErrorCode) bool {
	status := e.Status == 0 || e.Status > 200 && e.Status < 600
	code := e.Code != "" || e.Status == 204
	isMeant := e.When != "" && han.MatchString(e.WhenZH) && !strings.ContainsAny(e.When+e.WhenZH, "\n\t")
	return status && code && isMeant && e.Page != "" && e.Source != ""
}

// The caller gets a copy.
func TestErrorsOfAnOperation(t *testing.T) {
	send := openapi.Lookup("POST", "v3/marketing/favor/users/{openid}/coupons").Errors()
	i := slices.IndexFunc(send, func(e openapi.ErrorCode) bool { return e.Code == "NOT_ENOUGH" })
	if i < 0 || send[i].Status != 403 {
		t.Errorf("sending a coupon has the errors %v", send)
	}
	send[i].Code = "changed"
	if again := openapi.Lookup("POST", "v3/marketing/favor/users/{openid}/coupons").Errors(); again[i].Code != "NOT_ENOUGH" {
		t.Error("the caller's change is seen by others")
	}
}
