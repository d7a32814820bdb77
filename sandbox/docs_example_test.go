package sandbox_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/sandbox/console"
)

// A client of wxpay sandbox, which has printed what stands in capitals here.
func Example_connect() {
	defer vectors.Enter("DIR")() // the folder of wxpay sandbox --dir DIR
	privateKey, err := keys.Private("DIR/apiclient_key.pem")
	if err != nil {
		log.Fatal(err)
	}
	platformKey, err := keys.Public("DIR/pub_key.pem")
	if err != nil {
		log.Fatal(err)
	}
	client, err := wechatpay.New(wechatpay.Config{
		BaseURL:      "http://127.0.0.1:8686/",
		MchID:        "1900000109",
		SerialNo:     "SERIAL",
		PrivateKey:   privateKey,
		PlatformKeys: keys.Static{"PUB_KEY_ID": platformKey},
		APIv3Key:     os.Getenv("WECHATPAY_APIV3_KEY"), // apiv3_key in DIR/wxpay.toml
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client)

	receiver := client.Notify(notify.OnError(func(_ context.Context, err error) { log.Print(err) }))
	http.Handle("/notify", receiver.Handler(func(ctx context.Context, n *notify.Notification) error {
		fmt.Println(n.EventType, n.Get("out_trade_no"))
		return nil
	}))
	// Output: wechatpay.Client{MchID: 1900000109, SerialNo: SERIAL, BaseURL: http://127.0.0.1:8686/}
}

func Example_play() {
	// In a test file this is func TestOrder(t *testing.T).
	test := func(t testing.TB) {
		sb := sandbox.Start(t)
		mchID := sb.Merchant().MchID
		for _, outTradeNo := range []string{"native-1", "native-2"} {
			if _, err := sb.Client().Chain("v3/pay/transactions/native").Post(context.Background(), wechatpay.JSON(wechatpay.M{
				"appid": "wxd678efh567hg6787", "mchid": mchID, "description": "tea", "out_trade_no": outTradeNo,
				"notify_url": "http://127.0.0.1/notify", "amount": wechatpay.M{"total": 100},
			})); err != nil {
				t.Fatal(err)
			}
		}

		transactionID, err := sb.Pay(mchID, "native-1") // the user pays; notify_url hears of it
		if err != nil {
			t.Fatal(err)
		}
		if err := sb.FailPayment(mchID, "native-2"); err != nil { // or the bank refuses
			t.Fatal(err)
		}
		if err := sb.Advance(15 * time.Minute); err != nil { // what is due by then happens
			t.Fatal(err)
		}
		if err := sb.Faults( // the next two orders are one too many; then all calls are slow
			sandbox.Fault{Path: "v3/pay/transactions/*", Kind: sandbox.FaultTooMany, Count: 2},
			sandbox.Fault{Kind: sandbox.FaultDelay, Delay: 3 * time.Second},
		); err != nil {
			t.Fatal(err)
		}
		if err := sb.Faults(); err != nil { // none any more
			t.Fatal(err)
		}
		fmt.Println(len(transactionID))
	}
	t := new(quiet)
	defer t.end()
	test(t)
	// Output: 28
}

func TestDocsConsole(t *testing.T) {
	sb := sandbox.Start(t, console.Use) // open sb.URL() in a browser
	resp, err := http.Get(sb.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("the console answered %s", resp.Status)
	}
}
