package interop

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// A toolResult is the answer of a tool, as the official client of MCP for Node.js has it.
type toolResult struct {
	IsError           bool
	Content           []struct{ Type, Text string }
	StructuredContent map[string]any
}

// answersOfNode is what the official client of MCP for Node.js printed.
type answersOfNode struct {
	Server             struct{ Name string }
	Tools              []string
	Answers            map[string]toolResult
	Bad, After         toolResult
	Unknown, Cancelled string
}

// The official client of MCP for Node.js uses each tool of wxpay mcp. The packages of
// node/package.json must be installed: npm ci --prefix node.
func TestMCPOfNode(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "node", "mcp.mjs", builtProgram(t, "cmd/wxpay"), "--lang", "zh", "mcp")
	cmd.Dir = "node"
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, &stderr)
	}
	var got answersOfNode
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if got.Server.Name != "wxpay" || stderr.Len() != 0 {
		t.Errorf("the server is %q, and says %q", got.Server.Name, &stderr)
	}
	checkTools(t, got)
	if !got.Bad.IsError || !strings.Contains(got.Bad.Content[0].Text, "wrods") || !strings.Contains(got.Unknown, "no_such_tool") {
		t.Errorf("bad arguments: %+v; an unknown tool: %q", got.Bad, got.Unknown)
	}
	if got.Cancelled != "cancelled" || got.After.IsError || got.After.StructuredContent["total"] == nil {
		t.Errorf("a cancelled call is %s, and the next %+v", got.Cancelled, got.After)
	}
}

// checkTools checks that each tool was called and answers.
func checkTools(t *testing.T, got answersOfNode) {
	t.Helper()
	for _, name := range got.Tools {
		answer, called := got.Answers[name]
		if !called || answer.IsError || answer.StructuredContent == nil || len(answer.Content) == 0 || answer.Content[0].Text == "" {
			t.Errorf("%s: called %t: %+v", name, called, answer)
		}
	}
	if len(got.Tools) < 13 || len(got.Tools) != len(got.Answers) || !slices.Contains(got.Tools, "explain_error") {
		t.Errorf("the tools are %q", got.Tools)
	}
	if remedy, _ := got.Answers["explain_error"].StructuredContent["remedy"].(string); !strings.HasPrefix(remedy, "账户余额或预算不足。") {
		t.Errorf("with --lang zh the remedy is %q", remedy)
	}
	if outcome := got.Answers["call_sandbox"].StructuredContent["outcome"]; outcome != "done" {
		t.Errorf("the outcome of a call to the sandbox is %v", outcome)
	}
}
