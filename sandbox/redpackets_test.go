package sandbox_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

const (
	sendRed      = "v2/mmpaymkttransfers/sendredpack"
	sendRedGroup = "v2/mmpaymkttransfers/sendgroupredpack"
	queryRed     = "v2/mmpaymkttransfers/gethbinfo"
)

// red returns a red packet as a query shows it.
func (w *world) red(t testing.TB, mchBillNo string) *wechatpay.Response {
	t.Helper()
	return w.mustV2(t, queryRed, wechatpay.M{"mch_billno": mchBillNo, "appid": "wx8888888888888888", "bill_type": "MCHT"})
}

func TestRedPacket(t *testing.T) {
	w := newWorld(t)
	sent := w.mustV2(t, sendRed, redPacket("r1", nil))
	for field, want := range map[string]string{"mch_billno": "r1", "mch_id": sandbox.DefaultMchID, "total_amount": "100", "re_openid": "oxTWIuGaIt6gTKsQRLau2M0yL16E"} {
		if got := sent.Get(field).String(); got != want {
			t.Errorf("sent: %s is %q, want %q", field, got, want)
		}
	}
	again := w.mustV2(t, sendRed, redPacket("r1", nil))
	if id := sent.Get("send_listid").String(); id == "" || again.Get("send_listid").String() != id {
		t.Errorf("sent as %q, and when it is repeated as %q", id, again.Get("send_listid"))
	}
	got := w.red(t, "r1")
	for field, want := range map[string]string{
		"status": "SENT", "hb_type": "NORMAL", "total_num": "1", "total_amount": "100", "send_type": "API", "detail_id": sent.Get("send_listid").String(),
		"send_time": "2018-06-08 10:30:00", "act_name": "猜灯谜抢红包活动", "hblist": "",
	} {
		if got.Get(field).String() != want {
			t.Errorf("%s is %q, want %q", field, got.Get(field), want)
		}
	}
	w.clock.add(time.Hour)
	if _, err := w.OpenRedPacket(sandbox.DefaultMchID, "r1", "another"); err == nil {
		t.Error("another user opened it")
	}
	if amount := w.open(t, "r1", ""); amount != 100 {
		t.Errorf("the user got %d fen, want 100", amount)
	}
	got = w.red(t, "r1")
	if got.Get("status").String() != "RECEIVED" || got.Get("hblist.hbinfo.rcv_time").String() != "2018-06-08 11:30:00" || got.Get("hblist.hbinfo.amount").Int() != 100 {
		t.Errorf("received: %s", got.Bytes())
	}
	if _, err := w.OpenRedPacket(sandbox.DefaultMchID, "r1", ""); err == nil || !strings.Contains(err.Error(), "RECEIVED") {
		t.Errorf("opened twice: %v", err)
	}
}

// What nobody opens within a day goes back to the merchant.
func TestRedPacketRefund(t *testing.T) {
	w := newWorld(t)
	w.mustV2(t, sendRed, redPacket("r1", nil))
	w.clock.add(24*time.Hour - 1)
	if got := w.red(t, "r1"); got.Get("status").String() != "SENT" {
		t.Errorf("a moment before: %s", got.Bytes())
	}
	w.clock.add(1)
	got := w.red(t, "r1")
	if got.Get("status").String() != "REFUND" || got.Get("refund_amount").Int() != 100 || got.Get("refund_time").String() != "2018-06-09 10:30:00" {
		t.Errorf("a day later: %s", got.Bytes())
	}
	if _, err := w.OpenRedPacket(sandbox.DefaultMchID, "r1", ""); err == nil {
		t.Error("it was opened after it had gone back")
	}
	w.clock.add(30 * 24 * time.Hour)
	_, err := w.v2(queryRed, wechatpay.M{"mch_billno": "r1", "appid": "wx8888888888888888", "bill_type": "MCHT"})
	refusedV2(t, err, "NOT_FOUND")
}

// The users of a group get all of it together, and each user only once.
func TestRedPacketOfAGroup(t *testing.T) {
	group := wechatpay.M{"total_amount": 1000, "total_num": 5, "amt_type": "ALL_RAND", "client_ip": nil}
	shares := func(seed uint64) (all []int64) {
		w := newWorld(t, func(c *sandbox.Config) { c.Seed = seed })
		w.mustV2(t, sendRedGroup, redPacket("g1", group))
		var sum int64
		for i := range 5 {
			if got := w.red(t, "g1").Get("status").String(); got != "SENT" {
				t.Errorf("with %d shares gone it is %s", i, got)
			}
			share := w.open(t, "g1", user(i))
			if sum += share; share < 1 {
				t.Errorf("a share of %d fen", share)
			}
			all = append(all, share)
			if _, err := w.OpenRedPacket(sandbox.DefaultMchID, "g1", user(i)); err == nil {
				t.Error("a user opened it twice")
			}
		}
		got := w.red(t, "g1")
		if sum != 1000 || got.Get("status").String() != "RECEIVED" || got.Get("hb_type").String() != "GROUP" || len(got.Get("hblist.hbinfo").Array()) != 5 {
			t.Errorf("shares of %v fen; %s", all, got.Bytes())
		}
		return all
	}
	one, again, other := shares(1), shares(1), shares(2)
	if !slices.Equal(one, again) || slices.Equal(one, other) {
		t.Errorf("shares %v, %v by the same seed and %v by another", one, again, other)
	}

	w := newWorld(t)
	w.mustV2(t, sendRedGroup, redPacket("g2", group))
	share := w.open(t, "g2", user(0))
	w.clock.add(24 * time.Hour)
	if got := w.red(t, "g2"); got.Get("status").String() != "REFUND" || got.Get("refund_amount").Int() != 1000-share {
		t.Errorf("the rest of %d fen: %s", 1000-share, got.Bytes())
	}
}

func TestRedPacketRefusals(t *testing.T) {
	w := newWorld(t)
	w.mustV2(t, sendRed, redPacket("r1", nil))
	for name, tt := range map[string]struct {
		path, number string
		edit         wechatpay.M
		code         string
	}{
		"the number with other data":   {sendRed, "r1", wechatpay.M{"total_amount": 101}, "FATAL_ERROR"},
		"the number of a group's":      {sendRedGroup, "r1", wechatpay.M{"total_num": 3, "total_amount": 300, "amt_type": "ALL_RAND"}, "FATAL_ERROR"},
		"a number that cannot be":      {sendRed, "r-1", nil, "PARAM_ERROR"},
		"too little":                   {sendRed, "r2", wechatpay.M{"total_amount": 99}, "MONEY_LIMIT"},
		"too much":                     {sendRed, "r2", wechatpay.M{"total_amount": 20001}, "MONEY_LIMIT"},
		"nothing, in a scene":          {sendRed, "r2", wechatpay.M{"total_amount": 0, "scene_id": "PRODUCT_1"}, "PARAM_ERROR"},
		"two users":                    {sendRed, "r2", wechatpay.M{"total_num": 2}, "PARAM_ERROR"},
		"a group of two":               {sendRedGroup, "r2", wechatpay.M{"total_num": 2, "amt_type": "ALL_RAND"}, "PARAM_ERROR"},
		"too little for each of three": {sendRedGroup, "r2", wechatpay.M{"total_num": 3, "total_amount": 299, "amt_type": "ALL_RAND"}, "MONEY_LIMIT"},
		"a field missing":              {sendRed, "r2", wechatpay.M{"wishing": nil}, "PARAM_ERROR"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.v2(tt.path, redPacket(tt.number, tt.edit))
			refusedV2(t, err, tt.code)
		})
	}
	w.mustV2(t, sendRed, redPacket("r3", wechatpay.M{"total_amount": 99, "scene_id": "PRODUCT_1"}))
	for _, number := range []string{"r2", "nobodys"} {
		_, err := w.v2(queryRed, wechatpay.M{"mch_billno": number, "appid": "wx8888888888888888", "bill_type": "MCHT"})
		refusedV2(t, err, "NOT_FOUND")
		if _, err := w.OpenRedPacket(sandbox.DefaultMchID, number, ""); err == nil {
			t.Errorf("%s was opened", number)
		}
	}
}

func TestControlRedPacket(t *testing.T) {
	w := newWorld(t)
	w.mustV2(t, sendRedGroup, redPacket("g1", wechatpay.M{"total_amount": 300, "total_num": 3, "amt_type": "ALL_RAND"}))
	var sum int64
	for i := range 3 {
		sum += w.controls(t, 200, "POST", "redpackets/g1/open?openid="+user(i), "").Get("amount").Int()
	}
	if sum != 300 {
		t.Errorf("three users got %d fen, want 300", sum)
	}
	w.controls(t, 400, "POST", "redpackets/g1/open", "")
	w.controls(t, 404, "POST", "redpackets/nobodys/open", "")
}
