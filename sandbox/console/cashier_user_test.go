package console_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/sandbox/console"
)

const (
	alice = sandbox.UserCookie + "=oAlice"
	bob   = sandbox.UserCookie + "=oBob"
)

// giveAlice makes a transfer to Alice, asks her for an authorization and sends her a red
// packet. It returns the package_info of the first two.
func giveAlice(t *testing.T, sb *sandbox.Sandbox) (transfer, authorization string) {
	t.Helper()
	ask := func(path string, body wechatpay.Option) *wechatpay.Response {
		resp, err := sb.Client().Chain(path).Post(t.Context(), body)
		if err != nil {
			t.Fatal(err)
		}
		return resp
	}
	transfer = ask("v3/fund-app/mch-transfer/transfer-bills", wechatpay.JSON(wechatpay.M{"appid": appID, "out_bill_no": "transfer1", "openid": "oAlice", "transfer_amount": 30,
		"transfer_remark": "tea", "transfer_scene_id": "1000", "transfer_scene_report_infos": []wechatpay.M{
			{"info_type": "活动名称", "info_content": "注册会员有礼"}, {"info_type": "奖励说明", "info_content": "注册会员抽奖一等奖"}}})).Get("package_info").String()
	authorization = ask("v3/fund-app/mch-transfer/user-confirm-authorization", wechatpay.JSON(wechatpay.M{"out_authorization_no": "consent1", "appid": appID, "openid": "oAlice",
		"transfer_scene_id": "1000", "user_display_name": "name", "user_recv_perception": "现金奖励", "authorization_notify_url": "https://shop.example.com/authorized"})).Get("package_info").String()
	ask("v2/mmpaymkttransfers/sendredpack", wechatpay.XML(wechatpay.M{"mch_billno": "packet1", "wxappid": appID, "send_name": "shop", "re_openid": "oAlice", "total_amount": 100,
		"total_num": 1, "wishing": "luck", "client_ip": "127.0.0.1", "act_name": "act", "remark": "r"}))
	return transfer, authorization
}

func confirming(t *testing.T, packageInfo string) string {
	t.Helper()
	params, err := json.Marshal(wechatpay.M{"mchId": mchID, "appId": appID, "package": packageInfo})
	if err != nil {
		t.Fatal(err)
	}
	return "cashier/window?" + url.Values{"front": {"transfer"}, "id": {"1"}, "origin": {"http://localhost"}, "params": {string(params)}}.Encode()
}

// A page that Alice opened does nothing once Bob uses her browser, and says why. Back in
// her browser, it does what it offers.
func TestCashierAnotherUser(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	transfer, authorization := giveAlice(t, sb)
	code := order(t, sb, "native", "for_anyone").Get("code_url").String()
	for _, tt := range []struct{ name, page, action, choice, shown, done string }{
		{"an order", "cashier/scan?code_url=" + url.QueryEscape(code), "cashier/pay", "pay", "下单账号与支付账号不一致", "Paid"},
		{"a transfer", confirming(t, transfer), "cashier/transfer", "confirm", "你的微信号与商家指定的微信号不一致", `data-result="ok"`},
		{"an authorization", confirming(t, authorization), "cashier/transfer", "confirm", "你的微信号与商家指定的微信号不一致", `data-result="ok"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, page := get(t, sb, tt.page, "Cookie", alice)
			for lang, says := range map[string]string{"en": "open the page again", "zh": "请重新打开页面"} {
				_, text := submit(t, sb, tt.action, page, tt.choice, "Cookie", bob, "Accept-Language", lang)
				if !strings.Contains(text, tt.shown) || !strings.Contains(text, says) || !strings.Contains(text, "oAlice") || !strings.Contains(text, "oBob") {
					t.Errorf("Bob, in %s: %s", lang, text)
				}
			}
			if _, text := submit(t, sb, tt.action, page, "cancel", "Cookie", bob); !strings.Contains(text, "Cancelled") {
				t.Errorf("Bob cancels: %s", text)
			}
			if _, text := submit(t, sb, tt.action, page, tt.choice, "Cookie", alice); !strings.Contains(text, tt.done) {
				t.Errorf("Alice: %s", text)
			}
		})
	}
	got, err := sb.Client().Chain("v3/pay/transactions/out-trade-no/for_anyone").Get(t.Context(), wechatpay.Query(wechatpay.M{"mchid": mchID}))
	if err != nil || got.Get("payer.openid").String() != "oAlice" {
		t.Errorf("paid by %s, %v", got.Get("payer"), err)
	}
}

// What a user has is theirs, also on a page that was opened before another user came. One
// who has not chosen an openid is the test user.
func TestCashierWalletOfAnotherUser(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	giveAlice(t, sb)
	has := func() int {
		wallet, err := sb.Wallet("oAlice")
		if err != nil {
			t.Fatal(err)
		}
		n := len(wallet.Transfers) + len(wallet.RedPackets)
		for _, a := range wallet.Authorizations {
			if a.Waits() {
				n++
			}
		}
		return n
	}
	_, page := get(t, sb, "cashier/user", "Cookie", alice)
	if got := strings.Count(page, `name="user" value="oAlice"`); got != 3 || has() != 3 {
		t.Fatalf("%d forms are of Alice, who has %d: %s", got, has(), page)
	}
	form := choose(page, "")
	for i, step := range [][2]string{{"confirm", "transfer1"}, {"agree", "consent1"}, {"open", "packet1"}, {"end", "consent1"}} {
		form.Set("mchid", mchID)
		form.Set("number", step[1])
		for _, cookie := range []string{bob, "another=one"} {
			if resp, text := post(t, sb, "cashier/user/"+step[0], form, "Cookie", cookie); resp.StatusCode != 409 || !strings.Contains(text, "open the page again") || has() != max(0, 3-i) {
				t.Errorf("%s by %s: %d %s", step[0], cookie, resp.StatusCode, text)
			}
		}
		if resp, text := post(t, sb, "cashier/user/"+step[0], form, "Cookie", alice); resp.StatusCode != 303 {
			t.Errorf("%s by Alice: %d %s", step[0], resp.StatusCode, text)
		}
	}
	wallet, err := sb.Wallet("oAlice")
	if err != nil || has() != 0 || len(wallet.Authorizations) != 0 {
		t.Errorf("in the end Alice has %+v, %v", wallet, err)
	}
}

// The cashier names the user of a partner's order too.
func TestCashierUserOfPartner(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	if _, err := sb.Client().Chain("v3/pay/partner/transactions/jsapi").Post(t.Context(), wechatpay.JSON(wechatpay.M{"sp_appid": appID, "sp_mchid": mchID, "sub_mchid": sandbox.DefaultSubMchID,
		"sub_appid": "wxd678efh567hg6788", "description": "tea", "out_trade_no": "of_partner", "notify_url": "https://www.example.com/notify", "amount": wechatpay.M{"total": 100},
		"payer": wechatpay.M{"sub_openid": "oOfSubApp"}})); err != nil {
		t.Fatal(err)
	}
	resp, _ := get(t, sb, "cashier/orders?mchid="+mchID+"/"+sandbox.DefaultSubMchID+"&number=of_partner")
	if _, page := get(t, sb, resp.Header.Get("Location")); !strings.Contains(page, ">oOfSubApp<") {
		t.Errorf("the user is not named: %s", page)
	}
}

// Of two windows with one transfer or one authorization, the second says that it is over,
// and tells the page that opened it.
func TestCashierTwoWindowsOfTransfer(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	transfer, authorization := giveAlice(t, sb)
	for _, info := range []string{transfer, authorization} {
		_, page := get(t, sb, confirming(t, info), "Cookie", alice)
		if _, done := submit(t, sb, "cashier/transfer", page, "confirm", "Cookie", alice); !strings.Contains(done, `data-result="ok"`) {
			t.Errorf("the first window: %s", done)
		}
		for lang, says := range map[string]string{"en": "it does not wait for the user any more", "zh": "已不在等待用户确认"} {
			resp, done := submit(t, sb, "cashier/transfer", page, "confirm", "Cookie", alice, "Accept-Language", lang)
			if resp.StatusCode != 200 || !strings.Contains(done, says) || !strings.Contains(done, `data-answer="fail"`) {
				t.Errorf("the second window, %s: %d %s", lang, resp.StatusCode, done)
			}
		}
	}
}

// Many users open a group red packet from the console.
func TestOpenGroupRedPacket(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	if _, err := sb.Client().Chain("v2/mmpaymkttransfers/sendgroupredpack").Post(t.Context(), wechatpay.XML(wechatpay.M{"mch_billno": "group1", "wxappid": appID, "send_name": "shop",
		"re_openid": "oAlice", "total_amount": 300, "total_num": 3, "amt_type": "ALL_RAND", "wishing": "luck", "act_name": "act", "remark": "r"})); err != nil {
		t.Fatal(err)
	}
	if _, page := get(t, sb, "/console/red-packets"); !strings.Contains(page, `name="openid"`) || !strings.Contains(page, "GROUP") {
		t.Errorf("the list does not ask who opens it: %s", page)
	}
	for _, who := range []string{"", "oBob", "oCarol"} {
		if resp, text := sendForm(t, sb, "open", map[string]string{"mchid": mchID, "number": "group1", "openid": who}); resp.StatusCode != 303 {
			t.Errorf("%q: %d %s", who, resp.StatusCode, text)
		}
	}
	if _, page := get(t, sb, "/console/red-packets"); strings.Contains(page, `name="openid"`) || !strings.Contains(page, "RECEIVED") {
		t.Errorf("it is not received: %s", page)
	}
}
