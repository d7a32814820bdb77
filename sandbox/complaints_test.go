package sandbox_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

const (
	complaintsPath = "v3/merchant-service/complaints-v2"
	complaintPath  = complaintsPath + "/{complaint_id}"
	historyPath    = complaintPath + "/negotiation-historys"
	complaintsTold = "v3/merchant-service/complaint-notifications"
)

// complain complains of a paid order as its user does.
func (w *world) complain(t testing.TB, mchID, outTradeNo, detail string) (complaintID string) {
	t.Helper()
	id, err := w.Complain(mchID, outTradeNo, detail)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// complaint queries a complaint.
func (w *world) complaint(t testing.TB, id string) *wechatpay.Response {
	t.Helper()
	resp := w.mustCall(t, "GET", complaintPath, nil, wechatpay.Bind("complaint_id", id))
	documented(t, "GET", complaintPath, resp)
	return resp
}

// complaintsOn lists the complaints of a day.
func (w *world) complaintsOn(t testing.TB, day string, more ...wechatpay.Option) *wechatpay.Response {
	t.Helper()
	resp := w.mustCall(t, "GET", complaintsPath, nil, append(more, wechatpay.Query(wechatpay.M{"begin_date": day, "end_date": day}))...)
	documented(t, "GET", complaintsPath, resp)
	return resp
}

// respond answers a complaint about the merchant.
func (w *world) respond(id, content string, images ...string) error {
	body := wechatpay.M{"complainted_mchid": sandbox.DefaultMchID, "response_content": content}
	if images != nil {
		body["response_images"] = images
	}
	_, err := w.call("POST", complaintPath+"/response", body, wechatpay.Bind("complaint_id", id))
	return err
}

func (w *world) complete(id string) error {
	_, err := w.call("POST", complaintPath+"/complete", wechatpay.M{"complainted_mchid": sandbox.DefaultMchID}, wechatpay.Bind("complaint_id", id))
	return err
}

// wantState checks the state of a complaint, and that its user waits for a
// response or does not.
func (w *world) wantState(t testing.TB, id, state string) {
	t.Helper()
	got := w.complaint(t, id)
	if got.Get("complaint_state").String() != state || got.Get("incoming_user_response").Bool() != (state == "PENDING") {
		t.Errorf("%s, want %s", got.Bytes(), state)
	}
}

func TestComplaint(t *testing.T) {
	w := newWorld(t)
	transactionID := w.paid(t, "of-complaint", 100)
	id := w.complain(t, sandbox.DefaultMchID, "of-complaint", "反馈一个重复扣费的问题")
	w.wantState(t, id, "PENDING")
	got := w.complaint(t, id)
	for path, want := range map[string]string{
		"complaint_id": id, "complaint_time": "2018-06-08T10:30:00+08:00", "complaint_detail": "反馈一个重复扣费的问题", "complainted_mchid": sandbox.DefaultMchID,
		"payer_openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "complaint_order_info.0.transaction_id": transactionID,
		"complaint_order_info.0.out_trade_no": "of-complaint", "complaint_order_info.0.amount": "100",
		"complaint_full_refunded": "false", "user_complaint_times": "1",
	} {
		if text := got.Get(path).String(); text != want {
			t.Errorf("%s is %q, want %q", path, text, want)
		}
	}
	if phone, err := w.client.Decrypt(t.Context(), got.Get("payer_phone").String()); err != nil || phone != "13800000000" {
		t.Errorf("payer_phone is %q, %v", phone, err)
	}

	if err := w.refund("refund-1", 100); err == nil {
		t.Fatal("another order was refunded")
	}
	w.refundOrder(t, "of-complaint", "refund-2", 100, 100)
	if !w.complaint(t, id).Get("complaint_full_refunded").Bool() {
		t.Error("a complaint about a refunded order does not say so")
	}
}

func TestComplaintStates(t *testing.T) {
	w := newWorld(t)
	w.paid(t, "of-complaint", 100)
	id := w.complain(t, sandbox.DefaultMchID, "of-complaint", "反馈一个重复扣费的问题")
	image, err := w.upload(complaintImages, "receipt.png", png)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.respond(id, "已与用户沟通解决", image.Get("media_id").String()); err != nil {
		t.Fatal(err)
	}
	w.wantState(t, id, "PROCESSING")
	for range 2 { // to complete it again changes nothing
		if err := w.complete(id); err != nil {
			t.Fatal(err)
		}
	}
	w.wantState(t, id, "PROCESSED")
	refused(t, w.respond(id, "再次回复"), 400, "INVALID_REQUEST")

	// A later complaint about the order continues the first.
	if again := w.complain(t, sandbox.DefaultMchID, "of-complaint", "还没有解决"); again != id {
		t.Errorf("the complaint goes on as %s, want %s", again, id)
	}
	w.wantState(t, id, "PENDING")
	if got := w.complaint(t, id); got.Get("user_complaint_times").Int() != 2 || got.Get("complaint_detail").String() != "还没有解决" {
		t.Errorf("%s", got.Bytes())
	}
	history := w.mustCall(t, "GET", historyPath, nil, wechatpay.Bind("complaint_id", id))
	documented(t, "GET", historyPath, history)
	if got := history.Get("data.#.operate_type").String(); got != `["USER_CONTINUE_COMPLAINT","MERCHANT_CONFIRM_COMPLETE","MERCHANT_RESPONSE","USER_CREATE_COMPLAINT"]` {
		t.Errorf("history %s", got)
	}
	if got := history.Get("data.2.complaint_media_list.media_url.0").String(); !strings.HasSuffix(got, "/v3/merchant-service/images/"+image.Get("media_id").String()) {
		t.Errorf("the image is at %q", got)
	}
}

func TestComplaintsAreListed(t *testing.T) {
	w := newWorld(t)
	var ids []string
	for _, number := range []string{"list-1", "list-2", "list-3"} {
		w.paid(t, number, 100)
		ids = append(ids, w.complain(t, sandbox.DefaultMchID, number, number))
		w.clock.add(time.Minute)
	}
	w.subPaid(t, sub, "list-4", 100)
	ofSub := w.complain(t, sub, "list-4", "of a sub-merchant")
	w.clock.add(24 * time.Hour)
	w.paid(t, "list-5", 100)
	next := w.complain(t, sandbox.DefaultMchID, "list-5", "of the next day")

	for name, tt := range map[string]struct {
		day   string
		query wechatpay.M
		want  []string
	}{
		"all, newest first":       {"2018-06-08", nil, []string{ofSub, ids[2], ids[1], ids[0]}},
		"from an offset on":       {"2018-06-08", wechatpay.M{"offset": 1, "limit": 2}, []string{ids[2], ids[1]}},
		"no more":                 {"2018-06-08", wechatpay.M{"offset": 4}, nil},
		"of a sub-merchant":       {"2018-06-08", wechatpay.M{"complainted_mchid": sub}, []string{ofSub}},
		"of the merchant's own":   {"2018-06-08", wechatpay.M{"complainted_mchid": sandbox.DefaultMchID}, []string{ids[2], ids[1], ids[0]}},
		"of another merchant":     {"2018-06-08", wechatpay.M{"complainted_mchid": "1"}, nil},
		"of the next day":         {"2018-06-09", nil, []string{next}},
		"of a day without events": {"2018-06-07", nil, nil},
	} {
		got := w.complaintsOn(t, tt.day, wechatpay.Query(tt.query))
		var listed []string
		for _, v := range got.Get("data.#.complaint_id").Array() {
			listed = append(listed, v.String())
		}
		if strings.Join(listed, " ") != strings.Join(tt.want, " ") {
			t.Errorf("%s: %v, want %v", name, listed, tt.want)
		}
	}
	if got := w.complaintsOn(t, "2018-06-08", wechatpay.Query(wechatpay.M{"limit": 1})).Get("total_count").Int(); got != 4 {
		t.Errorf("total_count is %d, want 4", got)
	}
}

func TestComplaintsRefused(t *testing.T) {
	w := newWorld(t)
	w.paid(t, "refused-1", 100)
	id := w.complain(t, sandbox.DefaultMchID, "refused-1", "d")
	w.mustCall(t, "POST", native, w.order("refused-2", 100))
	for _, tt := range []struct{ number, want string }{{"refused-2", "the order is not paid"}, {"none-at-all", "ORDER_NOT_EXIST"}} {
		if _, err := w.Complain(sandbox.DefaultMchID, tt.number, "d"); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("complaining of %s: error is %v, want %s", tt.number, err, tt.want)
		}
	}
	list := func(from, to string) error {
		_, err := w.call("GET", complaintsPath, nil, wechatpay.Query(wechatpay.M{"begin_date": from, "end_date": to}))
		return err
	}
	for _, days := range [][2]string{{"2018-06-09", "2018-06-08"}, {"2018-05-01", "2018-06-08"}, {"2018-6-8", "2018-06-08"}, {"today", "2018-06-08"}, {"2018-06-08", "2018-06-31"}} {
		refused(t, list(days[0], days[1]), 400, "PARAM_ERROR")
	}
	if err := list("2018-05-09", "2018-06-08"); err != nil {
		t.Errorf("30 days: %v", err)
	}
	for name, tt := range map[string]struct {
		id     string
		body   wechatpay.M
		status int
		code   string
	}{
		"unknown":               {"2002018", wechatpay.M{"response_content": "r"}, 404, "RESOURCE_NOT_EXISTS"},
		"about another":         {id, wechatpay.M{"response_content": "r", "complainted_mchid": "1"}, 400, "PARAM_ERROR"},
		"too long":              {id, wechatpay.M{"response_content": strings.Repeat("长", 201)}, 400, "PARAM_ERROR"},
		"too many images":       {id, wechatpay.M{"response_content": "r", "response_images": []string{"a", "b", "c", "d", "e"}}, 400, "PARAM_ERROR"},
		"an image of nobody":    {id, wechatpay.M{"response_content": "r", "response_images": []string{"a.png"}}, 400, "PARAM_ERROR"},
		"nothing":               {id, wechatpay.M{"response_content": ""}, 400, "PARAM_ERROR"},
		"an order, no number":   {"refused-1", wechatpay.M{"response_content": "r"}, 404, "RESOURCE_NOT_EXISTS"},
		"the key of a complain": {sandbox.DefaultMchID + "/" + id, wechatpay.M{"response_content": "r"}, 404, "RESOURCE_NOT_EXISTS"},
	} {
		body := wechatpay.M{"complainted_mchid": sandbox.DefaultMchID}
		for k, v := range tt.body {
			body[k] = v
		}
		_, err := w.call("POST", complaintPath+"/response", body, wechatpay.Bind("complaint_id", tt.id))
		t.Run(name, func(t *testing.T) { refused(t, err, tt.status, tt.code) })
	}
	if err := w.respond(id, strings.Repeat("长", 200)); err != nil {
		t.Errorf("200 characters: %v", err)
	}
	w.wantState(t, id, "PROCESSING")
}

// Another merchant does not see the complaint, even if it knows the number.
func TestComplaintIsOfOneMerchant(t *testing.T) {
	m, err := sandbox.KeyedMerchant("1900000110", start)
	if err != nil {
		t.Fatal(err)
	}
	keyed, err := sandbox.KeyedConfig(start)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, func(c *sandbox.Config) { c.Merchants, c.Platform = append(keyed.Merchants, m), keyed.Platform })
	w.paid(t, "of-one", 100)
	id := w.complain(t, sandbox.DefaultMchID, "of-one", "d")
	other := w.Client(func(c *wechatpay.Config) {
		c.MchID, c.SerialNo, c.PrivateKey, c.APIv3Key, c.APIv2Key, c.ClientCert = m.MchID, m.SerialNo, m.PrivateKey, m.APIv3Key, m.APIv2Key, nil
	})
	_, err = other.Chain(complaintPath).Bind("complaint_id", id).Get(t.Context())
	refused(t, err, 404, "RESOURCE_NOT_EXISTS")
	resp, err := other.Chain(complaintsPath).Get(t.Context(), wechatpay.Query(wechatpay.M{"begin_date": "2018-06-08", "end_date": "2018-06-08"}))
	if err != nil || resp.Get("total_count").Int() != 0 {
		t.Errorf("%v, %v", resp, err)
	}
	if _, err := w.Complain(m.MchID, "of-one", "d"); err == nil {
		t.Error("a user complained of an order that another merchant has")
	}
}

func TestComplaintNotifications(t *testing.T) {
	config := testConfig(t)
	synctest.Test(t, func(t *testing.T) {
		shop, server, client := newShop(t, config)
		defer server.Close()
		call := func(method, path string, body any, opts ...wechatpay.Option) *wechatpay.Response {
			t.Helper()
			if body != nil {
				opts = append(opts, wechatpay.JSON(body))
			}
			resp, err := client.Chain(path).Do(t.Context(), method, opts...)
			if err != nil {
				t.Fatal(err)
			}
			return resp
		}
		place(t, client, "to-complain")
		pay(t, server, "to-complain")
		complain := func() string {
			t.Helper()
			id, err := server.Complain(sandbox.DefaultMchID, "to-complain", "d")
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		id := complain() // of which nobody is told yet
		url := wechatpay.M{"url": "https://shop.example.com/complaints"}
		documented(t, "POST", complaintsTold, call("POST", complaintsTold, url))
		if got := call("GET", complaintsTold, nil); got.Get("url").String() != url["url"] || got.Get("mchid").String() != sandbox.DefaultMchID {
			t.Errorf("%s", got.Bytes())
		}
		about := wechatpay.M{"complainted_mchid": sandbox.DefaultMchID, "response_content": "r"}
		call("POST", complaintPath+"/response", about, wechatpay.Bind("complaint_id", id))
		call("POST", complaintPath+"/complete", wechatpay.M{"complainted_mchid": sandbox.DefaultMchID}, wechatpay.Bind("complaint_id", id))
		complain()
		place(t, client, "another")
		pay(t, server, "another")
		created, err := server.Complain(sandbox.DefaultMchID, "another", "d")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		synctest.Wait()

		got := make(map[string]string)
		for _, n := range shop.got() {
			if strings.HasPrefix(n.EventType, "COMPLAINT.") {
				got[n.Get("complaint_id").String()+" "+n.Get("action_type").String()] = n.EventType
			}
		}
		for what, want := range map[string]string{
			id + " MERCHANT_RESPONSE": "COMPLAINT.STATE_CHANGE", id + " MERCHANT_CONFIRM_COMPLETE": "COMPLAINT.STATE_CHANGE",
			id + " CONTINUE_COMPLAINT": "COMPLAINT.STATE_CHANGE", created + " CREATE_COMPLAINT": "COMPLAINT.CREATE",
		} {
			if got[what] != want {
				t.Errorf("%s is told by %q, want %s", what, got[what], want)
			}
		}
		if len(got) != 4 {
			t.Errorf("told: %v", got)
		}
		call("DELETE", complaintsTold, nil)
		_, err = client.Chain(complaintsTold).Get(t.Context())
		refused(t, err, 404, "RESOURCE_NOT_EXISTS")
		before := len(server.Notifications())
		complain()
		if got := len(server.Notifications()); got != before {
			t.Errorf("%d notifications after the URL was deleted, want %d", got, before)
		}
		_, err = client.Chain(complaintsTold).Put(t.Context(), wechatpay.JSON(wechatpay.M{"url": "no URL"}))
		refused(t, err, 400, "PARAM_ERROR")
	})
}

func TestControlComplains(t *testing.T) {
	w := newWorld(t)
	w.paid(t, "controlled", 100)
	id := w.controls(t, 200, "POST", "orders/controlled/complain", `{"detail":"重复扣费"}`).Get("complaint_id").String()
	if got := w.complaint(t, id).Get("complaint_detail").String(); got != "重复扣费" {
		t.Errorf("the detail is %q", got)
	}
	w.controls(t, 404, "POST", "orders/none-at-all/complain", `{"detail":"d"}`)
	w.controls(t, 400, "POST", "orders/controlled/complain", `{"text":"d"}`)
}

// complaintExamples make the examples of the documentation fit a complaint here,
// by operation.
func complaintExamples(t *testing.T, w *world) map[string]wechatpay.M {
	t.Helper()
	mchID := w.Merchant().MchID
	of := func(outTradeNo string) wechatpay.M {
		w.paid(t, outTradeNo, 100)
		return wechatpay.M{"complaint_id": w.complain(t, mchID, outTradeNo, "d"), "complainted_mchid": mchID, "response_images": nil}
	}
	one := of("complained-1")
	return map[string]wechatpay.M{
		"GET " + complaintPath: one, "GET " + historyPath: one, "GET " + complaintsPath: {},
		"POST " + complaintPath + "/response": one, "POST " + complaintPath + "/complete": of("complained-2"),
		"POST " + complaintsTold: {}, "PUT " + complaintsTold: {},
	}
}

// The demo data has the complaint of the documentation's examples.
func TestDemoComplaint(t *testing.T) {
	w := newWorld(t, func(c *sandbox.Config) { c.Demo = true })
	const id = "200201820200101080076610000"
	w.wantState(t, id, "PENDING")
	if plain, err := w.complaint(t, id).DecryptAll(t.Context()); err != nil || plain.Get("payer_phone").String() != "13800000000" {
		t.Errorf("payer_phone: %v", err)
	}
}
