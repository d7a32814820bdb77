//go:build unix

package batch

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
)

// On a terminal a bar shows the progress of the calls. The summary replaces it.
func TestBatchOnTerminal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.orders(100)
	shown := testkit.OnTerminal(t, filepath.Dir(w.in), []string{"TERM=xterm"}, w.args(orderPath)...)
	want := `(?s)^\rsending +\d+% \|.*\(\d+/100, .*calls/.*\] ?.*\r +\rlines +100\r\ndone +100\r\nin this run  100 in [^\n]* a second\r\n$`
	if !regexp.MustCompile(want).MatchString(shown) {
		t.Errorf("it shows %q, want %s", shown, want)
	}
}

// In Chinese, the bar and the summary are Chinese.
func TestBatchOnChineseTerminal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.orders(100)
	shown := testkit.OnTerminal(t, filepath.Dir(w.in), []string{"TERM=xterm", "LC_ALL=zh_CN.UTF-8"}, w.args(orderPath)...)
	want := `(?s)^\r发送 +\d+% \|.*\(\d+/100, .*次/.*\] ?.*\r +\r行数 +100\r\n已完成 +100\r\n本次运行  100 次，用时 [^\n]* 次\r\n$`
	if !regexp.MustCompile(want).MatchString(shown) {
		t.Errorf("it shows %q, want %s", shown, want)
	}
}

// SIGTERM works like ctrl-C.
func TestBatchTerminated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.orders(300)
	code, printed := w.meetAt(50, func(p *os.Process, _ <-chan struct{}) {
		if err := p.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
	}, w.args(orderPath)...)
	if code != exit.Failed || !strings.HasSuffix(printed, "wxpay batch: interrupted\n") {
		t.Fatalf("exit %d: %s", code, printed)
	}
	if n := len(w.results()); n < 50 || n == 300 || n != w.stored("order") {
		t.Errorf("%d results, %d orders", n, w.stored("order"))
	}
}
