package sandbox_test

import (
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	bills "github.com/wxchain/wechatpay/bill"
	"github.com/wxchain/wechatpay/sandbox"
)

const (
	sharingBill = string(bills.ProfitSharing)
	configOf    = "v3/profitsharing/merchant-configs/{sub_mchid}"
)

// sharings returns some columns of a bill of profit sharing, one row a line.
func (b *statement) sharings() string {
	var lines []string
	for _, row := range b.rows {
		lines = append(lines, strings.Join([]string{row.Get("分账发起方"), row.Get("分账方"), row.Get("商户分账/回退单号"), row.Get("分账接收方"),
			row.Get("订单金额"), row.Get("金额"), row.Get("业务类型"), row.Get("处理状态"), row.Get("备注")}, " "))
	}
	return strings.Join(lines, "\n")
}

// shareEach shares an order and one of a sub-merchant, with a receiver who fails, takes
// some back, once in vain, and gives the merchant the rest. It returns the first
// sharing.
func (w *world) shareEach(t *testing.T, id string) (shared *wechatpay.Response) {
	t.Helper()
	if err := w.FailReceiver(staff, "NO_RELATION"); err != nil {
		t.Fatal(err)
	}
	shared = w.mustShare(t, id, "s1", false, merchantPart(partner, 300), personal(200))
	w.mustCall(t, "POST", platformReceivers+"add", platformReceiver("MERCHANT_ID", partner))
	sold := w.subPaidToShare(t, "of-sub")
	w.mustPlatformShare(t, sold, "p1", false, platformPart(partner, 100))
	w.clock.add(5 * time.Second)
	if _, err := w.returned(wechatpay.M{"amount": 50}); err != nil {
		t.Fatal(err)
	}
	if err := w.FailReceiver(partner, "ACCOUNT_ABNORMAL"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.returned(wechatpay.M{"out_return_no": "failed", "amount": 50}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.unfreeze(id, "rest"); err != nil {
		t.Fatal(err)
	}
	return shared
}

// A bill of profit sharing has a row for what each receiver got or gave back. What
// failed is not in it.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012529628,
// https://pay.weixin.qq.com/doc/v3/partner/4012715572
func TestSharingBill(t *testing.T) {
	w, id := newSharing(t)
	m := w.Merchant().MchID
	shared := w.shareEach(t, id)
	_, err := w.tryStatement(bills.ProfitSharing, dayOf)
	refused(t, err, 400, "INVALID_REQUEST") // it is not over
	w.until(t, "2018-06-09 10:00:00")

	b := w.statement(t, bills.ProfitSharing, dayOf)
	if want := strings.Join([]string{
		m + " " + m + " s1 " + partner + " 10.00 3.00 分账 成功 分给商户A",
		m + " " + sub + " p1 " + partner + " 10.00 1.00 分账 成功 平台佣金",
		m + " " + m + " b1 " + partner + " 10.00 0.50 分账回退 成功 用户退款",
		m + " " + m + " rest " + m + " 10.00 7.00 分账 成功 解冻全部剩余资金",
	}, "\n"); b.sharings() != want {
		t.Errorf("the bill has\n%s\nwant\n%s", b.sharings(), want)
	}
	first := b.rows[0]
	if first.Get("分账时间") != "2018-06-08 10:31:05" || first.Get("微信订单号") != id || first.Get("微信分账/回退单号") != shared.Get("order_id").String() ||
		first.Get("分账明细单号") != shared.Get("receivers.0.detail_id").String() {
		t.Errorf("the first row is %s", b.text)
	}
	if b.summary.Get("总笔数") != "4" || fen(t, b.summary, "分账金额") != 1100 || b.summary.Get("分账回退笔数") != "1" || fen(t, b.summary, "分账回退金额") != 50 {
		t.Errorf("the totals are\n%s", b.text)
	}
	if b := w.statement(t, bills.ProfitSharing, dayOf, bills.SubMchID(sub), bills.Gzip()); len(b.rows) != 1 || b.rows[0].Get("商户分账/回退单号") != "p1" {
		t.Errorf("the bill of the sub-merchant is\n%s", b.text)
	}
}

// https://pay.weixin.qq.com/doc/v3/merchant/4012529628
func TestSharingBillRefuses(t *testing.T) {
	w, _ := newSharing(t)
	w.until(t, "2018-06-09 10:00:00")
	for query, want := range map[string]string{
		"?bill_date=2018-06-07":                        "NO_STATEMENT_EXIST",
		"?bill_date=" + dayOf + "&sub_mchid=190000099": "NO_AUTH",
		"?bill_date=2018-6-8":                          "",
		"":                                             "PARAM_ERROR",
	} {
		if _, err := w.call("GET", sharingBill+query, nil); err == nil || want != "" && !wechatpay.IsCode(err, want) {
			t.Errorf("%q: %v, want %s", query, err, want)
		}
	}
}

// https://pay.weixin.qq.com/wiki/doc/apiv3_partner/apis/chapter8_1_7.shtml
func TestMerchantConfigs(t *testing.T) {
	for ratio, want := range map[int]string{0: "3000", 2000: "2000"} {
		w := newWorld(t, func(c *sandbox.Config) { c.SharingRatio = ratio })
		resp := w.mustCall(t, "GET", configOf, nil, wechatpay.Bind("sub_mchid", sub))
		documented(t, "GET", configOf, resp)
		wantFields(t, resp, map[string]string{"sub_mchid": sub, "max_ratio": want})
		_, err := w.call("GET", configOf, nil, wechatpay.Bind("sub_mchid", "1900000999"))
		refused(t, err, 403, "NO_AUTH")
	}
}

// sharingExamples returns, by operation, fields that turn the documentation's
// examples into a bill of a day, and the ratio of a sub-merchant.
func sharingExamples(t *testing.T, w *world) map[string]wechatpay.M {
	t.Helper()
	const ago = 48 * time.Hour
	w.clock.add(-ago)
	date := w.clock.Now().Format(time.DateOnly)
	w.mustCall(t, "POST", platformReceivers+"add", platformReceiver("MERCHANT_ID", partner))
	w.mustCall(t, "POST", partnerPath+"native", with(w.subOrder(examplesSubMchID, "billed", 10_000), wechatpay.M{"settle_info": wechatpay.M{"profit_sharing": true}}))
	id, err := w.Pay(examplesSubMchID, "billed")
	if err != nil {
		t.Fatal(err)
	}
	w.clock.add(time.Minute)
	w.mustCall(t, "POST", platformShares, wechatpay.M{"sub_mchid": examplesSubMchID, "transaction_id": id, "out_order_no": "billed",
		"finish": true, "receivers": []wechatpay.M{platformPart(partner, 300)}})
	w.clock.add(ago - time.Minute)
	return map[string]wechatpay.M{
		"GET " + sharingBill: {"bill_date": date, "sub_mchid": examplesSubMchID},
		"GET " + configOf:    {"sub_mchid": examplesSubMchID},
	}
}
