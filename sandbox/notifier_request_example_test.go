package sandbox_test

import (
	"context"
	"fmt"
	"net/http/httptest"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/sandbox"
)

// Test a handler with a notification, without a network.
func ExampleServer_NewNotification() {
	server, err := sandbox.New(sandbox.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	receiver, err := notify.New(notify.Config{Keys: server.PlatformKeys(), APIv3Key: server.Merchant().APIv3Key})
	if err != nil {
		fmt.Println(err)
		return
	}
	handler := receiver.Handler(func(_ context.Context, n *notify.Notification) error {
		fmt.Println(n.EventType, n.Get("out_trade_no"))
		return nil
	})

	req, err := server.NewNotification(context.Background(), "https://www.example.com/notify", sandbox.Event{
		Type: "TRANSACTION.SUCCESS", OriginalType: "transaction", Summary: "支付成功",
		Resource: wechatpay.M{"out_trade_no": "native12177525012012070332333", "trade_state": "SUCCESS"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, req)
	fmt.Println(w.Code)
	// Output:
	// TRANSACTION.SUCCESS native12177525012012070332333
	// 200
}
