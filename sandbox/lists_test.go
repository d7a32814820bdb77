package sandbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// controls calls the control API of a sandbox, and returns the answer.
func controls(t *testing.T, s http.Handler, method, path, body string) (int, gjson.Result) {
	t.Helper()
	req := httptest.NewRequest(method, "/_sandbox/"+path, strings.NewReader(body))
	req.Host = "localhost"
	rec := httptest.NewRecorder()
	s.ServeHTTP(rec, req)
	return rec.Code, gjson.ParseBytes(rec.Body.Bytes())
}

// pagesOf returns the numbers of a list, page by page.
func pagesOf(t *testing.T, s http.Handler, path, list, number string) (numbers []string, pages int) {
	t.Helper()
	before := ""
	for {
		code, page := controls(t, s, "GET", path+"&before="+before, "")
		if code != 200 {
			t.Fatalf("%s: %d %s", path, code, page)
		}
		pages++
		for _, item := range page.Get(list).Array() {
			numbers = append(numbers, item.Get(number).String())
		}
		if before = page.Get("next").String(); before == "" {
			return numbers, pages
		}
	}
}

// Everything that the sandbox keeps is listed, the newest first, page by page, by
// merchant and by any number, whether it was there before somebody asked or came
// after.
func TestLists(t *testing.T) {
	m := newMoney(t, 1)
	for range 60 {
		m.step()
	}
	for _, list := range []string{"orders", "refunds", "coupons", "transfers", "sharings", "redpackets"} {
		all, _ := pagesOf(t, m.Server, list+"?limit=500", list, "number")
		paged, pages := pagesOf(t, m.Server, list+"?limit=3", list, "number")
		if !slices.Equal(all, paged) || pages != max(1, (len(all)+2)/3) {
			t.Errorf("%s: in pages %v, at once %v", list, paged, all)
		}
	}
	before, _ := pagesOf(t, m.Server, "orders?limit=500", "orders", "number")
	if len(before) == 0 {
		t.Fatal("no orders")
	}
	m.order()
	after, _ := pagesOf(t, m.Server, "orders?limit=500", "orders", "number")
	if len(after) != len(before)+1 || slices.Contains(before, after[0]) {
		t.Errorf("a new order is not the first of %v", after)
	}
	if none, _ := pagesOf(t, m.Server, "orders?mchid=1", "orders", "number"); len(none) > 0 {
		t.Errorf("another merchant has %v", none)
	}
	for path, want := range map[string]int{"orders?limit=0": 400, "orders?limit=x": 400, "requests?before=x": 400, "requests?before=0": 400, "requests?before=-1": 400, "orders?limit=-1": 400, "orders?limit=-99999999999999999999": 400, "orders?before=x": 400, "notifications?before=x": 404,
		"requests/99999999": 404, "requests/x": 404, "orders/none": 404, "notifications/none": 404} {
		if code, answer := controls(t, m.Server, "GET", path, ""); code != want || answer.Get("message").String() == "" {
			t.Errorf("%s: %d %s, want %d", path, code, answer, want)
		}
	}
}

// A page has 500 entries at most, however many somebody asks for.
func TestListsLimit(t *testing.T) {
	w := newWorld(t)
	for range 501 {
		w.browse("/v3/none", "")
	}
	for _, limit := range []string{"500", "501", "1000000000", "99999999999999999999"} {
		code, page := controls(t, w.Server, "GET", "requests?limit="+limit, "")
		if n := len(page.Get("requests").Array()); code != 200 || n != 500 || page.Get("next").String() == "" {
			t.Errorf("the limit %s: %d, %d requests", limit, code, n)
		}
	}
}

// An order is found by each of its numbers, and by its merchant.
func TestListsFind(t *testing.T) {
	m := newMoney(t, 1)
	for range 60 {
		m.step()
	}
	m.order()
	_, page := controls(t, m.Server, "GET", "orders?limit=500", "")
	for _, o := range page.Get("orders").Array() {
		for name, number := range o.Get("numbers").Map() {
			found, _ := pagesOf(t, m.Server, "orders?limit=500&q="+number.String(), "orders", "number")
			if !slices.Contains(found, o.Get("number").String()) {
				t.Errorf("%s is not found by its %s %s", o.Get("number"), name, number)
			}
		}
		of, _ := pagesOf(t, m.Server, "orders?limit=500&mchid="+o.Get("mchid").String(), "orders", "number")
		if !slices.Contains(of, o.Get("number").String()) {
			t.Errorf("%s is not found by its merchant", o.Get("number"))
		}
	}
}

// An order is told with its states in time, its requests, and each attempt of its
// notifications.
func TestOrderStory(t *testing.T) {
	w := newWorld(t)
	number := "story-1"
	w.paid(t, number, 100)
	w.mustCall(t, "POST", "v3/refund/domestic/refunds", wechatpay.M{"out_trade_no": number, "out_refund_no": "back-1", "amount": wechatpay.M{"refund": 40, "total": 100, "currency": "CNY"}})
	if err := w.SettleRefund(sandbox.DefaultMchID, "back-1", sandbox.RefundAbnormal); err != nil {
		t.Fatal(err)
	}
	code, story := controls(t, w.Server, "GET", "orders/"+number, "")
	var states []string
	for _, step := range story.Get("steps").Array() {
		states = append(states, step.Get("number").String()+" "+step.Get("state").String())
	}
	if want := []string{number + " NOTPAY", number + " SUCCESS", "back-1 PROCESSING", "back-1 ABNORMAL"}; code != 200 || !slices.Equal(states, want) {
		t.Errorf("%d, the steps are %q, want %q", code, states, want)
	}
	if n := len(story.Get("requests").Array()); n < 2 || story.Get("refunds.0.number").String() != "back-1" || story.Get("order.state").String() != "REFUND" {
		t.Errorf("the story is %s", story)
	}
	if _, err := w.OrderStory("1", number); err == nil {
		t.Error("another merchant has the order")
	}
}

// A request is found by the Request-ID of its answer, which errors of clients show.
func TestListsFindRequestID(t *testing.T) {
	w := newWorld(t)
	w.mustCall(t, "POST", "v3/pay/transactions/native", w.order("found-1", 100))
	_, err := w.call("GET", "v3/pay/transactions/out-trade-no/nothing", nil, wechatpay.Query(wechatpay.M{"mchid": w.Merchant().MchID}))
	var no *wechatpay.Error
	if !errors.As(err, &no) || no.RequestID == "" {
		t.Fatal(err)
	}
	page, err := w.RequestPage(sandbox.Query{Text: no.RequestID})
	if err != nil || len(page.Items) != 1 || page.Items[0].Status != 404 {
		t.Errorf("%s: %+v, %v", no.RequestID, page, err)
	}
}

// The requests of a sub-merchant are those of its partner that name it.
func TestListsOfSubMerchant(t *testing.T) {
	w := newWorld(t)
	w.mustCall(t, "POST", "v3/pay/transactions/native", w.order("own-order", 100))
	w.mustCall(t, "POST", "v3/pay/partner/transactions/native", wechatpay.M{"sp_appid": "wxd678efh567hg6787", "sp_mchid": w.Merchant().MchID, "sub_mchid": sandbox.DefaultSubMchID,
		"description": "Image形象店", "out_trade_no": "sub-order", "notify_url": "https://www.example.com/notify", "amount": wechatpay.M{"total": 100}})
	for mchID, want := range map[string]int{sandbox.DefaultSubMchID: 1, w.Merchant().MchID: 2, w.Merchant().MchID + "/" + sandbox.DefaultSubMchID: 2, sandbox.DefaultSubMchID[1:]: 0} {
		if page, err := w.RequestPage(sandbox.Query{MchID: mchID}); err != nil || len(page.Items) != want {
			t.Errorf("requests of %s: %+v, %v, want %d", mchID, page.Items, err, want)
		}
	}
}

// A request is told with what was wrong with it.
func TestExchange(t *testing.T) {
	w := newWorld(t)
	_, err := w.call("POST", "v3/pay/transactions/native", wechatpay.M{"appid": "wx1", "mchid": sandbox.DefaultMchID, "out_trade_no": "x1-wrong", "amount": wechatpay.M{"total": "1"}})
	if err == nil {
		t.Fatal("it was not refused")
	}
	list := w.Requests()
	x, err := w.Exchange(list[len(list)-1].ID)
	if err != nil {
		t.Fatal(err)
	}
	var fields []string
	for _, p := range x.Problems {
		fields = append(fields, p.Field)
	}
	if !strings.Contains(fmt.Sprint(fields), "amount.total") || !slices.Contains(fields, "notify_url") || !slices.Contains(fields, "description") {
		t.Errorf("the problems are %+v", x.Problems)
	}
	for _, c := range x.Signature.Checks {
		if c.State != "ok" {
			t.Errorf("the check %+v", c)
		}
	}
	if x.Code != "PARAM_ERROR" || !strings.Contains(x.Body, "x1-wrong") || !strings.Contains(x.Answer, "PARAM_ERROR") || x.AnswerHeader.Get("Wechatpay-Signature") == "" {
		t.Errorf("the exchange is %+v", x)
	}
}

// An unsigned request fails at its first check, and the next ones are skipped.
func TestExchangeUnsigned(t *testing.T) {
	w := newWorld(t)
	req := httptest.NewRequest("GET", "/v3/certificates?x=<b>", nil)
	w.ServeHTTP(httptest.NewRecorder(), req)
	page, err := w.RequestPage(sandbox.Query{Text: "<b>"})
	if err != nil || len(page.Items) != 1 {
		t.Fatalf("%+v, %v", page, err)
	}
	if x, err := w.Exchange(page.Items[0].ID); err != nil || x.Signature.Checks[0].State != "failed" || x.Signature.Checks[1].State != "skipped" {
		t.Errorf("an unsigned request: %+v, %v", x.Signature, err)
	}
}

// Faults are added and removed one by one, and count what they hit.
func TestFaultsMet(t *testing.T) {
	w := newWorld(t)
	code, added := controls(t, w.Server, "POST", "faults", `{"path": "v3/certificates", "kind": "500", "count": 2}`)
	_, other := controls(t, w.Server, "POST", "faults", `{"kind": "429"}`)
	if code != 200 || added.Get("id").String() == "" || other.Get("id").String() == added.Get("id").String() {
		t.Fatalf("%d %s %s", code, added, other)
	}
	if code, answer := controls(t, w.Server, "POST", "faults", `{"kind": "none"}`); code != 400 {
		t.Errorf("a wrong fault: %d %s", code, answer)
	}
	if code, _ := controls(t, w.Server, "DELETE", "faults/"+other.Get("id").String(), ""); code != 204 {
		t.Errorf("removing one: %d", code)
	}
	if code, _ := controls(t, w.Server, "DELETE", "faults/"+other.Get("id").String(), ""); code != 404 {
		t.Errorf("removing it twice: %d", code)
	}
	for range 3 {
		w.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/v3/certificates", nil))
	}
	_, met := controls(t, w.Server, "GET", "faults/met", "")
	if got := met.Get("faults.#.met").String(); got != "[0,2]" || met.Get("faults.1.active").Bool() || met.Get("faults.1.fault.kind").String() != "500" {
		t.Errorf("met are %s", met)
	}
	page, err := w.RequestPage(sandbox.Query{})
	if err != nil || page.Items[2].FaultID != added.Get("id").String() {
		t.Errorf("the requests are %+v, %v", page.Items, err)
	}
}

// Whoever watches is told of what changes, until the sandbox closes.
func TestWatch(t *testing.T) {
	w := newWorld(t)
	changes := make(chan []sandbox.Change, 100)
	ended := make(chan error)
	go func() {
		ended <- w.Watch(t.Context(), func(all []sandbox.Change) error {
			changes <- all
			return nil
		})
	}()
	wants := func(what sandbox.Change, do func()) {
		t.Helper()
		deadline := time.After(20 * time.Second)
		for { // the first may come before Watch
			do()
			select {
			case all := <-changes:
				if slices.Contains(all, what) {
					return
				}
			case <-time.After(100 * time.Millisecond):
			case <-deadline:
				t.Fatalf("nothing tells of %s", what)
			}
		}
	}
	n := 0
	wants("order", func() {
		n++
		w.mustCall(t, "POST", "v3/pay/transactions/native", w.order(fmt.Sprintf("watch-%d", n), 1))
	})
	wants("clock", func() { _ = w.Advance(time.Second) })
	wants("fault", func() { _ = w.Faults() })
	w.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := w.Watch(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

// The changes come as server-sent events, which end with the sandbox.
func TestEvents(t *testing.T) {
	sb := sandbox.Start(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, sb.URL()+"_sandbox/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text := make([]byte, 1<<10)
	if n, err := resp.Body.Read(text); err != nil || resp.Header.Get("Content-Type") != "text/event-stream" || string(text[:n]) != "retry: 1000\n\n" {
		t.Fatalf("%q %v %v", text[:n], err, resp.Header)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	go func() {
		for ctx.Err() == nil { // the first may come before somebody watches
			_ = sb.Advance(time.Second)
			time.Sleep(10 * time.Millisecond)
		}
	}()
	n, err := resp.Body.Read(text)
	cancel()
	var event struct{ Changed []string }
	if err != nil || json.Unmarshal([]byte(strings.TrimPrefix(string(text[:n]), "data: ")), &event) != nil || !slices.Contains(event.Changed, "clock") {
		t.Errorf("%q %v", text[:n], err)
	}
	sb.Close()
	for err == nil {
		_, err = resp.Body.Read(text)
	}
	if !errors.Is(err, context.Canceled) && err.Error() != "EOF" {
		t.Errorf("the end is %v", err)
	}
}
