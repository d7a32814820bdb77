package sandbox_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	bills "github.com/wxchain/wechatpay/bill"
	"github.com/wxchain/wechatpay/sandbox"
)

// The bill of a day is ready after the day. Advance moves the clock there.
func ExampleServer_Advance() {
	// In a test file this is func TestReconcile(t *testing.T).
	test := func(t testing.TB) {
		sb := sandbox.Start(t, func(c *sandbox.Config) {
			c.Clock = func() time.Time { return time.Date(2018, 6, 8, 2, 30, 0, 0, time.UTC) }
		})
		client, ctx, mchID := sb.Client(), context.Background(), sb.Merchant().MchID
		for number, total := range map[string]int{"native-1": 1000, "native-2": 250} {
			_, err := client.Chain("v3/pay/transactions/native").Post(ctx, wechatpay.JSON(wechatpay.M{
				"appid": "wxd678efh567hg6787", "mchid": mchID, "description": "Image形象店", "out_trade_no": number,
				"notify_url": "https://www.example.com/notify", "amount": wechatpay.M{"total": total},
			}))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := sb.Pay(mchID, number); err != nil { // the user does
				t.Fatal(err)
			}
		}
		if err := sb.Advance(48 * time.Hour); err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		if _, err := bills.Download(ctx, client, bills.Trade, "2018-06-08", bills.To(&text)); err != nil {
			t.Fatal(err)
		}
		rows, paid := bills.Rows(strings.NewReader(text.String())), int64(0)
		for row, err := range rows.All() {
			if err != nil {
				t.Fatal(err)
			}
			fen, err := row.Fen("订单金额")
			if err != nil {
				t.Fatal(err)
			}
			paid += fen
		}
		fmt.Println(paid, "fen, fees of", rows.Summary()[0].Get("手续费总金额"), "yuan")
	}
	t := new(quiet)
	defer t.end()
	test(t)
	// Output:
	// 1250 fen, fees of 0.08000 yuan
}
