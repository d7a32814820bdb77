package sandbox_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay"
	bills "github.com/wxchain/wechatpay/bill"
	"github.com/wxchain/wechatpay/sandbox"
)

const (
	batchesPath       = "v3/transfer/batches"
	subBatchesPath    = "v3/partner-transfer/batches"
	batchOf           = "/out-batch-no/{out_batch_no}"
	batchOfID         = "/batch-id/{batch_id}"
	detailOf          = batchOf + "/details/out-detail-no/{out_detail_no}"
	detailOfID        = batchOfID + "/details/detail-id/{detail_id}"
	batchReceiptPath  = "v3/transfer/bill-receipt"
	detailReceiptPath = "v3/transfer-detail/electronic-receipts"
	signFile          = "v3/transferdownload/signfile"
	batch             = "batch1"
)

// detail is a transfer of a batch.
func detail(number, openid string, amount int, edit wechatpay.M) wechatpay.M {
	return with(wechatpay.M{"out_detail_no": number, "openid": openid, "transfer_amount": amount, "transfer_remark": "报销"}, edit)
}

// batchBody is the body of a batch of transfers.
func batchBody(edit wechatpay.M, details ...wechatpay.M) wechatpay.M {
	total := 0
	for _, d := range details {
		total += d["transfer_amount"].(int)
	}
	return with(wechatpay.M{"appid": "wxf636efh567hg4356", "out_batch_no": batch, "batch_name": "1月报销单", "batch_remark": "深圳分部",
		"total_amount": total, "total_num": len(details), "transfer_detail_list": details}, edit)
}

func (w *world) batch(edit wechatpay.M, details ...wechatpay.M) (*wechatpay.Response, error) {
	return w.call("POST", batchesPath, batchBody(edit, details...), wechatpay.Header("Wechatpay-Serial", serialOf(w.Sandbox)))
}

// threeOf asks for a batch of three transfers, of which the second fails.
func (w *world) threeOf(t testing.TB) *wechatpay.Response {
	t.Helper()
	if err := w.NameUser(li, "李四"); err != nil {
		t.Fatal(err)
	}
	named := func(name string) wechatpay.M { return wechatpay.M{"user_name": wechatpay.Secret(name)} }
	resp, err := w.batch(nil, detail("d1", zhang, 100, named("张三")), detail("d2", li, 200, named("李四光")), detail("d3", "o-wang", 300, named("王五")))
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

// queryBatch returns a batch as the query by the merchant's number shows it.
func (w *world) queryBatch(t testing.TB, query wechatpay.M) *wechatpay.Response {
	t.Helper()
	resp := w.mustCall(t, "GET", batchesPath+batchOf, nil, wechatpay.Options{"out_batch_no": batch}, wechatpay.Query(query))
	documented(t, "GET", batchesPath+batchOf, resp)
	return resp
}

// detailOfBatch returns a transfer of the batch.
func (w *world) detailOfBatch(t testing.TB, number string) *wechatpay.Response {
	t.Helper()
	resp := w.mustCall(t, "GET", batchesPath+detailOf, nil, wechatpay.Options{"out_batch_no": batch, "out_detail_no": number})
	documented(t, "GET", batchesPath+detailOf, resp)
	return resp
}

// TestBatch checks the states of a batch and of its transfers.
//
// https://pay.weixin.qq.com/docs/merchant/apis/batch-transfer-to-balance/transfer-batch/get-transfer-batch-by-out-no.html,
// https://pay.weixin.qq.com/docs/merchant/products/batch-transfer-to-balance/core-concept.html
func TestBatch(t *testing.T) {
	w := newWorld(t)
	first := w.threeOf(t)
	documented(t, "POST", batchesPath, first)
	if again := w.threeOf(t); string(again.Bytes()) != string(first.Bytes()) {
		t.Errorf("repeated: %s, at first %s", again.Bytes(), first.Bytes())
	}
	for _, want := range []struct{ batch, first, second, successes string }{
		{"ACCEPTED", "INIT", "INIT", ""}, {"PROCESSING", "PROCESSING", "PROCESSING", ""}, {"FINISHED", "SUCCESS", "FAIL", "2"},
	} {
		got := w.queryBatch(t, wechatpay.M{"need_query_detail": true, "detail_status": "ALL"})
		if got.Get("transfer_batch.batch_status").String() != want.batch || got.Get("transfer_batch.success_num").String() != want.successes ||
			got.Get("transfer_detail_list").Exists() != (want.batch == "FINISHED") {
			t.Errorf("it is %s, want %s", got.Bytes(), want.batch)
		}
		one, two := w.detailOfBatch(t, "d1"), w.detailOfBatch(t, "d2")
		if one.Get("detail_status").String() != want.first || two.Get("detail_status").String() != want.second {
			t.Errorf("when %s: %s and %s", want.batch, one.Bytes(), two.Bytes())
		}
		if why := two.Get("fail_reason").String(); (why == "NAME_NOT_CORRECT") != (want.second == "FAIL") || one.Get("fail_reason").Exists() {
			t.Errorf("it fails for %q", why)
		}
		w.clock.add(5 * time.Second)
	}
	got := w.queryBatch(t, wechatpay.M{"need_query_detail": false}).Get("transfer_batch")
	for field, want := range map[string]string{"total_amount": "600", "total_num": "3", "success_amount": "400", "success_num": "2", "fail_amount": "200",
		"fail_num": "1", "mchid": sandbox.DefaultMchID, "appid": "wxf636efh567hg4356", "batch_id": first.Get("batch_id").String(),
		"create_time": "2018-06-08T10:30:00+08:00", "update_time": "2018-06-08T10:30:10+08:00"} {
		if got := got.Get(field).String(); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
	if name, err := w.detailOfBatch(t, "d1").Decrypt("user_name"); err != nil || name != "张三" {
		t.Errorf("the name is %q, %v", name, err)
	}
}

// The list of a finished batch has pages, and those of a state.
func TestBatchQueries(t *testing.T) {
	w := newWorld(t)
	id := w.threeOf(t).Get("batch_id").String()
	w.clock.add(10 * time.Second)
	for query, want := range map[string]string{
		"detail_status=ALL": "d1 d2 d3", "detail_status=SUCCESS": "d1 d3", "detail_status=FAIL": "d2", "detail_status=ALL&offset=1&limit=1": "d2",
		"detail_status=ALL&offset=3": "", "offset=2": "d3",
	} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		values.Set("need_query_detail", "true")
		resp := w.mustCall(t, "GET", batchesPath+batchOfID, nil, wechatpay.Options{"batch_id": id}, wechatpay.Query(values))
		documented(t, "GET", batchesPath+batchOfID, resp)
		var got []string
		for _, d := range resp.Get("transfer_detail_list").Array() {
			got = append(got, d.Get("out_detail_no").String())
			byID := w.mustCall(t, "GET", batchesPath+detailOfID, nil, wechatpay.Options{"batch_id": id, "detail_id": d.Get("detail_id").String()})
			documented(t, "GET", batchesPath+detailOfID, byID)
			if byID.Get("out_detail_no").String() != d.Get("out_detail_no").String() || byID.Get("detail_status").String() != d.Get("detail_status").String() {
				t.Errorf("listed %s, queried %s", d.Raw, byID.Bytes())
			}
		}
		if got := strings.Join(got, " "); got != want {
			t.Errorf("%s lists %q, want %q", query, got, want)
		}
	}
	for _, query := range []wechatpay.M{{"need_query_detail": true, "detail_status": "LUCKY"}, {"need_query_detail": false, "limit": 101}} {
		_, err := w.call("GET", batchesPath+batchOf, nil, wechatpay.Options{"out_batch_no": batch}, wechatpay.Query(query))
		refused(t, err, 400, "PARAM_ERROR")
	}
	for path, vars := range map[string]wechatpay.Options{
		batchesPath + batchOf: {"out_batch_no": "other"}, batchesPath + batchOfID: {"batch_id": "1030"}, subBatchesPath + batchOf: {"out_batch_no": batch},
	} {
		_, err := w.call("GET", path, nil, vars, wechatpay.Query(wechatpay.M{"need_query_detail": false}))
		refused(t, err, 404, "NOT_FOUND")
	}
	for path, vars := range map[string]wechatpay.Options{batchesPath + detailOf: {"out_batch_no": batch, "out_detail_no": "d4"}, batchesPath + detailOfID: {"batch_id": id, "detail_id": "1040"}} {
		_, err := w.call("GET", path, nil, vars)
		refused(t, err, 404, "NOT_FOUND")
	}
	w.clock.add(31 * 24 * time.Hour)
	_, err := w.call("GET", batchesPath+batchOf, nil, wechatpay.Options{"out_batch_no": batch}, wechatpay.Query(wechatpay.M{"need_query_detail": false}))
	refused(t, err, 404, "NOT_FOUND")
}

func TestBatchRefuses(t *testing.T) {
	w := newWorld(t)
	one := func(edit wechatpay.M) []wechatpay.M { return []wechatpay.M{detail("d1", zhang, 100, edit)} }
	name := wechatpay.M{"user_name": wechatpay.Secret("张三")}
	const list = "/transfer_detail_list"
	for test, tt := range map[string]struct {
		edit    wechatpay.M
		details []wechatpay.M
		field   string
	}{
		"number":        {wechatpay.M{"out_batch_no": "a-b"}, one(nil), "/out_batch_no"},
		"long name":     {wechatpay.M{"batch_name": strings.Repeat("报", 33)}, one(nil), "/batch_name"},
		"long remark":   {wechatpay.M{"batch_remark": strings.Repeat("报", 33)}, one(nil), "/batch_remark"},
		"nobody":        {nil, nil, list},
		"sum":           {wechatpay.M{"total_amount": 101}, one(nil), "/total_amount"},
		"half a fen":    {wechatpay.M{"total_amount": 100.5}, one(nil), "/total_amount"},
		"count":         {wechatpay.M{"total_num": 2}, one(nil), "/total_num"},
		"detail number": {nil, one(wechatpay.M{"out_detail_no": "a-b"}), list + "/0/out_detail_no"},
		"twice":         {nil, append(one(nil), one(nil)...), list + "/1/out_detail_no"},
		"nothing":       {nil, one(wechatpay.M{"transfer_amount": 0}), list + "/0/transfer_amount"},
		"no name":       {nil, one(wechatpay.M{"transfer_amount": 200000}), list + "/0/user_name"},
		"name of 29":    {nil, []wechatpay.M{detail("d1", zhang, 29, name)}, list + "/0/user_name"},
		"some names":    {nil, append(one(nil), detail("d2", li, 100, name)), list},
		"remark":        {nil, one(wechatpay.M{"transfer_remark": strings.Repeat("报", 33)}), list + "/0/transfer_remark"},
		"URL of no TLS": {wechatpay.M{"notify_url": "http://www.example.com/"}, one(nil), "/notify_url"},
	} {
		t.Run(test, func(t *testing.T) {
			_, err := w.batch(tt.edit, tt.details...)
			if e := refused(t, err, 400, "PARAM_ERROR"); e.Detail.Get("field").String() != tt.field {
				t.Errorf("detail %s, want the field %s", e.Detail, tt.field)
			}
		})
	}
	if _, err := w.batch(nil, one(nil)...); err != nil {
		t.Fatal(err)
	}
	_, err := w.batch(nil, detail("d1", zhang, 200, nil))
	refused(t, err, 400, "ALREADY_EXISTS")
	_, err = w.batch(wechatpay.M{"out_batch_no": "rich"}, detail("d1", zhang, 100_000_001, name))
	refused(t, err, 403, "NOT_ENOUGH")
}

// What succeeds leaves the account; what fails stays.
func TestBatchBill(t *testing.T) {
	w := newWorld(t)
	w.threeOf(t)
	w.until(t, "2018-06-09 10:00:00")
	got := w.statement(t, bills.FundFlow, dayOf, bills.AccountType("OPERATION")).flow()
	if want := "商家转账 支出 1.00 999999.00 d1\n商家转账 支出 3.00 999996.00 d3"; got != want {
		t.Errorf("the bill has\n%s\nwant\n%s", got, want)
	}
}

// TestBatchNotifies checks that the merchant is told once that a batch is finished,
// after a restart too.
//
// https://pay.weixin.qq.com/docs/merchant/apis/batch-transfer-to-balance/transfer-batch-callback-notice.html
func TestBatchNotifies(t *testing.T) {
	config := testConfig(t)
	synctest.Test(t, func(t *testing.T) {
		config := config
		config.Store = sandbox.NewMemory()
		_, first, client := newShop(t, config)
		if err := first.FailUser(li, "ACCOUNT_FROZEN"); err != nil {
			t.Fatal(err)
		}
		body := batchBody(wechatpay.M{"notify_url": "https://shop.example.com/notify"}, detail("d1", zhang, 100, nil), detail("d2", li, 200, nil))
		if _, err := client.Chain(batchesPath).Post(context.Background(), wechatpay.JSON(body)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		first.Close()
		shop, second, _ := newShop(t, config)
		time.Sleep(9*time.Second - 1)
		synctest.Wait()
		if early := len(shop.got()); early != 0 {
			t.Errorf("%d notifications came early", early)
		}
		time.Sleep(48 * time.Hour)
		synctest.Wait()
		second.Close()
		if len(shop.got()) != 1 {
			t.Fatalf("%d notifications, want 1", len(shop.got()))
		}
		got := shop.got()[0]
		for field, want := range map[string]string{"mchid": sandbox.DefaultMchID, "out_batch_no": batch, "batch_status": "FINISHED", "total_num": "2",
			"success_amount": "100", "success_num": "1", "fail_amount": "200", "fail_num": "1"} {
			if got := got.Get(field).String(); got != want {
				t.Errorf("%s is %q, want %q", field, got, want)
			}
		}
		if got.EventType != "MCHTRANSFER.BATCH.FINISHED" {
			t.Errorf("notified of %s", got.EventType)
		}
		shop, third, _ := newShop(t, config)
		defer third.Close()
		time.Sleep(48 * time.Hour)
		synctest.Wait()
		if got := shop.got(); len(got) != 0 {
			t.Errorf("told once more: %v", got)
		}
	})
}

// TestPartnerBatch checks the batches of partners.
//
// https://pay.weixin.qq.com/docs/partner/apis/batch-transfer-accounts-money/transfer/get-transfer-batch-by-out-no.html
func TestPartnerBatch(t *testing.T) {
	w := newWorld(t)
	ask := func(edit wechatpay.M) (*wechatpay.Response, error) {
		body := batchBody(wechatpay.M{"appid": nil, "sub_mchid": sub, "sub_appid": "wxf636efh567hg4356", "authorization_type": "FUND_AUTHORIZATION_TYPE", "transfer_purpose": "COMMISSION"},
			detail("d1", zhang, 100, wechatpay.M{"user_name": wechatpay.Secret("张三")}))
		return w.call("POST", subBatchesPath, with(body, edit), wechatpay.Header("Wechatpay-Serial", serialOf(w.Sandbox)))
	}
	asked, err := ask(nil)
	if err != nil {
		t.Fatal(err)
	}
	documented(t, "POST", subBatchesPath, asked)
	w.clock.add(10 * time.Second)
	numbers := wechatpay.Options{"out_batch_no": batch, "batch_id": asked.Get("batch_id").String()}
	for _, path := range []string{batchOf, batchOfID} {
		name := strings.Trim(path[strings.Index(path, "{"):], "{}")
		got := w.mustCall(t, "GET", subBatchesPath+path, nil, wechatpay.Bind(name, numbers[name]), wechatpay.Query(wechatpay.M{"need_query_detail": true, "detail_status": "ALL"}))
		documented(t, "GET", subBatchesPath+path, got)
		for field, want := range map[string]string{"sp_mchid": w.Merchant().MchID, "sub_mchid": sub, "batch_status": "FINISHED", "authorization_type": "FUND_AUTHORIZATION_TYPE",
			"transfer_purpose": "COMMISSION", "success_num": "1", "transfer_detail_list.0.detail_status": "SUCCESS"} {
			if got := got.Get(field).String(); got != want {
				t.Errorf("%s is %q, want %q", field, got, want)
			}
		}
	}
	got := w.mustCall(t, "GET", subBatchesPath+detailOf, nil, wechatpay.Options{"out_batch_no": batch, "out_detail_no": "d1"})
	documented(t, "GET", subBatchesPath+detailOf, got)
	if name, err := got.Decrypt("username"); err != nil || name != "张三" || got.Get("sp_mchid").String() != w.Merchant().MchID {
		t.Errorf("the name is %q, %v, in %s", name, err, got.Bytes())
	}
	_, err = w.call("GET", batchesPath+batchOf, nil, wechatpay.Options{"out_batch_no": batch}, wechatpay.Query(wechatpay.M{"need_query_detail": false}))
	refused(t, err, 404, "NOT_FOUND")
	_, err = ask(wechatpay.M{"sub_mchid": "1900000299", "out_batch_no": "no"})
	refused(t, err, 403, "NO_AUTH")
	w.until(t, "2018-06-09 10:00:00")
	if got, want := w.statement(t, bills.FundFlow, dayOf, bills.SubMchID(sub), bills.AccountType("OPERATION")).flow(), "商家转账 支出 1.00 999999.00 d1"; got != want {
		t.Errorf("the sub-merchant has\n%s\nwant\n%s", got, want)
	}
}

// TestBatchReceipts checks the receipts of a batch, and of one of its transfers.
//
// https://pay.weixin.qq.com/wiki/doc/apiv3/apis/chapter4_3_7.shtml,
// https://pay.weixin.qq.com/wiki/doc/apiv3/apis/chapter4_3_9.shtml
func TestBatchReceipts(t *testing.T) {
	w := newWorld(t)
	w.threeOf(t)
	of := func(number string) wechatpay.M {
		return wechatpay.M{"accept_type": "BATCH_TRANSFER", "out_batch_no": batch, "out_detail_no": number}
	}
	ask := func(path string, body wechatpay.M, status int, code string) {
		t.Helper()
		_, err := w.call("POST", path, body)
		refused(t, err, status, code)
	}
	ask(batchReceiptPath, wechatpay.M{"out_batch_no": batch}, 400, "INVALID_REQUEST") // not finished
	ask(detailReceiptPath, of("d1"), 400, "PARAM_ERROR")
	w.clock.add(10 * time.Second)
	ask(batchReceiptPath, wechatpay.M{"out_batch_no": "other"}, 404, "NOT_FOUND")
	ask(batchReceiptPath, wechatpay.M{"out_batch_no": batch + "/d1"}, 404, "NOT_FOUND")
	ask(detailReceiptPath, of("d2"), 400, "PARAM_ERROR") // it failed
	ask(detailReceiptPath, of("d4"), 404, "NOT_FOUND")
	ask(detailReceiptPath, wechatpay.M{"accept_type": "BATCH_TRANSFER", "out_detail_no": "d1"}, 400, "PARAM_ERROR")
	ask(detailReceiptPath, wechatpay.M{"accept_type": "TRANSFER_TO_POCKET", "out_detail_no": "d1"}, 404, "NOT_FOUND")

	for _, tt := range []struct {
		path, of      string
		body          wechatpay.M
		shown, hidden string
	}{
		{batchReceiptPath, "/{out_batch_no}", wechatpay.M{"out_batch_no": batch}, "王五", "李四光"},
		{detailReceiptPath, "", of("d1"), "张三", "王五"},
	} {
		query := func() *wechatpay.Response {
			opts := []wechatpay.Option{wechatpay.Bind("out_batch_no", batch)}
			if tt.of == "" {
				opts = []wechatpay.Option{wechatpay.Query(tt.body)}
			}
			resp := w.mustCall(t, "GET", tt.path+tt.of, nil, opts...)
			documented(t, "GET", tt.path+tt.of, resp)
			return resp
		}
		applied := w.mustCall(t, "POST", tt.path, tt.body)
		documented(t, "POST", tt.path, applied)
		if got := query(); got.Get("signature_status").String() != "ACCEPTED" || got.Get("download_url").Exists() ||
			got.Get("signature_no").String() != applied.Get("signature_no").String() {
			t.Errorf("%s: being made: %s", tt.path, got.Bytes())
		}
		w.clock.add(5 * time.Second)
		got := query()
		text, info, err := w.linked(t, got)
		if err != nil || got.Get("signature_status").String() != "FINISHED" || info.HashType != "SHA256" || !strings.Contains(got.Get("download_url").String(), signFile) {
			t.Errorf("%s: %s, %v", tt.path, got.Bytes(), err)
		}
		if !strings.Contains(text, inPDF(tt.shown)) || strings.Contains(text, inPDF(tt.hidden)) {
			t.Errorf("%s: the receipt shows %s or hides %s", tt.path, tt.hidden, tt.shown)
		}
	}
}

// A receipt of many transfers has pages.
func TestLongBatchReceipt(t *testing.T) {
	w := newWorld(t)
	var details []wechatpay.M
	for i := range 40 {
		details = append(details, detail("d"+string(rune('a'+i/10))+string(rune('0'+i%10)), zhang, 100, wechatpay.M{"user_name": wechatpay.Secret("张三")}))
	}
	if _, err := w.batch(nil, details...); err != nil {
		t.Fatal(err)
	}
	w.clock.add(10 * time.Second)
	w.mustCall(t, "POST", batchReceiptPath, wechatpay.M{"out_batch_no": batch})
	w.clock.add(5 * time.Second)
	text, _, err := w.linked(t, w.mustCall(t, "GET", batchReceiptPath+"/{out_batch_no}", nil, wechatpay.Bind("out_batch_no", batch)))
	if err != nil {
		t.Fatal(err)
	}
	if pages := strings.Count(text, "/Type/Page/"); pages != 7 || !strings.Contains(text, inPDF("da0")) || !strings.Contains(text, inPDF("dd9")) || !strings.Contains(text, inPDF("40.00")) {
		t.Errorf("%d pages", pages)
	}
}

// batchExamples make the examples of the documentation fit batches that exist.
func batchExamples(t *testing.T, w *world) map[string]wechatpay.M {
	t.Helper()
	name := wechatpay.M{"user_name": wechatpay.Secret("张三")}
	own, err := w.batch(nil, detail("d1", zhang, 100, name))
	if err != nil {
		t.Fatal(err)
	}
	subs := w.mustCall(t, "POST", subBatchesPath, batchBody(wechatpay.M{"out_batch_no": "sub1", "appid": nil, "sub_mchid": examplesSubMchID, "authorization_type": "FUND_AUTHORIZATION_TYPE"},
		detail("d1", zhang, 100, name)))
	w.clock.add(10 * time.Second)
	w.mustCall(t, "POST", batchReceiptPath, wechatpay.M{"out_batch_no": batch})
	w.mustCall(t, "POST", detailReceiptPath, wechatpay.M{"accept_type": "BATCH_TRANSFER", "out_batch_no": batch, "out_detail_no": "d1"})
	w.clock.add(5 * time.Second)
	u, err := url.Parse(w.mustCall(t, "GET", batchReceiptPath+"/"+batch, nil).Get("download_url").String())
	if err != nil {
		t.Fatal(err)
	}
	examples := map[string]wechatpay.M{
		"POST " + batchesPath:    {"out_batch_no": "example", "total_amount": 200000, "total_num": 1},
		"POST " + subBatchesPath: {"out_batch_no": "subexample", "sub_mchid": examplesSubMchID, "total_amount": 200000, "total_num": 1},
		"GET " + signFile:        {"token": u.Query().Get("token")},
	}
	receipt := wechatpay.M{"accept_type": "BATCH_TRANSFER", "out_batch_no": batch, "out_detail_no": "d1"}
	for _, op := range []string{"POST " + batchReceiptPath, "GET " + batchReceiptPath + "/{out_batch_no}", "POST " + detailReceiptPath, "GET " + detailReceiptPath} {
		examples[op] = receipt
	}
	for path, made := range map[string]*wechatpay.Response{batchesPath: own, subBatchesPath: subs} {
		id, number := made.Get("batch_id").String(), made.Get("out_batch_no").String()
		one := w.mustCall(t, "GET", path+detailOf, nil, wechatpay.Options{"out_batch_no": number, "out_detail_no": "d1"})
		numbers := wechatpay.M{"batch_id": id, "out_batch_no": number, "out_detail_no": "d1", "detail_id": one.Get("detail_id").String(), "need_query_detail": true, "detail_status": "ALL", "offset": 0}
		for _, of := range []string{batchOf, batchOfID, detailOf, detailOfID} {
			examples["GET "+path+of] = numbers
		}
	}
	return examples
}
