package sandbox_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

func ExampleServer_Faults() {
	test := func(t testing.TB) {
		sb := sandbox.Start(t, func(c *sandbox.Config) { c.PlatformKey = sandbox.KeyBoth })
		client := sb.Client()
		if err := sb.Faults(
			sandbox.Fault{Path: "v3/certificates", Kind: sandbox.FaultTooMany, Count: 1},
			sandbox.Fault{Path: "v3/certificates", Kind: sandbox.FaultSignature, Count: 1},
		); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			_, err := client.V3().Certificates().Get(context.Background())
			var e *wechatpay.Error
			var v *wechatpay.VerifyError
			switch {
			case errors.As(err, &e):
				fmt.Println(e.StatusCode, e.Code)
			case errors.As(err, &v):
				fmt.Println("not verified:", v.Reason)
			default:
				fmt.Println(err)
			}
		}
	}
	t := new(quiet)
	defer t.end()
	test(t)
	// Output:
	// 429 FREQUENCY_LIMITED
	// not verified: signature
	// <nil>
}

func ExampleServer_Notifications() {
	test := func(t testing.TB) {
		sb := sandbox.Start(t)
		mchID := sb.Merchant().MchID
		if _, err := sb.Client().Chain("v3/pay/transactions/native").Post(context.Background(), wechatpay.JSON(wechatpay.M{
			"appid": "wxd678efh567hg6787", "mchid": mchID, "description": "Image形象店", "out_trade_no": "notified",
			"notify_url": "https://www.example.com/notify", "amount": wechatpay.M{"total": 100},
		})); err != nil {
			t.Fatal(err)
		}
		if _, err := sb.Pay(mchID, "notified"); err != nil {
			t.Fatal(err)
		}
		n := sb.Notifications()[0]
		fmt.Println(n.EventType, n.URL)
		fmt.Println(sb.Resend(n.ID)) // as if it had not been acknowledged
	}
	t := new(quiet)
	defer t.end()
	test(t)
	// Output:
	// TRANSACTION.SUCCESS https://www.example.com/notify
	// <nil>
}
