package call

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
)

// An answer of 101, whose body never ends, does not block the command.
func TestCallOfSwitchingProtocols(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := testkit.WriteKeys(dir); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, settings.FileName)
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(testkit.Config, "$PLATFORM", testkit.Switching(t))), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := exec(t.Context(), "call", "GET", "v3/certificates", "--config", path); code != exit.Network || !strings.Contains(stderr, "101 Switching Protocols") {
		t.Errorf("exit %d, %s", code, stderr)
	}
}
