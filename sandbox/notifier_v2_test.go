package sandbox_test

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/inprocess"
	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/sandbox"
)

// placeV2 places an order of 100 fen by APIv2.
func placeV2(t *testing.T, client *wechatpay.Client, outTradeNo string, edit wechatpay.M) {
	t.Helper()
	if _, err := client.Chain(unified).Post(t.Context(), wechatpay.XML(orderV2(outTradeNo, 100, edit))); err != nil {
		t.Fatal(err)
	}
}

// The intervals are those of
// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_7, and nothing but
// the XML of success acknowledges.
func TestNotifyAPIv2Schedule(t *testing.T) {
	intervals := []time.Duration{0, 15 * time.Second, 15 * time.Second, 30 * time.Second, 3 * time.Minute,
		30 * time.Minute, 30 * time.Minute, 30 * time.Minute, 30 * time.Minute, time.Hour}
	config := testConfig(t)
	for name, tt := range map[string]struct {
		statuses []int
		sent     int
	}{
		"acknowledged at once":       {nil, 1},
		"acknowledged the last time": {[]int{500, 0, 302, 200, 204, 500, 200, 500, 500}, 10}, // 200 with no body is none
		"never acknowledged":         {[]int{500, 500, 500, 500, 500, 500, 500, 500, 500, 200}, 10},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				shop, server, client := newShop(t, config, tt.statuses...)
				defer server.Close()
				placeV2(t, client, "schedule", nil)
				pay(t, server, "schedule")
				time.Sleep(48 * time.Hour)
				synctest.Wait()
				var due time.Duration
				for i, at := range shop.at {
					if due += intervals[i]; at != due {
						t.Errorf("sending %d came after %v, want %v", i, at, due)
					}
				}
				n := server.Notifications()[0]
				if len(shop.at) != tt.sent || n.Sent != tt.sent || n.Acknowledged != (len(tt.statuses) < tt.sent) || len(shop.got()) != tt.sent-len(tt.statuses) {
					t.Errorf("sent %d times, want %d; %+v", len(shop.at), tt.sent, n)
				}
			})
		})
	}
}

// The answers of a shop that acknowledge.
func TestNotifyAPIv2Acknowledged(t *testing.T) {
	config := testConfig(t)
	for answer, want := range map[string]bool{
		"<xml><return_code><![CDATA[SUCCESS]]></return_code><return_msg><![CDATA[OK]]></return_msg></xml>": true,
		"<xml><return_code>SUCCESS</return_code></xml>":                                                    true,
		"<xml><return_code>FAIL</return_code></xml>":                                                       false,
		"<xml><return_msg>SUCCESS</return_msg></xml>":                                                      false,
		"SUCCESS": false, `{"code":"SUCCESS"}`: false, "": false,
	} {
		synctest.Test(t, func(t *testing.T) {
			config := config
			config.Clock = time.Now
			config.Client = &http.Client{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
				if got := req.Header.Get("Content-Type"); !strings.HasPrefix(got, "text/xml") || req.Header.Get("Wechatpay-Signature") != "" {
					t.Errorf("header %v", req.Header)
				}
				return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(answer))}, nil
			})}
			server, client := newServer(t, config)
			defer server.Close()
			placeV2(t, client, "answered", nil)
			pay(t, server, "answered")
			synctest.Wait()
			if n := server.Notifications()[0]; n.Acknowledged != want || n.Status != 200 {
				t.Errorf("%q: %+v, want it acknowledged: %v", answer, n, want)
			}
		})
	}
}

// A merchant is notified of an order in the form of the protocol that placed it,
// and of a refund in the form of the protocol that asked for it.
func TestNotifyAPIv2Content(t *testing.T) {
	config := testConfig(t)
	synctest.Test(t, func(t *testing.T) {
		shop, server, client := newShop(t, config)
		defer server.Close()
		placeV2(t, client, "by_v2_md5", nil)
		placeV2(t, client, "by_v2_hmac", wechatpay.M{"sign_type": "HMAC-SHA256"})
		placeV2(t, client, "of_partner", wechatpay.M{"sub_mch_id": sandbox.DefaultSubMchID})
		place(t, client, "by_v3_order")
		ids := make(map[string]string)
		for _, number := range []string{"by_v2_md5", "by_v2_hmac", "of_partner", "by_v3_order"} {
			ids[number] = pay(t, server, number)
		}
		synctest.Wait()
		refundByV2(t, client, "by_v3_order", "r1")
		time.Sleep(5 * time.Second) // nobody settles it
		synctest.Wait()
		for number, state := range map[string]sandbox.RefundState{"r2": sandbox.RefundAbnormal, "r3": sandbox.RefundClosed} {
			time.Sleep(time.Minute) // the refunds of an order are a minute apart
			refundByV2(t, client, "by_v2_md5", number)
			if err := server.SettleRefund(sandbox.DefaultMchID, number, state); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Minute)
		synctest.Wait()

		got := make(map[string]*notify.Notification)
		for _, n := range shop.got() {
			got[n.Get("out_trade_no").String()+n.Get("req_info.out_refund_no").String()] = n
		}
		if len(shop.got()) != 7 {
			t.Errorf("%d notifications, want 7: %v", len(shop.got()), got)
		}
		checkNotificationsV2(t, got, ids)
		if n := got["by_v3_order"]; n == nil || n.EventType != "TRANSACTION.SUCCESS" {
			t.Errorf("of by_v3 came %v, want one of APIv3", n)
		}
		for number, length := range map[string]int{"by_v2_md5": 32, "by_v2_hmac": 64} {
			if sign := got[number].Get("sign").String(); len(sign) != length {
				t.Errorf("%s is signed with %d characters, want %d", number, len(sign), length)
			}
		}
	})
}

// refundByV2 refunds 10 fen of an order by APIv2.
func refundByV2(t *testing.T, client *wechatpay.Client, outTradeNo, outRefundNo string) {
	t.Helper()
	_, err := client.Chain(refundV2Path).Post(t.Context(), wechatpay.XML(refundV2(outRefundNo, 10, wechatpay.M{"out_trade_no": outTradeNo, "notify_url": shop2})))
	if err != nil {
		t.Fatal(err)
	}
}

// checkNotificationsV2 checks the fields of the notifications of APIv2, by the
// number of their order or refund; ids are the transaction_ids of the orders.
func checkNotificationsV2(t *testing.T, got map[string]*notify.Notification, ids map[string]string) {
	t.Helper()
	paid := map[string]string{"return_code": "SUCCESS", "result_code": "SUCCESS", "total_fee": "100", "cash_fee": "100", "fee_type": "CNY",
		"appid": "wxd678efh567hg6787", "mch_id": sandbox.DefaultMchID, "trade_type": "NATIVE", "time_end": "20000101080000", "attach": "附加", "bank_type": "OTHERS"}
	for number, fields := range map[string]map[string]string{
		"by_v2_md5":  paid,
		"by_v2_hmac": paid,
		"of_partner": {"mch_id": sandbox.DefaultMchID, "sub_mch_id": sandbox.DefaultSubMchID, "result_code": "SUCCESS"},
		"r1": {"req_info.refund_status": "SUCCESS", "req_info.out_trade_no": "by_v3_order", "req_info.refund_fee": "10", "req_info.total_fee": "100",
			"req_info.success_time": "2000-01-01 08:00:05", "req_info.transaction_id": ids["by_v3_order"], "mch_id": sandbox.DefaultMchID, "appid": "wxd678efh567hg6787"},
		"r2": {"req_info.refund_status": "CHANGE", "req_info.success_time": ""},
		"r3": {"req_info.refund_status": "REFUNDCLOSE"},
	} {
		n := got[number]
		if n == nil || n.EventType != "" {
			t.Errorf("of %s came %v, want one of APIv2", number, n)
			continue
		}
		if id := ids[number]; id != "" && n.Get("transaction_id").String() != id {
			t.Errorf("%s: transaction_id %s, want %s", number, n.Get("transaction_id"), id)
		}
		for name, want := range fields {
			if text := n.Get(name).String(); text != want {
				t.Errorf("%s: %s is %q, want %q", number, name, text, want)
			}
		}
	}
}

// One URL receives both protocols' notifications with the client's own receiver,
// and handles a repeated one once.
func TestNotifyAPIv2ByClient(t *testing.T) {
	config := testConfig(t)
	synctest.Test(t, func(t *testing.T) {
		var handled []string
		var shop http.Handler
		var sent [][]byte
		config.Clock = time.Now
		config.Client = &http.Client{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
			body, _ := io.ReadAll(req.Body)
			sent = append(sent, body)
			req.Body = io.NopCloser(strings.NewReader(string(body)))
			return inprocess.Transport(shop).RoundTrip(req)
		})}
		server, client := newServer(t, config)
		defer server.Close()
		shop = client.Notify().Handler(func(_ context.Context, n *notify.Notification) error {
			handled = append(handled, n.Get("out_trade_no").String())
			return nil
		})
		placeV2(t, client, "by_client", nil)
		pay(t, server, "by_client")
		synctest.Wait()
		if err := server.Resend(server.Notifications()[0].ID); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if n := server.Notifications()[0]; len(handled) != 1 || handled[0] != "by_client" || !n.Acknowledged || n.Sent != 2 || n.EventType != "TRANSACTION.SUCCESS" {
			t.Errorf("handled %q; %+v", handled, n)
		}
		// A notification that is changed on its way is refused.
		w := httptest.NewRecorder()
		forged := strings.Replace(string(sent[0]), "<total_fee>100<", "<total_fee>10000<", 1)
		shop.ServeHTTP(w, httptest.NewRequest("POST", "/v2", strings.NewReader(forged)))
		var answer struct {
			Code string `xml:"return_code"`
		}
		if err := xml.Unmarshal(w.Body.Bytes(), &answer); err != nil || answer.Code != "FAIL" || forged == string(sent[0]) {
			t.Errorf("a forged amount: %d %s, %v", w.Code, w.Body, err)
		}
	})
}

// APIv2 has no probes, however many notifications there are.
func TestNotifyAPIv2IsNotProbed(t *testing.T) {
	config := testConfig(t)
	synctest.Test(t, func(t *testing.T) {
		_, server, client := newShop(t, config)
		defer server.Close()
		const orders = 50 // of APIv3, five would be probed
		for i := range orders {
			number := fmt.Sprintf("not-probed-%d", i)
			placeV2(t, client, number, nil)
			pay(t, server, number)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		all := server.Notifications()
		if len(all) != orders || slices.ContainsFunc(all, func(n sandbox.Notification) bool { return n.Probe || !n.Acknowledged }) {
			t.Errorf("%d notifications: %+v", len(all), all)
		}
	})
}
