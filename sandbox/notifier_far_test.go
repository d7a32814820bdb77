package sandbox_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// Neither an address nor a name on the internet is called. A name is checked when
// it is dialled.
func TestNotifyFarAddress(t *testing.T) {
	config := testConfig(t)
	synctest.Test(t, func(t *testing.T) {
		config.Clock = time.Now
		server, client := newServer(t, config)
		defer server.Close()
		if _, err := client.Chain(native).Post(t.Context(), wechatpay.JSON(wechatpay.M{
			"appid": "wxd678efh567hg6787", "mchid": sandbox.DefaultMchID, "description": "d", "out_trade_no": "far-away",
			"notify_url": "https://203.0.113.1/notify", "amount": wechatpay.M{"total": 100}, // of no network, RFC 5737
		})); err != nil {
			t.Fatal(err)
		}
		pay(t, server, "far-away")
		synctest.Wait()
		if n := payments(server)[0]; n.Sent != 1 || !strings.Contains(n.Failure, "Config.Client") {
			t.Errorf("%+v", n)
		}
	})
}
