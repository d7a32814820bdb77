package sandbox_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// operationsOf returns the operations of the requests of an order, newest first.
func operationsOf(t *testing.T, w *world, number string) (all []string) {
	t.Helper()
	story, err := w.OrderStory(sandbox.DefaultMchID, number)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range story.Requests {
		all = append(all, r.Operation)
	}
	return all
}

// The requests of an order are those about it: not those of an order whose number begins
// alike, nor those of an order of another merchant with the same number, but also those
// that name it by its transaction_id alone, and those that no merchant signed.
func TestOrderStoryRequests(t *testing.T) {
	other, err := sandbox.NewMerchant("1900000110", start)
	if err != nil {
		t.Fatal(err)
	}
	first := newWorld(t).Merchant()
	w := newWorld(t, func(c *sandbox.Config) { c.Merchants = []sandbox.Merchant{first, other} })
	const place = "POST v3/pay/transactions/native"
	shared := w.order("story-1", 100)
	shared["settle_info"] = wechatpay.M{"profit_sharing": true}
	w.mustCall(t, "POST", "v3/pay/transactions/native", shared)
	for _, number := range []string{"story-10", "story-1|a", "a_story-1"} {
		w.mustCall(t, "POST", "v3/pay/transactions/native", w.order(number, 100))
	}
	theirs := w.order("story-1", 100)
	theirs["mchid"] = other.MchID
	body, err := json.Marshal(theirs)
	if err != nil {
		t.Fatal(err)
	}
	if x, err := w.Try(t.Context(), sandbox.TryCall{Method: "POST", Template: "v3/pay/transactions/native", MchID: other.MchID, Body: body}); err != nil || x.Status != 200 {
		t.Fatal(x.Answer, err)
	}
	if got := operationsOf(t, w, "story-1"); !slices.Equal(got, []string{place}) {
		t.Errorf("the requests are %q, want that which placed the order", got)
	}
	if got := operationsOf(t, w, "story-1|a"); !slices.Equal(got, []string{place}) {
		t.Errorf("of story-1|a the requests are %q", got)
	}
	const query = "v3/pay/transactions/out-trade-no/{out_trade_no}"
	w.mustCall(t, "GET", query, nil, wechatpay.Bind("out_trade_no", "story-1|a"), wechatpay.Query(wechatpay.M{"mchid": first.MchID}))
	if got := operationsOf(t, w, "story-1|a"); len(got) != 2 || got[0] != "GET "+query {
		t.Errorf("of story-1|a, which was asked for, the requests are %q", got)
	}

	id, err := w.Pay(first.MchID, "story-1")
	if err != nil {
		t.Fatal(err)
	}
	w.clock.add(time.Minute)
	w.mustCall(t, "POST", "v3/profitsharing/orders/unfreeze", wechatpay.M{"transaction_id": id, "out_order_no": "rest1", "description": "解冻全部剩余资金"})
	if got, want := operationsOf(t, w, "story-1"), []string{"POST v3/profitsharing/orders/unfreeze", place}; !slices.Equal(got, want) {
		t.Errorf("after the sharing the requests are %q, want %q", got, want)
	}
	w.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/v3/pay/transactions/out-trade-no/story-1?mchid="+first.MchID, nil))
	if got := operationsOf(t, w, "story-1"); len(got) != 3 {
		t.Errorf("with one that nobody signed the requests are %q", got)
	}
}

// An order shows all notifications that name its payment: also those of its complaints,
// and of a combined order that another merchant placed.
func TestOrderStoryNotifications(t *testing.T) {
	other, err := sandbox.NewMerchant("1900000110", start)
	if err != nil {
		t.Fatal(err)
	}
	first := newWorld(t).Merchant()
	w := newWorld(t, func(c *sandbox.Config) { c.Merchants = []sandbox.Merchant{first, other} })
	part := func(mchID, number string) wechatpay.M {
		return wechatpay.M{"mchid": mchID, "out_trade_no": number, "description": "a", "attach": "a", "amount": wechatpay.M{"total_amount": 100, "currency": "CNY"}}
	}
	w.mustCall(t, "POST", "v3/combine-transactions/native", wechatpay.M{"combine_appid": "wxd678efh567hg6787", "combine_mchid": first.MchID, "combine_out_trade_no": "together-1",
		"notify_url": "https://127.0.0.1:1/notify", "scene_info": wechatpay.M{"device_id": "1", "payer_client_ip": "127.0.0.1"},
		"sub_orders": []wechatpay.M{part(first.MchID, "part-of-1"), part(other.MchID, "part-of-2")}})
	if _, err := w.Pay(first.MchID, "together-1"); err != nil {
		t.Fatal(err)
	}
	w.mustCall(t, "POST", "v3/merchant-service/complaint-notifications", wechatpay.M{"url": "https://127.0.0.1:1/complaints"})
	if _, err := w.Complain(first.MchID, "part-of-1", "重复扣费"); err != nil {
		t.Fatal(err)
	}
	for mchID, want := range map[string][]string{first.MchID: {"TRANSACTION.SUCCESS", "COMPLAINT.CREATE"}, other.MchID: {"TRANSACTION.SUCCESS"}} {
		number := "part-of-1"
		if mchID == other.MchID {
			number = "part-of-2"
		}
		story, err := w.OrderStory(mchID, number)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, n := range story.Notifications {
			got = append(got, n.EventType)
		}
		if !slices.Equal(got, want) {
			t.Errorf("the notifications of %s are %q, want %q", number, got, want)
		}
	}
}
