package openapi_test

import (
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/openapi"
)

// Every limit belongs to an operation of the catalogue, and has all its facts.
func TestRateLimitsOfAllOperations(t *testing.T) {
	scopes := []string{
		"merchant", "provider", "caller", "api", "all merchants", "platform",
		"receiving merchant", "sharing merchant", "order", "number", "ip",
	}
	operations, total := 0, 0
	for op := range openapi.Operations() {
		limits := op.RateLimits()
		if len(limits) > 0 {
			operations++
		}
		total += len(limits)
		for _, l := range limits {
			page, err := url.Parse(l.Page)
			if err != nil || page.Scheme != "https" || page.Host == "" {
				t.Errorf("%s: page %q", op, l.Page)
			}
			if !slices.Contains(scopes, l.Per) || l.Requests < 1 || l.Within != time.Second && l.Within != time.Minute {
				t.Errorf("%s: %+v", op, l)
			}
		}
	}
	if operations != 104 || total != 127 {
		t.Errorf("%d limits of %d operations, want 127 of 104", total, operations)
	}
}

func TestRateLimitsOfAnOperation(t *testing.T) {
	refund := openapi.Lookup("POST", "v3/refund/domestic/refunds").RateLimits()
	if len(refund) < 2 || refund[0].Per != "merchant" || refund[0].Requests != 150 || refund[0].Within != time.Second || refund[0].Only != "" {
		t.Fatalf("a refund has the limits %+v", refund)
	}
	if refund[1].Only != "requests that fail" || refund[1].Requests != 6 {
		t.Errorf("a refund's second limit is %+v", refund[1])
	}
	refund[0].Requests = 1
	if again := openapi.Lookup("POST", "v3/refund/domestic/refunds").RateLimits(); again[0].Requests != 150 {
		t.Error("the caller's change is seen by others")
	}
	if none := openapi.Lookup("GET", "v3/certificates").RateLimits(); len(none) != 0 {
		t.Errorf("the certificates have the limits %+v", none)
	}
}
