package api

import (
	"go/parser"
	"regexp"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/item"
	"github.com/wxchain/wechatpay/openapi"
)

var shellWord = regexp.MustCompile(`'(?:[^']|'\\'')*'|\S+`)

// The Go code of every call compiles. The items of every wxpay call are
// accepted and include each required variable and field.
func TestShownCalls(t *testing.T) {
	n := 0
	for op := range openapi.Operations() {
		n++
		code, err := callerOf("").Sample(op).Go()
		if err != nil {
			t.Errorf("%s: %v", op, err)
		}
		if _, err := parser.ParseExpr("func() {\n" + code + "\n}"); err != nil {
			t.Errorf("%s: %v in\n%s", op, err, code)
		}
		php, err := callerOf("").Sample(op).PHP()
		if err != nil || !strings.HasPrefix(php, "$response = $instance->") || !strings.HasSuffix(php, ");\n") ||
			strings.Count(php, "[") < strings.Count(php, "=> [") {
			t.Errorf("%s in PHP: %v\n%s", op, err, php)
		}
		args := shellWord.FindAllString(strings.ReplaceAll(callerOf("").Sample(op).Wxpay(), " \\\n", " "), -1)
		for i, arg := range args {
			if unquoted, ok := strings.CutPrefix(arg, "'"); ok {
				args[i] = strings.ReplaceAll(strings.TrimSuffix(unquoted, "'"), `'\''`, "'")
			}
		}
		if args[2] != op.Method || args[3] != op.Template {
			t.Errorf("%s is called as %q", op, args)
			continue
		}
		items, err := item.ParseAll(args[4:])
		if err != nil {
			t.Errorf("%s: %v", op, err)
			continue
		}
		template := new(wechatpay.Client).Chain(op.Template).String()
		if _, err := item.Options(op.Method, template, items, strings.NewReader("{}")); err != nil {
			t.Errorf("%s: %v", op, err)
		}
	}
	if n < 100 {
		t.Errorf("the catalogue has %d operations", n)
	}
}
