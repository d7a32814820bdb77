package resilience_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/resilience"
)

// found answers a query with a JSON object.
func found(body string) func(int, sent) (*http.Response, error) { return always(200, body) }

func TestResolve(t *testing.T) {
	notFound := always(404, `{"code":"RESOURCE_NOT_EXISTS"}`)
	codepay := post("v3/pay/transactions/codepay", wechatpay.M{"mchid": "1900000109", "out_trade_no": "T1", "payer": wechatpay.M{"auth_code": "134"}})
	refunding := post("v3/refund/domestic/refunds", refund)
	transfer := post("v3/fund-app/mch-transfer/transfer-bills", wechatpay.M{"out_bill_no": "B1"})
	sharing := post("v3/profitsharing/orders", wechatpay.M{"out_order_no": "P1", "transaction_id": "4200", "sub_mchid": "19"})
	returning := post("v3/profitsharing/return-orders", wechatpay.M{"out_return_no": "RR1", "out_order_no": "P1"})
	micropay := postV2("v2/pay/micropay", wechatpay.M{"appid": "wx1", "out_trade_no": "T1", "auth_code": "134"})
	redPacket := postV2("v2/mmpaymkttransfers/sendredpack", wechatpay.M{"wxappid": "wx1", "mch_billno": "B1"})
	refundV2 := postV2("v2/secapi/pay/refund", wechatpay.M{"appid": "wx1", "out_trade_no": "T1", "out_refund_no": "R1"})
	coupon := func(ctx context.Context, client *wechatpay.Client) error {
		_, err := client.Chain("v3/marketing/favor/users/{openid}/coupons").Bind("openid", "oU/x").Post(ctx, wechatpay.JSON(wechatpay.M{"stock_id": "1", "out_request_no": "C1"}))
		return err
	}
	succeeded := func(more ...string) func(int, sent) (*http.Response, error) {
		fields := map[string]string{"return_code": "SUCCESS", "result_code": "SUCCESS"}
		for i := 0; i < len(more); i += 2 {
			fields[more[i]] = more[i+1]
		}
		return v2(fields)
	}
	for _, test := range []struct {
		name          string
		do            verb
		fails, answer func(int, sent) (*http.Response, error)
		state         resilience.State
		number        string
		status        string
		url           string // of the query
		wait          time.Duration
	}{
		{"an order", placeOrder, reset, found(`{"trade_state":"NOTPAY"}`), resilience.StateDone, "T1", "", "/v3/pay/transactions/out-trade-no/T1?mchid=1900000109", 0},
		{"an order that is not found", placeOrder, systemError, notFound, resilience.StateOpen, "T1", "RESOURCE_NOT_EXISTS", "/v3/pay/transactions/out-trade-no/T1?mchid=1900000109", 0},
		{"an order that is not verified", placeOrder, unsigned, notFound, resilience.StateOpen, "T1", "RESOURCE_NOT_EXISTS", "/v3/pay/transactions/out-trade-no/T1?mchid=1900000109", 0},
		{"a payment by code", codepay, systemError, found(`{"trade_state":"SUCCESS"}`), resilience.StateDone, "T1", "SUCCESS", "/v3/pay/transactions/out-trade-no/T1?mchid=1900000109", 5 * time.Second},
		{"one that fails", codepay, reset, found(`{"trade_state":"PAYERROR"}`), resilience.StateNotDone, "T1", "PAYERROR", "/v3/pay/transactions/out-trade-no/T1?mchid=1900000109", 5 * time.Second},
		{"one whose user is paying", codepay, reset, found(`{"trade_state":"USERPAYING"}`), resilience.StateOpen, "T1", "USERPAYING", "/v3/pay/transactions/out-trade-no/T1?mchid=1900000109", 5 * time.Second},
		{"a refund", refunding, reset, found(`{"status":"SUCCESS"}`), resilience.StateDone, "R1", "SUCCESS", "/v3/refund/domestic/refunds/R1", 0},
		{"a refund under way", refunding, tooMany, found(`{"status":"PROCESSING"}`), resilience.StateOpen, "R1", "PROCESSING", "/v3/refund/domestic/refunds/R1", 0},
		{"a refund that is closed", refunding, reset, found(`{"status":"CLOSED"}`), resilience.StateNotDone, "R1", "CLOSED", "/v3/refund/domestic/refunds/R1", 0},
		{"a refund with a new state", refunding, reset, found(`{"status":"NEW"}`), resilience.StateOpen, "R1", "NEW", "/v3/refund/domestic/refunds/R1", 0},
		{"a transfer", transfer, always(400, `{"code":"NOT_ENOUGH"}`), found(`{"state":"CANCELLED"}`), resilience.StateNotDone, "B1", "CANCELLED", "/v3/fund-app/mch-transfer/transfer-bills/out-bill-no/B1", time.Second},
		{"a sharing", sharing, reset, found(`{"state":"FINISHED"}`), resilience.StateDone, "P1", "FINISHED", "/v3/profitsharing/orders/P1?sub_mchid=19&transaction_id=4200", 0},
		{"a return", returning, reset, found(`{"result":"FAILED"}`), resilience.StateNotDone, "RR1", "FAILED", "/v3/profitsharing/return-orders/RR1?out_order_no=P1", 0},
		{"a coupon", coupon, reset, found(`{"coupon_id":"1"}`), resilience.StateDone, "C1", "", "/v3/marketing/favor/users/oU%2Fx/coupons", 0},
		{"a payment by code of APIv2", micropay, v2Refusal("USERPAYING"), succeeded("trade_state", "SUCCESS"), resilience.StateDone, "T1", "SUCCESS", "/pay/orderquery", 5 * time.Second},
		{"one that is not found", micropay, v2Refusal("SYSTEMERROR"), v2Refusal("ORDERNOTEXIST"), resilience.StateOpen, "T1", "ORDERNOTEXIST", "/pay/orderquery", 5 * time.Second},
		{"a red packet", redPacket, v2Refusal("SYSTEMERROR"), succeeded("status", "RECEIVED"), resilience.StateDone, "B1", "RECEIVED", "/mmpaymkttransfers/gethbinfo", time.Second},
		{"a refund of APIv2", refundV2, reset, succeeded("refund_status_0", "REFUNDCLOSE"), resilience.StateNotDone, "R1", "REFUNDCLOSE", "/pay/refundquery", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &platform{answer: inOrder(test.fails, test.answer)}
				client := newClient(t, p)
				failed := test.do(t.Context(), client)
				since := time.Now()
				r, err := resilience.Resolve(t.Context(), client, failed)
				if err != nil || r.State != test.state || r.Number != test.number || r.Status != test.status || r.Response == nil {
					t.Fatalf("%+v, %v after %v", r, err, failed)
				}
				last := p.sent[len(p.sent)-1]
				if got := last.URL.RequestURI(); len(p.sent) != 2 || got != test.url || time.Since(since) != test.wait {
					t.Errorf("%s asked for %s after %s", r.Query, got, time.Since(since))
				}
				if strings.HasPrefix(r.Query, "POST") && !strings.Contains(last.body, test.number) {
					t.Errorf("asked for %s", last.body)
				}
			})
		})
	}
}

// An error whose outcome is known settles the call.
func TestResolveWithoutAQuery(t *testing.T) {
	for name, test := range map[string]struct {
		do     verb
		answer func(int, sent) (*http.Response, error)
		state  resilience.State
	}{
		"done":    {placeOrder, fine, resilience.StateDone},
		"refused": {placeOrder, always(400, `{"code":"PARAM_ERROR"}`), resilience.StateNotDone},
		"later":   {placeOrder, tooMany, resilience.StateNotDone},
		"no one":  {placeOrder, noConnection, resilience.StateNotDone},
	} {
		p := &platform{answer: test.answer}
		client := newClient(t, p)
		r, err := resilience.Resolve(t.Context(), client, test.do(t.Context(), client))
		if err != nil || r.State != test.state || r.Query != "" || p.count() != 1 {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

func TestResolveFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &platform{answer: systemError}
		client := newClient(t, p)
		for name, err := range map[string]error{
			"not of a call":       errors.New("something else"),
			"not in the table":    post("v3/vehicle/transactions/parking", wechatpay.M{"out_trade_no": "T1"})(t.Context(), client),
			"not in the list":     post("v3/new", wechatpay.M{})(t.Context(), client),
			"without its number":  post("v3/refund/domestic/refunds", wechatpay.M{})(t.Context(), client),
			"a GET, which is one": certificates(t.Context(), client),
		} {
			before := p.count()
			r, got := resilience.Resolve(t.Context(), client, err)
			if !errors.Is(got, resilience.ErrNoQuery) || r.State != resilience.StateOpen || p.count() != before {
				t.Errorf("%s: %+v, %v", name, r, got)
			}
			if name == "not in the table" && !strings.Contains(got.Error(), "GET v3/vehicle/transactions/out-trade-no/{out_trade_no}") {
				t.Errorf("%v does not name the query", got)
			}
		}
		r, err := resilience.Resolve(t.Context(), client, placeOrder(t.Context(), client)) // the query fails too
		if !wechatpay.IsCode(err, "SYSTEM_ERROR") || r.State != resilience.StateOpen || r.Number != "T1" {
			t.Errorf("%+v, %v", r, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		failed := post("v3/pay/transactions/codepay", wechatpay.M{"mchid": "1", "out_trade_no": "T1"})(t.Context(), client)
		if r, err := resilience.Resolve(ctx, client, failed); !errors.Is(err, context.DeadlineExceeded) || r.State != resilience.StateOpen {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

// Every operation and every query is in the catalogue, with the fields and the states
// that Resolve uses.
func TestSettlements(t *testing.T) {
	all := resilience.Settlements()
	if len(all) < 30 {
		t.Errorf("%d operations can be settled", len(all))
	}
	for name, s := range all {
		op, query := lookup(name), lookup(s[0][0])
		if op == nil || query == nil || op.Repeat.Number == "" {
			t.Errorf("%s is settled by %s", name, s[0][0])
			continue
		}
		for _, field := range s[1] {
			checkField(t, op, query, field)
		}
		for _, p := range query.Path {
			if !has(op, p.Name) {
				t.Errorf("%s has no %s for %s", op, p.Name, query)
			}
		}
		if state := s[0][1]; state != "" && state != "refund_status_0" {
			checkStates(t, query, state, append(slices.Clone(s[2]), s[3]...))
		}
	}
}

// checkField checks that the query takes a field, and that the call has it.
func checkField(t *testing.T, op, query *openapi.Operation, field string) {
	t.Helper()
	field, from, isRenamed := strings.Cut(field, "<")
	field, _, isFixed := strings.Cut(field, "=")
	if !isRenamed {
		from = field
	}
	if !has(query, field) {
		t.Errorf("%s has no field %s", query, field)
	}
	optional := []string{"sub_appid", "sign_type", "sub_mch_id", "sub_mchid", "appid", "order_id"}
	if !isFixed && !has(op, from) && !slices.Contains(optional, from) {
		t.Errorf("%s has no field %s", op, from)
	}
}

func lookup(name string) *openapi.Operation {
	method, template, _ := strings.Cut(name, " ")
	return openapi.Lookup(method, template)
}

// has reports whether a request has a field of that name.
func has(op *openapi.Operation, name string) bool {
	is := func(p openapi.Parameter) bool { return p.Name == name }
	return slices.ContainsFunc(op.Path, is) || slices.ContainsFunc(op.Query, is) || op.Body() != nil && op.Body().Property(name) != nil
}

// checkStates checks that the states of a field of an answer are documented.
func checkStates(t *testing.T, query *openapi.Operation, field string, states []string) {
	t.Helper()
	r, _ := query.Response(200)
	schema := r.Body
	for part := range strings.SplitSeq(field, ".") {
		p := schema.Property(part)
		if p == nil {
			t.Errorf("the answer of %s has no field %s", query, field)
			return
		}
		schema = p.Schema
	}
	known := 0
	for _, state := range states {
		if slices.Contains(schema.Enum, state) {
			known++
		}
	}
	if len(schema.Enum) > 0 && known < len(states)-1 { // one may be another spelling
		t.Errorf("%s: %s is one of %q, not of %q", query, field, schema.Enum, states)
	}
}
