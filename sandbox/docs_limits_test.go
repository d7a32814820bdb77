package sandbox_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/openapi"
)

var (
	namedOperation = regexp.MustCompile("`((?:GET|POST|PUT|PATCH|DELETE) v[23]/[^`]*)`")
	namedTemplate  = regexp.MustCompile("operations of `(v[23]/[^`]*)`")
)

// The operations of which docs/sandbox.md says that they answer with an example do.
func TestDocumentedLimitsHold(t *testing.T) {
	text, err := os.ReadFile("../docs/sandbox.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "\n## What the sandbox does not do\n")
	table, _, _ = strings.Cut(table, "\n## ")
	w := newExamplesWorld(t)
	named := 0
	check := func(op *openapi.Operation) {
		t.Helper()
		named++
		resp, err := throughTree(t, w.client, op, optionsOf(t, op, bodyOf(t, op, [2]string{}, nil), nil))
		if err != nil || resp.Header.Get("Wechatpay-Sandbox") != "example" {
			t.Errorf("%s does not answer with an example: %v, %v", op, resp, err)
		}
	}
	for line := range strings.Lines(table) {
		if !strings.Contains(line, "answer with an example") {
			continue
		}
		for _, match := range namedOperation.FindAllStringSubmatch(line, -1) {
			method, template, _ := strings.Cut(match[1], " ")
			if op := openapi.Lookup(method, template); op != nil {
				check(op)
			} else {
				t.Errorf("the catalogue has no %s", match[1])
			}
		}
		for _, match := range namedTemplate.FindAllStringSubmatch(line, -1) {
			for op := range openapi.Operations() {
				if op.Template == match[1] {
					check(op)
				}
			}
		}
	}
	if named < 15 {
		t.Errorf("%d operations are named, want 15 or more", named)
	}
}
