//go:build unix

package call

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
)

// On a terminal an answer is coloured and indented, unless NO_COLOR is set.
func TestCallOnTerminal(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(testkit.Platform{})
	defer server.Close()
	dir := t.TempDir()
	if err := testkit.WriteKeys(dir); err != nil {
		t.Fatal(err)
	}
	config := strings.ReplaceAll(testkit.Config, "$PLATFORM", server.URL)
	if err := os.WriteFile(filepath.Join(dir, settings.FileName), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	shown := testkit.OnTerminal(t, dir, []string{"TERM=xterm", "NO_COLOR="}, "call", "GET", "v3/certificates")
	if !strings.Contains(shown, "\x1b[") || strings.Count(shown, "\n") < 4 {
		t.Errorf("it shows %q", shown)
	}
	const plain = "{\r\n  \"method\": \"GET\",\r\n  \"target\": \"/v3/certificates\"\r\n}\r\n"
	if shown = testkit.OnTerminal(t, dir, []string{"TERM=xterm", "NO_COLOR=1"}, "call", "GET", "v3/certificates"); shown != plain {
		t.Errorf("without colour it shows %q, want %q", shown, plain)
	}
}
