package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/http/httputil"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/request"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox"
)

// Each script runs in a folder that contains the folder of a sandbox. The
// merchant's handler is at $SHOP/notify. Other handlers there behave
// incorrectly. The last notification is saved in kept.http.
func TestNotifyScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:  "testdata",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exitcode": testkit.ExitCode},
		Setup: func(env *testscript.Env) error {
			config, err := testkit.WriteSandboxDir(filepath.Join(env.WorkDir, "sandbox"))
			if err != nil {
				return err
			}
			shop, err := newShop(config, filepath.Join(env.WorkDir, "kept.http"))
			if err != nil {
				return err
			}
			server := httptest.NewServer(shop)
			env.Defer(server.Close)
			env.Setenv("SHOP", server.URL)
			return keepOld(config, filepath.Join(env.WorkDir, "old.http"))
		},
	})
}

func newShop(config sandbox.Config, kept string) (http.Handler, error) {
	m := config.Merchants[0]
	r, err := notify.New(notify.Config{Keys: config.Platform.Keys(), APIv3Key: m.APIv3Key, APIv2Key: m.APIv2Key})
	if err != nil {
		return nil, err
	}
	shop := http.NewServeMux()
	shop.Handle("/notify", r.Handler(func(context.Context, *notify.Notification) error { return nil }))
	shop.HandleFunc("/careless", func(http.ResponseWriter, *http.Request) {})
	shop.HandleFunc("/fails", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	shop.Handle("/moved", http.RedirectHandler("/careless", http.StatusTemporaryRedirect))
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		text, err := httputil.DumpRequest(req, true)
		if err == nil {
			err = os.WriteFile(kept, text, 0o600)
		}
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		shop.ServeHTTP(w, req)
	}), nil
}

// keepOld saves a notification from 2018.
func keepOld(config sandbox.Config, path string) error {
	config.Clock = func() time.Time { return time.Unix(1528425296, 0) }
	server, err := sandbox.New(config)
	if err != nil {
		return err
	}
	defer server.Close()
	req, err := server.NewNotification(context.Background(), "http://shop.test/notify", sandbox.Event{
		Type: "TRANSACTION.SUCCESS", OriginalType: "transaction", Serial: config.Platform.PublicKeyID,
		Resource: wechatpay.M{"out_trade_no": "old"},
	})
	if err != nil {
		return err
	}
	text, err := httputil.DumpRequest(req, true)
	return errors.Join(err, os.WriteFile(path, text, 0o600))
}

// The samples have the same fields as the notifications that the sandbox sends
// for these events.
func TestNotifySamples(t *testing.T) {
	told := make(chan *notify.Notification, 10)
	var receiver *notify.Receiver
	sb := sandbox.Start(t, func(c *sandbox.Config) {
		c.Demo = true
		c.Client = &http.Client{Transport: request.RoundTripper(func(req *http.Request) (*http.Response, error) {
			if n, err := receiver.Parse(req); err == nil { // a probe fails to parse
				told <- n
			}
			return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody, Header: make(http.Header)}, nil
		})}
	})
	m := sb.Merchant()
	var err error
	if receiver, err = notify.New(notify.Config{Keys: sb.PlatformKeys(), APIv3Key: m.APIv3Key}); err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	client := sb.Client()
	post := func(path string, body wechatpay.M, bind ...wechatpay.Option) *wechatpay.Response {
		t.Helper()
		resp, err := client.Chain(path).Post(t.Context(), append(bind, wechatpay.JSON(body))...)
		must(err)
		return resp
	}
	const url, appID, openID, number = "https://shop.example.com/notify", "wxd678efh567hg6787", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "1217752501201407033233368018"
	pay := func(number string) string {
		post("v3/pay/transactions/native", wechatpay.M{"appid": appID, "mchid": m.MchID, "description": "d", "attach": "a",
			"out_trade_no": number, "notify_url": url, "amount": wechatpay.M{"total": 100}})
		id, err := sb.Pay(m.MchID, number)
		must(err)
		return id
	}
	authorize := func(number string) {
		post("v3/fund-app/mch-transfer/user-confirm-authorization", wechatpay.M{"appid": appID, "out_authorization_no": number, "openid": openID,
			"transfer_scene_id": "1000", "user_display_name": "wx_123456", "user_recv_perception": "现金奖励", "authorization_notify_url": url})
		must(sb.ConfirmAuthorization(m.MchID, number))
	}
	for name, happen := range map[string]func(){
		"TRANSACTION.SUCCESS": func() { pay(number) },
		"REFUND.SUCCESS":      func() { refund(t, sb, post, pay, "r1", sandbox.RefundSuccess) },
		"REFUND.ABNORMAL":     func() { refund(t, sb, post, pay, "r2", sandbox.RefundAbnormal) },
		"REFUND.CLOSED":       func() { refund(t, sb, post, pay, "r3", sandbox.RefundClosed) },
		"COUPON.USE": func() {
			post("v3/marketing/favor/callbacks", wechatpay.M{"mchid": m.MchID, "notify_url": url})
			coupon := post("v3/marketing/favor/users/{openid}/coupons", wechatpay.M{"stock_id": "9856000", "out_request_no": number, "appid": appID,
				"stock_creator_mchid": m.MchID, "coupon_value": 100, "coupon_minimum": 100}, wechatpay.Bind("openid", openID)).Get("coupon_id").String()
			must(sb.UseCoupon(m.MchID, coupon, pay("c"+number[1:])))
		},
		"COMPLAINT.CREATE": func() {
			post("v3/merchant-service/complaint-notifications", wechatpay.M{"url": url})
			pay("d" + number[1:])
			_, err := sb.Complain(m.MchID, "d"+number[1:], "重复扣费")
			must(err)
		},
		"MCHTRANSFER.AUTHORIZATION.CONFIRMED": func() { authorize("a1") },
		"MCHTRANSFER.AUTHORIZATION.CLOSED": func() {
			authorize("a2")
			must(sb.CloseAuthorization(m.MchID, "a2", "USER_CLOSE"))
		},
		"MCHTRANSFER.BILL.FINISHED": func() {
			post("v3/fund-app/mch-transfer/transfer-bills", wechatpay.M{"appid": appID, "out_bill_no": "plfk2020042013", "openid": openID,
				"transfer_amount": 100, "transfer_remark": "r", "transfer_scene_id": "1000", "notify_url": url,
				"transfer_scene_report_infos": []wechatpay.M{{"info_type": "活动名称", "info_content": "注册会员有礼"}, {"info_type": "奖励说明", "info_content": "注册会员抽奖一等奖"}}})
			must(sb.SettleTransfer(m.MchID, "plfk2020042013", sandbox.TransferTransfering))
			must(sb.SettleTransfer(m.MchID, "plfk2020042013", sandbox.TransferSuccess))
		},
	} {
		happen()
		n := <-told
		for n.EventType != name {
			n = <-told // from an earlier step
		}
		e, resource, err := sendOptions{event: name}.find(m.MchID, time.Now())
		must(err)
		if got, want := fieldsOf(gjson.ParseBytes(resource), ""), fieldsOf(gjson.ParseBytes(n.Resource), ""); !slices.Equal(got, want) {
			t.Errorf("%s has the fields\n%s\nthe sandbox sends\n%s", name, got, want)
		}
		if e.Summary != n.Summary || e.OriginalType != gjson.GetBytes(n.Raw, "resource.original_type").String() {
			t.Errorf("%s is %s, %s; the sandbox sends %s", name, e.OriginalType, e.Summary, n.Raw)
		}
	}
}

// refund pays an order, refunds it and settles the refund.
func refund(t *testing.T, sb *sandbox.Sandbox, post func(string, wechatpay.M, ...wechatpay.Option) *wechatpay.Response, pay func(string) string, number string, state sandbox.RefundState) {
	t.Helper()
	post("v3/refund/domestic/refunds", wechatpay.M{"transaction_id": pay(number + "1775250120"), "out_refund_no": number,
		"notify_url": "https://shop.example.com/notify", "amount": wechatpay.M{"refund": 100, "total": 100, "currency": "CNY"}})
	if err := sb.SettleRefund(sb.Merchant().MchID, number, state); err != nil {
		t.Fatal(err)
	}
}

// fieldsOf returns the sorted paths of an object's fields, with the types of
// their values.
func fieldsOf(object gjson.Result, under string) (paths []string) {
	object.ForEach(func(name, value gjson.Result) bool {
		path := under + name.String()
		if value.IsObject() {
			paths = append(paths, fieldsOf(value, path+".")...)
		} else {
			paths = append(paths, path+" "+strings.Replace(value.Type.String(), "True", "False", 1))
		}
		return true
	})
	slices.Sort(paths)
	return paths
}

// The platform waits five seconds. An answer after that does not acknowledge
// the notification. A handler that cannot be reached is a network error.
func TestNotifySendWaits(t *testing.T) {
	for reached, code := range map[bool]int{true: exit.Failed, false: exit.Network} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			var out bytes.Buffer
			err := sendOptions{}.send(httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil), request.RoundTripper(func(req *http.Request) (*http.Response, error) {
				if reached {
					httptrace.ContextClientTrace(req.Context()).GotConn(httptrace.GotConnInfo{})
				}
				<-req.Context().Done()
				return nil, req.Context().Err()
			}), &out)
			if got := exit.Code(err); got != code || time.Since(began) != 5*time.Second || out.Len() != 0 {
				t.Errorf("exit %d after %v, want %d after 5 s: %v", got, time.Since(began), code, err)
			}
		})
	}
}

// An answer from a handler cannot control the terminal.
func TestNotifySendShowsAnswers(t *testing.T) {
	answer := func(*http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		w.WriteString("a\x1b[31mb\r\nc\a")
		return w.Result(), nil
	}
	var out bytes.Buffer
	err := sendOptions{}.send(httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil), request.RoundTripper(answer), &out)
	if err != nil || !strings.HasSuffix(out.String(), " ms\na[31mb\nc\nacknowledged\n") {
		t.Errorf("it shows %q, %v", out.String(), err)
	}
}

func TestParseMessage(t *testing.T) {
	for _, tt := range []struct{ text, header, body, wrong string }{
		{"POST / HTTP/1.1\r\nA: b\r\n\r\n{}\n", "b", "{}\n", ""},
		{"> POST / HTTP/1.1\n> A: b\n>\n{}", "b", "{}", ""},
		{"\nA:b\n\n{}", "b", "{}", ""},
		{"HTTP/1.1 200 OK\nA: b: c\nContent-Length: 2\n\n{}\n", "b: c", "{}", ""},
		{" {}", "", " {}", ""},
		{"<xml/>", "", "<xml/>", ""},
		{"A: b\nTransfer-Encoding: chunked\n\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", "b", "{}", ""},
		{"A: b\nTransfer-Encoding: chunked\n\n{}", "b", "{}", ""},
		{"A: b\nTransfer-Encoding: chunked\n\n5\r\n{", "", "", "incomplete"},
		{"A: b\n", "", "", "no body"},
		{"nonsense", "", "", "no body"},
		{"", "", "", "empty"},
		{" \n", "", "", "empty"},
	} {
		m, err := parseMessage([]byte(tt.text))
		switch {
		case tt.wrong != "":
			if err == nil || !strings.Contains(err.Error(), tt.wrong) {
				t.Errorf("%q: error is %v, want %q", tt.text, err, tt.wrong)
			}
		case err != nil || m.header.Get("A") != tt.header || string(m.body) != tt.body:
			t.Errorf("%q: header %v, body %q, %v", tt.text, m.header, m.body, err)
		}
	}
}

// For any input, the body is a part of the text, unless it is chunked.
func FuzzParseMessage(f *testing.F) {
	f.Add("POST / HTTP/1.1\r\nA: b\r\n\r\n{}\n")
	f.Add("A: b\nTransfer-Encoding: chunked\n\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n")
	f.Add("A: b\nContent-Length: 1\n\n{}")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := parseMessage([]byte(text))
		if err != nil || m.header.Get("Transfer-Encoding") != "" {
			return
		}
		if !strings.Contains(text, string(m.body)) {
			t.Errorf("the body of %q is %q", text, m.body)
		}
		if _, err := m.request(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// Each event of the catalogue has a sample, and each sample the fields of a
// notification: a title, the merchant's number, RFC 3339 times and whole amounts.
func TestNotifyEvents(t *testing.T) {
	all := make(map[string]bool)
	for _, s := range samples() {
		if all[s.Name] {
			t.Errorf("%s is there twice", s.Name)
		}
		all[s.Name], all[eventType(s.Name)] = true, true
		resource := s.resource("1900000109", time.Unix(1528425296, 0))
		if !gjson.ValidBytes(resource) || s.Title == "" || s.Summary == "" || s.Original == "" || strings.Contains(string(resource), "$") {
			t.Errorf("%s is %+v, %s", s.Name, s, resource)
		}
		eachField("", gjson.ParseBytes(resource), func(path string, value gjson.Result) { checkField(t, s.Name+" "+path, value) })
	}
	known := catalogueEvents()
	for _, event := range known {
		if !all[event] {
			t.Errorf("%s has no sample", event)
		}
	}
	if len(known) < 50 || len(all) < 100 {
		t.Errorf("%d events in the catalogue, %d samples", len(known), len(all))
	}
}

// catalogueEvents returns the event_types that the catalogue knows.
func catalogueEvents() (events []string) {
	for op := range openapi.Operations() {
		if op.Template != "v3/webhooks" {
			continue
		}
		for _, p := range op.Body().Properties {
			if p.Name != "event_type" {
				continue
			}
			for _, event := range p.Enum {
				events = append(events, fmt.Sprint(event))
			}
		}
	}
	return events
}

// eachField calls found with the fields of an object, at any depth.
func eachField(path string, object gjson.Result, found func(path string, value gjson.Result)) {
	object.ForEach(func(name, value gjson.Result) bool {
		inner := strings.TrimPrefix(path+"."+name.String(), ".")
		if value.IsObject() || value.IsArray() {
			eachField(inner, value, found)
		} else {
			found(inner, value)
		}
		return true
	})
}

// checkField checks the value of a field whose name says what it is.
func checkField(t *testing.T, path string, value gjson.Result) {
	name := path[strings.LastIndexAny(path, ". ")+1:]
	switch {
	case strings.HasPrefix(path, "CREDIT_REPAYMENT."): // whose amounts are documented as texts
	case strings.HasSuffix(name, "_time") && value.Type == gjson.String:
		_, err := time.Parse(time.RFC3339, value.String())
		if _, short := time.Parse("20060102150405", value.String()); err != nil && short != nil {
			t.Errorf("%s is %s", path, value)
		}
	case strings.HasSuffix(name, "amount"), name == "total", name == "payer_total", name == "refund":
		if value.Type != gjson.Number || value.Float() != float64(value.Int()) {
			t.Errorf("%s is %s", path, value)
		}
	}
}

// In the folder of a merchant of the sandbox, that merchant is notified.
func TestNotifyMerchant(t *testing.T) {
	dir := t.TempDir()
	if err := sandbox.AddMerchant(dir, "1900000110", time.Now()); err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Join(dir, "merchants", "1900000110"))
	for _, tt := range []struct{ f, want string }{{"", "1900000110"}, {sandbox.DefaultMchID, sandbox.DefaultMchID}} {
		var out bytes.Buffer
		if err := (sendOptions{event: "TRANSACTION.SUCCESS", mchID: tt.f}).print(&out, &out, nil); err != nil {
			t.Fatal(err)
		}
		if got := gjson.GetBytes(out.Bytes(), "mchid").String(); got != tt.want {
			t.Errorf("with --mchid %q, %s is notified, want %s", tt.f, got, tt.want)
		}
	}
}
