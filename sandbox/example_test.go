package sandbox_test

import (
	"context"
	"fmt"
	"net"
	"net/http/httptest"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

func ExampleStart() {
	// In a test file this is func TestOrder(t *testing.T).
	test := func(t testing.TB) {
		sb := sandbox.Start(t)
		client, ctx := sb.Client(), context.Background()
		mchID := sb.Merchant().MchID

		if _, err := client.Chain("v3/pay/transactions/native").Post(ctx, wechatpay.JSON(wechatpay.M{
			"appid": "wxd678efh567hg6787", "mchid": mchID, "description": "Image形象店", "out_trade_no": "native12177525012012070332333",
			"notify_url": "https://www.example.com/notify", "amount": wechatpay.M{"total": 100},
		})); err != nil {
			t.Fatal(err)
		}
		order := client.Chain("v3/pay/transactions/out-trade-no/{out_trade_no}").Bind("out_trade_no", "native12177525012012070332333")
		resp, err := order.Get(ctx, wechatpay.Query(wechatpay.M{"mchid": mchID}))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println(resp.Get("trade_state"))

		if _, err := sb.Pay(mchID, "native12177525012012070332333"); err != nil { // the user does
			t.Fatal(err)
		}
		resp, err = order.Get(ctx, wechatpay.Query(wechatpay.M{"mchid": mchID}))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println(resp.Get("trade_state"), resp.Get("amount.payer_total"))
	}
	t := new(quiet)
	defer t.end()
	test(t)
	// Output:
	// NOTPAY
	// SUCCESS 100
}

// quiet stands for a test that does not fail.
type quiet struct {
	testing.TB
	cleanup []func()
}

func (*quiet) Helper()                   {}
func (q *quiet) Cleanup(f func())        { q.cleanup = append(q.cleanup, f) }
func (*quiet) Fatal(a ...any)            { panic(fmt.Sprint(a...)) }
func (*quiet) Fatalf(f string, a ...any) { panic(fmt.Sprintf(f, a...)) }

func (q *quiet) end() {
	for _, f := range q.cleanup {
		f()
	}
}

func ExampleNew() {
	sb, err := sandbox.New(sandbox.Config{PlatformKey: sandbox.KeyCertificate})
	if err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(sb) // or http.ListenAndServe("127.0.0.1:8686", sb)
	defer server.Close()

	config := sb.ClientConfig()
	config.BaseURL, config.Transport = server.URL+"/", server.Client().Transport
	client, err := wechatpay.New(config)
	if err != nil {
		fmt.Println(err)
		return
	}
	resp, err := client.V3().Certificates().Get(context.Background())
	fmt.Println(len(resp.Get("data").Array()), err)
	// Output: 2 <nil>
}

// A program that embeds the sandbox serves it so, here beside the one that Start
// serves.
func ExampleServer_HTTPServer() {
	t := new(quiet)
	defer t.end()
	sb := sandbox.Start(t, func(c *sandbox.Config) { c.PlatformKey = sandbox.KeyBoth }) // or sandbox.New
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	server := sb.HTTPServer()
	defer server.Close()
	go func() { _ = server.Serve(listener) }() // until Close

	client := sb.Client(func(c *wechatpay.Config) { c.BaseURL = "http://" + listener.Addr().String() + "/" })
	resp, err := client.V3().Certificates().Get(context.Background())
	fmt.Println(len(resp.Get("data").Array()), err)
	// Output: 2 <nil>
}
