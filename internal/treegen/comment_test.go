package main

import (
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/openapi"
)

// The comment of an operation lists the fields of which the call needs one, beside them.
func TestCommentSaysOneOf(t *testing.T) {
	for template, want := range map[string]string{
		"POST v3/refund/domestic/refunds":        "\n//\tone of* transaction_id, out_trade_no",
		"POST v3/pay/partner/transactions/jsapi": "\n//\t\tone of* sp_openid, sub_openid",
	} {
		method, path, _ := strings.Cut(template, " ")
		if text := comment(openapi.Lookup(method, path)); !strings.Contains(text+"\n", want+"\n") {
			t.Errorf("the comment of %s lacks %q:\n%s", template, want, text)
		}
	}
	for op := range openapi.Operations() {
		groups := len(op.QueryOneOf)
		if body := op.Body(); body != nil {
			groups += groupsOf(body)
		}
		if n := strings.Count(comment(op), "one of* "); n != groups {
			t.Errorf("the comment of %s lists %d groups of alternatives, want %d", op, n, groups)
		}
	}
}

// groupsOf counts the groups of an object and of the objects in it.
func groupsOf(s *openapi.Schema) int {
	for s.Items != nil {
		s = s.Items
	}
	n := len(s.OneOf)
	for _, p := range s.Properties {
		n += groupsOf(p.Schema)
	}
	return n
}
