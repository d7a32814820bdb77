package frameworks_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/examples/frameworks"
	"github.com/wxchain/wechatpay/sandbox"
)

// TestMain keeps gin from printing its routes.
func TestMain(m *testing.M) {
	gin.SetMode(gin.TestMode)
	os.Exit(m.Run())
}

// A world is a shop that a framework serves, and its platform.
type world struct {
	*sandbox.Sandbox
	t    *testing.T
	url  string
	shop *frameworks.Shop
}

// newWorld serves a shop that answers in a framework.
func newWorld(t *testing.T, serve func(*frameworks.Shop) http.Handler) world {
	t.Helper()
	sb := sandbox.Start(t)
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	shop := &frameworks.Shop{
		Client: sb.Client(), AppID: "wxd678efh567hg6787", MchID: sb.Merchant().MchID, NotifyURL: server.URL + "/wechatpay/notify",
	}
	handler = serve(shop)
	return world{sb, t, server.URL, shop}
}

// do sends a request and returns the status and the body of the answer.
func (w world) do(req *http.Request) (status int, body string) {
	w.t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

func (w world) order(no string) (status int, body string) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.url+"/orders/"+no, http.NoBody)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.do(req)
}

// notification is a signed notification of a payment.
func (w world) notification(no string) *http.Request {
	w.t.Helper()
	req, err := w.NewNotification(w.t.Context(), w.shop.NotifyURL, sandbox.Event{
		Type: "TRANSACTION.SUCCESS", OriginalType: "transaction", Summary: "支付成功",
		Resource: wechatpay.M{"out_trade_no": no, "amount": wechatpay.M{"total": 1880}},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return req
}

// In each framework an order is placed, paid, notified and delivered.
func TestOrderIsDelivered(t *testing.T) {
	for name, serve := range served() {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, serve)
			delivered := make(chan string, 1)
			w.shop.Deliver = func(_ context.Context, no string, total int64) error {
				if total != 1880 {
					t.Errorf("%d fen", total)
				}
				delivered <- no
				return nil
			}
			if status, body := w.order("tea-0001"); status != 200 || !strings.HasPrefix(body, "weixin://") {
				t.Fatalf("%d %s", status, body)
			}
			if _, err := w.Pay(w.shop.MchID, "tea-0001"); err != nil {
				t.Fatal(err)
			}
			select {
			case no := <-delivered:
				if no != "tea-0001" {
					t.Errorf("%s is delivered", no)
				}
			case <-time.After(time.Minute):
				t.Errorf("nothing is delivered; %+v", w.Notifications())
			}
		})
	}
}

// Each framework passes on what the handler answers: 200 after a delivery, also to a
// repetition, 500 after a failed one, and 401 to a forgery, which delivers nothing.
func TestNotificationAnswers(t *testing.T) {
	for name, serve := range served() {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, serve)
			deliveries, failure := 0, error(nil)
			w.shop.Deliver = func(context.Context, string, int64) error {
				deliveries++
				return failure
			}
			check := func(what string, req *http.Request, want, count int) {
				t.Helper()
				if status, body := w.do(req); status != want || deliveries != count {
					t.Errorf("%s: %d %s after %d deliveries; want %d after %d", what, status, body, deliveries, want, count)
				}
			}
			first := w.notification("tea-0001")
			again := first.Clone(t.Context())
			again.Body, _ = first.GetBody()
			check("a payment", first, 200, 1)
			check("its repetition", again, 200, 1)
			failure = errors.New("no tea left")
			check("a payment that cannot be delivered", w.notification("tea-0002"), 500, 2)
			forged := w.notification("tea-0003")
			forged.Header.Set("Wechatpay-Nonce", "another")
			check("a forgery", forged, 401, 2)
		})
	}
}

// An order that was not placed is 502, without the cause.
func TestOrderNotPlaced(t *testing.T) {
	for name, serve := range served() {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, serve)
			if err := w.Faults(sandbox.Fault{Path: "v3/pay/transactions/native", Kind: sandbox.FaultError}); err != nil {
				t.Fatal(err)
			}
			status, body := w.order("tea-0001")
			if status != http.StatusBadGateway || !strings.Contains(body, "try again") || strings.Contains(body, "SYSTEM_ERROR") {
				t.Errorf("%d %s", status, body)
			}
		})
	}
}
