package main

import (
	"fmt"
	"slices"
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
		for _, answer := range op.Responses {
			if answer.Body != nil {
				groups += groupsOf(answer.Body)
			}
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

// The comment of an operation lists the fields of its answers.
func TestCommentSaysTheAnswer(t *testing.T) {
	for op := range openapi.Operations() {
		text := comment(op)
		for _, answer := range op.Responses {
			if answer.Body == nil || len(answer.Body.Properties) == 0 {
				continue
			}
			_, fields, ok := strings.Cut(text, fmt.Sprintf("// The answer, %d:\n//\n", answer.Status))
			if !ok {
				t.Errorf("the comment of %s lacks the answer %d", op, answer.Status)
			}
			for _, p := range answer.Body.Properties {
				if !strings.Contains(fields, "//\t"+p.Name+" ") && !strings.Contains(fields, "//\t"+p.Name+"* ") {
					t.Errorf("the comment of %s lacks the field %s of its answer", op, p.Name)
				}
			}
		}
	}
}

// The comment of a node that leads to many products names those with the most
// operations.
func TestCommentOfANode(t *testing.T) {
	ops := []*openapi.Operation{
		{Method: "GET", Template: "v3/x/a", Tags: []string{"一"}},
		{Method: "GET", Template: "v3/x/b", Tags: []string{"二"}},
		{Method: "GET", Template: "v3/x/c", Tags: []string{"二", "三"}},
	}
	for i := range 5 {
		ops = append(ops, &openapi.Operation{Method: "GET", Template: fmt.Sprintf("v3/x/d%d", i), Tags: []string{fmt.Sprint(i)}})
	}
	got, err := generate(slices.Values(ops))
	if err != nil {
		t.Fatal(err)
	}
	const want = "// X is v3/x.\n//\n// It leads to 8 operations of 二, 一, 三, 0, 1, 2, ….\nfunc "
	if !strings.Contains(string(got["v3_gen.go"]), want) {
		t.Errorf("the tree lacks %s:\n%s", want, got["v3_gen.go"])
	}
}
