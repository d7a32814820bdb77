package main

import (
	"os"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/openapi"
)

func TestDocumentIsUpToDate(t *testing.T) {
	for name, write := range documents {
		var b strings.Builder
		write(&b, openapi.Operations())
		committed, err := os.ReadFile("../../docs/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if b.String() != string(committed) {
			t.Errorf("docs/%s is not what the catalogue makes: run go generate ./...", name)
		}
	}
}

func TestEveryOperationIsListedOnce(t *testing.T) {
	var b strings.Builder
	write(&b, openapi.Operations())
	for op := range openapi.Operations() {
		if n := strings.Count(b.String(), "<br>`"+op.String()+"` |"); n != 1 {
			t.Errorf("%s is listed %d times", op, n)
		}
		if len(op.Docs) > 0 && !strings.Contains(b.String(), "]("+op.Docs[0]+")<br>`"+op.String()+"` | `"+op.GoChain()+"` | `"+op.PHPChain()+"` |") {
			t.Errorf("%s is without its title, page, Go or PHP", op)
		}
	}
}
