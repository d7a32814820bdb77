package resilience_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/resilience"
)

const host = "https://api.mch.weixin.qq.com/"

func TestIdempotent(t *testing.T) {
	for _, test := range []struct {
		method, path, body, number string
		ok                         bool
	}{
		{"GET", "v3/certificates", "", "", true},
		{"", "v3/certificates", "", "", true},
		{"HEAD", "v3/anything", "", "", true},
		{"GET", "v3/not-in-the-catalogue", "", "", true},
		{"POST", "v3/refund/domestic/refunds", `{"out_refund_no":"R1","out_trade_no":"T1"}`, "R1", true},
		{"POST", "v3/refund/domestic/refunds/", `{"out_refund_no":"R1"}`, "R1", true},
		{"POST", "v3/refund/domestic/refunds", `{"out_trade_no":"T1"}`, "", false},
		{"POST", "v3/refund/domestic/refunds", `{"out_refund_no":""}`, "", false},
		{"POST", "v3/refund/domestic/refunds", `{"out_refund_no":null}`, "", false},
		{"POST", "v3/refund/domestic/refunds", `{"out_refund_no":{"x":1}}`, "", false},
		{"POST", "v3/refund/domestic/refunds", `{"x":{"out_refund_no":"R1"}}`, "", false},
		{"POST", "v3/refund/domestic/refunds", `{"out_refund_no":"R1"`, "", false},
		{"POST", "v3/refund/domestic/refunds", `[]`, "", false},
		{"POST", "v3/refund/domestic/refunds", "", "", false},
		{"POST", "v3/pay/transactions/native", `{"out_trade_no":"订单 1"}`, "订单 1", true},
		{"POST", "v3/pay/transactions/out-trade-no/A%2FB/close", `{"mchid":"1"}`, "A/B", true},
		{"POST", "v3/pay/transactions/codepay", `{"out_trade_no":"T1","payer":{"auth_code":"1"}}`, "", false},
		{"POST", "v3/papay/contracts/C1/notify", `{"out_trade_no":"T1"}`, "", false},
		{"POST", "v3/smartguide/guides", `{"out_trade_no":"T1"}`, "", false},
		{"POST", "v3/not-in-the-catalogue", `{"out_trade_no":"T1"}`, "", false},
		{"PUT", "v3/not-in-the-catalogue", `{}`, "", false},
		{"POST", "v3/merchant-service/complaint-notifications", `{"url":"x"}`, "", false},
		{"POST", "v3/marketing/favor/stocks/1/pause", `{"stock_creator_mchid":"1"}`, "", false},
		{"POST", "v3/credit-repayment/partner/schedule-records/batch-create", `{"schedule_items":[{"out_record_id":"1"},{"out_record_id":"2"}]}`, "1", true},
		{"POST", "v3/credit-repayment/partner/schedule-records/batch-create", `{"schedule_items":[{"out_record_id":"1"},{}]}`, "", false},
		{"POST", "v3/credit-repayment/partner/schedule-records/batch-create", `{"schedule_items":[]}`, "", false},
		{"POST", "pay/unifiedorder", "<xml><out_trade_no>T1</out_trade_no></xml>", "T1", true},
		{"POST", "pay/unifiedorder", "<xml></xml>", "", false},
		{"POST", "pay/unifiedorder", "<xml", "", false},
		{"POST", "pay/micropay", "<xml><out_trade_no>T1</out_trade_no></xml>", "", false},
		{"POST", "deposit/facepay", "<xml><out_trade_no>T1</out_trade_no></xml>", "", false},
		{"POST", "pay/orderquery", "<xml><transaction_id>1</transaction_id></xml>", "", false},
		{"POST", "mmpaymkttransfers/sendredpack", "<xml><mch_billno>B1</mch_billno></xml>", "B1", true},
	} {
		req, err := http.NewRequest(test.method, host+test.path, strings.NewReader(test.body))
		if err != nil {
			t.Fatal(err)
		}
		number, ok := resilience.Idempotent(req)
		if number != test.number || ok != test.ok {
			t.Errorf("%s %s %s: %q, %v; want %q, %v", test.method, test.path, test.body, number, ok, test.number, test.ok)
		}
		if left, err := io.ReadAll(req.Body); err != nil || string(left) != test.body {
			t.Errorf("%s %s: %q is left of the body, %v", test.method, test.path, left, err)
		}
	}
}

func TestIdempotentByHeader(t *testing.T) {
	req, err := http.NewRequest("POST", host+"hk/v3/merchants", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	if number, ok := resilience.Idempotent(req); ok {
		t.Errorf("without the header: %q", number)
	}
	req.Header.Set("Idempotency-Key", "K1")
	if number, ok := resilience.Idempotent(req); !ok || number != "K1" {
		t.Errorf("%q, %v", number, ok)
	}
}

// A body that can be read only once is neither consumed nor sent again.
func TestIdempotentWithoutGetBody(t *testing.T) {
	const body = `{"out_refund_no":"R1"}`
	req, err := http.NewRequest("POST", host+"v3/refund/domestic/refunds", io.NopCloser(bytes.NewBufferString(body)))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := resilience.Idempotent(req); ok {
		t.Error("it is safe to send a body that cannot be read again")
	}
	if left, err := io.ReadAll(req.Body); err != nil || string(left) != body {
		t.Errorf("%q is left, %v", left, err)
	}
}

// Every operation is as safe as its facts say, with its number and without.
func TestIdempotentOfAllOperations(t *testing.T) {
	safe := 0
	for op := range openapi.Operations() {
		path := strings.TrimPrefix(op.Template, "v2/")
		path = strings.NewReplacer("{", "", "}", "").Replace(path)
		req, err := http.NewRequest(op.Method, host+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r := op.Repeat
		isGet := op.Method == http.MethodGet
		inPath := r.Where == "path"
		number, ok := resilience.Idempotent(req)
		want := isGet || r.Class == openapi.RepeatSameResult && r.Number == "" || inPath && r.Safe()
		if ok != want && !inPath || ok && !r.Safe() {
			t.Errorf("%s without its number: %q, %v; want %v", op, number, ok, want)
		}
		if ok {
			safe++
		}
	}
	if safe < 400 {
		t.Errorf("%d operations are safe", safe)
	}
}
