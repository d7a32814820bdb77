package sandbox_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/inprocess"
	"github.com/wxchain/wechatpay/sandbox"
)

// The clock of the sandbox moves what has a state. Clients in other processes
// know the time of day alone, and go on: they sign by it, and verify by it.
func TestAdvanceLeavesClientsAlone(t *testing.T) {
	w := newWorld(t, migrating)
	outside := w.Client(func(c *wechatpay.Config) { c.Transport, c.Clock = inprocess.Transport(w.Server), w.clock.Now })
	order := w.order("expires", 1)
	order["time_expire"] = start.Add(10 * time.Minute).Format(time.RFC3339)
	w.mustCall(t, "POST", native, order)
	if err := w.Advance(time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Pay(sandbox.DefaultMchID, "expires"); err == nil {
		t.Error("an order was paid after its time_expire")
	}
	for name, client := range map[string]*wechatpay.Client{"time of day": outside, "the sandbox's clock": w.client} {
		if _, err := client.Chain("v3/certificates").Get(t.Context()); err != nil {
			t.Errorf("by the %s: %v", name, err)
		}
	}
	for _, ahead := range []time.Duration{-301 * time.Second, 301 * time.Second, time.Hour - 301*time.Second, time.Hour + 301*time.Second} {
		client := w.Client(func(c *wechatpay.Config) {
			c.Transport, c.Clock = inprocess.Transport(w.Server), func() time.Time { return start.Add(ahead) }
		})
		_, err := client.Chain("v3/certificates").Get(context.Background())
		refused(t, err, http.StatusUnauthorized, "SIGN_ERROR")
	}
}

// A request that was sent is not accepted again, however the clock of the sandbox
// moves.
func TestAdvanceForgetsNoNonce(t *testing.T) {
	w := newWorld(t, migrating)
	var kept *http.Request
	if _, err := w.between(t, func(req *http.Request) { kept = req.Clone(context.Background()) }).Chain("v3/certificates").Get(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, d := range []time.Duration{time.Minute, 24 * time.Hour} {
		if err := w.Advance(d); err != nil {
			t.Fatal(err)
		}
		if resp, err := (inprocess.Transport(w.Server)).RoundTrip(kept); err != nil || resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("%v later: %v, %v; want 401", d, resp.StatusCode, err)
		}
	}
}

// Notifications are signed as of the time of day: it is what a shop checks.
func TestAdvanceLeavesShopsAlone(t *testing.T) {
	config := testConfig(t)
	synctest.Test(t, func(t *testing.T) {
		shop, server, client := newShop(t, config)
		defer server.Close()
		place(t, client, "advanced")
		if err := server.Advance(24 * time.Hour); err != nil {
			t.Fatal(err)
		}
		pay(t, server, "advanced")
		synctest.Wait()
		if n := payments(server)[0]; len(shop.got()) != 1 || !n.Acknowledged {
			t.Errorf("%+v", n)
		}
	})
}
