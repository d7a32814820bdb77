package notify

import (
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
)

// An answer of 101, whose body never ends, does not block the command.
func TestNotifySendOfSwitchingProtocols(t *testing.T) {
	t.Parallel()
	dir, _ := testkit.NewSandboxDir(t)
	if code, stdout, stderr := exec(t.Context(), "notify", "send", testkit.Switching(t), "--dir", dir); code != exit.Failed || !strings.Contains(stdout, "101 Switching Protocols") {
		t.Errorf("exit %d, %s, %s", code, stdout, stderr)
	}
}
