package sandbox_test

import (
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// Complaints, combined orders and authorizations are listed too, with their states as
// they are now.
func TestListsOfOtherKinds(t *testing.T) {
	w := newWorld(t)
	m := w.Merchant().MchID
	listed := func(list, query string, want map[string]string) {
		t.Helper()
		code, page := controls(t, w.Server, "GET", list+"?"+query, "")
		if code != 200 || page.Get(list+".#").Int() != 1 {
			t.Fatalf("%s?%s: %d %s", list, query, code, page)
		}
		fields(t, list, func(path string) string { return page.Get(list + ".0." + path).String() }, want)
	}
	none := func(list, query string) {
		t.Helper()
		if _, page := controls(t, w.Server, "GET", list+"?"+query, ""); page.Get(list+".#").String() != "0" {
			t.Errorf("%s?%s: %s", list, query, page)
		}
	}
	for _, list := range []string{"complaints", "combined", "authorizations"} {
		none(list, "")
	}
	transactionID := w.paid(t, "complained", 321)
	id, err := w.Complain(m, "complained", "重复扣费")
	if err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{"", "q=" + id, "q=complained", "q=" + transactionID, "mchid=" + m} {
		listed("complaints", query, map[string]string{"number": id, "state": "PENDING", "amount": "321", "title": "重复扣费", "numbers.out_trade_no": "complained", "mchid": m})
	}
	w.mustCall(t, "POST", "v3/merchant-service/complaints-v2/"+id+"/complete", wechatpay.M{"complainted_mchid": m})
	listed("complaints", "", map[string]string{"state": "PROCESSED"})

	w.mustCall(t, "POST", combinePath+"native", w.combination(w.part("", "part-1", 10), w.part("", "part-2", 500)))
	listed("combined", "q="+combineNumber, map[string]string{"number": combineNumber, "state": "NOTPAY", "amount": "510", "type": "NATIVE"})
	_, page := controls(t, w.Server, "GET", "combined", "")
	listed("combined", "q="+page.Get("combined.0.numbers.prepay_id").String(), map[string]string{"number": combineNumber})
	if paidBy := page.Get("combined.0.numbers.prepay_id").String(); !strings.HasPrefix(paidBy, "wx") {
		t.Errorf("the combined order has the prepay_id %q", paidBy)
	}
	paidAs, err := w.Pay(m, combineNumber)
	if err != nil {
		t.Fatal(err)
	}
	listed("combined", "q="+paidAs, map[string]string{"number": combineNumber, "state": "SUCCESS", "numbers.combine_transaction_id": paidAs})

	w.mustAuthorize(t, nil)
	listed("authorizations", "q="+zhang, map[string]string{"number": consent, "state": "WAIT_USER_CONFIRM", "type": "1000", "title": "wx_123456"})
	if err := w.ConfirmAuthorization(m, consent); err != nil {
		t.Fatal(err)
	}
	listed("authorizations", "q="+consent, map[string]string{"state": "TAKING_EFFECT", "openid": zhang})
	for _, list := range []string{"complaints", "combined", "authorizations"} {
		none(list, "mchid=1900000999")
		none(list, "q=nothing")
	}
	counts, err := w.Counts()
	if err != nil {
		t.Fatal(err)
	}
	for kind, want := range map[sandbox.RecordKind]int{sandbox.RecordComplaint: 1, sandbox.RecordCombined: 1, sandbox.RecordAuthorization: 1, sandbox.RecordOrder: 3} {
		if counts[kind] != want {
			t.Errorf("%d records of kind %v, want %d", counts[kind], kind, want)
		}
	}
}

// A user sees the authorizations that wait, confirms them, and ends them. The page of
// a merchant opens one by its package_info.
func TestWalletAuthorizations(t *testing.T) {
	w := newWorld(t)
	m := w.Merchant().MchID
	resp, err := w.authorize(nil)
	if err != nil {
		t.Fatal(err)
	}
	has := func(user string, want map[string]string) {
		t.Helper()
		_, wallet := controls(t, w.Server, "GET", "users/"+user+"/wallet", "")
		fields(t, "the wallet of "+user, func(path string) string { return wallet.Get("authorizations" + path).String() }, want)
	}
	has(zhang, map[string]string{".#": "1", ".0.state": "WAIT_USER_CONFIRM", ".0.out_authorization_no": consent, ".0.mchid": m, ".0.user_display_name": "wx_123456"})
	has(li, map[string]string{".#": "0"})
	call := sandbox.FrontCall{Front: sandbox.FrontTransfer, Params: []byte(`{"mchId": "` + m + `", "appId": "wxf636efh567hg4356", "package": "` + resp.Get("package_info").String() + `"}`)}
	v, err := w.CheckFront(call)
	if err != nil || !v.OK || v.Bill == nil || v.Bill.OutAuthorizationNo != consent || v.Bill.OpenID != zhang {
		t.Errorf("its package_info opens %+v, %v", v, err)
	}
	if err := w.ConfirmAuthorization(m, consent); err != nil {
		t.Fatal(err)
	}
	if v, err := w.CheckFront(call); err != nil || v.OK {
		t.Errorf("confirmed, it opens %+v, %v", v, err)
	}
	has(zhang, map[string]string{".#": "1", ".0.state": "TAKING_EFFECT"})
	if err := w.CloseAuthorization(m, consent, "USER_CLOSE"); err != nil {
		t.Fatal(err)
	}
	has(zhang, map[string]string{".#": "0"})
}
