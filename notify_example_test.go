package wechatpay_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/notify"
)

func ExampleClient_Notify() {
	client := newClient(panicking{}, newConfig(panicking{}, nil)) // stands for yours
	orders := map[string]int{}                                    // stands for your database

	receiver := client.Notify(notify.OnError(func(_ context.Context, err error) {
		if !errors.Is(err, notify.ErrProbe) {
			log.Print(err) // why it was refused, or what your function returned
		}
	}))
	mux := http.NewServeMux()
	mux.Handle("/wechatpay/notify", receiver.Handler(func(ctx context.Context, n *notify.Notification) error {
		switch n.EventType {
		case "TRANSACTION.SUCCESS":
			orders[n.Get("out_trade_no").String()] = int(n.Get("amount.total").Int()) // fen
		default:
			fmt.Println("nothing to do for", n.EventType)
		}
		return nil
	}))
	server := &http.Server{Addr: ":8080", Handler: mux, ReadTimeout: 5 * time.Second}

	body, headers := recordedNotification(panicking{})
	for range 2 { // the platform sends it, and for good measure again
		req := httptest.NewRequest("POST", "/wechatpay/notify", strings.NewReader(body))
		for name, value := range headers {
			req.Header.Set(name, value)
		}
		w := httptest.NewRecorder()
		server.Handler.ServeHTTP(w, req)
		fmt.Println(w.Code, w.Body)
	}
	fmt.Println("orders paid:", len(orders))
	// Output:
	// 200 {"code":"SUCCESS","message":"成功"}
	// 200 {"code":"SUCCESS","message":"成功"}
	// orders paid: 1
}
