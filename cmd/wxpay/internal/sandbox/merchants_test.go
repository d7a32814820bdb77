package sandbox

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
	"github.com/wxchain/wechatpay/sandbox"
)

// Merchants and sub-merchants from the flags are created once and printed at
// each start. Later starts have them without the flags.
func TestSandboxMerchants(t *testing.T) {
	t.Parallel()
	const other, sub = "1900000110", "1900000111"
	dir, _ := testkit.NewSandboxDir(t)
	flags := []string{"--dir", dir, "--merchant", other, "--sub-merchant", sandbox.DefaultMchID + "/" + sub, "--sub-merchant", other + "/" + sub}
	var first sandbox.Config
	for start, args := range [][]string{flags, flags, flags[:2]} {
		s := runSandbox(t, args...)
		config := loadSandboxDir(t, dir)
		if start == 0 {
			first = config
		}
		if len(config.Merchants) != 2 || len(config.SubMerchants) != 2 || config.Merchants[1].SerialNo != first.Merchants[1].SerialNo {
			t.Fatalf("start %d: %v with %v", start, config.Merchants, config.SubMerchants)
		}
		folder := filepath.Join(dir, "merchants", other)
		if code, _, stderr := exec(t.Context(), "certs", "--config", filepath.Join(folder, settings.FileName), "--base-url", s.url, "--dir", t.TempDir()); code != exit.OK {
			t.Errorf("start %d: the files of merchant %s: exit %d, %s", start, other, code, stderr)
		}
		p := &sandboxProcess{t: t, url: s.url}
		for _, m := range config.Merchants {
			_, err := p.client(sandbox.Config{Merchants: []sandbox.Merchant{m}, Platform: config.Platform}).
				Chain("v3/pay/partner/transactions/native").Post(t.Context(), wechatpay.JSON(wechatpay.M{
				"sp_appid": "wxd678efh567hg6787", "sp_mchid": m.MchID, "sub_mchid": sub, "description": "x",
				"out_trade_no": "of_a_partner", "notify_url": "http://127.0.0.1:1/notify", "amount": wechatpay.M{"total": 1},
			}))
			if err != nil {
				t.Errorf("start %d: partner %s: %v", start, m.MchID, err)
			}
		}
		stdout, stderr := s.end(t)
		for _, want := range []string{
			"merchant " + other + ", certificate " + config.Merchants[1].SerialNo, folder,
			"merchant " + sandbox.DefaultMchID + " is the partner of sub-merchant " + sub,
			"merchant " + other + " is the partner of sub-merchant " + sub,
		} {
			if !strings.Contains(stdout, want) || stderr != "" {
				t.Errorf("start %d: stdout lacks %q; stderr %q\n%s", start, want, stderr, stdout)
			}
		}
		for _, m := range config.Merchants[1:] {
			if strings.Contains(stdout, m.APIv3Key) || strings.Contains(stdout, m.APIv2Key) {
				t.Error("stdout has a secret")
			}
		}
	}
}
