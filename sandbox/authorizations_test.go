package sandbox_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay"
	bills "github.com/wxchain/wechatpay/bill"
	"github.com/wxchain/wechatpay/sandbox"
)

const (
	authorizationsPath    = "v3/fund-app/mch-transfer/user-confirm-authorization"
	authorizationOf       = authorizationsPath + "/out-authorization-no/{out_authorization_no}"
	subAuthorizationsPath = "v3/fund-app/mch-transfer/partner/user-confirm-authorizations"
	subAuthorizationOf    = subAuthorizationsPath + "/{out_authorization_no}"
	authorizedPath        = billsPath + "/transfer"
	withAuthorizationPath = billsPath + "/pre-transfer-with-authorization"
	consent               = "consent1"
)

// authorizationBody is the body of a request for an authorization, with some fields
// changed.
func authorizationBody(edit wechatpay.M) wechatpay.M {
	return with(wechatpay.M{
		"out_authorization_no": consent, "appid": "wxf636efh567hg4356", "openid": zhang, "transfer_scene_id": "1000",
		"user_display_name": "wx_123456", "user_recv_perception": "现金奖励", "authorization_notify_url": "https://shop.example.com/authorized",
	}, edit)
}

func (w *world) authorize(edit wechatpay.M) (*wechatpay.Response, error) {
	return w.call("POST", authorizationsPath, authorizationBody(edit))
}

func (w *world) mustAuthorize(t testing.TB, edit wechatpay.M) {
	t.Helper()
	resp, err := w.authorize(edit)
	if err != nil {
		t.Fatal(err)
	}
	documented(t, "POST", authorizationsPath, resp)
}

// authorization returns an authorization as the query shows it.
func (w *world) authorization(t testing.TB) *wechatpay.Response {
	t.Helper()
	resp := w.mustCall(t, "GET", authorizationOf, nil, wechatpay.Options{"out_authorization_no": consent})
	documented(t, "GET", authorizationOf, resp)
	return resp
}

func (w *world) closeAuthorization() (*wechatpay.Response, error) {
	return w.call("POST", authorizationOf+"/close", nil, wechatpay.Options{"out_authorization_no": consent})
}

// transferTo asks for a transfer under an authorization.
func (w *world) transferTo(edits ...wechatpay.M) (*wechatpay.Response, error) {
	body := transferOf(wechatpay.M{"openid": nil, "out_authorization_no": consent})
	for _, edit := range edits {
		body = with(body, edit)
	}
	return w.call("POST", authorizedPath, body, wechatpay.Header("Wechatpay-Serial", serialOf(w.Sandbox)))
}

// TestAuthorization checks the states of an authorization.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4015901167,
// https://pay.weixin.qq.com/doc/v3/merchant/4014399423,
// https://pay.weixin.qq.com/doc/v3/merchant/4015653811
func TestAuthorization(t *testing.T) {
	for _, tt := range []struct {
		steps string
		fails bool // the last step
		state string
		why   string
	}{
		{"", false, "WAIT_USER_CONFIRM", ""},
		{"23h59m59s", false, "WAIT_USER_CONFIRM", ""},
		{"24h", false, "CLOSED", "USER_OVERDUE_UNCONFIRMED"},
		{"confirm", false, "TAKING_EFFECT", ""},
		{"confirm 1000h", false, "TAKING_EFFECT", ""},
		{"confirm confirm", true, "TAKING_EFFECT", ""},
		{"24h confirm", true, "CLOSED", "USER_OVERDUE_UNCONFIRMED"},
		{"confirm close", false, "CLOSED", "CLOSE_VIA_MCH_API"},
		{"confirm close 1h close", false, "CLOSED", "CLOSE_VIA_MCH_API"},
		{"close", false, "CLOSED", "CLOSE_VIA_MCH_API"},
		{"close confirm", true, "CLOSED", "CLOSE_VIA_MCH_API"},
		{"confirm USER_CLOSE", false, "CLOSED", "USER_CLOSE"},
		{"confirm TRANSFER_RISK", false, "CLOSED", "TRANSFER_RISK"},
		{"confirm USER_ACCOUNT_ABNORMAL", false, "CLOSED", "USER_ACCOUNT_ABNORMAL"},
		{"confirm BAD_LUCK", true, "TAKING_EFFECT", ""},
		{"USER_CLOSE", true, "WAIT_USER_CONFIRM", ""},
		{"confirm USER_CLOSE close", false, "CLOSED", "USER_CLOSE"},
	} {
		t.Run(tt.steps, func(t *testing.T) {
			w := newWorld(t)
			w.mustAuthorize(t, nil)
			if err := w.playAuthorization(t, tt.steps); (err != nil) != tt.fails {
				t.Errorf("error is %v", err)
			}
			got := w.authorization(t)
			if got.Get("state").String() != tt.state || got.Get("close_info.close_reason").String() != tt.why {
				t.Errorf("it is %s, want %s for %q", got.Bytes(), tt.state, tt.why)
			}
			confirmed := strings.HasPrefix(tt.steps, "confirm")
			if got.Get("authorization_id").Exists() != confirmed || got.Get("authorize_time").Exists() != confirmed {
				t.Errorf("after %q: %s", tt.steps, got.Bytes())
			}
			if got.Get("package_info").Exists() != (tt.state == "WAIT_USER_CONFIRM") {
				t.Errorf("in the state %s: %s", tt.state, got.Bytes())
			}
		})
	}
}

// playAuthorization does steps to the authorization: confirm and close are its own,
// and anything else closes it for that reason.
func (w *world) playAuthorization(t *testing.T, steps string) error {
	t.Helper()
	return w.inSteps(t, steps, func(step string) error {
		switch step {
		case "confirm":
			return w.ConfirmAuthorization(w.Merchant().MchID, consent)
		case "close":
			resp, err := w.closeAuthorization()
			if err == nil && resp.Get("close_info.close_reason").String() == "CLOSE_VIA_MCH_API" { // no other is documented here
				documented(t, "POST", authorizationOf+"/close", resp)
			}
			return err
		}
		return w.CloseAuthorization(w.Merchant().MchID, consent, step)
	})
}

func TestAuthorizationQueries(t *testing.T) {
	w := newWorld(t)
	query := func(opts ...wechatpay.Option) error {
		_, err := w.call("GET", authorizationOf, nil, append(opts, wechatpay.Options{"out_authorization_no": consent})...)
		return err
	}
	refused(t, query(), 404, "NOT_FOUND")
	_, err := w.closeAuthorization()
	refused(t, err, 404, "NOT_FOUND")
	first, err := w.authorize(nil)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := w.authorize(nil); err != nil || string(again.Bytes()) != string(first.Bytes()) {
		t.Errorf("repeated: %v, %v; at first %s", again, err, first.Bytes())
	}
	_, err = w.authorize(wechatpay.M{"user_display_name": "other"})
	refused(t, err, 400, "INVALID_REQUEST")
	got := w.authorization(t)
	for field, want := range map[string]string{"out_authorization_no": consent, "appid": "wxf636efh567hg4356", "openid": zhang, "transfer_scene_id": "1000",
		"user_display_name": "wx_123456", "user_recv_perception": "现金奖励", "package_info": first.Get("package_info").String(), "create_time": "2018-06-08T10:30:00+08:00"} {
		if got := got.Get(field).String(); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
	// Nobody confirms it: it is known for 30 days more.
	w.clock.add(31 * 24 * time.Hour)
	if err := query(); err != nil {
		t.Error(err)
	}
	w.clock.add(time.Second)
	refused(t, query(), 404, "NOT_FOUND")

	for name, tt := range map[string]struct {
		edit  wechatpay.M
		field string
	}{
		"number":        {wechatpay.M{"out_authorization_no": "a-b"}, "/out_authorization_no"},
		"no name":       {wechatpay.M{"user_display_name": ""}, "/user_display_name"},
		"long name":     {wechatpay.M{"user_display_name": strings.Repeat("名", 33)}, "/user_display_name"},
		"scene":         {wechatpay.M{"transfer_scene_id": "1001"}, "/transfer_scene_id"},
		"URL of no TLS": {wechatpay.M{"authorization_notify_url": "http://www.example.com/"}, "/authorization_notify_url"},
		"no URL":        {wechatpay.M{"authorization_notify_url": ""}, "/authorization_notify_url"},
	} {
		_, err := w.authorize(with(wechatpay.M{"out_authorization_no": "refused"}, tt.edit))
		if e := refused(t, err, 400, "PARAM_ERROR"); e.Detail.Get("field").String() != tt.field {
			t.Errorf("%s: detail %s", name, e.Detail)
		}
	}
	_, err = w.authorize(wechatpay.M{"out_authorization_no": "refused", "user_recv_perception": "货款"})
	refused(t, err, 400, "INVALID_REQUEST")
}

// TestTransferAuthorized transfers to a user who need not confirm.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4014399371
func TestTransferAuthorized(t *testing.T) {
	w := newWorld(t)
	_, err := w.transferTo()
	refused(t, err, 404, "NOT_FOUND")
	w.mustAuthorize(t, nil)
	_, err = w.transferTo()
	refused(t, err, 400, "INVALID_REQUEST") // the user has not confirmed
	w.controls(t, 204, "POST", "authorizations/"+consent+"/confirm", "")
	id := w.authorization(t).Get("authorization_id").String()

	first, err := w.transferTo(wechatpay.M{"user_name": wechatpay.Secret("张三")})
	if err != nil {
		t.Fatal(err)
	}
	documented(t, "POST", authorizedPath, first)
	if first.Get("state").String() != "SUCCESS" || first.Get("openid").String() != zhang {
		t.Errorf("answer %s", first.Bytes())
	}
	if name, err := first.Decrypt("user_name"); err != nil || name != "张三" {
		t.Errorf("the name is %q, %v", name, err)
	}
	if got := w.bill(t); got.Get("state").String() != "SUCCESS" {
		t.Errorf("queried: %s", got.Bytes())
	}
	_, err = w.cancel()
	refused(t, err, 400, "INVALID_REQUEST")

	for name, edit := range map[string]wechatpay.M{"byid": {"authorization_id": id, "out_authorization_no": nil}, "both": {"authorization_id": id}} {
		if resp, err := w.transferTo(edit, wechatpay.M{"out_bill_no": name}); err != nil || resp.Get("state").String() != "SUCCESS" {
			t.Errorf("%s: %v, %v", name, resp, err)
		}
	}
	for name, tt := range map[string]struct {
		edit   wechatpay.M
		status int
		code   string
	}{
		"other":    {wechatpay.M{"authorization_id": id, "out_authorization_no": "other"}, 400, "PARAM_ERROR"},
		"neither":  {wechatpay.M{"out_authorization_no": nil}, 400, "PARAM_ERROR"},
		"unknown":  {wechatpay.M{"out_authorization_no": "other"}, 404, "NOT_FOUND"},
		"appid":    {wechatpay.M{"appid": "wxd678efh567hg6787"}, 400, "PARAM_ERROR"},
		"scene":    {wechatpay.M{"transfer_scene_id": "1011", "user_recv_perception": nil, "transfer_scene_report_infos": reports("赔付原因")}, 400, "PARAM_ERROR"},
		"used":     {wechatpay.M{"out_bill_no": bill, "transfer_amount": 200}, 400, "ALREADY_EXISTS"},
		"sponsor":  {wechatpay.M{"sponsor_mchid": "1900000299"}, 400, "MCH_NOT_EXISTS"},
		"badscene": {wechatpay.M{"transfer_scene_report_infos": reports("赔付原因")}, 400, "PARAM_ERROR"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.transferTo(wechatpay.M{"out_bill_no": "refused" + name}, tt.edit)
			refused(t, err, tt.status, tt.code)
		})
	}

	// Closed, it is good for nothing more. What was asked for may be repeated.
	if _, err := w.closeAuthorization(); err != nil {
		t.Fatal(err)
	}
	_, err = w.transferTo(wechatpay.M{"out_bill_no": "later"})
	refused(t, err, 400, "INVALID_REQUEST")
	if again, err := w.transferTo(wechatpay.M{"user_name": wechatpay.Secret("张三")}); err != nil || again.Get("transfer_bill_no").String() != first.Get("transfer_bill_no").String() {
		t.Errorf("repeated: %v, %v", again, err)
	}
}

// Without confirmation too, a transfer takes its time, and fails.
func TestTransferAuthorizedSlowly(t *testing.T) {
	w := newWorld(t, slowly)
	w.mustAuthorize(t, nil)
	if err := w.ConfirmAuthorization(w.Merchant().MchID, consent); err != nil {
		t.Fatal(err)
	}
	if _, err := w.transferTo(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"ACCEPTED", "PROCESSING", "TRANSFERING", "SUCCESS"} {
		if got := w.bill(t).Get("state").String(); got != want {
			t.Errorf("it is %s, want %s", got, want)
		}
		if want != "SUCCESS" {
			_, err := w.cancel()
			refused(t, err, 400, "INVALID_REQUEST")
		}
		w.clock.add(5 * time.Second)
	}
	if err := w.FailUser(zhang, "DAY_RECEIVED_QUOTA_EXCEED"); err != nil {
		t.Fatal(err)
	}
	failed, err := w.transferTo(wechatpay.M{"out_bill_no": "fails"})
	if err != nil || failed.Get("state").String() != "ACCEPTED" {
		t.Fatal(failed, err)
	}
	w.clock.add(5 * time.Second)
	got := w.mustCall(t, "GET", billsPath+billOf, nil, wechatpay.Options{"out_bill_no": "fails"})
	if got.Get("state").String() != "FAIL" || got.Get("fail_reason").String() != "DAY_RECEIVED_QUOTA_EXCEED" {
		t.Errorf("it is %s", got.Bytes())
	}
}

// A sponsor pays in place of the merchant.
func TestTransferSponsor(t *testing.T) {
	w := newWorld(t, withOther(t))
	w.mustAuthorize(t, nil)
	if err := w.ConfirmAuthorization(w.Merchant().MchID, consent); err != nil {
		t.Fatal(err)
	}
	if _, err := w.transferTo(wechatpay.M{"sponsor_mchid": partner}); err != nil {
		t.Fatal(err)
	}
	w.until(t, "2018-06-09 10:00:00")
	if got, want := w.as(partner).statement(t, bills.FundFlow, dayOf, bills.AccountType("OPERATION")).flow(), "商家转账 支出 1.00 999999.00 "+bill; got != want {
		t.Errorf("the sponsor has\n%s\nwant\n%s", got, want)
	}
	var none strings.Builder
	_, err := bills.Download(t.Context(), w.client, bills.FundFlow, dayOf, bills.To(&none), bills.AccountType("OPERATION"))
	refused(t, err, 400, "NO_STATEMENT_EXIST")
}

// TestTransferWithAuthorization checks that the user confirms both at once.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4014399293
func TestTransferWithAuthorization(t *testing.T) {
	info := wechatpay.M{"user_display_name": "wx_123456", "out_authorization_no": consent, "authorization_notify_url": "https://shop.example.com/authorized"}
	for state, end := range map[string]struct{ authorized string }{"SUCCESS": {"TAKING_EFFECT"}, "FAIL": {""}, "TRANSFERING": {"WAIT_USER_CONFIRM"}} {
		t.Run(state, func(t *testing.T) {
			w := newWorld(t)
			asked := w.mustCall(t, "POST", withAuthorizationPath, transferOf(wechatpay.M{"authorization_info": info}))
			documented(t, "POST", withAuthorizationPath, asked)
			if asked.Get("out_authorization_no").String() != consent || asked.Get("user_display_name").String() != "wx_123456" || asked.Get("package_info").String() == "" {
				t.Errorf("answer %s", asked.Bytes())
			}
			if err := w.ConfirmAuthorization(w.Merchant().MchID, consent); err == nil {
				t.Error("it is confirmed without the transfer")
			}
			if err := w.SettleTransfer(w.Merchant().MchID, bill, sandbox.TransferState(state)); err != nil {
				t.Fatal(err)
			}
			if end.authorized == "" {
				_, err := w.call("GET", authorizationOf, nil, wechatpay.Options{"out_authorization_no": consent})
				refused(t, err, 404, "NOT_FOUND")
				return
			}
			if got := w.authorization(t).Get("state").String(); got != end.authorized {
				t.Errorf("the authorization is %s, want %s", got, end.authorized)
			}
		})
	}
	w := newWorld(t)
	plain := w.mustCall(t, "POST", withAuthorizationPath, transferOf(nil))
	documented(t, "POST", withAuthorizationPath, plain)
	_, err := w.call("POST", withAuthorizationPath, transferOf(wechatpay.M{"out_bill_no": "bad", "authorization_info": with(info, wechatpay.M{"out_authorization_no": "a-b"})}))
	refused(t, err, 400, "PARAM_ERROR")
	_, err = w.call("GET", billsPath+billOf, nil, wechatpay.Options{"out_bill_no": "bad"})
	refused(t, err, 404, "NOT_FOUND")
}

// TestAuthorizationNotifies checks what the merchant is told of an authorization.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4014512908
func TestAuthorizationNotifies(t *testing.T) {
	config := testConfig(t)
	confirm := func(s *sandbox.Server, _ *wechatpay.Client) error {
		return s.ConfirmAuthorization(sandbox.DefaultMchID, consent)
	}
	type act = func(*sandbox.Server, *wechatpay.Client) error
	for name, tt := range map[string]struct {
		acts []act
		want string
	}{
		"confirmed": {[]act{confirm}, "CONFIRMED TAKING_EFFECT "},
		"closed by the user": {[]act{confirm, func(s *sandbox.Server, _ *wechatpay.Client) error {
			return s.CloseAuthorization(sandbox.DefaultMchID, consent, "USER_CLOSE")
		}}, "CONFIRMED TAKING_EFFECT |CLOSED CLOSED USER_CLOSE"},
		"closed by the merchant": {[]act{confirm, func(_ *sandbox.Server, client *wechatpay.Client) error {
			_, err := client.Chain(authorizationOf+"/close").Post(context.Background(), wechatpay.Bind("out_authorization_no", consent))
			return err
		}}, "CONFIRMED TAKING_EFFECT |CLOSED CLOSED CLOSE_VIA_MCH_API"},
		"overdue": {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				shop, server, client := newShop(t, config)
				defer server.Close()
				if _, err := client.Chain(authorizationsPath).Post(t.Context(), wechatpay.JSON(authorizationBody(nil))); err != nil {
					t.Fatal(err)
				}
				for _, f := range tt.acts {
					if err := f(server, client); err != nil {
						t.Fatal(err)
					}
					time.Sleep(time.Second)
				}
				time.Sleep(48 * time.Hour)
				synctest.Wait()
				var got []string
				for _, n := range shop.got() {
					got = append(got, strings.TrimPrefix(n.EventType, "MCHTRANSFER.AUTHORIZATION.")+" "+n.Get("state").String()+" "+n.Get("close_info.close_reason").String())
					if n.Get("out_authorization_no").String() != consent || n.Get("authorization_id").String() == "" || n.Get("openid").String() != zhang {
						t.Errorf("notified: %s", n.Resource)
					}
				}
				if got := strings.Join(got, "|"); got != tt.want {
					t.Errorf("notified of %q, want %q", got, tt.want)
				}
			})
		})
	}
}

// The authorization that is confirmed with a slow transfer is notified with it.
func TestTransferWithAuthorizationNotifies(t *testing.T) {
	config := testConfig(t)
	config.SlowTransfers = true
	synctest.Test(t, func(t *testing.T) {
		shop, server, client := newShop(t, config)
		defer server.Close()
		info := wechatpay.M{"user_display_name": "wx_123456", "out_authorization_no": consent, "authorization_notify_url": "https://shop.example.com/authorized"}
		if _, err := client.Chain(withAuthorizationPath).Post(t.Context(), wechatpay.JSON(transferOf(wechatpay.M{"authorization_info": info}))); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		if err := server.SettleTransfer(sandbox.DefaultMchID, bill, sandbox.TransferTransfering); err != nil {
			t.Fatal(err)
		}
		time.Sleep(48 * time.Hour)
		synctest.Wait()
		if got := shop.got(); len(got) != 1 || got[0].EventType != "MCHTRANSFER.AUTHORIZATION.CONFIRMED" {
			t.Errorf("notified: %v", got)
		}
	})
}

// TestPartnerAuthorization checks the authorizations of partners.
//
// https://pay.weixin.qq.com/doc/v3/partner/4016809837,
// https://pay.weixin.qq.com/doc/v3/partner/4016809859,
// https://pay.weixin.qq.com/doc/v3/partner/4016809851,
// https://pay.weixin.qq.com/doc/v3/partner/4016809843
func TestPartnerAuthorization(t *testing.T) {
	w := newWorld(t)
	number := wechatpay.Options{"out_authorization_no": consent}
	asked := w.mustCall(t, "POST", subAuthorizationsPath, authorizationBody(wechatpay.M{"authorization_notify_url": nil, "notify_url": "https://shop.example.com/authorized"}))
	documented(t, "POST", subAuthorizationsPath, asked)
	w.clock.add(time.Minute)
	if err := w.ConfirmAuthorization(w.Merchant().MchID, consent); err != nil {
		t.Fatal(err)
	}
	got := w.mustCall(t, "GET", subAuthorizationOf, nil, number)
	documented(t, "GET", subAuthorizationOf, got)
	if got.Get("state").String() != "TAKING_EFFECT" || got.Get("authorize_time").String() != "2018-06-08T10:31:00+08:00" {
		t.Errorf("queried: %s", got.Bytes())
	}
	to := func(edit wechatpay.M) (*wechatpay.Response, error) {
		return w.call("POST", subBillsPath+"/transfer", with(transferOf(wechatpay.M{"openid": nil, "sub_mchid": sub, "authorization_id": got.Get("authorization_id").String()}), edit))
	}
	sent, err := to(nil)
	if err != nil {
		t.Fatal(err)
	}
	documented(t, "POST", subBillsPath+"/transfer", sent)
	if sent.Get("state").String() != "SUCCESS" || sent.Get("sub_mchid").String() != sub {
		t.Errorf("answer %s", sent.Bytes())
	}
	_, err = to(wechatpay.M{"sub_mchid": "1900000299", "out_bill_no": "no"})
	refused(t, err, 403, "NO_AUTH")

	closed := w.mustCall(t, "POST", subAuthorizationOf+"/close", nil, number)
	documented(t, "POST", subAuthorizationOf+"/close", closed)
	_, err = to(wechatpay.M{"out_bill_no": "later"})
	refused(t, err, 400, "INVALID_REQUEST")

	info := wechatpay.M{"user_display_name": "wx_123456", "out_authorization_no": "consent2", "authorization_notify_url": "https://shop.example.com/authorized"}
	both := w.mustCall(t, "POST", subBillsPath+"/pre-transfer-with-authorization", transferOf(wechatpay.M{"sub_mchid": sub, "out_bill_no": "both", "authorization_info": info}))
	documented(t, "POST", subBillsPath+"/pre-transfer-with-authorization", both)
	if err := w.SettleTransfer(sub, "both", sandbox.TransferSuccess); err != nil {
		t.Fatal(err)
	}
	if got := w.mustCall(t, "GET", subAuthorizationOf, nil, wechatpay.Options{"out_authorization_no": "consent2"}); got.Get("state").String() != "TAKING_EFFECT" {
		t.Errorf("confirmed with the transfer: %s", got.Bytes())
	}
}

// authorizationExamples make the examples of the documentation fit authorizations
// that exist.
func authorizationExamples(t *testing.T, w *world) map[string]wechatpay.M {
	t.Helper()
	for _, number := range []string{"active", "closes", "subcloses"} {
		w.mustAuthorize(t, wechatpay.M{"out_authorization_no": number})
		if err := w.ConfirmAuthorization(w.Merchant().MchID, number); err != nil {
			t.Fatal(err)
		}
	}
	active := w.mustCall(t, "GET", authorizationOf, nil, wechatpay.Options{"out_authorization_no": "active"})
	reported := reports("活动名称", "奖励说明")
	under := wechatpay.M{"out_bill_no": "under", "authorization_id": active.Get("authorization_id").String(), "out_authorization_no": "active",
		"transfer_scene_report_infos": reported, "sponsor_mchid": nil, "sub_mchid": examplesSubMchID}
	info := func(number string) wechatpay.M {
		return wechatpay.M{"user_display_name": "wx_123456", "out_authorization_no": number, "authorization_notify_url": "https://www.weixin.qq.com/wxpay/pay.php"}
	}
	both := func(number string) wechatpay.M {
		return wechatpay.M{"out_bill_no": number, "authorization_info": info(number), "transfer_scene_report_infos": reported, "sponsor_mchid": nil, "sub_mchid": examplesSubMchID}
	}
	return map[string]wechatpay.M{
		"POST " + authorizationsPath:                                {"out_authorization_no": "asked"},
		"GET " + authorizationOf:                                    {"out_authorization_no": "active"},
		"POST " + authorizationOf + "/close":                        {"out_authorization_no": "closes"},
		"POST " + subAuthorizationsPath:                             {"out_authorization_no": "subasked"},
		"GET " + subAuthorizationOf:                                 {"out_authorization_no": "active"},
		"POST " + subAuthorizationOf + "/close":                     {"out_authorization_no": "subcloses"},
		"POST " + authorizedPath:                                    under,
		"POST " + subBillsPath + "/transfer":                        under,
		"POST " + withAuthorizationPath:                             both("both"),
		"POST " + subBillsPath + "/pre-transfer-with-authorization": both("subboth"),
	}
}
