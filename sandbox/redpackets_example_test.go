package sandbox_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

func ExampleServer_OpenRedPacket() {
	// In a test file this is func TestRedPacket(t *testing.T).
	test := func(t testing.TB) {
		sb := sandbox.Start(t)
		mchID := sb.Merchant().MchID
		red := wechatpay.M{
			"wxappid": "wx8888888888888888", "send_name": "天虹百货", "re_openid": "oxTWIuGaIt6gTKsQRLau2M0yL16E", "total_amount": 300,
			"total_num": 3, "amt_type": "ALL_RAND", "wishing": "恭喜发财", "act_name": "猜灯谜抢红包活动", "remark": "猜越多得越多", "mch_billno": "red1",
		}
		if _, err := sb.Client().Chain("v2/mmpaymkttransfers/sendgroupredpack").Post(context.Background(), wechatpay.XML(red)); err != nil {
			t.Fatal(err)
		}

		fen, err := sb.OpenRedPacket(mchID, "red1", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o") // one of the group, for a share
		if err != nil {
			t.Fatal(err)
		}
		if err := sb.Advance(24 * time.Hour); err != nil { // what is left goes back
			t.Fatal(err)
		}
		fmt.Println(0 < fen && fen < 300)
	}
	t := new(quiet)
	defer t.end()
	test(t)
	// Output: true
}
