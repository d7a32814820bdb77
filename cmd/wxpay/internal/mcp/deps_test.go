package mcp

import (
	osexec "os/exec"
	"strings"
	"testing"
)

// Programs that use the client, the catalogue or the sandbox do not compile what this
// command needs.
func TestNoWeightOnOthers(t *testing.T) {
	const module = "github.com/wxchain/wechatpay"
	out, err := osexec.CommandContext(t.Context(), "go", "list", "-deps", module, module+"/openapi", module+"/sandbox", module+"/sandbox/console", module+"/wechatpaytest").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	n := 0
	for path := range strings.Lines(string(out)) {
		n++
		for _, heavy := range []string{"modelcontextprotocol", "jsonschema-go", "segmentio", "errortable"} {
			if strings.Contains(path, heavy) {
				t.Errorf("others import %s", path)
			}
		}
	}
	if n < 100 {
		t.Errorf("%d packages", n)
	}
}
