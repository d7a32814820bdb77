package sandbox_test

import (
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
)

const (
	tradePath = "v3/bill/tradebill"
	flowPath  = "v3/bill/fundflowbill"
	filePath  = "v3/billdownload/file"
)

// A bill is ready from 10 o'clock of the next day on, for three months. A day that
// cannot be is not a wrong parameter.
//
// https://pay.weixin.qq.com/docs/merchant/apis/bill-download/download-fund-bill.html
func TestBillDates(t *testing.T) {
	for _, tt := range []struct{ now, date, code string }{
		{"2018-06-08 23:59:59", dayOf, "INVALID_REQUEST"},
		{"2018-06-09 00:00:00", dayOf, "STATEMENT_CREATING"},
		{"2018-06-09 09:59:59", dayOf, "STATEMENT_CREATING"},
		{"2018-06-09 10:00:00", dayOf, ""},
		{"2018-06-10 00:00:00", dayOf, ""},
		{"2018-09-08 23:59:59", dayOf, ""},
		{"2018-09-09 00:00:00", dayOf, "INVALID_REQUEST"},
		{"2018-06-09 10:00:00", "2018-06-07", "NO_STATEMENT_EXIST"},
		{"2018-06-09 10:00:00", "2018-06-09", "INVALID_REQUEST"},
		{"2018-06-09 10:00:00", "2019-06-08", "INVALID_REQUEST"},
		{"2018-06-09 10:00:00", "20180608", "PARAM_ERROR"},
		{"2018-06-09 10:00:00", "2018-6-8", "PARAM_ERROR"},
		{"2018-06-09 10:00:00", "2018-06-31", "INVALID_REQUEST"},
		{"2018-06-09 10:00:00", "", "PARAM_ERROR"},
	} {
		t.Run(tt.now+" "+tt.date, func(t *testing.T) {
			w := newWorld(t)
			w.paid(t, number, 100)
			w.until(t, tt.now)
			for _, path := range []string{tradePath, flowPath} {
				resp, err := w.call("GET", path, nil, wechatpay.Query(wechatpay.M{"bill_date": tt.date}))
				if tt.code != "" {
					refused(t, err, 400, tt.code)
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				documented(t, "GET", path, resp)
			}
		})
	}
}

// A bill that would be empty does not exist.
func TestNoSuchBill(t *testing.T) {
	w := newWorld(t)
	w.paid(t, number, 100)
	w.until(t, "2018-06-09 10:00:00")
	for path, query := range map[string]string{tradePath: "bill_type=REFUND", flowPath: "account_type=OPERATION"} {
		_, err := w.call("GET", path+"?bill_date="+dayOf+"&"+query, nil)
		refused(t, err, 400, "NO_STATEMENT_EXIST")
	}
	_, err := w.call("GET", flowPath+"?bill_date="+dayOf+"&account_type=FEES", nil)
	refused(t, err, 400, "NO_STATEMENT_EXIST")
	_, err = w.call("GET", tradePath+"?bill_date="+dayOf+"&bill_type=SOME", nil)
	refused(t, err, 400, "PARAM_ERROR")
	for _, path := range []string{tradePath, flowPath} {
		_, err = w.call("GET", path+"?bill_date="+dayOf+"&sub_mchid=1900000999", nil)
		refused(t, err, 403, "NO_AUTH")
	}
}

// billExamples returns, by operation, fields that turn the documentation's
// examples into bills of a day with a payment.
func billExamples(t *testing.T, w *world) map[string]wechatpay.M {
	t.Helper()
	const ago = 48 * time.Hour
	w.clock.add(-ago)
	date := w.clock.Now().Format(time.DateOnly)
	w.subPaid(t, examplesSubMchID, "of-another-day", 100)
	w.clock.add(ago)
	asked := wechatpay.M{"bill_date": date, "sub_mchid": examplesSubMchID, "account_type": "BASIC"}
	return map[string]wechatpay.M{"GET " + tradePath: asked, "GET " + flowPath: asked}
}
