package sandbox

import (
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
)

// With --slow-transfers, a transfer does not wait for the user at once.
func TestSandboxSlowTransfers(t *testing.T) {
	t.Parallel()
	dir, config := testkit.NewSandboxDir(t)
	for state, flags := range map[string][]string{"ACCEPTED": {"--slow-transfers"}, "WAIT_USER_CONFIRM": nil} {
		s := runSandbox(t, append(flags, "--dir", dir)...)
		p := &sandboxProcess{t: t, url: s.url}
		resp, err := p.client(config).Chain("v3/fund-app/mch-transfer/transfer-bills").Post(t.Context(), wechatpay.JSON(wechatpay.M{
			"appid": "wxf636efh567hg4356", "out_bill_no": state[:4], "openid": "o-MYE42l80oelYMDE34nYD456Xoy", "transfer_amount": 100,
			"transfer_remark": "x", "transfer_scene_id": "1011", "transfer_scene_report_infos": []wechatpay.M{{"info_type": "赔付原因", "info_content": "x"}},
		}))
		if err != nil || resp.Get("state").String() != state {
			t.Errorf("%v: the state is %s, %v; want %s", flags, resp, err, state)
		}
		s.end(t)
	}
}
