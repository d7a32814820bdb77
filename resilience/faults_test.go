package resilience_test

import (
	"context"
	"crypto"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/shoptest"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/resilience"
	"github.com/wxchain/wechatpay/sandbox"
)

// faults are one of each kind, which one request in ten meets.
func faults() []sandbox.Fault {
	all := []sandbox.Fault{
		{Kind: sandbox.FaultDelay, Delay: time.Millisecond},
		{Kind: sandbox.FaultRefuse},
		{Kind: sandbox.FaultCut},
		{Kind: sandbox.FaultError},
		{Kind: sandbox.FaultError, After: true},
		{Kind: sandbox.FaultUnavailable},
		{Kind: sandbox.FaultTooMany},
		{Kind: sandbox.FaultSignature},
		{Kind: sandbox.FaultTimestamp},
		{Kind: sandbox.FaultSerial},
		{Kind: sandbox.FaultRotate},
		{Kind: sandbox.FaultCode, Code: "NOT_ENOUGH", Path: "POST v3/refund/domestic/refunds"},
	}
	for i := range all {
		all[i].Chance = 0.1
	}
	return all
}

// Payments and refunds from 64 goroutines, while one request in ten meets each kind of
// fault. Every call ends done or with a documented error, no refund is done twice, the
// bill adds up, and nothing is left open.
func TestFaults(t *testing.T) {
	leaks := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, leaks) }) // after the sandbox has ended
	sb := sandbox.Start(t, func(c *sandbox.Config) {
		c.Clock, c.PlatformKey = shoptest.Morning, sandbox.KeyCertificate
	})
	if err := sb.Faults(faults()...); err != nil {
		t.Fatal(err)
	}
	var hosts shoptest.Hosts
	address := strings.TrimSuffix(strings.TrimPrefix(sb.URL(), "http://"), "/")
	hosts.Move(address, address)
	var told events
	client := sb.Client(func(c *wechatpay.Config) {
		c.BaseURL, c.Transport, c.PlatformKeys = shoptest.MainURL, hosts.Transport(t), rotating{sb}
		c.Middleware = middleware.Edits(
			resilience.Retry(resilience.Tries(4), resilience.Backoff(time.Millisecond, 4*time.Millisecond), resilience.Budget(1e6, 1), told.observe()),
			resilience.Failover(shoptest.BackupURL, resilience.Rest(time.Millisecond), told.observe()),
		)
	})
	n := shoptest.Calls(t, "WXPAY_FAULT_CALLS", 96)
	shop := shoptest.Shop{T: t, Sandbox: sb, Client: client}
	shop.Trade(t.Context(), n, nil)
	if err := sb.Faults(); err != nil {
		t.Fatal(err)
	}
	kinds := make(map[resilience.Kind]int)
	for _, e := range told.list {
		kinds[e.Kind]++
	}
	main, backup := hosts.Requests()
	t.Logf("%d payments and refunds: %v, %d requests to the main host and %d to the backup", n, kinds, main, backup)
	if kinds[resilience.KindRetry] < n || kinds[resilience.KindFailover] == 0 || kinds[resilience.KindBack] == 0 || backup == 0 {
		t.Errorf("too few of something: %v of %d payments and refunds, %d requests to the backup", kinds, n, backup)
	}
	shop.Reconcile(t.Context(), n)
}

// rotating has the platform's certificates of now, which may not be those of an answer.
type rotating struct{ sb *sandbox.Sandbox }

func (r rotating) PublicKey(ctx context.Context, serial string) (crypto.PublicKey, error) {
	return r.sb.PlatformKeys().PublicKey(ctx, serial)
}

func (r rotating) Current(ctx context.Context) (string, crypto.PublicKey, error) {
	return r.sb.PlatformKeys().Current(ctx)
}
