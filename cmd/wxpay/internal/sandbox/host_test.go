package sandbox

import (
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
	"github.com/wxchain/wechatpay/sandbox"
)

// The control API accepts the names of this machine and the allowed names.
func TestSandboxAllowsHosts(t *testing.T) {
	t.Parallel()
	dir, _ := testkit.NewSandboxDir(t)
	s := runSandbox(t, "--dir", dir, "--allow-host", "sandbox", "--allow-host", "pay.test.example.com")
	for host, want := range map[string]int{
		"": http.StatusOK, "localhost": http.StatusOK, "sandbox:8686": http.StatusOK, "pay.test.example.com": http.StatusOK,
		"example.com": http.StatusForbidden, "sandboxes": http.StatusForbidden, "api.mch.weixin.qq.com": http.StatusForbidden,
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"_sandbox/clock", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host // "" means the host of the URL
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != want {
			t.Errorf("the Host %q: answered %s %s, %v", host, resp.Status, text, err)
		}
	}
	s.end(t)
}

func TestSandboxAllowsTheNameOfAddr(t *testing.T) {
	for addr, want := range map[string][]string{
		"127.0.0.1:8686": {"shop"}, "[::1]:8686": {"shop"}, ":8686": {"shop"}, "sandbox:8686": {"shop", "sandbox"},
		"api.mch.weixin.qq.com:443": {"shop"}, // this name reaches everything but the control API
	} {
		if got := (options{addr: addr, allowHosts: []string{"shop"}}).controlHosts(); !slices.Equal(got, want) {
			t.Errorf("--addr %s: allowed are %q, want %q", addr, got, want)
		}
	}
}

// The sandbox does not change a state that a later version wrote.
func TestSandboxRefusesAnUnknownFormat(t *testing.T) {
	t.Parallel()
	dir, _ := testkit.NewSandboxDir(t)
	path := filepath.Join(dir, "sandbox.db")
	store, err := sandbox.OpenStore(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Update(func(tx sandbox.Tx) error { return tx.Put("format", "version", []byte("2")) }); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := exec(t.Context(), "sandbox", "--addr", "127.0.0.1:0", "--dir", dir)
	if code != exit.Usage || stdout != "" || !strings.Contains(stderr, path+": the state has the format \"2\"") {
		t.Errorf("exit %d, stdout %q, stderr %q", code, stdout, stderr)
	}
}
