package sandbox_test

import (
	"maps"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

const (
	platformPath      = "v3/ecommerce/profitsharing/"
	platformShares    = platformPath + "orders"
	platformAmounts   = platformShares + "/{transaction_id}/amounts"
	platformFinish    = platformPath + "finish-order"
	platformReturns   = platformPath + "returnorders"
	platformReceivers = platformPath + "receivers/"
)

// newPlatform returns a world in which an e-commerce platform can share an order
// of 1,000 fen of its sub-merchant, as a whole, with two receivers.
func newPlatform(t testing.TB, edit ...func(*sandbox.Config)) (w *world, transactionID string) {
	t.Helper()
	w = newWorld(t, append(edit, shareAll)...)
	for kind, account := range map[string]string{"MERCHANT_ID": partner, "PERSONAL_OPENID": staff} {
		documented(t, "POST", platformReceivers+"add", w.mustCall(t, "POST", platformReceivers+"add", platformReceiver(kind, account)))
	}
	return w, w.subPaidToShare(t, number)
}

func platformReceiver(kind, account string) wechatpay.M {
	return wechatpay.M{"appid": "wx8888888888888888", "type": kind, "account": account, "relation_type": "SUPPLIER"}
}

// subPaidToShare returns the transaction_id of an order of 1,000 fen of the
// sub-merchant for profit sharing that was paid a minute ago.
func (w *world) subPaidToShare(t testing.TB, outTradeNo string) string {
	t.Helper()
	w.mustCall(t, "POST", partnerPath+"native", with(w.subOrder(sub, outTradeNo, 1000), wechatpay.M{"settle_info": wechatpay.M{"profit_sharing": true}}))
	id, err := w.Pay(sub, outTradeNo)
	if err != nil {
		t.Fatal(err)
	}
	w.clock.add(time.Minute)
	return id
}

// platformPart is the part of a merchant, and platformPersonal that of the staff.
func platformPart(account string, amount int) wechatpay.M {
	return wechatpay.M{"type": "MERCHANT_ID", "receiver_account": account, "amount": amount, "description": "平台佣金"}
}

func platformPersonal(amount int) wechatpay.M {
	return wechatpay.M{"type": "PERSONAL_OPENID", "receiver_account": staff, "amount": amount, "description": "分给员工"}
}

func (w *world) platformShare(transactionID, outOrderNo string, finish bool, parts ...wechatpay.M) (*wechatpay.Response, error) {
	return w.call("POST", platformShares, wechatpay.M{"appid": "wx8888888888888888", "sub_mchid": sub, "transaction_id": transactionID,
		"out_order_no": outOrderNo, "finish": finish, "receivers": parts})
}

func (w *world) mustPlatformShare(t testing.TB, transactionID, outOrderNo string, finish bool, parts ...wechatpay.M) *wechatpay.Response {
	t.Helper()
	resp, err := w.platformShare(transactionID, outOrderNo, finish, parts...)
	if err != nil {
		t.Fatal(err)
	}
	documented(t, "POST", platformShares, resp)
	return resp
}

// platformSharing returns a sharing as its query shows it.
func (w *world) platformSharing(t testing.TB, transactionID, outOrderNo string) *wechatpay.Response {
	t.Helper()
	resp := w.mustCall(t, "GET", platformShares, nil, wechatpay.Query(wechatpay.M{"sub_mchid": sub, "transaction_id": transactionID, "out_order_no": outOrderNo}))
	documented(t, "GET", platformShares, resp)
	return resp
}

func (w *world) platformReturn(edit wechatpay.M) (*wechatpay.Response, error) {
	body := wechatpay.M{"sub_mchid": sub, "out_order_no": "s1", "out_return_no": "b1", "return_mchid": partner, "amount": 100, "description": "退款"}
	maps.Copy(body, edit)
	return w.call("POST", platformReturns, body)
}

// platformLeft checks how much of an order can be shared.
func (w *world) platformLeft(t testing.TB, transactionID string, want int64) {
	t.Helper()
	resp := w.mustCall(t, "GET", platformAmounts, nil, wechatpay.Bind("transaction_id", transactionID))
	documented(t, "GET", platformAmounts, resp)
	if got := resp.Get("unsplit_amount").Int(); got != want {
		t.Errorf("left: %s, want %d", resp.Bytes(), want)
	}
}

// wantFields checks fields of an answer.
func wantFields(t testing.TB, resp *wechatpay.Response, fields map[string]string) {
	t.Helper()
	for field, want := range fields {
		if got := resp.Get(field).String(); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
}

// https://pay.weixin.qq.com/doc/v3/partner/4012691594,
// https://pay.weixin.qq.com/wiki/doc/apiv3/wxpay/ecommerce/profitsharing/chapter3_2.shtml
func TestEcommerceSharing(t *testing.T) {
	w, id := newPlatform(t)
	w.platformLeft(t, id, 1000)
	first := w.mustPlatformShare(t, id, "s1", false, platformPart(partner, 300), platformPersonal(200))
	wantFields(t, first, map[string]string{"status": "PROCESSING", "receivers.0.result": "PENDING", "sub_mchid": sub, "transaction_id": id, "out_order_no": "s1",
		"receivers.0.receiver_mchid": partner, "receivers.0.receiver_account": partner, "receivers.1.receiver_mchid": ""})
	if again := w.mustPlatformShare(t, id, "s1", false, platformPart(partner, 300), platformPersonal(200)); string(again.Bytes()) != string(first.Bytes()) {
		t.Errorf("repeated: %s, at first %s", again.Bytes(), first.Bytes())
	}
	_, err := w.platformShare(id, "s1", false, platformPart(partner, 301))
	refused(t, err, 400, "PARAM_ERROR")
	w.platformLeft(t, id, 500)
	w.clock.add(5 * time.Second)
	wantFields(t, w.platformSharing(t, id, "s1"), map[string]string{"status": "FINISHED", "order_id": first.Get("order_id").String(), "receivers.#": "2",
		"receivers.0.result": "SUCCESS", "receivers.0.amount": "300", "receivers.1.type": "PERSONAL_OPENID", "receivers.1.receiver_account": staff,
		"receivers.1.result": "SUCCESS", "receivers.1.finish_time": "2018-06-08T10:31:05+08:00", "finish_amount": ""})
	for _, tt := range []struct {
		sub, id, number string
		status          int
		code            string
	}{
		{"1900000999", id, "s1", 403, "NO_AUTH"},
		{sub, "4200", "s1", 404, "RESOURCE_NOT_EXISTS"},
		{sub, id, "s2", 404, "RESOURCE_NOT_EXISTS"},
	} {
		_, err := w.call("GET", platformShares, nil, wechatpay.Query(wechatpay.M{"sub_mchid": tt.sub, "transaction_id": tt.id, "out_order_no": tt.number}))
		refused(t, err, tt.status, tt.code)
	}
}

// The rest of an order becomes the sub-merchant's, by finish or by finish-order.
//
// https://pay.weixin.qq.com/docs/partner/apis/ecommerce-profit-sharing/orders/finish-order.html
func TestFinishEcommerceOrder(t *testing.T) {
	w, id := newPlatform(t)
	w.mustPlatformShare(t, id, "s1", false, platformPart(partner, 300))
	body := wechatpay.M{"sub_mchid": sub, "transaction_id": id, "out_order_no": "end", "description": "分账完结"}
	first := w.mustCall(t, "POST", platformFinish, body)
	documented(t, "POST", platformFinish, first)
	if again := w.mustCall(t, "POST", platformFinish, body); string(again.Bytes()) != string(first.Bytes()) {
		t.Errorf("repeated: %s, at first %s", again.Bytes(), first.Bytes())
	}
	w.platformLeft(t, id, 0)
	wantFields(t, w.platformSharing(t, id, "end"), map[string]string{"finish_amount": "700", "finish_description": "分账完结", "receivers.#": "", "order_id": first.Get("order_id").String()})
	_, err := w.platformShare(id, "s2", false, platformPart(partner, 1))
	refused(t, err, 403, "NOT_ENOUGH")
	_, err = w.call("POST", platformFinish, with(body, wechatpay.M{"out_order_no": "again"}))
	refused(t, err, 403, "NOT_ENOUGH")
	_, err = w.call("POST", platformFinish, with(body, wechatpay.M{"out_order_no": "end", "description": "其他"}))
	refused(t, err, 400, "PARAM_ERROR")

	other := w.subPaidToShare(t, "other-order")
	w.mustPlatformShare(t, other, "s3", true, platformPart(partner, 400))
	w.platformLeft(t, other, 0)
	w.clock.add(5 * time.Second)
	wantFields(t, w.platformSharing(t, other, "s3"), map[string]string{"receivers.#": "2", "receivers.1.receiver_account": sub, "receivers.1.amount": "600"})
	if b, err := w.Balance(sub, basic); err != nil || b != (sandbox.Balance{Available: million + 700 - 6 + 600 - 6}) {
		t.Errorf("the sub-merchant has %+v, %v", b, err)
	}
}

// TestEcommerceSharingRefuses checks the rules that it shares with other profit
// sharing.
//
// https://pay.weixin.qq.com/wiki/doc/apiv3/wxpay/ecommerce/profitsharing/chapter3_1.shtml
func TestEcommerceSharingRefuses(t *testing.T) {
	w, id := newPlatform(t)
	ordinary := w.subPaid(t, sub, "ordinary", 1000)
	own := w.paidToShare(t, "own-order")
	for name, tt := range map[string]struct {
		edit   wechatpay.M
		parts  []wechatpay.M
		status int
		code   string
	}{
		"no sharing ordered":  {wechatpay.M{"transaction_id": ordinary}, nil, 400, "INVALID_REQUEST"},
		"unknown order":       {wechatpay.M{"transaction_id": "4200"}, nil, 400, "INVALID_REQUEST"},
		"own order":           {wechatpay.M{"transaction_id": own}, nil, 400, "INVALID_REQUEST"},
		"other sub-merchant":  {wechatpay.M{"sub_mchid": "1900000999"}, nil, 403, "NO_AUTH"},
		"number":              {wechatpay.M{"out_order_no": "a b"}, nil, 400, "PARAM_ERROR"},
		"no receivers":        {nil, []wechatpay.M{}, 400, "PARAM_ERROR"},
		"nothing":             {nil, []wechatpay.M{platformPart(partner, 0)}, 400, "PARAM_ERROR"},
		"one twice":           {nil, []wechatpay.M{platformPart(partner, 1), platformPart(partner, 1)}, 400, "PARAM_ERROR"},
		"not added":           {nil, []wechatpay.M{platformPart("1900009999", 1)}, 400, "INVALID_REQUEST"},
		"itself, not added":   {nil, []wechatpay.M{platformPart(sub, 1)}, 400, "INVALID_REQUEST"},
		"too much":            {nil, []wechatpay.M{platformPart(partner, 1001)}, 403, "NOT_ENOUGH"},
		"openid without app":  {wechatpay.M{"appid": nil}, []wechatpay.M{platformPersonal(1)}, 400, "PARAM_ERROR"},
		"openid of a sub_app": {nil, []wechatpay.M{with(platformPersonal(1), wechatpay.M{"type": "PERSONAL_SUB_OPENID"})}, 400, "PARAM_ERROR"},
	} {
		t.Run(name, func(t *testing.T) {
			body := wechatpay.M{"appid": "wx8888888888888888", "sub_mchid": sub, "transaction_id": id, "out_order_no": "s1", "finish": true, "receivers": tt.parts}
			if tt.parts == nil {
				body["receivers"] = []wechatpay.M{platformPart(partner, 1)}
			}
			maps.Copy(body, tt.edit)
			maps.DeleteFunc(body, func(_ string, v any) bool { return v == nil })
			_, err := w.call("POST", platformShares, body)
			refused(t, err, tt.status, tt.code)
		})
	}
	w.platformLeft(t, id, 1000)
	_, err := w.call("GET", platformAmounts, nil, wechatpay.Bind("transaction_id", own))
	refused(t, err, 400, "INVALID_REQUEST")
	young := w.subPaidToShare(t, "young-order")
	w.clock.add(-time.Second)
	_, err = w.platformShare(young, "s2", false, platformPart(partner, 1))
	refused(t, err, 400, "INVALID_REQUEST")
}

// A platform shares at most the ratio that it agreed, as others do.
//
// https://pay.weixin.qq.com/wiki/doc/apiv3/wxpay/ecommerce/profitsharing/chapter3_1.shtml
func TestEcommerceSharingRatio(t *testing.T) {
	w, _ := newPlatform(t)
	strict := newWorld(t)
	strict.mustCall(t, "POST", platformReceivers+"add", platformReceiver("MERCHANT_ID", partner))
	id := strict.subPaidToShare(t, number)
	_, err := strict.platformShare(id, "s1", false, platformPart(partner, 301))
	refused(t, err, 403, "RULE_LIMIT")
	strict.mustPlatformShare(t, id, "s1", false, platformPart(partner, 300))

	// Its orders can be shared for 180 days.
	id = w.subPaidToShare(t, "long-order")
	w.clock.add(180*24*time.Hour - time.Minute)
	w.mustPlatformShare(t, id, "s2", false, platformPart(partner, 300))
	w.clock.add(time.Second)
	w.platformLeft(t, id, 0)
	_, err = w.platformShare(id, "s3", false, platformPart(partner, 300))
	refused(t, err, 403, "NOT_ENOUGH")
}

// Receivers belong to the platform, for all its sub-merchants.
//
// https://pay.weixin.qq.com/wiki/doc/apiv3/apis/chapter7_4_7.shtml
func TestEcommerceReceivers(t *testing.T) {
	w, id := newPlatform(t)
	for range 2 {
		resp := w.mustCall(t, "POST", platformReceivers+"delete", platformReceiver("MERCHANT_ID", partner))
		documented(t, "POST", platformReceivers+"delete", resp)
		wantFields(t, resp, map[string]string{"type": "MERCHANT_ID", "account": partner})
		_, err := w.platformShare(id, "s1", false, platformPart(partner, 1))
		refused(t, err, 400, "INVALID_REQUEST")
	}
	for kind, account := range map[string]string{"OTHER": partner, "PERSONAL_SUB_OPENID": staff} {
		_, err := w.call("POST", platformReceivers+"add", platformReceiver(kind, account))
		refused(t, err, 400, "PARAM_ERROR")
	}
	secret := with(platformReceiver("PERSONAL_OPENID", "another"), wechatpay.M{"encrypted_name": wechatpay.Secret("张三")})
	w.mustCall(t, "POST", platformReceivers+"add", secret, wechatpay.Header("Wechatpay-Serial", serialOf(w.Sandbox)))
	_, err := w.call("POST", platformReceivers+"add", with(secret, wechatpay.M{"encrypted_name": "张三"}), wechatpay.Header("Wechatpay-Serial", serialOf(w.Sandbox)))
	refused(t, err, 400, "PARAM_ERROR")
}

// https://pay.weixin.qq.com/wiki/doc/apiv3/apis/chapter7_4_3.shtml,
// https://pay.weixin.qq.com/wiki/doc/apiv3_partner/apis/chapter7_4_4.shtml
func TestEcommerceReturn(t *testing.T) {
	w, id := newPlatform(t)
	shared := w.mustPlatformShare(t, id, "s1", false, platformPart(partner, 300))
	_, err := w.platformReturn(nil)
	refused(t, err, 400, "INVALID_REQUEST") // it is not shared yet
	w.clock.add(5 * time.Second)
	first, err := w.platformReturn(nil)
	if err != nil {
		t.Fatal(err)
	}
	documented(t, "POST", platformReturns, first)
	wantFields(t, first, map[string]string{"result": "SUCCESS", "sub_mchid": sub, "order_id": shared.Get("order_id").String(), "out_order_no": "s1", "amount": "100"})
	if again, err := w.platformReturn(nil); err != nil || string(again.Bytes()) != string(first.Bytes()) {
		t.Errorf("repeated: %v, %v, at first %s", again, err, first.Bytes())
	}
	for name, tt := range map[string]struct {
		edit   wechatpay.M
		status int
		code   string
	}{
		"other data":         {wechatpay.M{"amount": 101}, 400, "INVALID_REQUEST"},
		"nothing":            {wechatpay.M{"out_return_no": "b2", "amount": 0}, 400, "PARAM_ERROR"},
		"too much":           {wechatpay.M{"out_return_no": "b2", "amount": 201}, 400, "INVALID_REQUEST"},
		"unknown order":      {wechatpay.M{"out_return_no": "b2", "out_order_no": "s2"}, 404, "RESOURCE_NOT_EXISTS"},
		"no order":           {wechatpay.M{"out_return_no": "b2", "out_order_no": "", "transaction_id": id}, 400, "PARAM_ERROR"},
		"other sub-merchant": {wechatpay.M{"out_return_no": "b2", "sub_mchid": "1900000999"}, 403, "NO_AUTH"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.platformReturn(tt.edit)
			refused(t, err, tt.status, tt.code)
		})
	}
	for _, by := range []wechatpay.M{{"out_order_no": "s1"}, {"order_id": shared.Get("order_id").String()}} {
		resp := w.mustCall(t, "GET", platformReturns, nil, wechatpay.Query(with(by, wechatpay.M{"sub_mchid": sub, "out_return_no": "b1"})))
		documented(t, "GET", platformReturns, resp)
		if string(resp.Bytes()) != string(first.Bytes()) {
			t.Errorf("the query by %v says %s", by, resp.Bytes())
		}
	}
	for _, by := range []wechatpay.M{{"out_order_no": "s2"}, {"order_id": "3008"}, {"out_order_no": "s1", "out_return_no": "b2"}} {
		_, err := w.call("GET", platformReturns, nil, wechatpay.Query(with(wechatpay.M{"sub_mchid": sub, "out_return_no": "b1"}, by)))
		refused(t, err, 404, "RESOURCE_NOT_EXISTS")
	}
	_, err = w.call("GET", platformReturns, nil, wechatpay.Query(wechatpay.M{"sub_mchid": "1900000999", "out_return_no": "b1", "out_order_no": "s1"}))
	refused(t, err, 403, "NO_AUTH")
}

// A receiver fails in the profit sharing of platforms as in any other.
//
// https://pay.weixin.qq.com/doc/v2/partner/4015505153
func TestEcommerceReceiverFails(t *testing.T) {
	for _, reason := range []string{"ACCOUNT_ABNORMAL", "NO_RELATION", "RECEIVER_HIGH_RISK", "RECEIVER_REAL_NAME_NOT_VERIFIED",
		"NO_AUTH", "RECEIVER_RECEIPT_LIMIT", "PAYER_ACCOUNT_ABNORMAL", "INVALID_REQUEST"} {
		t.Run(reason, func(t *testing.T) {
			w, id := newPlatform(t)
			if err := w.FailReceiver(staff, reason); err != nil {
				t.Fatal(err)
			}
			first, err := w.platformShare(id, "s1", false, platformPart(partner, 300), platformPersonal(200))
			if err != nil {
				t.Fatal(err)
			}
			wantFields(t, first, map[string]string{"receivers.1.result": "PENDING", "receivers.1.fail_reason": ""})
			w.clock.add(5 * time.Second)
			got := w.mustCall(t, "GET", platformShares, nil, wechatpay.Query(wechatpay.M{"sub_mchid": sub, "transaction_id": id, "out_order_no": "s1"}))
			wantFields(t, got, map[string]string{"status": "FINISHED", "receivers.0.result": "SUCCESS", "receivers.1.result": "CLOSED", "receivers.1.fail_reason": reason})
			w.platformLeft(t, id, 700)
		})
	}
	w, id := newPlatform(t)
	w.mustPlatformShare(t, id, "s1", false, platformPart(partner, 300))
	w.clock.add(5 * time.Second)
	if err := w.FailReceiver(partner, "ACCOUNT_ABNORMAL"); err != nil {
		t.Fatal(err)
	}
	failed, err := w.platformReturn(nil)
	if err != nil {
		t.Fatal(err)
	}
	documented(t, "POST", platformReturns, failed)
	wantFields(t, failed, map[string]string{"result": "FAIL", "fail_reason": "ACCOUNT_ABNORMAL"})
}

// A platform may query what it shared by either product, but not the sharing of
// another sub-merchant.
func TestEcommerceSharingOfItsSubMerchant(t *testing.T) {
	const other = "1900000111"
	w, id := newPlatform(t, func(c *sandbox.Config) {
		for _, of := range []string{sub, other} {
			c.SubMerchants = append(c.SubMerchants, sandbox.SubMerchant{SpMchID: sandbox.DefaultMchID, SubMchID: of})
		}
	})
	w.mustPlatformShare(t, id, "s1", false, platformPart(partner, 300))
	w.clock.add(5 * time.Second)
	_, err := w.call("GET", platformShares, nil, wechatpay.Query(wechatpay.M{"sub_mchid": other, "transaction_id": id, "out_order_no": "s1"}))
	refused(t, err, 404, "RESOURCE_NOT_EXISTS")
	_, err = w.call("POST", platformFinish, wechatpay.M{"sub_mchid": other, "transaction_id": id, "out_order_no": "end", "description": "分账完结"})
	refused(t, err, 400, "PARAM_ERROR")
	_, err = w.platformReturn(wechatpay.M{"sub_mchid": other})
	refused(t, err, 400, "PARAM_ERROR")
}

// platformExamples returns, by operation, fields that turn the documentation's
// examples into calls about an order that was shared.
func platformExamples(t *testing.T, w *world) map[string]wechatpay.M {
	t.Helper()
	w.mustCall(t, "POST", platformReceivers+"add", platformReceiver("MERCHANT_ID", partner))
	paid := func(number string) string {
		w.mustCall(t, "POST", partnerPath+"native", with(w.subOrder(examplesSubMchID, number, 10_000), wechatpay.M{"settle_info": wechatpay.M{"profit_sharing": true}}))
		id, err := w.Pay(examplesSubMchID, number)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	id, other := paid("platform-shares"), paid("platform-finishes")
	w.clock.add(time.Minute)
	orderID := w.mustCall(t, "POST", platformShares, wechatpay.M{"sub_mchid": examplesSubMchID, "transaction_id": id, "out_order_no": "platform-1",
		"finish": false, "receivers": []wechatpay.M{platformPart(partner, 300)}}).Get("order_id").String()
	w.clock.add(5 * time.Second)
	w.mustCall(t, "POST", platformReturns, wechatpay.M{"sub_mchid": examplesSubMchID, "out_order_no": "platform-1", "out_return_no": "earlier",
		"return_mchid": partner, "amount": 10, "description": "退款"})
	return map[string]wechatpay.M{
		"POST " + platformReceivers + "add":    {"relation_type": "SUPPLIER"},
		"POST " + platformReceivers + "delete": {},
		"POST " + platformShares: {"sub_mchid": examplesSubMchID, "transaction_id": id, "out_order_no": "platform-2", "finish": false,
			"receivers": []wechatpay.M{platformPart(partner, 300)}},
		"GET " + platformShares:  {"sub_mchid": examplesSubMchID, "transaction_id": id, "out_order_no": "platform-1"},
		"GET " + platformAmounts: {"transaction_id": id},
		"POST " + platformFinish: {"sub_mchid": examplesSubMchID, "transaction_id": other, "out_order_no": "platform-3"},
		"POST " + platformReturns: {"sub_mchid": examplesSubMchID, "order_id": orderID, "out_order_no": "platform-1", "out_return_no": "platform-4",
			"return_mchid": partner, "transaction_id": nil},
		"GET " + platformReturns: {"sub_mchid": examplesSubMchID, "order_id": orderID, "out_order_no": "platform-1", "out_return_no": "earlier"},
	}
}
