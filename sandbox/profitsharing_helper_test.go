package sandbox_test

import (
	"maps"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

const (
	sharePath    = "v3/profitsharing/orders"
	shareOf      = sharePath + "/{out_order_no}"
	unfreezePath = sharePath + "/unfreeze"
	returnPath   = "v3/profitsharing/return-orders"
	returnOf     = returnPath + "/{out_return_no}"
	amountsOf    = "v3/profitsharing/transactions/{transaction_id}/amounts"

	partner = "86693852" // a merchant
	staff   = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
)

// paidToShare returns the transaction_id of an order of 1,000 fen for profit
// sharing that was paid a minute ago.
func (w *world) paidToShare(t testing.TB, outTradeNo string) string {
	t.Helper()
	order := w.order(outTradeNo, 1000)
	order["settle_info"] = wechatpay.M{"profit_sharing": true}
	w.mustCall(t, "POST", "v3/pay/transactions/native", order)
	id, err := w.Pay(w.Merchant().MchID, outTradeNo)
	if err != nil {
		t.Fatal(err)
	}
	w.clock.add(time.Minute)
	return id
}

// receiver adds or deletes a receiver.
func (w *world) receiver(what, kind, account string, edit wechatpay.M) (*wechatpay.Response, error) {
	body := wechatpay.M{"appid": "wx8888888888888888", "type": kind, "account": account}
	if what == "add" {
		body["relation_type"], body["name"] = "PARTNER", wechatpay.Secret("张三")
	}
	maps.Copy(body, edit)
	return w.call("POST", "v3/profitsharing/receivers/"+what, body, wechatpay.Header("Wechatpay-Serial", serialOf(w.Sandbox)))
}

// shareAll lets merchants share whole orders.
func shareAll(c *sandbox.Config) { c.SharingRatio = 10_000 }

// newSharing returns a world with an order to share as a whole, and two receivers.
func newSharing(t testing.TB) (w *world, transactionID string) {
	t.Helper()
	w = newWorld(t, shareAll)
	for kind, account := range map[string]string{"MERCHANT_ID": partner, "PERSONAL_OPENID": staff} {
		resp, err := w.receiver("add", kind, account, nil)
		if err != nil {
			t.Fatal(err)
		}
		documented(t, "POST", "v3/profitsharing/receivers/add", resp)
	}
	return w, w.paidToShare(t, number)
}

func merchantPart(account string, amount int) wechatpay.M {
	return wechatpay.M{"type": "MERCHANT_ID", "account": account, "amount": amount, "description": "分给商户A"}
}

func personal(amount int) wechatpay.M {
	return wechatpay.M{"type": "PERSONAL_OPENID", "account": staff, "amount": amount, "description": "分给员工"}
}

// share shares an order and, if unfreeze is true, unfreezes the rest.
func (w *world) share(transactionID, outOrderNo string, unfreeze bool, parts ...wechatpay.M) (*wechatpay.Response, error) {
	return w.call("POST", sharePath, wechatpay.M{"appid": "wx8888888888888888", "transaction_id": transactionID,
		"out_order_no": outOrderNo, "unfreeze_unsplit": unfreeze, "receivers": parts})
}

func (w *world) mustShare(t testing.TB, transactionID, outOrderNo string, unfreeze bool, parts ...wechatpay.M) *wechatpay.Response {
	t.Helper()
	resp, err := w.share(transactionID, outOrderNo, unfreeze, parts...)
	if err != nil {
		t.Fatal(err)
	}
	documented(t, "POST", sharePath, resp)
	return resp
}

func (w *world) queryShare(transactionID, outOrderNo string) (*wechatpay.Response, error) {
	return w.call("GET", shareOf, nil, wechatpay.Options{"out_order_no": outOrderNo}, wechatpay.Query(wechatpay.M{"transaction_id": transactionID}))
}

func (w *world) unfreeze(transactionID, outOrderNo string) (*wechatpay.Response, error) {
	return w.call("POST", unfreezePath, wechatpay.M{"transaction_id": transactionID, "out_order_no": outOrderNo, "description": "解冻全部剩余资金"})
}

// left checks how much of an order can be shared.
func (w *world) left(t testing.TB, transactionID string, want int64) {
	t.Helper()
	resp := w.mustCall(t, "GET", amountsOf, nil, wechatpay.Options{"transaction_id": transactionID})
	documented(t, "GET", amountsOf, resp)
	if got := resp.Get("unsplit_amount").Int(); got != want || resp.Get("transaction_id").String() != transactionID {
		t.Errorf("left: %s, want %d", resp.Bytes(), want)
	}
}
