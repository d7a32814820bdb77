package mcp

import (
	"bytes"
	"io"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox"
)

const (
	queryOrder = "GET v3/pay/transactions/out-trade-no/{out_trade_no}"
	order      = "POST v3/pay/transactions/native"
	refund     = "POST v3/refund/domestic/refunds"
)

// A fake is a platform on this machine, with the settings of its merchant.
type fake struct {
	*sandbox.Server
	url, config string
}

func newFake(t *testing.T) fake {
	t.Helper()
	dir, config := testkit.NewSandboxDir(t)
	server, err := sandbox.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	over := httptest.NewServer(server)
	t.Cleanup(over.Close)
	return fake{server, over.URL + "/", filepath.Join(dir, settings.FileName)}
}

// live returns a client of a server with --live.
func (f fake) live(t *testing.T, log io.Writer, money bool, allow ...string) session {
	t.Helper()
	s := settings.Settings{Config: f.config, BaseURL: f.url}
	l, err := options{live: true, allow: allow, allowMoney: money}.newLive(t.Context(), &s, log)
	if err != nil {
		t.Fatal(err)
	}
	return connect(t, newTestWorld(t), l)
}

func orderQuery(number string) m {
	return m{"operation": queryOrder, "path": m{"out_trade_no": number}, "query": m{"mchid": sandbox.DefaultMchID}}
}

// Nothing but what is allowed is sent, whatever the arguments.
func TestLive(t *testing.T) {
	f := newFake(t)
	s := f.live(t, io.Discard, false, queryOrder, "GET /v3/certificates")
	for _, tt := range []struct {
		args m
		want string
	}{
		{native("order-live-0001"), "not allowed, and nothing was sent"},
		{m{"operation": refund, "body": m{}}, "not allowed"},
		{m{"operation": "GET v3/refund/domestic/refunds/{out_refund_no}", "path": m{"out_refund_no": "1"}}, "not allowed"},
		{m{"operation": "GET v3/nothing"}, "there is no operation"},
		{orderQuery(".."), "another path"},
		{orderQuery("../../refund"), "another path"},
		{orderQuery("a/close"), "another path"},
		{orderQuery(`a\close`), "another path"},
		{orderQuery("a?x=1"), "another path"},
		{orderQuery("a\r\nX: y"), "another path"},
		{m{"operation": queryOrder, "query": m{"mchid": "1900000109"}}, "path.out_trade_no is missing"},
		{m{"operation": queryOrder, "path": m{"out_trade_no": "order-live-0001"}}, "mchid"},
		{m{"operation": queryOrder, "path": m{"out_trade_no": "order-live-0001"}, "query": m{"mchid": "1900000109"}, "body": m{}}, "has no body"},
		{m{"operation": "GET v3/certificates", "headers": m{"X-Forwarded-Host": "elsewhere.example.com"}}, "headers."},
		{m{"operation": "GET v3/certificates", "headers": m{"authorization": "x"}}, "headers."},
	} {
		if got := s.refused("call_platform", tt.args); !strings.Contains(got, tt.want) {
			t.Errorf("%v: %s, want %q", tt.args, got, tt.want)
		}
	}
	callTool[answer](s, "call_sandbox", native("order-live-0001"))
	if sent := f.Requests(); len(sent) != 0 {
		t.Fatalf("%d requests were sent: %+v", len(sent), sent)
	}
}

// An answer of the platform says where it comes from, and the log has each call.
func TestLiveAnswer(t *testing.T) {
	f := newFake(t)
	var log bytes.Buffer
	s := f.live(t, &log, false, queryOrder, "GET /v3/certificates")
	got := callTool[answer](s, "call_platform", orderQuery("order-live-0001"))
	if got.World != worldPlatform || got.Code != "ORDER_NOT_EXIST" || got.Status != 404 || !strings.Contains(got.Notice, "never an instruction") {
		t.Errorf("a query of what does not exist is %+v", got)
	}
	whole := callTool[answer](s, "call_platform", m{"operation": "GET v3/certificates"})
	for next := whole.NextCursor; next != ""; {
		page := callTool[answer](s, "call_platform", m{"cursor": next})
		whole.Answer += page.Answer
		next = page.NextCursor
	}
	if !whole.Verified || !strings.Contains(whole.Answer, "encrypt_certificate") || strings.Contains(whole.Answer, "BEGIN CERTIFICATE") {
		t.Errorf("the certificates are %+v", whole)
	}
	if n := len(f.Requests()); n != 2 {
		t.Errorf("%d requests were sent, want 2", n)
	}
	if text := log.String(); strings.Count(text, "failed=false") != 2 || !strings.Contains(text, "ORDER_NOT_EXIST") || strings.Contains(text, "signature") {
		t.Errorf("the log is %s", text)
	}
}

// With --allow-money, what was named is called, and nothing else.
func TestLiveMoney(t *testing.T) {
	f := newFake(t)
	s := f.live(t, io.Discard, true, order, queryOrder)
	list, err := s.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tool := range list.Tools {
		if a := tool.Annotations; tool.Name == "call_platform" && (a.ReadOnlyHint || !*a.DestructiveHint || !*a.OpenWorldHint || !strings.Contains(tool.Description, order)) {
			t.Errorf("the tool is %+v", tool)
		}
	}
	if got := callTool[answer](s, "call_platform", native("order-live-0002")); got.World != worldPlatform || got.Status != 200 {
		t.Errorf("the order is %+v", got)
	}
	if got := callTool[answer](s, "call_platform", orderQuery("order-live-0002")); !strings.Contains(got.Answer, "NOTPAY") {
		t.Errorf("the query is %+v", got)
	}
	s.refused("call_platform", m{"operation": refund, "body": m{"out_trade_no": "order-live-0002", "out_refund_no": "r1", "amount": m{"refund": 1, "total": 100, "currency": "CNY"}}})
	if n := len(f.Requests()); n != 2 {
		t.Errorf("%d requests were sent, want 2", n)
	}
	if got := callTool[recordList](s, "list_sandbox_records", m{"kind": "order", "text": "order-live"}); len(got.Records) != 0 {
		t.Errorf("the sandbox inside has the order of the platform: %+v", got)
	}
}

// The flags are wrong in these ways, and nothing is served.
func TestLiveUsage(t *testing.T) {
	f := newFake(t)
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"--allow", queryOrder}, "--allow needs --live"},
		{[]string{"--allow-money"}, "--allow-money needs --live"},
		{[]string{"--live"}, "--live needs --allow"},
		{[]string{"--live", "--allow-money"}, "--live needs --allow"},
		{[]string{"--live", "--allow", "GET v3/pay/transactions/out-trade-no/{out_trade_nr}"}, "did you mean '" + queryOrder + "'?"},
		{[]string{"--live", "--allow", "GET v3/pay/transactions/out-trade-no/123"}, "did you mean"},
		{[]string{"--live", "--allow", "v3/certificates"}, "want a method and a template"},
		{[]string{"--live", "--allow", "*"}, "want a method and a template"},
		{[]string{"--live", "--allow", "GET *"}, "there is no operation"},
		{[]string{"--live", "--allow", "FETCH v3/certificates"}, "FETCH"},
		{[]string{"--live", "--allow", order}, "add --allow-money"},
		{[]string{"--live", "--allow", queryOrder, "--allow", refund}, "add --allow-money"},
		{[]string{"--live", "--allow", queryOrder, "--config", "/nowhere/wxpay.toml"}, "wxpay.toml"},
		{[]string{"extra"}, "extra"},
	} {
		args := append([]string{"mcp", "--base-url", f.url}, tt.args...)
		if !slices.Contains(args, "--config") {
			args = append(args, "--config", f.config)
		}
		if code, stdout, stderr := exec(t.Context(), args...); code != exit.Usage || stdout != "" || !strings.Contains(stderr, tt.want) {
			t.Errorf("%q: exit %d, stdout %q, stderr %q", tt.args, code, stdout, stderr)
		}
	}
	if sent := f.Requests(); len(sent) != 0 {
		t.Errorf("%d requests were sent", len(sent))
	}
}

// What may move money or change something is never allowed without --allow-money: whatever
// is not a GET of APIv3.
func TestOnlyReads(t *testing.T) {
	n := 0
	for op := range openapi.Operations() {
		_, err := allowed(op.String(), false)
		reads := op.Method == "GET" && !strings.HasPrefix(op.Template, "v2/")
		if (err == nil) != reads {
			t.Errorf("%s without --allow-money: %v", op, err)
		}
		if same, err := allowed(op.String(), true); err != nil || same != op {
			t.Errorf("%s with --allow-money: %v", op, err)
		}
		if reads {
			n++
		}
	}
	if n < 300 {
		t.Errorf("%d operations only read", n)
	}
}
