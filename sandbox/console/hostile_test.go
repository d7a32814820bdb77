package console_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/sandbox/console"
)

// inEach puts a hostile text into every kind of record of a sandbox that takes it.
func inEach(t *testing.T, sb *sandbox.Sandbox, i int, text string) {
	t.Helper()
	ask := func(path string, opts ...wechatpay.Option) {
		t.Helper()
		if _, err := sb.Client().Chain(path).Post(t.Context(), opts...); err != nil {
			t.Fatalf("%s with %q: %v", path, text, err)
		}
	}
	number := fmt.Sprintf("hostile%d", i)
	place(t, sb, number, wechatpay.M{"description": text, "attach": text, "notify_url": "http://127.0.0.1:1/" + url.PathEscape(text)})
	id, err := sb.Pay(mchID, number)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sb.Complain(mchID, number, text); err != nil {
		t.Fatal(err)
	}
	place(t, sb, number+"unpaid", wechatpay.M{"description": text, "attach": text})
	ask("v3/refund/domestic/refunds", wechatpay.JSON(wechatpay.M{"transaction_id": id, "out_refund_no": number, "reason": text, "amount": wechatpay.M{"refund": 1, "total": 123, "currency": "CNY"}}))
	ask("v3/combine-transactions/native", wechatpay.JSON(wechatpay.M{"combine_appid": "wx1", "combine_mchid": mchID, "combine_out_trade_no": number + "all", "notify_url": "http://127.0.0.1:1/",
		"sub_orders": []wechatpay.M{
			{"mchid": mchID, "out_trade_no": number + "a", "description": text, "attach": text, "amount": wechatpay.M{"total_amount": 1, "currency": "CNY"}},
			{"mchid": mchID, "out_trade_no": number + "b", "description": text, "attach": text, "amount": wechatpay.M{"total_amount": 1, "currency": "CNY"}}}}))
	ask("v3/fund-app/mch-transfer/transfer-bills", wechatpay.JSON(wechatpay.M{"appid": "wx1", "out_bill_no": number, "openid": sandbox.TestUser, "transfer_amount": 30, "transfer_remark": text[:min(len(text), 32)],
		"transfer_scene_id": "1000", "transfer_scene_report_infos": []wechatpay.M{{"info_type": "活动名称", "info_content": text[:min(len(text), 32)]}, {"info_type": "奖励说明", "info_content": text[:min(len(text), 32)]}}}))
	ask("v3/fund-app/mch-transfer/user-confirm-authorization", wechatpay.JSON(wechatpay.M{"out_authorization_no": number, "appid": "wx1", "openid": sandbox.TestUser,
		"transfer_scene_id": "1000", "user_display_name": text[:min(len(text), 28)], "user_recv_perception": "现金奖励", "authorization_notify_url": "https://shop.example.com/authorized"}))
	xml := strings.NewReplacer("\x1b", "", "\x07", "").Replace(text) // which XML cannot hold
	ask("v2/mmpaymkttransfers/sendredpack", wechatpay.XML(wechatpay.M{"mch_billno": number, "wxappid": "wx1", "send_name": "shop", "re_openid": sandbox.TestUser,
		"total_amount": 100, "total_num": 1, "wishing": xml, "client_ip": "127.0.0.1", "act_name": xml[:min(len(xml), 28)], "remark": xml}))
	if _, err := sb.AddFault(sandbox.Fault{Path: "v3/none", Kind: sandbox.FaultCode, Code: text, Message: text}); err != nil {
		t.Fatal(err)
	}
}

// Hostile texts in orders, refunds, transfers and all other kinds are inert on every
// page, and each of them is shown.
func TestHostileTextsInEachKind(t *testing.T) {
	sb := sandbox.Start(t, console.Use, withDemo)
	for i, text := range hostile {
		inEach(t, sb, i, text)
	}
	for _, path := range []string{"/", "/console/requests", "/console/orders", "/console/refunds", "/console/coupons", "/console/transfers", "/console/red-packets",
		"/console/combined-orders", "/console/complaints", "/console/authorizations", "/console/notifications", "/console/faults", "/console/connect", "/cashier/user", "/cashier/scan"} {
		text := checkInert(t, sb, path)
		shown := strings.Contains(text, "&lt;script&gt;alert(1)") || strings.Contains(text, "&lt;script&gt;alert")
		switch path {
		case "/", "/console/orders", "/console/transfers", "/console/combined-orders", "/console/complaints", "/console/authorizations", "/console/faults", "/cashier/user":
			if !shown {
				t.Errorf("%s does not show the text", path)
			}
		}
	}
	for _, n := range sb.Notifications() {
		checkInert(t, sb, "/console/notifications/"+n.ID)
	}
	for _, text := range hostile {
		q := url.QueryEscape(text)
		for _, path := range []string{"/?q=" + q, "/console/complaints?mchid=" + q, "/console/faults?x=" + q, "/cashier/scan?code_url=" + q, "/cashier/scan?pr=" + q, "/cashier/user?x=" + q,
			"/cashier/window?front=jsapi&id=" + q + "&origin=" + q + "&params=" + q, "/cashier/window?front=transfer&params=" + url.QueryEscape(`{"package":"`+strings.ReplaceAll(text, `"`, `\"`)+`"}`),
			"/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=" + q + "&package=" + q + "&redirect_url=" + q} {
			checkInert(t, sb, path)
		}
	}
	for i := range hostile {
		o, err := sb.OrderToPay(mchID, fmt.Sprintf("hostile%dunpaid", i))
		if err != nil {
			t.Fatal(err)
		}
		page := checkInert(t, sb, "/cashier/scan?pr="+o.PrepayID[len(o.PrepayID)-10:])
		if _, done := submit(t, sb, "cashier/pay", page, "pay"); len(tag.FindAllString(done, -1)) > 3 || strings.Contains(done, "<script>") {
			t.Errorf("the end of the payment has markup: %s", done)
		}
		checkInert(t, sb, orderPath(fmt.Sprintf("hostile%d", i)))
	}
}
