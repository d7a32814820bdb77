package main

import (
	"go/parser"
	"regexp"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/openapi"
)

var shellWord = regexp.MustCompile(`'(?:[^']|'\\'')*'|\S+`)

// Every call that is shown as Go is Go, and every one shown with wxpay has
// items that are taken, with a value for each variable and field that is
// required.
func TestShownCalls(t *testing.T) {
	n := 0
	for op := range openapi.Operations() {
		n++
		code := goCall(op)
		if _, err := parser.ParseExpr("func() {\n" + code + "\n}"); err != nil {
			t.Errorf("%s: %v in\n%s", op, err, code)
		}
		if php := phpCall(op); !strings.HasPrefix(php, "$response = $instance->") || !strings.HasSuffix(php, ");\n") ||
			strings.Count(php, "[") < strings.Count(php, "=> [") {
			t.Errorf("%s in PHP:\n%s", op, php)
		}
		args := shellWord.FindAllString(strings.ReplaceAll(wxpayCall(op), " \\\n", " "), -1)
		for i, arg := range args {
			if unquoted, ok := strings.CutPrefix(arg, "'"); ok {
				args[i] = strings.ReplaceAll(strings.TrimSuffix(unquoted, "'"), `'\''`, "'")
			}
		}
		if args[2] != op.Method || args[3] != op.Template {
			t.Errorf("%s is called as %q", op, args)
			continue
		}
		items, err := parseItems(args[4:])
		if err != nil {
			t.Errorf("%s: %v", op, err)
			continue
		}
		template := new(wechatpay.Client).Chain(op.Template).String()
		if _, err := options(op.Method, template, items, strings.NewReader("{}")); err != nil {
			t.Errorf("%s: %v", op, err)
		}
	}
	if n < 100 {
		t.Errorf("the catalogue has %d operations", n)
	}
}
