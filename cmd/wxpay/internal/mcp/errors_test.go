package mcp

import (
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/openapi"
)

// Every code of every table is explained, with each operation that has it.
func TestErrorCodes(t *testing.T) {
	s := connect(t, newTestWorld(t), nil)
	want := make(map[string]int)
	for op := range openapi.Operations() {
		for _, e := range op.Errors() {
			want[strings.ToUpper(e.Code)]++
		}
	}
	for code, n := range want {
		if code == "" {
			continue
		}
		got := 0
		for _, page := range pages(s, "explain_error", m{"code": strings.ToLower(code)}, func(c failureExplained) string { return c.NextCursor }) {
			for _, k := range page.Known {
				if got++; k.Operation == "" || !strings.EqualFold(k.Code, code) {
					t.Errorf("%s: %+v", code, k)
				}
			}
		}
		if got != n {
			t.Errorf("%s has %d operations, want %d", code, got, n)
		}
	}
}

func TestErrorOfOperation(t *testing.T) {
	s := connect(t, newTestWorld(t), nil)
	if got := callTool[failureExplained](s, "explain_error", m{"code": "NOT_ENOUGH", "operation": "POST v3/refund/domestic/refunds"}); got.Total != 1 || got.Remedy == "" || got.Known[0].Meaning == "" {
		t.Errorf("NOT_ENOUGH of a refund is %+v", got)
	}
	if got := callTool[failureExplained](s, "explain_error", m{"code": "NOT_ENOUGHT"}); got.Total != 0 || !strings.Contains(got.Note, "NOT_ENOUGH") {
		t.Errorf("a mistyped code is %+v", got)
	}
	if got := callTool[failureExplained](s, "explain_error", m{"code": "the option is nil"}); got.Total != 0 || !strings.Contains(got.Note, "as error") {
		t.Errorf("a text in place of a code is %+v", got)
	}
	if got := callTool[failureExplained](s, "explain_error", m{"code": "SIGN_ERROR", "operation": "GET v3/certificates"}); got.Remedy == "" {
		t.Errorf("SIGN_ERROR is %+v", got)
	}
}
