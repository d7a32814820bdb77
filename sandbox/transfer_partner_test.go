package sandbox_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay"
	bills "github.com/wxchain/wechatpay/bill"
	"github.com/wxchain/wechatpay/sandbox"
)

const (
	subBillsPath = "v3/fund-app/mch-transfer/partner/transfer-bills"
	grantsPath   = "v3/fund-app/mch-transfer/partner/sub-mch-authorizations"
)

// subTransfer asks for a transfer of a sub-merchant's money.
func (w *world) subTransfer(edit wechatpay.M) (*wechatpay.Response, error) {
	return w.call("POST", subBillsPath, with(transferOf(wechatpay.M{"sub_mchid": sub}), edit), wechatpay.Header("Wechatpay-Serial", serialOf(w.Sandbox)))
}

// subBill returns a transfer of a sub-merchant's money as the query shows it.
func (w *world) subBill(t testing.TB) *wechatpay.Response {
	t.Helper()
	resp := w.mustCall(t, "GET", subBillsPath+billOf, nil, wechatpay.Options{"out_bill_no": bill}, wechatpay.Query(wechatpay.M{"sub_mchid": sub}))
	documented(t, "GET", subBillsPath+billOf, resp)
	return resp
}

func (w *world) cancelSub() (*wechatpay.Response, error) {
	return w.call("POST", subBillsPath+billOf+"/cancel", wechatpay.M{"sub_mchid": sub}, wechatpay.Options{"out_bill_no": bill})
}

// TestPartnerTransfer checks the transfers that a partner makes from the account of
// a sub-merchant.
//
// https://pay.weixin.qq.com/doc/v3/partner/4015469096
func TestPartnerTransfer(t *testing.T) {
	w := newWorld(t)
	first, err := w.subTransfer(wechatpay.M{"user_name": wechatpay.Secret("张三")})
	if err != nil {
		t.Fatal(err)
	}
	documented(t, "POST", subBillsPath, first)
	got := w.subBill(t)
	for field, want := range map[string]string{"sub_mchid": sub, "mchid": w.Merchant().MchID, "out_bill_no": bill, "state": "WAIT_USER_CONFIRM",
		"transfer_bill_no": first.Get("transfer_bill_no").String(), "openid": "o-MYE42l80oelYMDE34nYD456Xoy", "mch_id": ""} {
		if got := got.Get(field).String(); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
	if name, err := got.Decrypt("user_name"); err != nil || name != "张三" {
		t.Errorf("the name is %q, %v", name, err)
	}

	// The merchant itself may use the number too.
	w.mustTransfer(t, wechatpay.M{"transfer_amount": 200})
	if err := w.SettleTransfer(w.Merchant().MchID+"/"+sub, bill, sandbox.TransferSuccess); err != nil {
		t.Fatal(err)
	}
	if own := w.bill(t).Get("state").String(); own != "WAIT_USER_CONFIRM" {
		t.Errorf("the merchant's own transfer is %s", own)
	}
	_, err = w.cancelSub()
	refused(t, err, 400, "INVALID_REQUEST")
	w.until(t, "2018-06-09 10:00:00")
	if got, want := w.statement(t, bills.FundFlow, dayOf, bills.SubMchID(sub), bills.AccountType("OPERATION")).flow(), "商家转账 支出 1.00 999999.00 "+bill; got != want {
		t.Errorf("the sub-merchant has\n%s\nwant\n%s", got, want)
	}

	for name, edit := range map[string]wechatpay.M{"stranger": {"sub_mchid": "1900000299"}, "itself": {"sub_mchid": w.Merchant().MchID}} {
		_, err := w.subTransfer(with(edit, wechatpay.M{"out_bill_no": "no"}))
		if e := refused(t, err, 403, "NO_AUTH"); e == nil {
			t.Error(name)
		}
	}
	_, err = w.subTransfer(wechatpay.M{"out_bill_no": "a-b"})
	refused(t, err, 400, "PARAM_ERROR")
}

func TestPartnerCancelsTransfer(t *testing.T) {
	w := newWorld(t)
	_, err := w.cancelSub()
	refused(t, err, 400, "INVALID_REQUEST")
	if _, err := w.subTransfer(nil); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"CANCELING", "CANCELLED"} {
		resp, err := w.cancelSub()
		if err != nil {
			t.Fatal(err)
		}
		documented(t, "POST", subBillsPath+billOf+"/cancel", resp)
		if resp.Get("state").String() != want || resp.Get("sub_mchid").String() != sub {
			t.Errorf("answer %s, want %s", resp.Bytes(), want)
		}
		w.clock.add(5 * time.Second)
	}
}

// The partner is told of the end.
func TestPartnerTransferNotifies(t *testing.T) {
	config := testConfig(t)
	synctest.Test(t, func(t *testing.T) {
		shop, server, client := newShop(t, config)
		defer server.Close()
		body := with(transferOf(wechatpay.M{"sub_mchid": sub}), wechatpay.M{"notify_url": "https://shop.example.com/notify"})
		if _, err := client.Chain(subBillsPath).Post(t.Context(), wechatpay.JSON(body)); err != nil {
			t.Fatal(err)
		}
		if err := server.SettleTransfer(sub, bill, sandbox.TransferSuccess); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if got := shop.got(); len(got) != 1 || got[0].Get("sub_mchid").String() != sub || got[0].Get("mchid").String() != sandbox.DefaultMchID {
			t.Errorf("notified: %v", got)
		}
	})
}

// TestPartnerGrant checks a partner's application to transfer the money of a
// sub-merchant.
//
// https://pay.weixin.qq.com/doc/v3/partner/4015469102,
// https://pay.weixin.qq.com/doc/v3/partner/4015469112
func TestPartnerGrant(t *testing.T) {
	w := newWorld(t)
	const of = grantsPath + "/{sub_mchid}"
	query := func() *wechatpay.Response {
		resp := w.mustCall(t, "GET", of, nil, wechatpay.Options{"sub_mchid": sub})
		documented(t, "GET", of, resp)
		return resp
	}
	if got := query(); got.Get("state").String() != "AUTHORIZED" || got.Get("apply_order").Exists() {
		t.Errorf("before: %s", got.Bytes())
	}
	for _, want := range []string{"INVITED", "PASSED"} {
		resp := w.mustCall(t, "POST", grantsPath, wechatpay.M{"sub_mchid": sub, "out_apply_no": "apply1"})
		documented(t, "POST", grantsPath, resp)
		got := query()
		if resp.Get("state").String() != want || got.Get("apply_order.state").String() != want || got.Get("apply_order.out_apply_no").String() != "apply1" {
			t.Errorf("applied: %s, queried: %s, want %s", resp.Bytes(), got.Bytes(), want)
		}
		if got.Get("authorization_time").Exists() != (want == "PASSED") {
			t.Errorf("queried when %s: %s", want, got.Bytes())
		}
		w.clock.add(5 * time.Second)
	}
	_, err := w.call("POST", grantsPath, wechatpay.M{"sub_mchid": sub, "out_apply_no": "a-b"})
	refused(t, err, 400, "PARAM_ERROR")
	_, err = w.call("POST", grantsPath, wechatpay.M{"sub_mchid": "1900000299", "out_apply_no": "apply1"})
	refused(t, err, 403, "NO_AUTH")
	_, err = w.call("GET", of, nil, wechatpay.Options{"sub_mchid": "1900000299"})
	refused(t, err, 403, "NO_AUTH")
}
