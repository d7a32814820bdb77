package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
)

// exec runs a command line in this process.
func exec(ctx context.Context, args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = run(ctx, args, &out, &err)
	return code, out.String(), err.String()
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, fmt.Errorf("no space left") }

func TestUsageErrors(t *testing.T) {
	for _, test := range []struct {
		args string
		want []string
	}{
		{"dmeo", []string{`wxpay: unknown command "dmeo"; did you mean "demo"?`, "wxpay --help"}},
		{"help dmeo", []string{`unknown command "dmeo"; did you mean "demo"?`}},
		{"demo 9", []string{"wxpay demo: ", `"9"`, "wxpay demo --help"}},
		{"demo --fast", []string{"wxpay demo: unknown flag: --fast"}},
		{"--fast", []string{"wxpay: unknown flag: --fast"}},
	} {
		t.Run(test.args, func(t *testing.T) {
			code, stdout, stderr := exec(t.Context(), strings.Fields(test.args)...)
			if code != exitUsage || stdout != "" {
				t.Errorf("exit %d, stdout %q", code, stdout)
			}
			for _, text := range test.want {
				if strings.Count(stderr, text) != 1 {
					t.Errorf("stderr has not once %q:\n%s", text, stderr)
				}
			}
		})
	}
}

func TestHelp(t *testing.T) {
	for _, args := range []string{"", "--help", "help", "demo --help", "help demo"} {
		code, stdout, stderr := exec(t.Context(), strings.Fields(args)...)
		if code != exitOK || stderr != "" || !strings.Contains(stdout, "Examples:\n  wxpay demo") {
			t.Errorf("wxpay %s: exit %d, stderr %q, stdout:\n%s", args, code, stderr, stdout)
		}
	}
}
