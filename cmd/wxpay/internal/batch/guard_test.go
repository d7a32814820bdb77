package batch

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/item"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/operation"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/request"
)

// A batch repeats what resilience.Idempotent says is safe, and harmless operations. It
// sends no call that the ledger must record before, and any other once.
func TestJudge(t *testing.T) {
	sent := 0
	b := handledBatch(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent++
		http.NotFound(w, r)
	}))
	for _, test := range []struct {
		method, path string
		items        []string
		want         bool
	}{
		{"GET", "v3/pay/transactions/out-trade-no/{out_trade_no}", []string{"out_trade_no=1"}, true},
		{"POST", "v3/refund/domestic/refunds", []string{"out_refund_no=1"}, true},
		{"POST", "v3/refund/domestic/refunds", []string{`out_refund_no:="1"`}, true},
		{"POST", "v3/refund/domestic/refunds", []string{"out_refund_no="}, false},
		{"POST", "v3/refund/domestic/refunds", []string{"out_refund_no:=null"}, false},
		{"POST", "v3/refund/domestic/refunds", []string{"out_refund_no==1"}, false},
		{"POST", "v3/refund/domestic/refunds", []string{"out_trade_no=1"}, false}, // this is the order's number
		{"POST", "v3/pay/transactions/out-trade-no/{out_trade_no}/close", []string{"out_trade_no=1", "mchid=2"}, true},
		{"POST", "v3/pay/transactions/out-trade-no/1217/close", []string{"mchid=2"}, true},
		{"POST", "v3/marketing/favor/stocks/{stock_id}/pause", []string{"stock_id=1"}, true}, // harmless without a number
		{"POST", "v2/pay/micropay", []string{"out_trade_no=1"}, false},                       // the user may have been charged: it is queried
		{"POST", "v2/mmpaymkttransfers/promotion/transfers", []string{"amount=1"}, false},
		{"POST", "v2/mmpaymkttransfers/promotion/transfers", []string{"partner_trade_no=1"}, true},
		{"POST", "v3/papay/contracts/{contract_id}/fail-notify", []string{"contract_id=1"}, false},
		{"POST", "v3/smartguide/guides", []string{"userid=1"}, false},
		{"POST", "hk/v3/merchants", []string{"out_trade_no=1"}, false}, // the number goes into a header
		// The number is nested in an object or in a list.
		{"POST", "v3/parking/reminders/application", []string{`parking_lot:={"out_parking_lot_id":"1"}`}, true},
		{"POST", "v3/parking/reminders/application", []string{"parking_lot.out_parking_lot_id=1"}, true},
		{"POST", "v3/parking/reminders/application", []string{`parking_lot:={}`}, false},
		// Each element of a list has a number.
		{"POST", "v3/credit-repayment/partner/schedule-records/batch-create", []string{`schedule_items:=[{"out_record_id":"1"},{"out_record_id":"2"}]`}, true},
		{"POST", "v3/credit-repayment/partner/schedule-records/batch-create", []string{`schedule_items:=[{"out_record_id":"1"},{}]`}, false},
		{"POST", "v3/credit-repayment/partner/schedule-records/batch-create", []string{`schedule_items:=[]`}, false},
		// An operation outside the catalogue.
		{"GET", "v3/things", []string{"a==1"}, true},
		{"POST", "v3/things", []string{"out_bill_no=1"}, false},
		{"PUT", "v3/things", []string{"out_trade_no=1"}, false},
		{"PATCH", "v3/things", []string{"stock_id=1"}, false},
		{"DELETE", "v3/things", []string{"a=1"}, false},
	} {
		items, err := item.ParseAll(test.items)
		if err != nil {
			t.Fatal(err)
		}
		b.method, b.chain = test.method, b.client.Chain(test.path)
		opts, err := b.options(record{items: items})
		if err != nil {
			t.Fatal(err)
		}
		b.guard, sent = newGuard(operation.Find(test.method, b.chain.String())), 0
		got, first, err := b.judge(t.Context(), opts)
		if err != nil || got.safe != test.want {
			t.Errorf("%s %s %v: %+v, %v", test.method, test.path, test.items, got, err)
		}
		want := 1
		if b.guard.isKept(test.want) {
			want = 0
		}
		if sent != want || (first != nil) != (want == 1) {
			t.Errorf("%s %s %v was sent %d times, want %d; result %v", test.method, test.path, test.items, sent, want, first)
		}
	}
}

// The request of a line that the ledger does not record is built once for each attempt.
func TestRequestIsBuiltOnce(t *testing.T) {
	built, sent := 0, 0
	b := handledBatch(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		sent++
		http.Error(w, `{"code":"SYSTEM_ERROR"}`, http.StatusInternalServerError)
	}), func(next http.RoundTripper) http.RoundTripper {
		return request.RoundTripper(func(req *http.Request) (*http.Response, error) {
			built++
			return next.RoundTrip(req)
		})
	})
	b.goOn, b.retry = func() {}, 2
	items, err := item.ParseAll([]string{"out_trade_no=1"})
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		if res, _, err := b.send(t.Context(), record{line: 1, items: items}); err != nil || res.Attempts != 3 {
			t.Errorf("%+v, %v", res, err)
		}
	})
	if sent != 3 || built != sent {
		t.Errorf("the request was built %d times and sent %d times, want 3 times each", built, sent)
	}
}
