package mcp

import (
	"go/parser"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/internal/gotypes"
	"github.com/wxchain/wechatpay/openapi"
)

func textOf1(all []source) string {
	var b strings.Builder
	for _, page := range all {
		b.WriteString(page.Text)
	}
	return b.String()
}

func nextOf(p source) string { return p.NextCursor }

// The types of every operation are those of wxpay api types, over however many pages.
func TestTypes(t *testing.T) {
	s := connect(t, newTestWorld(t), nil)
	for op := range openapi.Operations() {
		want, err := gotypes.Source("wxpay", []gotypes.Item{{Operation: op}})
		if err != nil {
			t.Fatal(err)
		}
		if got := textOf1(pages(s, "make_types", m{"operations": []string{op.String()}}, nextOf)); got != string(want) {
			t.Errorf("%s: the types differ", op)
		}
	}
	many := []string{"POST v3/pay/transactions/native", "POST v3/pay/transactions/jsapi", "POST v3/refund/domestic/refunds"}
	got := textOf1(pages(s, "make_types", m{"operations": many, "package": "pay"}, nextOf))
	if !strings.Contains(got, "package pay\n") || !strings.Contains(got, "type PostPayTransactionsNativeRequest struct") || !strings.Contains(got, "type PostRefundDomesticRefundsRequest struct") {
		t.Errorf("the types are %.500s", got)
	}
	if got := textOf1(pages(s, "make_types", m{"operations": many[:1], "name": "Order"}, nextOf)); !strings.Contains(got, "type OrderRequest struct") {
		t.Errorf("the types are %.500s", got)
	}
}

// The calls of every operation are code, in each language that can make them.
func TestCode(t *testing.T) {
	s := connect(t, newTestWorld(t), nil)
	n := 0
	for op := range openapi.Operations() {
		if n++; n%7 != 0 && len(op.Template) < 80 && !strings.HasPrefix(op.Template, "v3/pay/") {
			continue // each costs all languages
		}
		code := textOf1(pages(s, "write_code", m{"operation": op.String(), "language": "go"}, nextOf))
		if _, err := parser.ParseExpr("func() {\n" + code + "\n}"); err != nil {
			t.Errorf("%s: %v in\n%s", op, err, code)
		}
		for language, want := range map[string]string{"php": "$response = $instance", "wxpay": "wxpay call " + op.Method} {
			if code := textOf1(pages(s, "write_code", m{"operation": op.String(), "language": language}, nextOf)); !strings.HasPrefix(code, want) {
				t.Errorf("%s in %s is %.200s", op, language, code)
			}
		}
	}
	all := textOf1(pages(s, "write_code", m{"operation": "POST v3/pay/transactions/native", "language": "go", "all_spellings": true}, nextOf))
	if strings.Count(all, "// ") != 6 || !strings.Contains(all, "client.V3().Pay()") || !strings.Contains(all, `client.Chain("v3/pay/transactions/native")`) {
		t.Errorf("the spellings are %s", all)
	}
	if got := s.refused("write_code", m{"operation": "POST v2/pay/unifiedorder", "language": "curl"}); !strings.Contains(got, "another language") {
		t.Errorf("APIv2 with curl: %s", got)
	}
	if got := s.refused("write_code", m{"operation": "POST v2/pay/unifiedorder", "language": "cobol"}); !strings.Contains(got, "language") {
		t.Errorf("in COBOL: %s", got)
	}
}
