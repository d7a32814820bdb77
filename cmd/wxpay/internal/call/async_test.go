package call

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
)

// All calls of --async run at the same time: the server answers none until the
// last one arrives.
func TestCallAtOnce(t *testing.T) {
	var coming sync.WaitGroup
	coming.Add(8)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		coming.Done()
		coming.Wait()
		testkit.Platform{}.ServeHTTP(w, r)
	}))
	defer server.Close()
	dir := t.TempDir()
	if err := testkit.WriteKeys(dir); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, settings.FileName)
	if err := os.WriteFile(config, []byte(strings.ReplaceAll(testkit.Config, "$PLATFORM", server.URL)), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := exec(t.Context(), "call", "--config", config, "GET", "v3/certificates", "--async", "8")
	if code != exit.OK || stderr != "" {
		t.Errorf("exit %d, stderr %q", code, stderr)
	}
	for _, line := range []string{"calls ", "verified ", "in all ", "fastest ", "median ", "95 % ", "slowest "} {
		if strings.Count("\n"+stdout, "\n"+line) != 1 {
			t.Errorf("the summary does not contain %q exactly once:\n%s", line, stdout)
		}
	}
}
