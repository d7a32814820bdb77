package mcp

import (
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
)

// Arguments that do not fit are refused by name, with what the tool takes, and without
// their values, which may be secrets.
func TestMisfitArguments(t *testing.T) {
	s := connect(t, newTestWorld(t), nil)
	const secret = "secret0123456789"
	for _, tt := range []struct {
		tool string
		args m
		want string
	}{
		{"show_operation", m{}, `operation is missing: want the method and the template, such as "`},
		{"show_operation", m{"opertion": secret}, "there is no argument opertion; did you mean operation?"},
		{"show_operation", m{"operation": refund, secret[:6]: 1}, "there is no argument secret; the arguments are cursor, operation, part"},
		{"show_operation", m{"operation": 5}, "operation: want a text, got a number"},
		{"show_operation", m{"operation": m{"a": secret}}, "operation: want a text, got an object"},
		{"show_operation", m{"operation": refund, "part": "answr"}, "part: did you mean answer? It is one of facts, body, answer"},
		{"show_operation", m{"operation": refund, "part": secret}, "part: want one of facts, body, answer"},
		{"validate_call", m{"operation": refund, "path": secret}, "path: want an object, got a text"},
		{"validate_call", m{"operation": refund, "path": m{"a": 1}}, "path.a: want a text, got a number"},
		{"make_types", m{"operations": refund}, "operations: want an array, got a text"},
		{"make_types", m{"operations": []any{refund, 5}}, "operations.1: want a text, got a number"},
		{"write_code", m{"operation": refund}, "language is missing: want go, php, curl or wxpay"},
		{"call_sandbox", m{"operation": refund, "unchecked": secret}, "unchecked: want a boolean, got a text"},
		{"control_sandbox", m{"action": "add_fault", "fault": m{"kid": secret}}, "there is no argument fault.kid; did you mean kind?"},
		{"list_sandbox_records", m{"kind": "orders"}, "kind: did you mean order?"},
	} {
		got := s.refused(tt.tool, tt.args)
		if !strings.HasPrefix(got, "the arguments of "+tt.tool+": "+tt.want) || strings.Contains(got, secret) {
			t.Errorf("%s %v: %s, want %s", tt.tool, tt.args, got, tt.want)
		}
	}
}

// An argument that is null counts as absent.
func TestNullArguments(t *testing.T) {
	s := connect(t, newTestWorld(t), nil)
	for _, args := range []m{{"operation": refund, "body": nil, "cursor": nil}, {"operation": refund, "path": nil, "query": nil, "headers": nil}} {
		if got := callTool[verdict](s, "validate_call", args); got.Valid || got.Errors == 0 {
			t.Errorf("%v: %+v", args, got)
		}
	}
	if got := s.refused("validate_call", m{"operation": nil}); !strings.Contains(got, "operation is missing") {
		t.Error(got)
	}
}

// A call with a body, a path or a header that cannot be sent says what to send.
func TestWrongParts(t *testing.T) {
	s := connect(t, newTestWorld(t), nil)
	const query = "GET v3/pay/transactions/out-trade-no/{out_trade_no}"
	for want, args := range map[string]m{
		"body: want an object, or a text that is sent as it is":                               {"operation": refund, "body": 5},
		"headers.Authorization cannot be set: the client writes it":                           {"operation": refund, "headers": m{"Authorization": "x"}},
		"path.out_trade_no leads to another path: it is dots, or has a slash":                 {"operation": query, "path": m{"out_trade_no": "../x"}},
		"path.out_trade_no is missing: it is a variable of v3/pay/transactions/out-trade-no/": {"operation": query},
	} {
		if got := s.refused("call_sandbox", args); !strings.HasPrefix(got, want) {
			t.Errorf("%v: %s, want %s", args, got, want)
		}
	}
}

// Every schema of a tool is understood: whatever the SDK refuses is explained.
func TestMisfitKnowsSchemas(t *testing.T) {
	for name, schema := range map[string]*jsonschema.Schema{"shown": schemaFor[validated](), "controlled": schemaFor[sandboxCall](), "failure": schemaFor[failure](), "types": schemaFor[platformCall]()} {
		resolved, err := schema.Resolve(nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, value := range []any{nil, true, 1.5, "x", []any{1.5}, m{"x": m{}}} {
			for property := range schema.Properties {
				args := m{property: value}
				if _, ok := schema.Properties["operation"]; ok && property != "operation" {
					args["operation"] = "x"
				}
				if value != nil && resolved.Validate(args) != nil && misfitIn("", schema, args) == nil {
					t.Errorf("%s: %v is not explained", name, args)
				}
			}
		}
	}
}
