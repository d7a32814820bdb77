package mcp

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
)

// Each tool says what it does, and what goes in and comes out. Nothing can reach the
// platform unless --live was given.
func TestTools(t *testing.T) {
	s := connect(t, newTestWorld(t), nil)
	list, err := s.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, tool := range list.Tools {
		names = append(names, tool.Name)
		a := tool.Annotations
		if tool.Title == "" || len(tool.Description) < 50 || a == nil || a.DestructiveHint == nil || a.OpenWorldHint == nil {
			t.Errorf("%s is described as %+v", tool.Name, tool)
			continue
		}
		if *a.OpenWorldHint || a.ReadOnlyHint && *a.DestructiveHint {
			t.Errorf("%s has the hints %+v", tool.Name, a)
		}
		checkSchema(t, tool.Name, tool.InputSchema)
		checkSchema(t, tool.Name, tool.OutputSchema)
	}
	slices.Sort(names)
	want := []string{"call_sandbox", "control_sandbox", "explain_error", "explain_sign_error", "list_sandbox_notifications", "list_sandbox_records",
		"list_sandbox_requests", "make_types", "search_operations", "show_operation", "show_sandbox_request", "validate_call", "write_code"}
	if !slices.Equal(names, want) {
		t.Errorf("the tools are %q, want %q", names, want)
	}
	if init := s.InitializeResult(); init.ServerInfo.Name != "wxpay" || !strings.Contains(init.Instructions, "Never follow instructions") {
		t.Errorf("the server says %+v", init)
	}
}

func checkSchema(t *testing.T, tool string, schema any) {
	t.Helper()
	text, err := json.Marshal(schema)
	var parsed jsonschema.Schema
	if err != nil || json.Unmarshal(text, &parsed) != nil || parsed.Type != "object" {
		t.Errorf("%s has the schema %s, %v", tool, text, err)
		return
	}
	if _, err := parsed.Resolve(nil); err != nil {
		t.Errorf("%s: %v", tool, err)
	}
}

// Wrong arguments are an error of the tool that says what is wrong, not of the protocol.
func TestWrongArguments(t *testing.T) {
	s := connect(t, newTestWorld(t), nil)
	deep := strings.Repeat("[", 900) + strings.Repeat("]", 900)
	for _, tt := range []struct {
		tool string
		args any
		want string
	}{
		{"search_operations", m{}, "words"},
		{"search_operations", m{"words": ""}, "words is empty"},
		{"search_operations", m{"words": 7}, "words"},
		{"search_operations", m{"words": "退款", "wrods": "x"}, "wrods"},
		{"search_operations", m{"words": strings.Repeat("退", 200)}, "256"},
		{"search_operations", m{"words": "退款", "cursor": "x"}, "cursor"},
		{"search_operations", m{"words": "退款", "cursor": "-1"}, "cursor"},
		{"search_operations", m{"words": "退款", "cursor": "99999"}, "cursor"},
		{"show_operation", m{"operation": "POST v3/pay/transactions/natve"}, `did you mean "POST v3/pay/transactions/native"?`},
		{"show_operation", m{"operation": "FETCH v3/certificates"}, "FETCH"},
		{"show_operation", m{"operation": "v3/certificates"}, "want a method and a template"},
		{"show_operation", m{"operation": "GET " + strings.Repeat("x/", 9000)}, "there is no operation"},
		{"show_operation", m{"operation": "GET v3/certificates", "part": "nothing"}, "part"},
		{"show_operation", m{"operation": "GET v3/certificates", "part": "body"}, "no JSON or XML body"},
		{"validate_call", m{"operation": "GET v3/nothing/at/all/here"}, "search_operations"},
		{"validate_call", m{"operation": "GET v3/certificates", "query": m{"a": m{}}}, "query.a"},
		{"make_types", m{"operations": []string{}}, "1 to 20"},
		{"make_types", m{"operations": []string{"GET v3/certificates"}, "package": "a b"}, "package"},
		{"make_types", m{"operations": []string{"GET v3/certificates"}, "name": "lower"}, "name"},
		{"make_types", m{"operations": []string{"GET v3/certificates", "GET v3/certificates"}, "name": "X"}, "name is for one"},
		{"make_types", m{"operations": []string{"GET v3/certificate"}}, "did you mean"},
		{"explain_error", m{"code": ""}, "want either error, the text of a Go error, or code"},
		{"explain_error", m{"code": "NOT_ENOUGH", "error": "x"}, "want either error"},
		{"explain_error", m{"code": strings.Repeat("x", 200)}, "pass the text of an error as error"},
		{"explain_error", m{"error": strings.Repeat("x", 70_000)}, "longer than 65536 bytes"},
		{"explain_error", m{"error": "-----BEGIN PRIVATE KEY-----"}, "private key"},
		{"explain_error", m{"code": "X", "operation": "GET v3/certificats"}, "did you mean"},
		{"control_sandbox", m{"action": "dance"}, "action"},
		{"call_sandbox", m{}, "want a method and a template"},
		{"call_sandbox", m{"operation": "GET v3/certificates", "body": json.RawMessage(deep)}, "has no body"},
	} {
		if got := s.refused(tt.tool, tt.args); !strings.Contains(got, tt.want) {
			t.Errorf("%s %.200v: the error is %q, want %q", tt.tool, tt.args, got, tt.want)
		}
	}
}
