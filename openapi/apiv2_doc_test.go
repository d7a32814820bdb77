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
	operation := regexp.MustCompile("`([A-Z]+) ((?:v2|v3|hk|global)/[^`]+)`")
	rows := make(map[string]int)
	for line := range strings.Lines(string(text)) {
		for _, found := range operation.FindAllStringSubmatch(line, -1) {
			if openapi.Lookup(found[1], found[2]) == nil {
				t.Errorf("%s %s is not in the catalogue", found[1], found[2])
			}
		}
		cells := strings.Split(line, "|")
		if len(cells) != 5 || !strings.Contains(cells[1], "`") {
			continue
		}
		from := operation.FindAllStringSubmatch(cells[1], -1)
		if len(from) != 1 || !strings.HasPrefix(from[0][2], "v2/") {
			t.Fatalf("%q names no operation of APIv2", line)
		}
		op := openapi.Lookup(from[0][1], from[0][2])
		if op == nil {
			continue
		}
		rows[op.String()]++
		if !strings.HasPrefix(strings.TrimSpace(cells[1]), op.Title+"<br>") {
			t.Errorf("%s is called %s", cells[1], op.Title)
		}
		to := operation.FindAllStringSubmatch(cells[2], -1)
		if none := strings.TrimSpace(cells[2]) == "none"; none == (len(to) > 0) {
			t.Errorf("%q names neither operations nor none", line)
		}
		for _, found := range to {
			if strings.HasPrefix(found[2], "v2/") {
				t.Errorf("%s is said to be replaced by %s", op, found[0])
			}
		}
	}
	for op := range openapi.Operations() {
		if want := strings.HasPrefix(op.Template, "v2/"); want != (rows[op.String()] == 1) {
			t.Errorf("%s has %d rows", op, rows[op.String()])
		}
	}
}
