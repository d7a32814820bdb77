//go:build unix

package bill

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
)

// On a terminal the download shows its progress and erases it at the end. The
// progress does not mix with the bill.
func TestBillOnTerminal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dir := filepath.Dir(w.config)
	env := []string{"TERM=xterm", "WECHATPAY_BASE_URL=" + w.URL()}
	shown := testkit.OnTerminal(t, dir, env, "bill", "trade", w.day, "-o", "bill.txt")
	if !regexp.MustCompile(`^\r. trade bill \([^\n]+B/s[^\n]*\r *\r$`).MatchString(shown) {
		t.Errorf("it shows %q", shown)
	}
	shown = testkit.OnTerminal(t, dir, append(env, "LC_ALL=zh_CN.UTF-8"), "bill", "trade", w.day, "-o", "bill.txt")
	if !regexp.MustCompile(`^\r. 交易账单 \([^\n]+B/s[^\n]*\r *\r$`).MatchString(shown) {
		t.Errorf("in Chinese it shows %q", shown)
	}
	text, err := os.ReadFile(filepath.Join(dir, "bill.txt"))
	if err != nil || !strings.HasPrefix(string(text), "交易时间,") {
		t.Errorf("the file has %q, %v", text, err)
	}
	shown = testkit.OnTerminal(t, dir, env, "bill", "trade", w.day)
	if strings.ReplaceAll(shown, "\r", "") != strings.ReplaceAll(string(text), "\r", "") {
		t.Errorf("without -o it shows %q, want the bill and no more", shown)
	}
}
