package main

import (
	"bytes"
	"context"
	"encoding/json"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cli"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/openapi"
)

// exec runs a command line in this process.
func exec(ctx context.Context, args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = cli.Run(ctx, commands(), args, &out, &err)
	return code, out.String(), err.String()
}

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
			if code != exit.Usage || stdout != "" {
				t.Errorf("exit %d, stdout %q", code, stdout)
			}
			for _, text := range test.want {
				if strings.Count(stderr, text) != 1 {
					t.Errorf("stderr does not contain %q exactly once:\n%s", text, stderr)
				}
			}
		})
	}
}

func TestHelp(t *testing.T) {
	for _, args := range []string{"", "--help", "help", "demo --help", "help demo"} {
		code, stdout, stderr := exec(t.Context(), strings.Fields(args)...)
		if code != exit.OK || stderr != "" || !strings.Contains(stdout, "Examples:\n  wxpay demo") {
			t.Errorf("wxpay %s: exit %d, stderr %q, stdout:\n%s", args, code, stderr, stdout)
		}
	}
}

func TestVersion(t *testing.T) {
	if code, stdout, stderr := exec(t.Context(), "version"); code != exit.OK || stdout != "wxpay "+wechatpay.Version+"\nRSA by crypto/rsa\n" || stderr != "" {
		t.Errorf("exit %d, stdout %q, stderr %q", code, stdout, stderr)
	}
}

func TestVersionJSON(t *testing.T) {
	code, stdout, stderr := exec(t.Context(), "version", "--json")
	var about struct {
		Version, Go, OS, Arch, Signer string
		Catalogue                     struct {
			Operations int
			Updated    string
		}
	}
	if err := json.Unmarshal([]byte(stdout), &about); err != nil || code != exit.OK || stderr != "" {
		t.Fatalf("exit %d, stdout %q, stderr %q: %v", code, stdout, stderr, err)
	}
	if about.Version != wechatpay.Version || about.Go != runtime.Version() || about.OS != runtime.GOOS || about.Arch != runtime.GOARCH ||
		about.Signer != "crypto/rsa" || about.Catalogue.Operations != countOperations() {
		t.Errorf("got %s", stdout)
	}
	if _, err := time.Parse(time.DateOnly, about.Catalogue.Updated); err != nil {
		t.Error(err)
	}
}

func countOperations() (n int) {
	for range openapi.Operations() {
		n++
	}
	return n
}

// Errors never print outside control characters to a terminal.
func TestOutsideTextIsVisible(t *testing.T) {
	const hostile = "a\x1b[31mb\x07\u009bc"
	for _, args := range [][]string{
		{"call", "GET", "v3/x", "--config", hostile}, {"bill", "trade", hostile}, {"nothing" + hostile}, {"call", "--" + hostile}, {"call", hostile, hostile},
		{"api", "show", hostile}, {"doctor", "--config", hostile}, {"batch", hostile, "POST", "v3/x"},
	} {
		var stdout, stderr strings.Builder
		if code := cli.Run(t.Context(), commands(), args, &stdout, &stderr); code == exit.OK {
			t.Errorf("%q: exit 0", args)
		}
		if text := stdout.String() + stderr.String(); strings.ContainsAny(text, "\x1b\x07\u009b") {
			t.Errorf("%q prints %q", args, text)
		}
	}
}
