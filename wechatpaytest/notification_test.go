package wechatpaytest_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/wechatpaytest"
)

// deliver hands a notification to a handler that uses a client.
func deliver(client *wechatpay.Client, req *http.Request) (status int, got *notify.Notification) {
	rec := httptest.NewRecorder()
	client.Notify().Handler(func(_ context.Context, n *notify.Notification) error {
		got = n
		return nil
	}).ServeHTTP(rec, req)
	return rec.Code, got
}

func TestNotification(t *testing.T) {
	client := wechatpaytest.New(t).Client()
	req := wechatpaytest.Notification(t, "TRANSACTION.SUCCESS", wechatpay.M{"out_trade_no": "1217752501201407033233368018", "amount": wechatpay.M{"total": 1}})
	if req.Method != "POST" || req.URL.String() != "https://shop.example.com/notify" || req.Header.Get("Wechatpay-Signature") == "" {
		t.Errorf("the request is %s %s", req.Method, req.URL)
	}
	status, n := deliver(client, req)
	if status != 204 && status != 200 || n == nil {
		t.Fatalf("status %d", status)
	}
	if n.EventType != "TRANSACTION.SUCCESS" || n.ID == "" || n.CreateTime.IsZero() || n.Get("amount.total").Int() != 1 {
		t.Errorf("the notification is %+v", n)
	}
	var body struct {
		Resource struct {
			OriginalType string `json:"original_type"`
		}
	}
	if err := json.Unmarshal(n.Raw, &body); err != nil || body.Resource.OriginalType != "transaction" {
		t.Errorf("original_type is %q, %v", body.Resource.OriginalType, err)
	}
}

func TestNotificationEdits(t *testing.T) {
	at := time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)
	edit := func(e *wechatpaytest.Event) {
		e.ID, e.Time, e.Summary, e.URL = "n1", at, "退款成功", "https://a.example.com/b?c=d"
	}
	req := wechatpaytest.Notification(t, "REFUND.SUCCESS", json.RawMessage(`{"out_refund_no":"r1"}`), edit)
	if req.URL.RequestURI() != "/b?c=d" || req.Host != "a.example.com" {
		t.Errorf("it is sent to %s", req.URL)
	}
	client := wechatpaytest.New(t).Client(func(c *wechatpay.Config) { c.Clock = func() time.Time { return at.Add(time.Minute) } })
	status, n := deliver(client, req)
	if n == nil {
		t.Fatalf("status %d", status)
	}
	if n.ID != "n1" || !n.CreateTime.Equal(at) || n.Summary != "退款成功" || n.Get("out_refund_no").String() != "r1" {
		t.Errorf("the notification is %+v", n)
	}
	// With the same ID, it is one that is sent again.
	if status, again := deliver(client, wechatpaytest.Notification(t, "REFUND.SUCCESS", wechatpay.M{}, edit)); status >= 300 || again != nil {
		t.Errorf("sent again, it is answered %d and handled: %v", status, again != nil)
	}
	// An hour later it is too old.
	late := wechatpaytest.New(t).Client(func(c *wechatpay.Config) { c.Clock = func() time.Time { return at.Add(time.Hour) } })
	if status, n := deliver(late, wechatpaytest.Notification(t, "REFUND.SUCCESS", wechatpay.M{}, edit)); status < 400 || n != nil {
		t.Errorf("an old notification is answered %d", status)
	}
}

func TestNotificationMisuse(t *testing.T) {
	for want, use := range map[string]func(testing.TB){
		"not a JSON object": func(tb testing.TB) { wechatpaytest.Notification(tb, "TRANSACTION.SUCCESS", nil) },
		"unsupported type": func(tb testing.TB) {
			wechatpaytest.Notification(tb, "TRANSACTION.SUCCESS", wechatpay.M{"f": func() {}})
		},
		`the URL "::" is not one`: func(tb testing.TB) {
			wechatpaytest.Notification(tb, "A.B", wechatpay.M{}, nil, func(e *wechatpaytest.Event) { e.URL = "::" })
		},
		`the URL "https://shop.test/a b" is not one`: func(tb testing.TB) {
			wechatpaytest.Notification(tb, "A.B", wechatpay.M{}, func(e *wechatpaytest.Event) { e.URL = "https://shop.test/a b" })
		},
		"JSON(0, map[string]interface {}): the status is not one from 200 to 599": func(tb testing.TB) { wechatpaytest.New(tb).JSON(0, wechatpay.M{}) },
		"event type is empty": func(tb testing.TB) { wechatpaytest.Notification(tb, "", wechatpay.M{}) },
	} {
		one(t, record(t, func(tb testing.TB) {
			use(tb)
			t.Errorf("%s: the test went on", want)
		}), want)
	}
}
