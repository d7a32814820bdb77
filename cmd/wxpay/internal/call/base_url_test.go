package call

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
)

// A base URL without a scheme or a host is refused with the one that was meant, wherever
// it is set.
func TestBaseURLWithoutScheme(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("WECHATPAY_MCHID", "1900000109")
	t.Setenv("WECHATPAY_APIV2_KEY", strings.Repeat("k", 32))
	args := []string{"call", "POST", "v2/pay/orderquery", "appid=wx8888888888888888", "out_trade_no=12345678"}
	refused := func(how, want string, more ...string) {
		t.Helper()
		code, stdout, stderr := exec(t.Context(), append(args, more...)...)
		if code != exit.Usage || stdout != "" || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit %d, stdout %q, stderr %q, want %q", how, code, stdout, stderr, want)
		}
	}
	for base, meant := range map[string]string{
		"localhost:8686":        "http://localhost:8686",
		"127.0.0.1:8686/x":      "http://127.0.0.1:8686/x",
		"api.mch.weixin.qq.com": "https://api.mch.weixin.qq.com",
		"//localhost":           "http://localhost",
		"htp://localhost":       "http://localhost",
		" http://localhost":     "http://localhost",
		"http:/localhost":       "http://localhost",
		":8686":                 "http://localhost:8686",
	} {
		refused("the flag", "write "+meant, "--base-url", base)
		refused("the flag, in Chinese", "请写成 "+meant, "--lang", "zh", "--base-url", base)
		t.Setenv("WECHATPAY_BASE_URL", base)
		refused("the variable", "write "+meant)
		t.Setenv("WECHATPAY_BASE_URL", "")
		for _, name := range []string{settings.FileName, "other.toml"} {
			if err := os.WriteFile(name, []byte("base_url = '"+base+"'\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		refused("the file", `write "`+meant)
		if err := os.Remove(settings.FileName); err != nil {
			t.Fatal(err)
		}
		refused("a named file", "write "+meant, "--config", filepath.Join(".", "other.toml"))
	}
}
