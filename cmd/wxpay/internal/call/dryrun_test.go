package call

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
)

// With --dry-run the platform receives no request, not even one for its
// certificates.
func TestDryRunSendsNothing(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s %s was sent", r.Method, r.URL)
	}))
	defer server.Close()
	dir := t.TempDir()
	if err := testkit.WriteKeys(dir); err != nil {
		t.Fatal(err)
	}
	t.Setenv("WECHATPAY_APIV3_KEY", testkit.APIv2Key)
	config := filepath.Join(dir, settings.FileName)
	whole := strings.ReplaceAll(testkit.Config, "$PLATFORM", server.URL)
	var certificates []string // settings without the platform public key
	for line := range strings.Lines(whole) {
		if !strings.HasPrefix(line, "platform_") {
			certificates = append(certificates, line)
		}
	}
	for _, text := range []string{whole, strings.Join(certificates, "")} {
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, call := range []string{"GET v3/certificates", "POST v3/things a=b", "POST v2/pay/orderquery appid=a out_trade_no=1"} {
			args := append([]string{"call", "--config", config, "--dry-run"}, strings.Fields(call)...)
			if code, stdout, stderr := exec(t.Context(), args...); code != exit.OK || !strings.Contains(stdout, "nothing was sent") {
				t.Errorf("%s: exit %d, stdout %q, stderr %q", call, code, stdout, stderr)
			}
		}
	}
}
