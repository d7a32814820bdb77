package sandbox_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

const (
	billsPath = "v3/fund-app/mch-transfer/transfer-bills"
	billOf    = "/out-bill-no/{out_bill_no}"
	bill      = "plfk2020042013"
)

// transferOf is the body of a transfer, with some fields changed; nil takes one
// away.
func transferOf(edit wechatpay.M) wechatpay.M {
	body := wechatpay.M{
		"appid": "wxf636efh567hg4356", "out_bill_no": bill, "openid": "o-MYE42l80oelYMDE34nYD456Xoy", "transfer_amount": 100,
		"transfer_remark": "2020年4月报销", "transfer_scene_id": "1000",
		"transfer_scene_report_infos": []wechatpay.M{{"info_type": "活动名称", "info_content": "注册会员有礼"}, {"info_type": "奖励说明", "info_content": "注册会员抽奖一等奖"}},
	}
	maps.Copy(body, edit)
	maps.DeleteFunc(body, func(_ string, v any) bool { return v == nil })
	return body
}

// transfer asks for a transfer; its encrypted fields are for a key of the
// platform.
func (w *world) transfer(edit wechatpay.M) (*wechatpay.Response, error) {
	return w.call("POST", billsPath, transferOf(edit), wechatpay.Header("Wechatpay-Serial", serialOf(w.Sandbox)))
}

func (w *world) mustTransfer(t testing.TB, edit wechatpay.M) *wechatpay.Response {
	t.Helper()
	resp, err := w.transfer(edit)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

// bill returns a transfer as the query by the merchant's number shows it.
func (w *world) bill(t testing.TB) *wechatpay.Response {
	t.Helper()
	resp := w.mustCall(t, "GET", billsPath+billOf, nil, wechatpay.Options{"out_bill_no": bill})
	documented(t, "GET", billsPath+billOf, resp)
	return resp
}

func (w *world) cancel() (*wechatpay.Response, error) {
	return w.call("POST", billsPath+billOf+"/cancel", nil, wechatpay.Options{"out_bill_no": bill})
}

func TestTransfer(t *testing.T) {
	w := newWorld(t)
	first := w.mustTransfer(t, nil)
	documented(t, "POST", billsPath, first)
	id := first.Get("transfer_bill_no").String()
	if first.Get("state").String() != "WAIT_USER_CONFIRM" || first.Get("package_info").String() == "" || len(id) != 40 {
		t.Errorf("answer %s", first.Bytes())
	}
	if again := w.mustTransfer(t, nil); string(again.Bytes()) != string(first.Bytes()) {
		t.Errorf("repeated: %s, at first %s", again.Bytes(), first.Bytes())
	}
	_, err := w.transfer(wechatpay.M{"transfer_amount": 101})
	refused(t, err, 400, "ALREADY_EXISTS")

	w.clock.add(time.Minute)
	if err := w.SettleTransfer(w.Merchant().MchID, bill, sandbox.TransferSuccess); err != nil {
		t.Fatal(err)
	}
	got := w.bill(t)
	for field, want := range map[string]string{
		"mch_id": w.Merchant().MchID, "out_bill_no": bill, "transfer_bill_no": id, "appid": "wxf636efh567hg4356", "state": "SUCCESS",
		"transfer_amount": "100", "transfer_remark": "2020年4月报销", "openid": "o-MYE42l80oelYMDE34nYD456Xoy", "fail_reason": "",
		"create_time": "2018-06-08T10:30:00+08:00", "update_time": "2018-06-08T10:31:00+08:00",
	} {
		if got := got.Get(field).String(); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
	const byID = billsPath + "/transfer-bill-no/{transfer_bill_no}"
	other := w.mustCall(t, "GET", byID, nil, wechatpay.Options{"transfer_bill_no": id})
	documented(t, "GET", byID, other)
	if string(other.Bytes()) != string(got.Bytes()) {
		t.Errorf("by the other number: %s, want %s", other.Bytes(), got.Bytes())
	}
	if again := w.mustTransfer(t, nil); again.Get("state").String() != "SUCCESS" || again.Get("package_info").Exists() {
		t.Errorf("repeated after it arrived: %s", again.Bytes())
	}
	for path, vars := range map[string]wechatpay.Options{
		billsPath + billOf: {"out_bill_no": "unknown"},
		byID:               {"transfer_bill_no": "1330"},
	} {
		_, err := w.call("GET", path, nil, vars)
		refused(t, err, 404, "NOT_FOUND")
	}
	w.clock.add(31 * 24 * time.Hour)
	_, err = w.call("GET", byID, nil, wechatpay.Options{"transfer_bill_no": id})
	refused(t, err, 404, "NOT_FOUND")
}

// TestTransferStates does one action after the other to a transfer.
func TestTransferStates(t *testing.T) {
	for _, tt := range []struct {
		steps string
		fails bool // the last step
		state string
		why   string
	}{
		{"", false, "WAIT_USER_CONFIRM", ""},
		{"TRANSFERING", false, "TRANSFERING", ""},
		{"SUCCESS", false, "SUCCESS", ""},
		{"FAIL", false, "FAIL", "PAYEE_ACCOUNT_ABNORMAL"},
		{"TRANSFERING SUCCESS", false, "SUCCESS", ""},
		{"TRANSFERING FAIL", false, "FAIL", "PAYEE_ACCOUNT_ABNORMAL"},
		{"TRANSFERING 25h", false, "TRANSFERING", ""},
		{"SUCCESS FAIL", true, "SUCCESS", ""},
		{"FAIL SUCCESS", true, "FAIL", "PAYEE_ACCOUNT_ABNORMAL"},
		{"WAIT_USER_CONFIRM", true, "WAIT_USER_CONFIRM", ""},
		{"23h", false, "WAIT_USER_CONFIRM", ""},
		{"24h", false, "FAIL", "OVERDUE_CLOSE"},
		{"24h SUCCESS", true, "FAIL", "OVERDUE_CLOSE"},
		{"cancel", false, "CANCELING", ""},
		{"cancel 4s", false, "CANCELING", ""},
		{"cancel 5s", false, "CANCELLED", ""},
		{"cancel cancel", false, "CANCELING", ""},
		{"cancel 5s cancel", false, "CANCELLED", ""},
		{"cancel 25h", false, "CANCELLED", ""},
		{"cancel SUCCESS", true, "CANCELING", ""},
		{"TRANSFERING cancel", true, "TRANSFERING", ""},
		{"SUCCESS cancel", true, "SUCCESS", ""},
		{"24h cancel", true, "FAIL", "OVERDUE_CLOSE"},
	} {
		t.Run(tt.steps, func(t *testing.T) {
			w := newWorld(t)
			w.mustTransfer(t, nil)
			if err := w.play(t, tt.steps); (err != nil) != tt.fails {
				t.Errorf("error is %v", err)
			}
			w.wantBill(t, tt.state, tt.why)
		})
	}
	w := newWorld(t)
	if err := w.SettleTransfer(w.Merchant().MchID, bill, sandbox.TransferSuccess); err == nil {
		t.Error("a transfer that nobody asked for is settled")
	}
	_, err := w.cancel()
	refused(t, err, 400, "INVALID_REQUEST")
}

func TestTransferRefuses(t *testing.T) {
	w := newWorld(t)
	for name, tt := range map[string]struct {
		edit  wechatpay.M
		field string
	}{
		"number":        {wechatpay.M{"out_bill_no": "a-b"}, "/out_bill_no"},
		"long number":   {wechatpay.M{"out_bill_no": strings.Repeat("1", 33)}, "/out_bill_no"},
		"nothing":       {wechatpay.M{"transfer_amount": 0}, "/transfer_amount"},
		"negative":      {wechatpay.M{"transfer_amount": -1}, "/transfer_amount"},
		"half a fen":    {wechatpay.M{"transfer_amount": 1.5}, "/transfer_amount"},
		"no amount":     {wechatpay.M{"transfer_amount": nil}, "/transfer_amount"},
		"no name":       {wechatpay.M{"transfer_amount": 200000}, "/user_name"},
		"name of 29":    {wechatpay.M{"transfer_amount": 29, "user_name": wechatpay.Secret("张三")}, "/user_name"},
		"plain name":    {wechatpay.M{"transfer_amount": 200000, "user_name": "张三"}, "/user_name"},
		"long remark":   {wechatpay.M{"transfer_remark": strings.Repeat("张", 33)}, "/transfer_remark"},
		"no report":     {wechatpay.M{"transfer_scene_report_infos": []wechatpay.M{}}, "/transfer_scene_report_infos"},
		"query of URL":  {wechatpay.M{"notify_url": "https://www.example.com/?a=b"}, "/notify_url"},
		"URL of no TLS": {wechatpay.M{"notify_url": "http://www.example.com/"}, "/notify_url"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.transfer(tt.edit)
			if e := refused(t, err, 400, "PARAM_ERROR"); e.Detail.Get("field").String() != tt.field {
				t.Errorf("detail %s, want the field %s", e.Detail, tt.field)
			}
		})
	}
	w.mustTransfer(t, wechatpay.M{"transfer_amount": 199999})
	w.mustTransfer(t, wechatpay.M{"out_bill_no": "small", "transfer_amount": 30, "user_name": wechatpay.Secret("张三")})
	// Encrypted again, it is the same name.
	for range 2 {
		w.mustTransfer(t, wechatpay.M{"out_bill_no": "named", "transfer_amount": 200000, "user_name": wechatpay.Secret("张三")})
	}
	_, err := w.transfer(wechatpay.M{"out_bill_no": "named", "transfer_amount": 200000, "user_name": wechatpay.Secret("李四")})
	refused(t, err, 400, "ALREADY_EXISTS")
}

// reports returns the report infos of a transfer, with a content for each type.
func reports(types ...string) (all []wechatpay.M) {
	for _, kind := range types {
		all = append(all, wechatpay.M{"info_type": kind, "info_content": "注册会员有礼"})
	}
	return all
}
