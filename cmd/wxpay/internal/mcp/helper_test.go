package mcp

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/sandbox"
)

// testConfig has keys that all tests share, because making them takes long.
var testConfig = sync.OnceValues(func() (sandbox.Config, error) { return newWorld(nil, lang.Language{}).keys() })

// newTestWorld returns a world that ends with the test.
func newTestWorld(t *testing.T) *world {
	t.Helper()
	config, err := testConfig()
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(nil, lang.Language{})
	w.config = config
	t.Cleanup(w.close)
	return w
}

// A session is a client of a server in this process.
type session struct {
	*mcp.ClientSession
	t *testing.T
}

// connect returns a client of a new server.
func connect(t *testing.T, w *world, l *live) session {
	t.Helper()
	here, there := mcp.NewInMemoryTransports()
	server, err := newServer(w, l).Connect(t.Context(), there, nil)
	if err != nil {
		t.Fatal(err)
	}
	return sessionOver(t, here, func() { server.Wait() })
}

// sessionOver returns a client over a transport. wait waits until the server has ended.
func sessionOver(t *testing.T, transport mcp.Transport, wait func()) session {
	t.Helper()
	client, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(), transport, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		client.Close()
		wait()
	})
	return session{client, t}
}

type m = map[string]any

// result calls a tool.
func (s session) result(name string, args any) *mcp.CallToolResult {
	s.t.Helper()
	result, err := s.CallTool(context.WithoutCancel(s.t.Context()), &mcp.CallToolParams{Name: name, Arguments: args})
	if err != nil {
		s.t.Fatalf("%s: %v", name, err)
	}
	if text, err := json.Marshal(result); err != nil || len(text) > maxAnswer {
		s.t.Errorf("%s %v: the answer has %d bytes, %v", name, args, len(text), err)
	}
	return result
}

// callTool calls a tool that succeeds, and decodes its answer.
func callTool[Out any](s session, name string, args any) (out Out) {
	s.t.Helper()
	result := s.result(name, args)
	if result.IsError {
		s.t.Fatalf("%s %v: %s", name, args, textOfResult(result))
	}
	structured, err := json.Marshal(result.StructuredContent)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, text := range []string{string(structured), textOfResult(result)} { // they say the same
		var again Out
		if err := json.Unmarshal([]byte(text), &again); err != nil {
			s.t.Fatalf("%s: %v in %s", name, err, text)
		}
		out = again
	}
	return out
}

// refused calls a tool that fails, and returns the error.
func (s session) refused(name string, args any) string {
	s.t.Helper()
	result := s.result(name, args)
	if !result.IsError {
		s.t.Errorf("%s %v is not an error: %s", name, args, textOfResult(result))
	}
	return textOfResult(result)
}

func textOfResult(result *mcp.CallToolResult) string {
	var all []string
	for _, c := range result.Content {
		if text, ok := c.(*mcp.TextContent); ok {
			all = append(all, text.Text)
		}
	}
	return strings.Join(all, "\n")
}

// pages returns all pages of an answer.
func pages[Out any](s session, name string, args m, next func(Out) string) (all []Out) {
	s.t.Helper()
	for cursor := ""; ; {
		with := m{"cursor": cursor}
		for k, v := range args {
			with[k] = v
		}
		if cursor == "" {
			delete(with, "cursor")
		}
		out := callTool[Out](s, name, with)
		all = append(all, out)
		if cursor = next(out); cursor == "" {
			return all
		}
		if len(all) > 200 {
			s.t.Fatalf("%s %v: more than 200 pages", name, args)
		}
	}
}

// native are the arguments of a native order.
func native(outTradeNo string, edit ...func(m)) m {
	body := m{"appid": "wx233544546545989", "mchid": sandbox.DefaultMchID, "description": "咖啡", "out_trade_no": outTradeNo,
		"notify_url": "https://shop.example.com/notify", "amount": m{"total": 100}}
	for _, f := range edit {
		f(body)
	}
	return m{"operation": "POST v3/pay/transactions/native", "body": body}
}
