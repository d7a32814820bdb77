package mcp

import (
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
)

// A server in Chinese explains in Chinese, with what the tables say.
func TestInChinese(t *testing.T) {
	w := newTestWorld(t)
	w.lang = lang.Chinese()
	s := connect(t, w, nil)

	got := callTool[failureExplained](s, "explain_error", m{"code": "NOT_ENOUGH", "operation": refund})
	if got.Total != 1 || got.Known[0].Meaning != meaningOf(t, refund, "NOT_ENOUGH") || !strings.HasPrefix(got.Remedy, "账户余额或预算不足。") {
		t.Errorf("NOT_ENOUGH is %+v", got)
	}
	for code, note := range map[string]string{"NOT_ENOUGHT": "是不是 NOT_ENOUGH？", "a text": "请用 error 传入", "QQQQQQQQQQ": "请看应答中的 message"} {
		if got := callTool[failureExplained](s, "explain_error", m{"code": code}); !strings.Contains(got.Note, note) {
			t.Errorf("the note of %s is %q, want %q", code, got.Note, note)
		}
	}
	got = callTool[failureExplained](s, "explain_error", m{"error": `wechatpay: config: BaseURL "x" has no host`})
	if len(got.Messages) == 0 || !strings.Contains(got.Messages[0].Meaning, "不能作为请求的基地址") {
		t.Errorf("a Go error is %+v", got)
	}
}

// An operation is shown in Chinese: its errors, its limit, and what a second request does.
func TestOperationInChinese(t *testing.T) {
	w := newTestWorld(t)
	w.lang = lang.Chinese()
	s := connect(t, w, nil)
	known := 0
	for _, page := range pages(s, "show_operation", m{"operation": refund}, func(o shown) string { return o.NextCursor }) {
		if page.Repeat != nil && !isChinese(page.Repeat.Meaning) {
			t.Errorf("a second request: %+v", page.Repeat)
		}
		for _, e := range page.Errors {
			if known++; e.Code == "NOT_ENOUGH" && e.Meaning != meaningOf(t, refund, "NOT_ENOUGH") {
				t.Errorf("the error is %+v", e)
			}
		}
		for _, f := range page.Facts {
			if f.Name == "limit" && !isChinese(f.Text) {
				t.Errorf("the limit is %+v", f)
			}
		}
	}
	if known == 0 {
		t.Error("the operation has no errors")
	}
}

func isChinese(text string) bool { return strings.ContainsAny(text, "的，。请次") }

// meaningOf returns what a code of an operation means, in Chinese.
func meaningOf(t *testing.T, operation, code string) string {
	t.Helper()
	op, err := findOperation(operation)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range op.Errors() {
		if e.Code == code && e.WhenZH != "" {
			return e.WhenZH
		}
	}
	t.Fatalf("%s of %s has no meaning in Chinese", code, op)
	return ""
}
