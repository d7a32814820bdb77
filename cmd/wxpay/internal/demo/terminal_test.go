//go:build unix

package demo

import (
	"regexp"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
)

// On a terminal the demo has colours. Without the colours the output is the
// same.
func TestDemoOnTerminal(t *testing.T) {
	t.Parallel()
	shown := testkit.OnTerminal(t, t.TempDir(), []string{"TERM=xterm", "NO_COLOR="}, "demo")
	if !strings.Contains(shown, "\x1b[1m1. ") || !strings.Contains(shown, "\x1b[32m200 OK, verified\x1b[0m") {
		t.Errorf("it shows %q", shown)
	}
	plain := testkit.OnTerminal(t, t.TempDir(), []string{"TERM=xterm", "NO_COLOR=1"}, "demo")
	if bare := regexp.MustCompile("\x1b\\[\\d+m").ReplaceAllString(shown, ""); plain != bare || plain == shown {
		t.Errorf("without colour it shows %q, want %q", plain, bare)
	}
}
