package main

import (
	"io"
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

// Deeply nested input never crashes a command.
func TestDeepInput(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 2<<20)
	closed := deep[:1<<20] + strings.Repeat("]", 1<<20)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, deep)
	}))
	defer server.Close()
	folder, dir := t.TempDir(), t.TempDir()
	config := filepath.Join(folder, settings.FileName)
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(config, strings.ReplaceAll(testkit.Config, "$PLATFORM", server.URL))
	if err := testkit.WriteKeys(folder); err != nil {
		t.Fatal(err)
	}
	run := func(code int, args ...string) {
		t.Helper()
		if got, _, stderr := exec(t.Context(), args...); got != code || len(stderr) > 4000 {
			t.Errorf("%.60q: exit %d, want %d; %.1000s", args, got, code, stderr)
		}
	}
	run(exit.Failed, "call", "GET", "v3/certificates", "--config", config)
	run(exit.Network, "doctor", "--config", config)
	run(exit.Usage, "call", "POST", "v3/pay/transactions/native", "a:="+closed[1<<19:3<<19], "--config", config)

	for name, text := range map[string]string{
		"deep.jsonl":   `{"amount":` + deep + "}\n",
		"closed.jsonl": `{"amount":` + closed + "}\n",
		"deep.csv":     "amount:json\n" + deep + "\n",
		"closed.csv":   "amount.payer_total\n" + closed + "\n",
		"header.csv":   strings.Repeat("a.", 1<<20) + "a\n1\n",
	} {
		path := filepath.Join(folder, name)
		write(path, text)
		code, _, stderr := exec(t.Context(), "batch", "POST", "v3/pay/transactions/native", "--in", path, "--out", path+".out", "--config", config)
		if code == exit.OK || len(stderr) > 4000 {
			t.Errorf("%s: exit %d, %.1000s", name, code, stderr)
		}
	}

	resource := filepath.Join(folder, "deep.json")
	write(resource, closed)
	if _, err := testkit.WriteSandboxDir(dir); err != nil {
		t.Fatal(err)
	}
	run(exit.Usage, "notify", "send", server.URL, "--dir", dir, "--resource", resource)

	for _, text := range []string{"mchid = " + deep, "mchid = " + strings.Repeat("{a=", 1<<20), strings.Repeat("a.", 1<<20) + "a = 1"} {
		write(config, text)
		run(exit.Usage, "call", "GET", "v3/certificates", "--config", config)
	}
}
