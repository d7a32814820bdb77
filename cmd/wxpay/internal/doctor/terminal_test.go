//go:build unix

package doctor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
)

func TestDoctorOnTerminal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := testkit.WriteKeys(dir); err != nil {
		t.Fatal(err)
	}
	config := strings.ReplaceAll(testkit.Config, "$PLATFORM", "http://127.0.0.1:1")
	if err := os.WriteFile(filepath.Join(dir, settings.FileName), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	for env, want := range map[string]string{"NO_COLOR=": "\x1b[32m✔\x1b[0m mchid ", "NO_COLOR=1": "✔ mchid "} {
		shown := testkit.OnTerminal(t, dir, []string{"TERM=xterm", env}, "doctor", "--offline")
		if !strings.Contains(shown, "\r\n"+want) {
			t.Errorf("%s: it shows %q", env, shown)
		}
	}
}
