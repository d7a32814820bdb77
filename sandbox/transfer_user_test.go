package sandbox_test

import (
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
)

const (
	zhang = "o-zhang"
	li    = "o-li" // who has not proved who they are
)

// TestTransferNames checks that a transfer to a user of another name fails, after
// it was accepted.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4013774966,
// https://developers.weixin.qq.com/community/pay/doc/0002ea16040dd8a205e21d4fe6b000 (answer)
func TestTransferNames(t *testing.T) {
	w := newWorld(t)
	w.controls(t, 204, "POST", "users/"+zhang+"/name", `{"name":"张三"}`)
	if err := w.NameUser(li, ""); err != nil {
		t.Fatal(err)
	}
	if err := w.NameUser("", "张三"); err == nil {
		t.Error("nobody is named")
	}
	for name, tt := range map[string]struct {
		openid string
		name   any
		why    string
	}{
		"right":           {zhang, wechatpay.Secret("张三"), ""},
		"no name":         {zhang, nil, ""},
		"another":         {zhang, wechatpay.Secret("张三丰"), "NAME_NOT_CORRECT"},
		"not proved":      {li, wechatpay.Secret("李四"), "REAL_NAME_CHECK_FAIL"},
		"not proved, any": {li, nil, ""},
		"unknown user":    {"o-other", wechatpay.Secret("王五"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			w.wantFate(t, tt.openid, tt.name, tt.why)
		})
	}
	if err := w.NameUser(zhang, "张三丰"); err != nil {
		t.Fatal(err)
	}
	w.wantFate(t, zhang, wechatpay.Secret("张三丰"), "")
}

// wantFate checks what becomes of a transfer to a user: it waits for the user, or
// fails by the clock for a reason.
func (w *world) wantFate(t *testing.T, openid string, name any, why string) {
	t.Helper()
	w.n++
	number := "fate" + string(rune('a'+w.n))
	resp := w.mustTransfer(t, wechatpay.M{"out_bill_no": number, "openid": openid, "user_name": name})
	documented(t, "POST", billsPath, resp)
	first, last := "WAIT_USER_CONFIRM", "WAIT_USER_CONFIRM"
	if why != "" {
		first, last = "ACCEPTED", "FAIL"
	}
	if got := resp.Get("state").String(); got != first {
		t.Errorf("answered %s, want %s", got, first)
	}
	for _, state := range []string{first, last} {
		got := w.mustCall(t, "GET", billsPath+billOf, nil, wechatpay.Options{"out_bill_no": number})
		if got.Get("state").String() != state || state == "FAIL" && got.Get("fail_reason").String() != why {
			t.Errorf("queried: %s, want %s for %q", got.Bytes(), state, why)
		}
		w.clock.add(5 * time.Second)
	}
}

// A user whose account fails gets no transfer, with or without a name.
func TestFailUser(t *testing.T) {
	w := newWorld(t)
	w.wantFate(t, zhang, nil, "")
	w.controls(t, 204, "POST", "users/"+zhang+"/fail", `{"fail_reason":"ACCOUNT_FROZEN"}`)
	w.wantFate(t, zhang, nil, "ACCOUNT_FROZEN")
	w.wantFate(t, li, nil, "")
	for openid, reason := range map[string]string{zhang: "BAD_LUCK", "": "ACCOUNT_FROZEN"} {
		if err := w.FailUser(openid, reason); err == nil {
			t.Errorf("%q fails for %q", openid, reason)
		}
	}
	w.controls(t, 400, "POST", "users/"+zhang+"/fail", `{"fail_reason":"BAD_LUCK"}`)
	if err := w.FailUser(zhang, ""); err != nil {
		t.Fatal(err)
	}
	w.wantFate(t, zhang, nil, "")
}

// The query encrypts the name for the merchant.
func TestTransferNameIsEncrypted(t *testing.T) {
	w := newWorld(t)
	w.mustTransfer(t, wechatpay.M{"user_name": wechatpay.Secret("张三")})
	got := w.bill(t)
	if name, err := got.Decrypt("user_name"); err != nil || name != "张三" {
		t.Errorf("the name is %q, %v", name, err)
	}
}
