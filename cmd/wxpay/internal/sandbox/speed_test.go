package sandbox

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
	"github.com/wxchain/wechatpay/sandbox"
)

// With intervals divided by a thousand, notifications that are sent again after
// 15, 15 and 30 seconds arrive within 60 milliseconds.
func TestSandboxSpeed(t *testing.T) {
	t.Parallel()
	came := make(chan time.Time, 16)
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		came <- time.Now()
		w.WriteHeader(http.StatusInternalServerError)
	}))
	defer shop.Close()
	dir, config := testkit.NewSandboxDir(t)
	s := runSandbox(t, "--dir", dir, "--speed", "1000")
	p := &sandboxProcess{t: t, url: s.url}
	_, err := p.client(config).Chain("v3/pay/transactions/native").Post(t.Context(), wechatpay.JSON(wechatpay.M{
		"appid": "wxd678efh567hg6787", "mchid": sandbox.DefaultMchID, "description": "x", "out_trade_no": "at_speed",
		"notify_url": shop.URL, "amount": wechatpay.M{"total": 1},
	}))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(s.url+"_sandbox/orders/at_speed/pay", "application/json", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	first := <-came
	for range 2 {
		<-came
	}
	if took := (<-came).Sub(first); took > 15*time.Second {
		t.Errorf("the fourth came %v after the first, want some 60 ms", took)
	}
	if _, stderr := s.end(t); stderr != "" {
		t.Errorf("stderr is %s", stderr)
	}
}
