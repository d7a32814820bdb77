package sandbox_test

import (
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// No request ends a sandbox, however deep its body is nested.
func TestDeepRequests(t *testing.T) {
	client := sandbox.Start(t).Client()
	for _, text := range []string{
		strings.Repeat("[", 1<<19),
		strings.Repeat(`{"a":`, 1<<16) + "1" + strings.Repeat("}", 1<<16),
		`{"amount":` + strings.Repeat("[", 1<<18) + strings.Repeat("]", 1<<18) + "}",
	} {
		for _, path := range []string{"v3/pay/transactions/native", "v3/refund/domestic/refunds", "v3/profitsharing/orders", "v3/merchant-service/complaints-v2/1/complete"} {
			if _, err := client.Chain(path).Post(t.Context(), wechatpay.Body("application/json", strings.NewReader(text))); err == nil {
				t.Errorf("%s takes %.20q…", path, text)
			}
		}
		if _, err := client.Chain("v2/pay/unifiedorder").Post(t.Context(), wechatpay.XML(wechatpay.M{"detail": text})); err == nil {
			t.Errorf("APIv2 takes %.20q…", text)
		}
	}
}
