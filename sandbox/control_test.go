package sandbox_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// control calls the control API.
func (w *world) control(t testing.TB, method, path, body string) (int, gjson.Result) {
	t.Helper()
	req := httptest.NewRequest(method, "http://localhost/_sandbox/"+path, bytes.NewReader([]byte(body)))
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, req)
	if text := rec.Body.Bytes(); len(text) > 0 && !json.Valid(text) {
		t.Fatalf("%s %s: %d, not JSON: %s", method, path, rec.Code, text)
	}
	return rec.Code, gjson.ParseBytes(rec.Body.Bytes())
}

// controls is control for what must be answered so.
func (w *world) controls(t testing.TB, status int, method, path, body string) gjson.Result {
	t.Helper()
	got, answer := w.control(t, method, path, body)
	if got != status {
		t.Fatalf("%s %s: %d %s, want %d", method, path, got, answer.Raw, status)
	}
	return answer
}

// state is the trade_state of an order.
func (w *world) state(t testing.TB, outTradeNo string) string {
	t.Helper()
	return w.mustCall(t, "GET", "v3/pay/transactions/out-trade-no/"+outTradeNo, nil, wechatpay.Query(wechatpay.M{"mchid": sandbox.DefaultMchID})).Get("trade_state").String()
}

func TestControlOrders(t *testing.T) {
	w := newWorld(t)
	for _, number := range []string{"to_pay", "to_fail", "to_expire"} {
		w.mustCall(t, "POST", native, w.order(number, 100))
	}
	id := w.controls(t, 200, "POST", "orders/to_pay/pay", "").Get("transaction_id").String()
	w.controls(t, 204, "POST", "orders/to_fail/fail?mchid="+sandbox.DefaultMchID, "")
	w.controls(t, 204, "POST", "orders/to_expire/expire", "")
	if got := w.mustCall(t, "GET", "v3/pay/transactions/id/"+id, nil, wechatpay.Query(wechatpay.M{"mchid": sandbox.DefaultMchID})); got.Get("out_trade_no").String() != "to_pay" {
		t.Errorf("transaction %s is %s", id, got.Bytes())
	}
	for number, want := range map[string]string{"to_pay": "SUCCESS", "to_fail": "NOTPAY", "to_expire": "NOTPAY"} {
		if got := w.state(t, number); got != want {
			t.Errorf("%s is %s, want %s", number, got, want)
		}
	}
	for _, path := range []string{"orders/to_pay/pay", "orders/to_pay/fail", "orders/to_pay/expire", "orders/to_expire/pay"} {
		if got := w.controls(t, 400, "POST", path, ""); got.Get("code").String() != "INVALID_REQUEST" || got.Get("message").String() == "" {
			t.Errorf("%s: %s", path, got.Raw)
		}
	}
	for _, path := range []string{"orders/nobodys/pay", "orders/to_pay/pay?mchid=1900000110"} {
		if got := w.controls(t, 404, "POST", path, ""); got.Get("code").String() != "ORDER_NOT_EXIST" {
			t.Errorf("%s: %s", path, got.Raw)
		}
	}
	w.mustCall(t, "POST", native, w.order("to_fail", 100))
	w.mustCall(t, "POST", "v3/pay/transactions/out-trade-no/to_fail/close", wechatpay.M{"mchid": sandbox.DefaultMchID})
	if got := w.state(t, "to_fail"); got != "CLOSED" {
		t.Errorf("to_fail is %s", got)
	}
}

// Orders of partners and combined ones are reached as any other.
func TestControlOtherOrders(t *testing.T) {
	w := newWorld(t)
	for _, number := range []string{"by_partner", "by_sub", "by_both", "to_fail"} {
		w.mustCall(t, "POST", partnerPath+"native", w.subOrder(sub, number, 100))
	}
	w.mustCall(t, "POST", combinePath+"app", w.combination(w.part("", number, 100), w.part(sub, number, 100)))
	w.controls(t, 200, "POST", "orders/by_partner/pay", "")
	w.controls(t, 200, "POST", "orders/by_sub/pay?mchid="+sub, "")
	w.controls(t, 200, "POST", "orders/by_both/pay?mchid="+sandbox.DefaultMchID+"/"+sub, "")
	w.controls(t, 204, "POST", "orders/to_fail/fail?mchid="+sub, "")
	w.controls(t, 200, "POST", "orders/"+combineNumber+"/pay", "")
	for number, want := range map[string]string{"by_partner": "SUCCESS", "by_sub": "SUCCESS", "by_both": "SUCCESS", "to_fail": "NOTPAY"} {
		if got := w.mustCall(t, "GET", partnerPath+"out-trade-no/"+number, nil, w.both(sub)).Get("trade_state").String(); got != want {
			t.Errorf("%s is %s, want %s", number, got, want)
		}
	}
	if got := states(w.combined(t)); got != "SUCCESS SUCCESS" {
		t.Errorf("the combined orders are %s", got)
	}
	w.controls(t, 404, "POST", "orders/by_sub/pay?mchid=1900000999", "")
	w.controls(t, 404, "POST", "orders/by_sub/pay?mchid=1900000999/"+sub, "")
}

func TestControlRefund(t *testing.T) {
	w := newWorld(t)
	id := w.paid(t, "to_refund", 100)
	w.mustCall(t, "POST", "v3/refund/domestic/refunds", wechatpay.M{"transaction_id": id, "out_refund_no": "r1",
		"amount": wechatpay.M{"refund": 1, "total": 100, "currency": "CNY"}})
	w.controls(t, 400, "POST", "refunds/r1/settle", `{"state":"DONE"}`)
	w.controls(t, 400, "POST", "refunds/r1/settle", `{"status":"ABNORMAL"}`)
	w.controls(t, 400, "POST", "refunds/r1/settle", `{"state":"ABNORMAL"}x`)
	w.controls(t, 404, "POST", "refunds/r2/settle", `{"state":"ABNORMAL"}`)
	w.controls(t, 204, "POST", "refunds/r1/settle", `{"state":"ABNORMAL"}`)
	if got := w.mustCall(t, "GET", "v3/refund/domestic/refunds/r1", nil).Get("status").String(); got != "ABNORMAL" {
		t.Errorf("the refund is %s", got)
	}
}

// The rules are tested by the methods: here, that each is reached.
func TestControlOthers(t *testing.T) {
	w := newWorld(t)
	for path, body := range map[string]string{"transfers/nobodys/settle": `{"state":"SUCCESS"}`, "transfers/nobodys/fail": `{"fail_reason":"TRANSFER_RISK"}`,
		"coupons/nobodys/use": `{"transaction_id":"1"}`} {
		got := w.controls(t, 404, "POST", path, body)
		if !strings.Contains(got.Get("message").String(), "nobodys") {
			t.Errorf("%s: %s", path, got.Raw)
		}
		w.controls(t, 400, "POST", path, `{"other":"1"}`)
	}
}

// The clock of the sandbox goes on, and with it that of the client, whose
// requests would otherwise be too old.
func TestControlClock(t *testing.T) {
	w := newWorld(t)
	w.mustCall(t, "POST", native, w.order("yesterday", 100))
	before := w.controls(t, 200, "GET", "clock", "").Get("now").Time()
	if after := w.controls(t, 200, "POST", "clock", `{"advance":"24h"}`).Get("now").Time(); after.Sub(before) != 24*time.Hour {
		t.Errorf("from %v to %v", before, after)
	}
	w.controls(t, 400, "POST", "clock", `{"advance":"-1s"}`)
	w.controls(t, 400, "POST", "clock", `{"advance":"soon"}`)
	w.controls(t, 400, "POST", "clock", ``)
	if got := w.state(t, "yesterday"); got != "NOTPAY" {
		t.Errorf("the order is %s", got)
	}
}

func TestControlRequests(t *testing.T) {
	w := newWorld(t)
	w.mustCall(t, "POST", native, w.order("received", 100))
	_, err := w.call("POST", native, w.order("received", 101))
	refused(t, err, 400, "INVALID_REQUEST")
	all := w.controls(t, 200, "GET", "requests", "").Get("requests").Array()
	if len(all) != 2 {
		t.Fatalf("%d requests, want 2: the control API's own are none", len(all))
	}
	for i, want := range []map[string]string{
		{"method": "POST", "target": "/" + native, "operation": "POST " + native, "mchid": sandbox.DefaultMchID, "status": "200", "code": ""},
		{"status": "400", "code": "INVALID_REQUEST"},
	} {
		for name, value := range want {
			if got := all[i].Get(name).String(); got != value {
				t.Errorf("request %d: %s is %q, want %q", i, name, got, value)
			}
		}
	}
}

// What is remembered of a request has its bounds, as who sends it has none.
func TestControlRequestsAreBounded(t *testing.T) {
	w := newWorld(t)
	long := "/v3/certificates?" + strings.Repeat("a", 60_000)
	w.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", long, nil))
	if got := w.Requests()[0].Target; got != long[:4096] {
		t.Errorf("%d bytes of the target are remembered, want the first 4096", len(got))
	}
}

func TestControlNotifications(t *testing.T) {
	came := make(chan struct{}, 10)
	shop := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { came <- struct{}{} }))
	t.Cleanup(shop.Close)
	w := newWorld(t)
	order := w.order("to_notify", 100)
	order["notify_url"] = shop.URL + "/notify" // on this machine, and so it is reached
	w.mustCall(t, "POST", native, order)
	w.controls(t, 200, "POST", "orders/to_notify/pay", "")
	<-came
	n := w.controls(t, 200, "GET", "notifications", "").Get("notifications.0")
	if n.Get("event_type").String() != "TRANSACTION.SUCCESS" || n.Get("url").String() != shop.URL+"/notify" {
		t.Errorf("%s", n.Raw)
	}
	w.controls(t, 204, "POST", "notifications/"+n.Get("id").String()+"/resend", "")
	<-came
	w.controls(t, 404, "POST", "notifications/none/resend", "")
}

func TestControlFaults(t *testing.T) {
	w := newWorld(t)
	w.controls(t, 204, "PUT", "faults", `{"faults":[{"path":"v3/pay/transactions/*","kind":"429","count":2},{"kind":"delay","delay":"1ms"}]}`)
	_, err := w.call("POST", native, w.order("faulty", 100))
	refused(t, err, 429, "FREQUENCY_LIMITED")
	want := `{"faults":[{"path":"v3/pay/transactions/*","kind":"429","count":1},{"kind":"delay","delay":"1ms"}]}`
	if got := w.controls(t, 200, "GET", "faults", ""); got.Raw != want {
		t.Errorf("faults %s, want %s", got.Raw, want)
	}
	for _, bad := range []string{`{"faults":[{"kind":"none"}]}`, `{"faults":[{"kind":"500","count":-1}]}`, `{"faults":[{"kind":"500","path":"["}]}`,
		`{"faults":[{"kind":"delay"}]}`, `{"faults":[{"kind":"500","delay":"1s"}]}`, `{"fault":[]}`, `[]`} {
		w.controls(t, 400, "PUT", "faults", bad)
	}
	if got := w.controls(t, 200, "GET", "faults", ""); got.Raw != want {
		t.Errorf("what was refused made the faults %s", got.Raw)
	}
	w.controls(t, 204, "DELETE", "faults", "")
	w.mustCall(t, "POST", native, w.order("faulty", 100))
	if got := w.controls(t, 200, "GET", "faults", ""); got.Raw != `{"faults":[]}` {
		t.Errorf("faults %s", got.Raw)
	}
}

func TestControlRefuses(t *testing.T) {
	w := newWorld(t)
	w.controls(t, 404, "GET", "", "")
	w.controls(t, 404, "GET", "orders/x/pay", "")
	w.controls(t, 404, "POST", "orders", "")
	w.controls(t, 400, "PUT", "faults", `{"faults":[`+string(bytes.Repeat([]byte(" "), 1<<20))+`]}`)
	w.mustCall(t, "POST", native, w.order("not_by_page", 100))
	pay := func(host, origin string) (status int, code string) {
		rec := httptest.NewRecorder()
		req := httptest.NewRequest("POST", "http://"+host+"/_sandbox/orders/not_by_page/pay", nil)
		req.Header.Set("Origin", origin)
		w.ServeHTTP(rec, req)
		return rec.Code, gjson.GetBytes(rec.Body.Bytes(), "code").String()
	}
	for host, origin := range map[string]string{
		"127.0.0.1:8686":        "https://www.example.com",
		"www.example.com:8686":  "http://www.example.com:8686", // which leads here
		"www.example.com":       "http://www.example.com",
		"127.0.0.1.example.com": "http://127.0.0.1.example.com",
	} {
		status, code := pay(host, origin)
		if got := w.state(t, "not_by_page"); status != 403 || code != "NO_AUTH" || got != "NOTPAY" {
			t.Errorf("a page of %s was answered %d %s at %s, and the order is %s", origin, status, code, host, got)
		}
	}
	if status, _ := pay("[::1]:8686", "http://[::1]:8686"); status != 200 {
		t.Errorf("a page of this machine's own was answered %d", status)
	}
}

// Mistakes in a body are named as its sender knows them, without types of Go.
func TestControlBodies(t *testing.T) {
	w := newWorld(t)
	for body, want := range map[string]string{
		"":                              "the body is empty, and must be a JSON object",
		"[]":                            "the body is JSON of the type array, and must be an object",
		`{"advance": 5}`:                "the body: the field advance cannot be a value of the type number",
		`{"advance": "1h"} {}`:          "the body: there is something after the JSON",
		`{"advance": "1h", "by": "1h"}`: `the body: json: unknown field "by"`,
	} {
		if got := w.controls(t, 400, "POST", "clock", body).Get("message").String(); got != want {
			t.Errorf("%s: %s, want %s", body, got, want)
		}
	}
	for _, path := range []string{"clock", "check/jsapi"} {
		long := `{"advance": "` + strings.Repeat("a", 70_000) + `"}`
		if got := w.controls(t, 400, "POST", path, long).Get("message").String(); got != "the body is too large: at most 65536 bytes are taken" {
			t.Errorf("a long body to %s: %s", path, got)
		}
	}
}
