package mcp

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/sandbox"
)

// demoOrder is the order that the sandbox starts with.
const demoOrder = "20190906154617947762231"

// An agent places an order, plays its user, and looks at what happened.
func TestSandbox(t *testing.T) {
	s := connect(t, newTestWorld(t), nil)
	const number = "order-2026-0001"
	placed := callTool[answer](s, "call_sandbox", native(number))
	if placed.World != worldSandbox || placed.Status != 200 || placed.Outcome != "done" || !placed.Verified || !strings.Contains(placed.Answer, "code_url") || placed.Notice == "" {
		t.Fatalf("the order is %+v", placed)
	}
	paid := callTool[done](s, "control_sandbox", m{"action": "pay_order", "number": number})
	if !strings.Contains(paid.Done, "transaction_id") {
		t.Errorf("paying: %+v", paid)
	}
	query := m{"operation": "GET v3/pay/transactions/out-trade-no/{out_trade_no}", "path": m{"out_trade_no": number}, "query": m{"mchid": sandbox.DefaultMchID}}
	if got := callTool[answer](s, "call_sandbox", query); !strings.Contains(got.Answer, `"SUCCESS"`) {
		t.Errorf("the query is %+v", got)
	}
	if got := callTool[answer](s, "call_sandbox", m{"operation": "GET v3/pay/transactions/out-trade-no/" + number, "query": m{"mchid": sandbox.DefaultMchID}}); got.Status != 200 {
		t.Errorf("a filled-in path is %+v", got)
	}
	refund := m{"operation": "POST v3/refund/domestic/refunds", "body": m{"out_trade_no": number, "out_refund_no": "back-1", "amount": m{"refund": 40, "total": 100, "currency": "CNY"}}}
	if got := callTool[answer](s, "call_sandbox", refund); got.Status != 200 {
		t.Errorf("the refund is %+v", got)
	}
	callTool[done](s, "control_sandbox", m{"action": "settle_refund", "number": "back-1", "state": "SUCCESS"})
	checkSeen(t, s, number)
	before := paid.Now
	if got := callTool[done](s, "control_sandbox", m{"action": "advance_clock", "duration": "48h"}); got.Now.Sub(before) < 48*time.Hour {
		t.Errorf("the clock is %v, was %v", got.Now, before)
	}
	callTool[done](s, "control_sandbox", m{"action": "reset"})
	if records := callTool[recordList](s, "list_sandbox_records", m{"kind": "order", "text": number}); len(records.Records) != 0 {
		t.Errorf("after a reset, the orders are %+v", records)
	}
}

// checkSeen checks what the lists have of an order that was paid and refunded in part.
func checkSeen(t *testing.T, s session, number string) {
	t.Helper()
	records := callTool[recordList](s, "list_sandbox_records", m{"kind": "order"})
	if records.Records[0].Number != number || records.Records[0].State != "REFUND" {
		t.Errorf("the orders are %+v", records)
	}
	if records := callTool[recordList](s, "list_sandbox_records", m{"kind": "refund", "text": "back"}); len(records.Records) != 1 || records.Records[0].State != "SUCCESS" || records.Records[0].Amount != 40 {
		t.Errorf("the refunds are %+v", records)
	}
	notifications := callTool[notificationList](s, "list_sandbox_notifications", m{})
	if len(notifications.Notifications) == 0 || notifications.Notifications[len(notifications.Notifications)-1].EventType != "TRANSACTION.SUCCESS" {
		t.Errorf("the notifications are %+v", notifications)
	}
	requests := callTool[requestList](s, "list_sandbox_requests", m{"text": "native"})
	if len(requests.Requests) != 1 || requests.Requests[0].Status != 200 || requests.Requests[0].MchID != sandbox.DefaultMchID {
		t.Errorf("the requests are %+v", requests)
	}
}

// The sandbox refuses, and says why; a call that does not fit is not sent.
func TestSandboxRefusals(t *testing.T) {
	s := connect(t, newTestWorld(t), nil)
	wrong := native("order-2026-0002", func(b m) { b["amount"] = m{"total": "1"} })
	if got := s.refused("call_sandbox", wrong); !strings.Contains(got, "amount.total") || !strings.Contains(got, "not sent") {
		t.Errorf("a wrong call: %s", got)
	}
	wrong["unchecked"] = true
	if got := callTool[answer](s, "call_sandbox", wrong); got.Code != "PARAM_ERROR" || got.Outcome != "refused" || got.Status != 400 || got.Message == "" {
		t.Errorf("unchecked: %+v", got)
	}
	for _, tt := range []struct {
		args m
		want string
	}{
		{m{"action": "pay_order", "number": "nothing"}, "nothing"},
		{m{"action": "pay_order"}, "number is missing"},
		{m{"action": "settle_refund", "number": "x"}, "state is missing"},
		{m{"action": "settle_refund", "number": "x", "state": "SUCCESS"}, "x"},
		{m{"action": "advance_clock", "duration": "-1h"}, "duration"},
		{m{"action": "advance_clock", "duration": "1000000h"}, "duration"},
		{m{"action": "add_fault"}, "fault is missing"},
		{m{"action": "add_fault", "fault": m{"kind": "delay"}}, "delay"},
		{m{"action": "add_fault", "fault": m{"kind": "nothing"}}, "nothing"},
	} {
		if got := s.refused("control_sandbox", tt.args); !strings.Contains(got, tt.want) {
			t.Errorf("%v: %s", tt.args, got)
		}
	}
	for _, tt := range []m{
		{"operation": "GET v3/pay/transactions/id/{transaction_id}"},
		{"operation": "GET v3/pay/transactions/id/{transaction_id}", "path": m{"transaction_id": ".."}},
		{"operation": "GET v3/pay/transactions/id/{transaction_id}", "path": m{"transaction_id": "a/../b"}},
		{"operation": "GET v3/pay/transactions/id/{transaction_id}", "path": m{"transaction_id": "1", "other": "2"}},
		{"operation": "GET v3/certificates", "headers": m{"authorization": "x"}},
		{"operation": "POST v3/merchant/media/upload"},
	} {
		if got := s.refused("call_sandbox", tt); got == "" {
			t.Errorf("%v is not refused", tt)
		}
	}
}

// Faults end calls as the network does.
func TestSandboxFaults(t *testing.T) {
	s := connect(t, newTestWorld(t), nil)
	for _, kind := range []string{"refuse", "cut", "signature", "serial", "timestamp"} {
		callTool[done](s, "control_sandbox", m{"action": "add_fault", "fault": m{"path": "v3/pay/...", "kind": kind, "count": 1}})
		if got := s.refused("call_sandbox", native("order-"+kind+"-1")); !strings.Contains(got, "outcome: unknown") {
			t.Errorf("%s: %s", kind, got)
		}
	}
	callTool[done](s, "control_sandbox", m{"action": "add_fault", "fault": m{"path": "POST v3/pay/transactions/native", "code": "NO_AUTH"}})
	if got := callTool[answer](s, "call_sandbox", native("order-no-auth")); got.Code != "NO_AUTH" {
		t.Errorf("the code is %+v", got)
	}
	callTool[done](s, "control_sandbox", m{"action": "clear_faults"})
	if got := callTool[answer](s, "call_sandbox", native("order-fine-1")); got.Status != 200 {
		t.Errorf("without faults: %+v", got)
	}
}

// APIv2 works too, and what has an answer of many pages is called once.
func TestSandboxPages(t *testing.T) {
	s := connect(t, newTestWorld(t), nil)
	v2 := m{"operation": "POST v2/pay/unifiedorder", "body": m{"appid": "wx233544546545989", "body": "咖啡", "out_trade_no": "order-v2-0001", "total_fee": 100,
		"spbill_create_ip": "127.0.0.1", "notify_url": "https://shop.example.com/notify", "trade_type": "NATIVE"}}
	if got := callTool[answer](s, "call_sandbox", v2); got.Outcome != "done" || !strings.Contains(got.Answer, "prepay_id") || !strings.Contains(got.Answer, leftOut) {
		t.Errorf("APIv2: %+v", got)
	}
	args := m{"operation": "GET v3/marketing/favor/stocks", "query": m{"offset": 0, "limit": 10, "stock_creator_mchid": sandbox.DefaultMchID}}
	if got := callTool[answer](s, "call_sandbox", args); got.Status != 200 {
		t.Errorf("the stocks are %+v", got)
	}
	long := m{"operation": "GET v3/marketing/partner/product-coupon/product-coupons/{product_coupon_id}", "path": m{"product_coupon_id": "200000001"}, "query": m{"brand_id": "120344"}, "unchecked": true}
	first := callTool[answer](s, "call_sandbox", long)
	whole := first.Answer
	for next := first.NextCursor; next != ""; {
		page := callTool[answer](s, "call_sandbox", m{"cursor": next})
		whole += page.Answer
		next = page.NextCursor
	}
	if !json.Valid([]byte(whole)) || !first.Example {
		t.Errorf("a long answer is %s", whole)
	}
	if got := callTool[requestList](s, "list_sandbox_requests", m{"text": "product-coupons"}); len(got.Requests) != 1 {
		t.Errorf("paging called again: %+v", got)
	}
	for _, cursor := range []string{"99-1", "x", "1-999999", "-"} {
		s.refused("call_sandbox", m{"cursor": cursor})
	}
}

// The pages of a list have each item once.
func TestSandboxRequests(t *testing.T) {
	s := connect(t, newTestWorld(t), nil)
	const n = 40
	for i := range n {
		callTool[answer](s, "call_sandbox", native(fmt.Sprintf("order-%010d", i), func(b m) { b["attach"] = strings.Repeat("长", 40) }))
	}
	ids := make(map[string]bool)
	for _, page := range pages(s, "list_sandbox_requests", m{}, func(l requestList) string { return l.NextCursor }) {
		for _, r := range page.Requests {
			ids[r.ID] = true
		}
	}
	records := make(map[string]bool)
	for _, page := range pages(s, "list_sandbox_records", m{"kind": "order"}, func(l recordList) string { return l.NextCursor }) {
		for _, r := range page.Records {
			records[r.Number] = true
		}
	}
	delete(records, demoOrder)
	if len(ids) != n || len(records) != n {
		t.Errorf("%d requests, %d orders", len(ids), len(records))
	}
}

// A request is shown whole, without its signature.
func TestSandboxRequest(t *testing.T) {
	s := connect(t, newTestWorld(t), nil)
	callTool[answer](s, "call_sandbox", native("order-0000000007", func(b m) { b["attach"] = strings.Repeat("长", 40) }))
	id := callTool[requestList](s, "list_sandbox_requests", m{"text": "order-0000000007"}).Requests[0].ID
	var whole exchange
	all := pages(s, "show_sandbox_request", m{"id": id}, func(x exchange) string { return x.NextCursor })
	for _, page := range all {
		whole.Body += page.Body
		whole.Answer += page.Answer
		whole.Target += page.Target
		whole.Checks = append(whole.Checks, page.Checks...)
		whole.Headers = append(whole.Headers, page.Headers...)
	}
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(whole.Body, "order-0000000007") || !strings.Contains(whole.Answer, "code_url") || len(whole.Checks) < 9 || whole.Target != "/v3/pay/transactions/native" {
		t.Errorf("the request is %s", text)
	}
	if !strings.Contains(string(text), `signature=\"`+leftOut) || strings.Count(string(text), leftOut) < 2 {
		t.Errorf("a signature is in %s", text)
	}
	for _, c := range whole.Checks {
		if c.State != "ok" {
			t.Errorf("the check %+v", c)
		}
	}
	if got := s.refused("show_sandbox_request", m{"id": "999"}); !strings.Contains(got, "999") {
		t.Errorf("an unknown request: %s", got)
	}
}

// Many calls at once share one sandbox.
func TestConcurrentCalls(t *testing.T) {
	s := connect(t, newTestWorld(t), nil)
	var group sync.WaitGroup
	const n = 24
	for i := range n {
		group.Go(func() {
			callTool[hits](s, "search_operations", m{"words": "退款"})
			callTool[answer](s, "call_sandbox", native(fmt.Sprintf("order-%010d", i)))
			callTool[done](s, "control_sandbox", m{"action": "pay_order", "number": fmt.Sprintf("order-%010d", i)})
			callTool[requestList](s, "list_sandbox_requests", m{})
		})
	}
	group.Wait()
	paid := 0
	for _, page := range pages(s, "list_sandbox_records", m{"kind": "order"}, func(l recordList) string { return l.NextCursor }) {
		for _, r := range page.Records {
			if r.State == "SUCCESS" && r.Number != demoOrder {
				paid++
			}
		}
	}
	if paid != n {
		t.Errorf("%d orders are paid, want %d", paid, n)
	}
}
