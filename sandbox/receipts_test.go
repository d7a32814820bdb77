package sandbox_test

import (
	"bytes"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	bills "github.com/wxchain/wechatpay/bill"
	"github.com/wxchain/wechatpay/internal/inprocess"
	"github.com/wxchain/wechatpay/sandbox"
)

const (
	receiptsPath    = "v3/fund-app/mch-transfer/elecsign/"
	receiptOf       = receiptsPath + "out-bill-no/{out_bill_no}"
	receiptOfBill   = receiptsPath + "transfer-bill-no/{transfer_bill_no}"
	subReceiptsPath = "v3/fund-app/mch-transfer/partner/electronic-receipts"
	receiptFile     = "v3/transferdownload/elecvoucherfile"
)

// named is a transfer to a user with a name, which succeeds.
func (w *world) named(t testing.TB) (transferBillNo string) {
	t.Helper()
	id := w.mustTransfer(t, wechatpay.M{"user_name": wechatpay.Secret("张三")}).Get("transfer_bill_no").String()
	if err := w.SettleTransfer(w.Merchant().MchID, bill, sandbox.TransferSuccess); err != nil {
		t.Fatal(err)
	}
	return id
}

// apply applies for the receipt of a transfer.
func (w *world) apply(outBillNo string) (*wechatpay.Response, error) {
	return w.call("POST", receiptsPath+"out-bill-no", wechatpay.M{"out_bill_no": outBillNo})
}

// receipt returns a receipt as the query by the merchant's number shows it.
func (w *world) receipt(t testing.TB) *wechatpay.Response {
	t.Helper()
	resp := w.mustCall(t, "GET", receiptOf, nil, wechatpay.Options{"out_bill_no": bill})
	documented(t, "GET", receiptOf, resp)
	return resp
}

// linked downloads what an answer names.
func (w *world) linked(t testing.TB, resp *wechatpay.Response) (string, *bills.Info, error) {
	t.Helper()
	var link bills.Link
	if err := resp.Decode(&link); err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	info, err := bills.DownloadLink(t.Context(), w.client, link, bills.To(&text))
	return text.String(), info, err
}

// TestReceipt applies for a receipt, waits for it, and downloads it.
//
// https://pay.weixin.qq.com/docs/merchant/apis/mch-trans/elecsign/accept-elecsign-by-out-no.html,
// https://pay.weixin.qq.com/doc/v3/merchant/4012716436
func TestReceipt(t *testing.T) {
	w := newWorld(t)
	w.named(t)
	for range 2 { // repeating it applies for nothing more
		applied, err := w.apply(bill)
		if err != nil {
			t.Fatal(err)
		}
		documented(t, "POST", receiptsPath+"out-bill-no", applied)
		if applied.Get("state").String() != "GENERATING" || applied.Get("create_time").String() != "2018-06-08T10:30:00+08:00" {
			t.Errorf("applied: %s", applied.Bytes())
		}
		w.clock.add(2 * time.Second)
	}
	if got := w.receipt(t); got.Get("state").String() != "GENERATING" || got.Get("download_url").Exists() || got.Get("hash_value").Exists() {
		t.Errorf("being made: %s", got.Bytes())
	}
	w.clock.add(time.Second)
	got := w.receipt(t)
	if got.Get("state").String() != "FINISHED" || got.Get("hash_type").String() != "SHA256" || got.Get("update_time").String() != "2018-06-08T10:30:05+08:00" {
		t.Errorf("finished: %s", got.Bytes())
	}
}

// A receipt is a PDF that shows the transfer. Each query has a URL of the same file.
func TestReceiptShows(t *testing.T) {
	w := newWorld(t)
	id := w.named(t)
	if _, err := w.apply(bill); err != nil {
		t.Fatal(err)
	}
	w.clock.add(5 * time.Second)
	got := w.receipt(t)
	text, info, err := w.linked(t, got)
	if err != nil {
		t.Fatal(err)
	}
	if info.HashType != "SHA256" || info.HashValue != got.Get("hash_value").String() || !strings.HasPrefix(text, "%PDF-1.") || !strings.HasSuffix(text, "%%EOF\n") {
		t.Errorf("%+v, the file is %.40q", info, text)
	}
	for _, shown := range []string{bill, id, "张三", "1.00", "2020年4月报销", w.Merchant().MchID} {
		if !strings.Contains(text, inPDF(shown)) {
			t.Errorf("the receipt does not show %s", shown)
		}
	}
	w.clock.add(time.Hour)
	again, _, err := w.linked(t, w.receipt(t))
	if err != nil || again != text {
		t.Errorf("an hour later: %v, the same: %v", err, again == text)
	}
}

// inPDF returns the codes by which a receipt shows a text.
func inPDF(text string) string {
	const digits = "0123456789ABCDEF"
	var codes []byte
	for _, r := range text {
		codes = append(codes, digits[r>>12], digits[r>>8&15], digits[r>>4&15], digits[r&15])
	}
	return "<" + string(codes) + ">"
}

// The transfer_bill_no names the same receipt.
func TestReceiptByBill(t *testing.T) {
	w := newWorld(t)
	id := w.named(t)
	applied := w.mustCall(t, "POST", receiptsPath+"transfer-bill-no", wechatpay.M{"transfer_bill_no": id})
	documented(t, "POST", receiptsPath+"transfer-bill-no", applied)
	w.clock.add(5 * time.Second)
	got := w.mustCall(t, "GET", receiptOfBill, nil, wechatpay.Options{"transfer_bill_no": id})
	documented(t, "GET", receiptOfBill, got)
	byNumber, byBill := w.receipt(t), got.Get("hash_value").String()
	if byBill == "" || byNumber.Get("hash_value").String() != byBill {
		t.Errorf("by the number %s, by the bill %s", byNumber.Bytes(), got.Bytes())
	}
	_, err := w.call("POST", receiptsPath+"transfer-bill-no", wechatpay.M{"transfer_bill_no": "1330"})
	refused(t, err, 404, "NOT_FOUND")
	_, err = w.call("GET", receiptOfBill, nil, wechatpay.Options{"transfer_bill_no": "1330"})
	refused(t, err, 404, "NOT_FOUND")
}

// Only a transfer of the last six months that succeeded, to a user with a name, has
// a receipt. It is there for 90 days.
func TestReceiptRefuses(t *testing.T) {
	w := newWorld(t)
	refuse := func(number string, status int, code string) {
		t.Helper()
		_, err := w.apply(number)
		refused(t, err, status, code)
	}
	refuse("unknown", 404, "NOT_FOUND")
	w.mustTransfer(t, wechatpay.M{"out_bill_no": "unnamed"})
	if err := w.SettleTransfer(w.Merchant().MchID, "unnamed", sandbox.TransferSuccess); err != nil {
		t.Fatal(err)
	}
	refuse("unnamed", 400, "INVALID_REQUEST")
	w.mustTransfer(t, wechatpay.M{"out_bill_no": "waits", "user_name": wechatpay.Secret("张三")})
	refuse("waits", 400, "INVALID_REQUEST")
	query := func() error {
		_, err := w.call("GET", receiptOf, nil, wechatpay.Options{"out_bill_no": bill})
		return err
	}
	w.named(t)
	refused(t, query(), 404, "NOT_FOUND") // nobody applied
	if _, err := w.apply(bill); err != nil {
		t.Fatal(err)
	}
	w.clock.add(90 * 24 * time.Hour)
	if err := query(); err != nil {
		t.Error(err)
	}
	w.clock.add(time.Second)
	refused(t, query(), 404, "NOT_FOUND")
	if resp, err := w.apply(bill); err != nil || resp.Get("state").String() != "GENERATING" {
		t.Errorf("applied again: %v, %v", resp, err)
	}
	w.clock.add(94 * 24 * time.Hour)
	refuse(bill, 400, "INVALID_REQUEST")
}

// The file is not signed. Its URL lasts ten minutes, for the merchant that asked,
// and at its own path.
func TestReceiptFile(t *testing.T) {
	w := newWorld(t, withOther(t))
	w.named(t)
	if _, err := w.apply(bill); err != nil {
		t.Fatal(err)
	}
	w.clock.add(5 * time.Second)
	u, err := url.Parse(w.receipt(t).Get("download_url").String())
	if err != nil || u.Path != "/"+receiptFile || u.Query().Get("source") != "elecsign" {
		t.Fatal(u, err)
	}
	file := w.mustCall(t, "GET", receiptFile, nil, wechatpay.Query(u.Query()))
	if file.Header.Get("Wechatpay-Signature") != "" || file.Header.Get("Content-Type") != "application/pdf" {
		t.Errorf("the file comes with %v", file.Header)
	}
	get := func(w *world, path string) error {
		_, err := w.call("GET", path, nil, wechatpay.Query(u.Query()))
		return err
	}
	refused(t, get(w, filePath), 400, "INVALID_REQUEST")
	refused(t, get(w.as(partner), receiptFile), 403, "NO_AUTH")
	w.clock.add(10 * time.Minute)
	if err := get(w, receiptFile); err != nil {
		t.Error(err)
	}
	w.clock.add(time.Second)
	refused(t, get(w, receiptFile), 400, "INVALID_REQUEST")
}

// withOther adds the merchant partner, who has the keys of the first.
func withOther(t testing.TB) func(*sandbox.Config) {
	return func(c *sandbox.Config) {
		c.Merchants = testConfig(t).Merchants
		second := c.Merchants[0]
		second.MchID = partner
		c.Merchants = append(c.Merchants, second)
	}
}

// as is the world of another merchant of withOther.
func (w *world) as(mchID string) *world {
	return &world{Sandbox: w.Sandbox, clock: w.clock, client: w.Client(func(c *wechatpay.Config) { c.Transport, c.MchID = inprocess.Transport(w.Server), mchID })}
}

// TestPartnerReceipt checks the receipts of a partner's transfers, which are named
// by SM3.
//
// https://pay.weixin.qq.com/doc/v3/partner/4016315516
func TestPartnerReceipt(t *testing.T) {
	w := newWorld(t)
	if _, err := w.subTransfer(wechatpay.M{"user_name": wechatpay.Secret("张三")}); err != nil {
		t.Fatal(err)
	}
	ask := wechatpay.M{"sub_mchid": sub, "out_bill_no": bill}
	_, err := w.call("POST", subReceiptsPath, ask)
	refused(t, err, 400, "INVALID_REQUEST")
	if err := w.SettleTransfer(sub, bill, sandbox.TransferSuccess); err != nil {
		t.Fatal(err)
	}
	_, err = w.apply(bill)
	refused(t, err, 404, "NOT_FOUND") // the merchant has no such transfer itself
	applied := w.mustCall(t, "POST", subReceiptsPath, ask)
	documented(t, "POST", subReceiptsPath, applied)
	w.clock.add(5 * time.Second)
	got := w.mustCall(t, "GET", subReceiptsPath+"/{out_bill_no}", nil, wechatpay.Options{"out_bill_no": bill}, wechatpay.Query(wechatpay.M{"sub_mchid": sub}))
	documented(t, "GET", subReceiptsPath+"/{out_bill_no}", got)
	if got.Get("state").String() != "FINISHED" || got.Get("sub_mchid").String() != sub || got.Get("out_bill_no").String() != bill {
		t.Errorf("queried: %s", got.Bytes())
	}
	text, info, err := w.linked(t, got)
	if err != nil || info.HashType != "SM3" || !strings.Contains(text, inPDF(sub)) {
		t.Errorf("%+v, %v", info, err)
	}
	_, err = w.call("POST", subReceiptsPath, wechatpay.M{"sub_mchid": "1900000299", "out_bill_no": bill})
	refused(t, err, 403, "NO_AUTH")
}

// receiptExamples make the examples of the documentation fit receipts that exist.
func receiptExamples(t *testing.T, w *world) map[string]wechatpay.M {
	t.Helper()
	id := w.mustTransfer(t, wechatpay.M{"out_bill_no": "received", "user_name": wechatpay.Secret("张三")}).Get("transfer_bill_no").String()
	if _, err := w.subTransfer(wechatpay.M{"sub_mchid": examplesSubMchID, "out_bill_no": "received", "user_name": wechatpay.Secret("张三")}); err != nil {
		t.Fatal(err)
	}
	for _, mchID := range []string{w.Merchant().MchID, w.Merchant().MchID + "/" + examplesSubMchID} {
		if err := w.SettleTransfer(mchID, "received", sandbox.TransferSuccess); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.apply("received"); err != nil {
		t.Fatal(err)
	}
	numbers := wechatpay.M{"sub_mchid": examplesSubMchID, "out_bill_no": "received", "transfer_bill_no": id}
	w.mustCall(t, "POST", subReceiptsPath, wechatpay.M{"sub_mchid": examplesSubMchID, "out_bill_no": "received"})
	w.clock.add(5 * time.Second)
	made := w.mustCall(t, "GET", receiptOf, nil, wechatpay.Options{"out_bill_no": "received"})
	u, err := url.Parse(made.Get("download_url").String())
	if err != nil {
		t.Fatal(err)
	}
	return map[string]wechatpay.M{
		"POST " + receiptsPath + "out-bill-no": numbers, "POST " + receiptsPath + "transfer-bill-no": numbers,
		"GET " + receiptOf: numbers, "GET " + receiptOfBill: numbers,
		"POST " + subReceiptsPath: numbers, "GET " + subReceiptsPath + "/{out_bill_no}": numbers,
		"GET " + receiptFile: {"token": u.Query().Get("token"), "source": "elecsign"},
	}
}
