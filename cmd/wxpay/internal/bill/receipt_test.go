package bill

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/sandbox"
)

// transferNamed makes the transfer named1 to a user with a name, which succeeds.
func (w *world) transferNamed(t *testing.T) {
	t.Helper()
	if _, err := w.Client().Chain("v3/fund-app/mch-transfer/transfer-bills").Post(t.Context(), wechatpay.JSON(wechatpay.M{
		"appid": "wx233544546545989", "out_bill_no": "named1", "transfer_scene_id": "1011", "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
		"transfer_amount": 30, "transfer_remark": "工资", "user_name": wechatpay.Secret("张三"),
		"transfer_scene_report_infos": []wechatpay.M{{"info_type": "赔付原因", "info_content": "迟到"}},
	})); err != nil {
		t.Fatal(err)
	}
	if err := w.SettleTransfer(w.Merchant().MchID, "named1", sandbox.TransferSuccess); err != nil {
		t.Fatal(err)
	}
}

// The first call applies for a receipt, and a later one downloads it.
func TestReceipt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.transferNamed(t)
	out := filepath.Join(t.TempDir(), "receipt.pdf")
	receipt := func(number string) (code int, stderr string) {
		t.Helper()
		code, stdout, stderr := exec(t.Context(), "bill", "receipt", number, "--config", w.config, "--base-url", w.URL(), "-o", out)
		if stdout != "" {
			t.Errorf("stdout %q", stdout)
		}
		return code, stderr
	}
	for _, want := range []string{"applied for the receipt", "the receipt is GENERATING"} {
		if code, stderr := receipt("named1"); code != exit.Failed || !strings.Contains(stderr, want) {
			t.Errorf("exit %d, stderr %q, want %q", code, stderr, want)
		}
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("there is a file without a receipt")
	}
	if err := w.Advance(5 * time.Second); err != nil {
		t.Fatal(err)
	}
	if code, stderr := receipt("named1"); code != exit.OK || stderr != "" {
		t.Fatalf("exit %d, stderr %q", code, stderr)
	}
	if text, err := os.ReadFile(out); err != nil || !strings.HasPrefix(string(text), "%PDF-") {
		t.Errorf("the file is %.20q, %v", text, err)
	}
	if code, stderr := receipt("transfer1"); code != exit.Failed || !strings.Contains(stderr, "user_name") {
		t.Errorf("without a name: exit %d, stderr %q", code, stderr)
	}
}

func TestReceiptMisuse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	out := filepath.Join(t.TempDir(), "receipt.pdf")
	for _, args := range [][]string{{"-o", out}, {"named1"}, {"named1", "named2", "-o", out}, {"named1", "-o", filepath.Join(out, "x.pdf")}} {
		code, _, stderr := exec(t.Context(), append([]string{"bill", "receipt", "--config", w.config, "--base-url", w.URL()}, args...)...)
		if code != exit.Usage || stderr == "" {
			t.Errorf("%q: exit %d, stderr %q", args, code, stderr)
		}
	}
}
