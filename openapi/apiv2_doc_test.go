package openapi_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/openapi"
)

// The table that leads from APIv2 to APIv3 has every operation of APIv2 once,
// and names no operation that is not in the catalogue.
func TestAPIv2Doc(t *testing.T) {
	text, err := os.ReadFile("../docs/apiv2.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := make(map[string]int)
	for line := range strings.Lines(string(text)) {
		for _, found := range operationsIn(line) {
			if openapi.Lookup(found[1], found[2]) == nil {
				t.Errorf("%s %s is not in the catalogue", found[1], found[2])
			}
		}
		cells := strings.Split(line, "|")
		if len(cells) != 5 || !strings.Contains(cells[1], "`") {
			continue
		}
		if op := replacedOperation(t, cells[1]); op != nil {
			rows[op.String()]++
			checkReplacements(t, op, cells[2])
		}
	}
	for op := range openapi.Operations() {
		if want := strings.HasPrefix(op.Template, "v2/"); want != (rows[op.String()] == 1) {
			t.Errorf("%s has %d rows", op, rows[op.String()])
		}
	}
}

// operationsIn finds the operations that a text names, such as `GET v3/…`, each
// with its method and its template.
func operationsIn(text string) [][]string {
	return regexp.MustCompile("`([A-Z]+) ((?:v2|v3|hk|global)/[^`]+)`").FindAllStringSubmatch(text, -1)
}

// replacedOperation returns the operation of APIv2 that the first cell of a row
// names, below its title. It is nil if the catalogue lacks the operation.
func replacedOperation(t *testing.T, cell string) *openapi.Operation {
	t.Helper()
	found := operationsIn(cell)
	if len(found) != 1 || !strings.HasPrefix(found[0][2], "v2/") {
		t.Fatalf("%q names no operation of APIv2", cell)
	}
	op := openapi.Lookup(found[0][1], found[0][2])
	if op != nil && !strings.HasPrefix(strings.TrimSpace(cell), op.Title+"<br>") {
		t.Errorf("%s is called %s", cell, op.Title)
	}
	return op
}

// checkReplacements checks the second cell of a row: it names operations of
// another version than op's, or says that there are none.
func checkReplacements(t *testing.T, op *openapi.Operation, cell string) {
	t.Helper()
	found := operationsIn(cell)
	if none := strings.TrimSpace(cell) == "none"; none == (len(found) > 0) {
		t.Errorf("%s: %q names neither operations nor none", op, cell)
	}
	for _, to := range found {
		if strings.HasPrefix(to[2], "v2/") {
			t.Errorf("%s is said to be replaced by %s", op, to[0])
		}
	}
}
