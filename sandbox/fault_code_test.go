package sandbox_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox"
)

// A request meets a code of business. Its status and its message are by default the
// documented ones.
func TestFaultCode(t *testing.T) {
	for name, tt := range map[string]struct {
		fault   sandbox.Fault
		status  int
		message string // contained
	}{
		"of the operation":     {sandbox.Fault{Path: "POST " + refundPath, Code: "NOT_ENOUGH"}, 403, "the funds that pay the refund are too low"},
		"of another operation": {sandbox.Fault{Path: refundPath, Code: "OPENID_MISMATCH"}, 500, "OPENID_MISMATCH"},
		"of no operation":      {sandbox.Fault{Path: refundPath, Code: "NO_SUCH_CODE"}, 400, "NO_SUCH_CODE"},
		"with all":             {sandbox.Fault{Kind: sandbox.FaultCode, Code: "NOT_ENOUGH", Status: 409, Message: "余额不足"}, 409, "余额不足"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.paid(t, number, 100)
			if err := w.Faults(tt.fault); err != nil {
				t.Fatal(err)
			}
			_, err := w.call("POST", refundPath, refundOf("refund_1", 1))
			e := refused(t, err, tt.status, tt.fault.Code)
			if !strings.Contains(e.Message, tt.message) || !e.Verified {
				t.Errorf("error is %v, want a signed one that says %q", err, tt.message)
			}
			if got := w.Requests(); got[len(got)-1].Fault != sandbox.FaultCode || got[len(got)-1].Code != tt.fault.Code {
				t.Errorf("the request is listed as %+v", got[len(got)-1])
			}
			if err := w.Faults(); err != nil {
				t.Fatal(err)
			}
			_, err = w.call("GET", refundPath+"/refund_1", nil)
			refused(t, err, 404, "RESOURCE_NOT_EXISTS") // nothing was done
		})
	}
}

// Every documented error of every operation can be had, with its status.
func TestFaultCodeOfEveryError(t *testing.T) {
	w := newExamplesWorld(t)
	for op := range openapi.Operations() {
		for _, e := range op.Errors() {
			if e.Code == "" || e.Status == 0 {
				continue
			}
			if err := w.Faults(sandbox.Fault{Path: op.String(), Code: e.Code, Status: e.Status, Message: e.When}); err != nil {
				t.Errorf("%s %s: %v", op, e.Code, err)
			}
		}
	}
	op := openapi.Lookup("POST", "v3/marketing/favor/users/{openid}/coupons")
	for _, e := range op.Errors() {
		if err := w.Faults(sandbox.Fault{Path: op.String(), Code: e.Code}); err != nil {
			t.Fatal(err)
		}
		_, err := throughTree(t, w.client, op, append(optionsOf(t, op, openapi.Example(op, 0), nil), wechatpay.Options{"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}))
		refused(t, err, e.Status, e.Code)
	}
}

// After that what was asked is done, so that its outcome is found by a query.
func TestFaultAfter(t *testing.T) {
	for _, fault := range []sandbox.Fault{
		{Code: "SYSTEM_ERROR"}, {Code: "USERPAYING", Status: 202}, {Code: "NOT_ENOUGH"},
		{Kind: sandbox.FaultError}, {Kind: sandbox.FaultUnavailable}, {Kind: sandbox.FaultTooMany},
	} {
		w := newWorld(t)
		fault.After, fault.Count = true, 1
		if err := w.Faults(fault); err != nil {
			t.Fatal(err)
		}
		resp, err := w.call("POST", native, w.order("done_all_the_same", 100), wechatpay.HTTPErrors(false))
		if err != nil {
			t.Fatal(err)
		}
		if want := map[string]int{"SYSTEM_ERROR": 500, "USERPAYING": 202, "NOT_ENOUGH": 403, "SERVICE_UNAVAILABLE": 502, "FREQUENCY_LIMITED": 429}[resp.Get("code").String()]; resp.StatusCode != want {
			t.Errorf("%+v: answered %d %s, want %d", fault, resp.StatusCode, resp.Get("code"), want)
		}
		order := w.mustCall(t, "GET", "v3/pay/transactions/out-trade-no/done_all_the_same", nil, wechatpay.Query(wechatpay.M{"mchid": sandbox.DefaultMchID}))
		if order.Get("trade_state").String() != "NOTPAY" {
			t.Errorf("%+v: the order is %s", fault, order.Get("trade_state"))
		}
	}
	w := newWorld(t)
	if err := w.Faults(sandbox.Fault{Code: "SYSTEM_ERROR", After: true}); err != nil {
		t.Fatal(err)
	}
	_, err := w.call("GET", "v3/pay/transactions/out-trade-no/no_such_order", nil, wechatpay.Query(wechatpay.M{"mchid": sandbox.DefaultMchID}))
	refused(t, err, 404, "ORDER_NOT_EXIST") // what is refused anyway has its own reason
}

// In APIv2 the same fault is an err_code in a signed answer with the status 200.
func TestFaultCodeOfAPIv2(t *testing.T) {
	for _, after := range []bool{false, true} {
		w := newWorld(t)
		if err := w.Faults(sandbox.Fault{Path: "POST v2/pay/unifiedorder", Code: "NOTENOUGH", Message: "余额不足", After: after}); err != nil {
			t.Fatal(err)
		}
		body := orderV2("v2_fault", 88, nil)
		_, err := w.client.Chain("v2/pay/unifiedorder").Post(context.Background(), wechatpay.XML(body))
		e := refused(t, err, http.StatusOK, "NOTENOUGH")
		if e.Message != "余额不足" || !e.Verified {
			t.Errorf("error is %v", err)
		}
		_, err = w.client.Chain("v2/pay/orderquery").Post(context.Background(), wechatpay.XML(queryV2("v2_fault")))
		if done := err == nil; done != after {
			t.Errorf("after %v: the order is there: %v (%v)", after, done, err)
		}
	}
}

// A Path can name a method, variables and all of a product.
func TestFaultPaths(t *testing.T) {
	w := newWorld(t)
	query := func() error {
		_, err := w.call("GET", "v3/profitsharing/transactions/4208450740201411110007820472/amounts", nil)
		return err
	}
	place := func() error {
		_, err := w.call("POST", native, w.order("paths", 1))
		return err
	}
	for path, want := range map[string][2]bool{ // whether query and place meet it
		"v3/profitsharing/...":           {true, false},
		"GET v3/profitsharing/...":       {true, false},
		"POST v3/profitsharing/...":      {false, false},
		"v3/...":                         {true, true},
		"v3/profit/...":                  {false, false},
		"v3/pay/*/...":                   {false, true},
		"v3/pay/transactions/native/...": {false, false},
		"GET v3/profitsharing/transactions/{transaction_id}/amounts": {true, false},
		"/v3/profitsharing/transactions/{transaction_id}/amounts":    {true, false},
		"v3/profitsharing/transactions/{transaction_id}":             {false, false},
		"POST v3/pay/transactions/native":                            {false, true},
		"GET v3/pay/transactions/native":                             {false, false},
	} {
		if err := w.Faults(sandbox.Fault{Path: path, Kind: sandbox.FaultTooMany}); err != nil {
			t.Fatal(err)
		}
		if got := [2]bool{wechatpay.IsCode(query(), "FREQUENCY_LIMITED"), wechatpay.IsCode(place(), "FREQUENCY_LIMITED")}; got != want {
			t.Errorf("%s: the requests met it: %v, want %v", path, got, want)
		}
	}
}

// The 429 of cash coupons has a code of its own.
//
// https://pay.weixin.qq.com/wiki/doc/apiv3/apis/chapter9_1_3.shtml
func TestCouponsTooFast(t *testing.T) {
	w := newWorld(t)
	if err := w.Faults(sandbox.Fault{Kind: sandbox.FaultTooMany}); err != nil {
		t.Fatal(err)
	}
	_, err := w.call("POST", userPath+"a/coupons", w.sending("1", "r1"))
	refused(t, err, 429, "FREQUENCY_LIMIT_EXCEED")
	_, err = w.call("POST", native, w.order("too-fast", 1))
	refused(t, err, 429, "FREQUENCY_LIMITED")
}

func TestFaultCodeRefuses(t *testing.T) {
	w := newWorld(t)
	for want, fault := range map[string]sandbox.Fault{
		"wants a Code":      {Kind: sandbox.FaultCode},
		"no other may have": {Kind: sandbox.FaultCut, Code: "NOT_ENOUGH"},
		"Status 403":        {Kind: sandbox.FaultError, Status: 403},
		"Message \"m\"":     {Kind: sandbox.FaultError, Message: "m"},
		"Status is 99":      {Code: "NOT_ENOUGH", Status: 99},
		"Status is 600":     {Code: "NOT_ENOUGH", Status: 600},
		"cannot come After": {Kind: sandbox.FaultCut, After: true},
		"syntax error":      {Path: "v3/[", Kind: sandbox.FaultCut},
		"it is a URL":       {Path: "https://api.mch.weixin.qq.com/v3/certificates", Kind: sandbox.FaultCut},
		"not a method":      {Path: "QUERY v3/certificates", Kind: sandbox.FaultCut},
		"a path is wanted":  {Path: "POST v3/certificates twice", Kind: sandbox.FaultCut},
		"or a method":       {Path: "POST ", Kind: sandbox.FaultCut},
		"want one of":       {},
	} {
		if err := w.Faults(fault); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error is %v, want %q", fault, err, want)
		}
	}
}

// The control API sets the same faults.
func TestFaultCodeByControl(t *testing.T) {
	w := newWorld(t)
	const fault = `{"faults":[{"path":"POST v3/pay/transactions/native","kind":"code","count":1,"code":"OUT_TRADE_NO_USED","status":403,"message":"m","after":true}]}`
	w.controls(t, http.StatusNoContent, "PUT", "faults", fault)
	if got := w.controls(t, http.StatusOK, "GET", "faults", ""); got.Raw != fault {
		t.Errorf("the faults are %s", got.Raw)
	}
	_, err := w.call("POST", native, w.order("by_control", 1))
	if e := refused(t, err, 403, "OUT_TRADE_NO_USED"); e.Message != "m" {
		t.Errorf("error is %v", err)
	}
}
