package sandbox

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
	"github.com/wxchain/wechatpay/sandbox"
)

// A shop that did not acknowledge a notification before kill -9 receives it
// after the restart. The clock continues from its last time.
func TestSandboxKilledBeforeItTold(t *testing.T) {
	t.Parallel()
	var up atomic.Bool
	told := make(chan string, 64)
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var n struct{ ID string }
		if !strings.HasPrefix(r.Header.Get("Wechatpay-Signature"), "WECHATPAY/SIGNTEST/") && json.NewDecoder(r.Body).Decode(&n) == nil {
			told <- n.ID
		}
		if !up.Load() {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	defer shop.Close()
	dir, config := testkit.NewSandboxDir(t)
	p := startSandbox(t, "--dir", dir)
	if _, err := p.client(config).Chain("v3/pay/transactions/native").Post(t.Context(), wechatpay.JSON(wechatpay.M{
		"appid": "wxd678efh567hg6787", "mchid": sandbox.DefaultMchID, "description": "x", "out_trade_no": "untold",
		"notify_url": shop.URL, "amount": wechatpay.M{"total": 1},
	})); err != nil {
		t.Fatal(err)
	}
	p.control("POST", "orders/untold/pay", "")
	first := <-told
	p.kill()

	up.Store(true)
	p = startSandbox(t, "--dir", dir)
	p.control("POST", "clock", `{"advance": "15m"}`)
	if again := <-told; again != first {
		t.Errorf("told of %s before kill -9 and of %s after it", first, again)
	}
	p.kill()

	p = startSandbox(t, "--dir", dir)
	var clock struct{ Now time.Time }
	if err := json.Unmarshal([]byte(p.control("GET", "clock", "")), &clock); err != nil || time.Until(clock.Now) < 10*time.Minute {
		t.Errorf("the clock says %v, %v; want a quarter of an hour from now", clock.Now, err)
	}
}

// control calls the control API and returns the answer.
func (p *sandboxProcess) control(method, path, body string) string {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.url+"_sandbox/"+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode > 299 {
		p.t.Fatalf("%s %s: %d %s, %v", method, path, resp.StatusCode, text, err)
	}
	return string(text)
}
