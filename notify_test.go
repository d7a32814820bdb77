package wechatpay_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/notify"
)

func TestNotify(t *testing.T) {
	v := vectors.Load(t)
	whole := newConfig(t, nil)
	whole.APIv2Key = vectors.Load(t).APIv2Key
	const refused = "!"
	for _, tt := range []struct {
		name   string
		edit   func(*wechatpay.Config)
		v3, v2 string // out_trade_no or transaction_id, or refused
	}{
		{"all keys", func(*wechatpay.Config) {}, "1217752501201407033233368018", "1004400740201409030005092168"},
		{"no APIv2 key", func(c *wechatpay.Config) { c.APIv2Key = "" }, "1217752501201407033233368018", refused},
		{"no APIv3 key", func(c *wechatpay.Config) { c.APIv3Key = "" }, refused, "1004400740201409030005092168"},
		{"APIv2 alone", func(c *wechatpay.Config) {
			c.SerialNo, c.PrivateKey, c.PlatformKeys, c.APIv3Key = "", nil, nil, ""
		}, refused, "1004400740201409030005092168"},
		{"no key", func(c *wechatpay.Config) { c.APIv3Key, c.APIv2Key = "", "" }, refused, refused},
	} {
		t.Run(tt.name, func(t *testing.T) {
			config := whole
			tt.edit(&config)
			client := newClient(t, config)
			if first, second := client.Notify(), client.Notify(); first != second {
				t.Error("a client has several receivers, which do not know what the other has seen")
			}
			for body, want := range map[string]string{v.V3[0].Body: tt.v3, v.V2[0].Body: tt.v2} {
				req := httptest.NewRequest(http.MethodPost, "/notify", strings.NewReader(body))
				if body == v.V3[0].Body {
					for name, value := range v.V3[0].Headers {
						req.Header.Set(name, value)
					}
				}
				n, err := client.Notify().Parse(req)
				var no *notify.Error
				switch {
				case want == refused && !errors.As(err, &no):
					t.Errorf("error %v, want a *notify.Error", err)
				case want != refused && (err != nil || n.Get("transaction_id").String() != want):
					t.Errorf("notification %v, %v; want that of %s", n, err, want)
				}
			}
		})
	}
}

// Without an APIv3Key the receiver answers 500, and OnError receives the reason.
func TestNotifyWithoutKeys(t *testing.T) {
	config := newConfig(t, nil)
	config.APIv3Key = ""
	client := newClient(t, config)
	post := func() *http.Request { return httptest.NewRequest(http.MethodPost, "/notify", strings.NewReader("{}")) }
	var told []error
	for _, receiver := range []*notify.Receiver{
		client.Notify(),
		client.Notify(notify.OnError(func(_ context.Context, err error) { told = append(told, err) })),
	} {
		_, err := receiver.Parse(post())
		if err == nil || !strings.Contains(err.Error(), "APIv3Key is missing") {
			t.Errorf("error %v does not name APIv3Key", err)
		}
		w := httptest.NewRecorder()
		receiver.Handler(func(context.Context, *notify.Notification) error { return nil }).ServeHTTP(w, post())
		if w.Code != http.StatusInternalServerError {
			t.Errorf("answered %d", w.Code)
		}
	}
	if len(told) != 1 || !strings.Contains(told[0].Error(), "APIv3Key is missing") {
		t.Errorf("OnError was told %v", told)
	}
	var none wechatpay.Client
	if _, err := none.Notify(notify.WithSeen(nil)).Parse(post()); err == nil || !strings.Contains(err.Error(), "APIv3Key") {
		t.Errorf("of a Client that New did not make: %v", err)
	}
}

// Options set the other fields of a Config, including the keys.
func TestNotifyOptions(t *testing.T) {
	body, headers := recordedNotification(t)
	deliver := func(h http.Handler) int {
		t.Helper()
		req := httptest.NewRequest(http.MethodPost, "/notify", strings.NewReader(body))
		for name, value := range headers {
			req.Header.Set(name, value)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, req)
		return w.Code
	}
	config := newConfig(t, nil)
	client := newClient(t, config)
	var told []error
	hear := notify.OnError(func(_ context.Context, err error) { told = append(told, err) })

	// OnError receives the error that the function returns.
	broken := errors.New("the database is down")
	fails := client.Notify(hear, nil).Handler(func(context.Context, *notify.Notification) error { return broken })
	if status := deliver(fails); status != 500 || len(told) != 1 || !errors.Is(told[0], broken) {
		t.Errorf("answered %d, told %v", status, told)
	}

	// All receivers of a client share the record of handled notifications, except
	// those with their own Seen.
	calls := 0
	count := func(context.Context, *notify.Notification) error { calls++; return nil }
	for _, tt := range []struct {
		receiver *notify.Receiver
		calls    int
	}{
		{client.Notify(hear), 1},
		{client.Notify(), 1},
		{client.Notify(hear), 1},
		{client.Notify(notify.WithSeen(notify.NewMemorySeen(0, 0))), 2},
		{newClient(t, config).Notify(hear), 3},
	} {
		if status := deliver(tt.receiver.Handler(count)); status != 200 || calls != tt.calls {
			t.Errorf("answered %d; the function was called %d times, want %d", status, calls, tt.calls)
		}
	}

	// OnError receives the error of a wrong option. An option may set a key.
	told = nil
	late := client.Notify(hear, func(c *notify.Config) { c.Timeout = time.Minute })
	if status := deliver(late.Handler(count)); status != 500 || len(told) != 1 || !strings.Contains(told[0].Error(), "Timeout is 1m0s") {
		t.Errorf("answered %d, told %v", status, told)
	}
	key := config.APIv3Key
	config.APIv3Key = ""
	keyed := newClient(t, config).Notify(func(c *notify.Config) { c.APIv3Key = key })
	if status := deliver(keyed.Handler(count)); status != 200 {
		t.Errorf("with the key as an option: answered %d", status)
	}
}

// recordedNotification returns a recorded notification of APIv3.
func recordedNotification(t testing.TB) (body string, headers map[string]string) {
	t.Helper()
	v := vectors.Load(t)
	return v.V3[0].Body, v.V3[0].Headers
}

// A client that replaces another knows what that one has handled.
func TestClientsShareWhatTheyHandled(t *testing.T) {
	v := vectors.Load(t)
	seen := notify.NewMemorySeen(0, 0)
	handled := 0
	for range 2 {
		config := newConfig(t, nil)
		config.Seen = seen
		req := httptest.NewRequest(http.MethodPost, "/notify", strings.NewReader(v.V3[0].Body))
		for name, value := range v.V3[0].Headers {
			req.Header.Set(name, value)
		}
		w := httptest.NewRecorder()
		newClient(t, config).Notify().Handler(func(context.Context, *notify.Notification) error {
			handled++
			return nil
		}).ServeHTTP(w, req)
		if w.Code >= 300 {
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
	}
	if handled != 1 {
		t.Errorf("handled %d times", handled)
	}
}
