//go:build unix

package bill

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	osexec "os/exec"
	"os/signal"
	"syscall"
	"testing"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
)

// A bill that a signal or a closed terminal interrupts leaves no file behind.
func TestBillLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	dir, _ := testkit.NewSandboxDir(t)
	for _, sig := range []os.Signal{syscall.SIGHUP, syscall.SIGTERM, os.Interrupt} {
		if sig == syscall.SIGHUP && signal.Ignored(sig) {
			continue // these tests run under nohup, and so would wxpay
		}
		asked, done := make(chan struct{}, 1), make(chan struct{})
		server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			asked <- struct{}{}
			<-done
		}))
		out := t.TempDir()
		cmd := osexec.Command("wxpay", "bill", "trade", "yesterday", "-o", out+"/bill.txt")
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "WECHATPAY_BASE_URL="+server.URL)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		<-asked
		if err := cmd.Process.Signal(sig); err != nil {
			t.Error(err)
		}
		var ended *osexec.ExitError
		if err := cmd.Wait(); !errors.As(err, &ended) || ended.ExitCode() != exit.Failed {
			t.Errorf("%s: it ended with %v, want exit 1", sig, err)
		}
		close(done)
		server.Close()
		if left, err := os.ReadDir(out); err != nil || len(left) > 0 {
			t.Errorf("%s: left behind: %v, %v", sig, left, err)
		}
	}
}
