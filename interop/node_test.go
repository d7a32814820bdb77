package interop

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"testing"

	"github.com/wxchain/wechatpay/sandbox"
)

// The packages of node/package.json must be installed: npm ci --prefix node.
func TestNode(t *testing.T) {
	sb := sandbox.Start(t)
	m := sb.Merchant()
	private, id, public := keysAsPEM(t, sb)
	told, err := json.Marshal(map[string]string{
		"url": sb.URL(), "mchid": m.MchID, "serial_no": m.SerialNo, "private_key": private,
		"public_key_id": id, "public_key": public, "apiv2_key": m.APIv2Key,
		"appid": appID, "out_trade_no": "Node-0001",
	})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "orders.js")
	cmd.Dir = "node"
	cmd.Stdin = bytes.NewReader(told)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.Bytes())
	}
	var got struct {
		Order struct {
			CodeURL string `json:"code_url"`
		}
		Query struct {
			TradeState string `json:"trade_state"`
			OutTradeNo string `json:"out_trade_no"`
		}
		APIv2 struct {
			ReturnCode string `json:"return_code"`
			PrepayID   string `json:"prepay_id"`
		}
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if got.Order.CodeURL == "" || got.Query.TradeState != "NOTPAY" || got.Query.OutTradeNo != "Node-0001" ||
		got.APIv2.ReturnCode != "SUCCESS" || got.APIv2.PrepayID == "" {
		t.Errorf("answers: %s", out)
	}
}
