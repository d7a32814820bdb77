package sandbox_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/sandbox"
)

// sharings returns the notifications of profit sharing that a shop has handled, by
// their amounts, because they arrive in any order.
func (s *shop) sharings() []*notify.Notification {
	all := slices.DeleteFunc(s.got(), func(n *notify.Notification) bool { return !strings.HasPrefix(n.EventType, "PROFITSHARING") })
	slices.SortFunc(all, func(a, b *notify.Notification) int {
		return cmp.Compare(b.Get("receiver.amount").Int(), a.Get("receiver.amount").Int())
	})
	return all
}

// wantNotifications checks fields of notifications of profit sharing.
func wantNotifications(t *testing.T, got []*notify.Notification, want ...map[string]string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d notifications, want %d", len(got), len(want))
	}
	for i, fields := range want {
		original := gjson.GetBytes(got[i].Raw, "resource.original_type").String()
		if got[i].EventType != fields["event_type"] || original != "profitsharing" {
			t.Errorf("notification %d is %s of %s", i, got[i].EventType, original)
		}
		for field, value := range fields {
			if v := got[i].Get(field).String(); field != "event_type" && v != value {
				t.Errorf("notification %d: %s is %q, want %q", i, field, v, value)
			}
		}
	}
}

// A receiver is notified of what it gets, once the sharing is finished, and of what
// it gives back, with the key of the receiver. It is not told of what failed.
//
// https://pay.weixin.qq.com/wiki/doc/apiv3/apis/chapter8_1_10.shtml
func TestNotifyReceiver(t *testing.T) {
	config := testConfig(t)
	receiver := config.Merchants[0]
	receiver.MchID = partner
	config.Merchants = append(config.Merchants, receiver)
	config.SharingRatio = 10_000
	synctest.Test(t, func(t *testing.T) {
		shop, server, client := newShop(t, config)
		defer server.Close()
		w := &world{Sandbox: &sandbox.Sandbox{Server: server}, client: client, clock: new(clock)}
		if err := server.NotifySharing(partner, "https://shop.example.com/receiver"); err != nil {
			t.Fatal(err)
		}
		for _, edit := range []wechatpay.M{nil, {"sub_mchid": sub}} {
			if _, err := w.receiver("add", "MERCHANT_ID", partner, edit); err != nil {
				t.Fatal(err)
			}
		}
		own, sold := w.paidToShare(t, number), w.subPaidToShare(t, "of-sub")
		time.Sleep(time.Minute)
		shared := w.mustShare(t, own, "s1", true, merchantPart(partner, 300))
		platform := w.mustPlatformShare(t, sold, "p1", false, platformPart(partner, 200))
		time.Sleep(5*time.Second - 1)
		synctest.Wait()
		if got := shop.sharings(); len(got) != 0 {
			t.Fatalf("before the sharing is finished: %v", got[0])
		}
		time.Sleep(time.Nanosecond)
		at := time.Now().In(time.FixedZone("", 8*60*60)).Format(time.RFC3339)
		synctest.Wait()
		given, err := w.returned(nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := server.FailReceiver(partner, "ACCOUNT_ABNORMAL"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.returned(wechatpay.M{"out_return_no": "failed"}); err != nil {
			t.Fatal(err)
		}
		w.mustPlatformShare(t, sold, "p2", false, platformPart(partner, 100))
		time.Sleep(time.Minute)
		synctest.Wait()
		wantNotifications(t, shop.sharings(),
			map[string]string{"event_type": "PROFITSHARING", "mchid": sandbox.DefaultMchID, "sp_mchid": "", "sub_mchid": "", "transaction_id": own,
				"order_id": shared.Get("order_id").String(), "out_order_no": "s1", "receiver.type": "MERCHANT_ID", "receiver.account": partner,
				"receiver.amount": "300", "receiver.description": "分给商户A", "success_time": at},
			map[string]string{"event_type": "PROFITSHARING", "mchid": "", "sp_mchid": sandbox.DefaultMchID, "sub_mchid": sub, "transaction_id": sold,
				"order_id": platform.Get("order_id").String(), "out_order_no": "p1", "receiver.account": partner, "receiver.amount": "200"},
			map[string]string{"event_type": "PROFITSHARING_RETURN", "mchid": sandbox.DefaultMchID, "order_id": given.Get("return_id").String(),
				"out_order_no": "b1", "receiver.account": partner, "receiver.amount": "100", "receiver.description": "用户退款"})
		if all := server.Notifications(); all[len(all)-1].MchID != partner || all[len(all)-1].URL != "https://shop.example.com/receiver" {
			t.Errorf("the last notification is %+v", all[len(all)-1])
		}
	})
}

// The merchant who shares is notified at its notify_url, of users too.
func TestNotifySharer(t *testing.T) {
	config := testConfig(t)
	config.SharingRatio = 10_000
	synctest.Test(t, func(t *testing.T) {
		shop, server, client := newShop(t, config)
		defer server.Close()
		w := &world{Sandbox: &sandbox.Sandbox{Server: server}, client: client, clock: new(clock)}
		for kind, account := range map[string]string{"MERCHANT_ID": partner, "PERSONAL_OPENID": staff} {
			if _, err := w.receiver("add", kind, account, nil); err != nil {
				t.Fatal(err)
			}
		}
		id := w.paidToShare(t, number)
		time.Sleep(time.Minute)
		body := wechatpay.M{"appid": "wx8888888888888888", "transaction_id": id, "out_order_no": "s1", "unfreeze_unsplit": false,
			"receivers": []wechatpay.M{merchantPart(partner, 300), personal(200)}, "notify_url": "https://shop.example.com/sharer"}
		_, err := w.call("POST", sharePath, with(body, wechatpay.M{"notify_url": "shop.example.com"}))
		refused(t, err, 400, "PARAM_ERROR")
		w.mustCall(t, "POST", sharePath, with(body, wechatpay.M{"notify_url": "https://shop.example.com/sharer"}))
		time.Sleep(time.Minute)
		synctest.Wait()
		wantNotifications(t, shop.sharings(),
			map[string]string{"event_type": "PROFITSHARING", "receiver.account": partner, "receiver.amount": "300"},
			map[string]string{"event_type": "PROFITSHARING", "receiver.type": "PERSONAL_OPENID", "receiver.account": staff, "receiver.amount": "200"})
	})
}

// A sharing that was on its way when the sandbox ended is told of by the next one.
func TestNotifyReceiverAfterRestart(t *testing.T) {
	config := testConfig(t)
	receiver := config.Merchants[0]
	receiver.MchID = partner
	config.Merchants = append(config.Merchants, receiver)
	config.Store = sandbox.NewMemory()
	synctest.Test(t, func(t *testing.T) {
		shop, server, client := newShop(t, config)
		w := &world{Sandbox: &sandbox.Sandbox{Server: server}, client: client, clock: new(clock)}
		if err := server.NotifySharing(partner, "https://shop.example.com/receiver"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.receiver("add", "MERCHANT_ID", partner, nil); err != nil {
			t.Fatal(err)
		}
		id := w.paidToShare(t, number)
		time.Sleep(time.Minute)
		w.mustShare(t, id, "s1", false, merchantPart(partner, 300))
		server.Close()
		shop2, again, _ := newShop(t, config)
		defer again.Close()
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := len(shop.sharings()); n != 0 {
			t.Errorf("the first sandbox sent %d notifications", n)
		}
		wantNotifications(t, shop2.sharings(), map[string]string{"event_type": "PROFITSHARING", "receiver.amount": "300"})
	})
}

func TestNotifySharingIsChecked(t *testing.T) {
	w := newWorld(t)
	m := w.Merchant().MchID
	for _, tt := range [][2]string{{m, "shop.example.com"}, {m, "https://shop.example.com/?a=b"}, {"1900009999", "https://shop.example.com/"}, {"", "https://shop.example.com/"}} {
		if err := w.NotifySharing(tt[0], tt[1]); err == nil {
			t.Errorf("NotifySharing takes %q", tt)
		}
	}
	w.controls(t, 204, "PUT", "receivers/"+m+"/notify", `{"url": "https://shop.example.com/"}`)
	w.controls(t, 204, "PUT", "receivers/"+m+"/notify", `{"url": ""}`)
	for _, body := range []string{"", `{"notify_url": "https://shop.example.com/"}`, `{"url": "shop"}`} {
		w.controls(t, 400, "PUT", "receivers/"+m+"/notify", body)
	}
	w.controls(t, 400, "PUT", "receivers/1900009999/notify", `{"url": "https://shop.example.com/"}`)
}
