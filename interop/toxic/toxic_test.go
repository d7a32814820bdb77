// Package toxic tests that calls survive connections that are cut, reset and delayed.
package toxic

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/shoptest"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/resilience"
	"github.com/wxchain/wechatpay/sandbox"
)

// A toxic is what goes wrong with connections, as toxiproxy reads it.
type toxic struct {
	Name       string         `json:"name"`
	Type       string         `json:"type"`
	Stream     string         `json:"stream"`   // "upstream" or "downstream"
	Toxicity   float64        `json:"toxicity"` // how many of the connections
	Attributes map[string]int `json:"attributes"`
}

// toxics cut, reset and delay connections. Every connection is cut after some answers, so
// that new ones meet the others.
func toxics() []toxic {
	return []toxic{
		{"cut amid an answer", "limit_data", "downstream", 1, map[string]int{"bytes": 5000}},
		{"cut amid the first answer", "limit_data", "downstream", 0.1, map[string]int{"bytes": 300}},
		{"cut amid a request", "limit_data", "upstream", 0.1, map[string]int{"bytes": 700}},
		{"reset before the request", "reset_peer", "upstream", 0.1, map[string]int{"timeout": 0}},
		{"reset before the answer", "reset_peer", "downstream", 0.1, map[string]int{"timeout": 1}},
		{"lost requests", "timeout", "upstream", 0.05, map[string]int{"timeout": 100}},
		{"lost answers", "timeout", "downstream", 0.05, map[string]int{"timeout": 100}},
		{"delayed requests", "latency", "upstream", 0.2, map[string]int{"latency": 5, "jitter": 5}},
		{"delayed answers", "latency", "downstream", 0.2, map[string]int{"latency": 5, "jitter": 5}},
	}
}

// A network has a proxy before each host of the platform.
type network struct {
	t        *testing.T
	server   *toxiproxy.ApiServer
	upstream string
	hosts    shoptest.Hosts

	mu           sync.Mutex
	main, backup *toxiproxy.Proxy
	isDown       bool // the main host
	outages      int
}

func newNetwork(t *testing.T, upstream string) *network {
	t.Helper()
	n := &network{t: t, server: toxiproxy.NewServer(toxiproxy.NewMetricsContainer(prometheus.NewRegistry()), zerolog.Nop()), upstream: upstream}
	n.main, n.backup = n.proxy(), n.proxy()
	n.hosts.Move(n.main.Listen, n.backup.Listen)
	t.Cleanup(func() {
		n.main.Stop()
		n.backup.Stop()
	})
	return n
}

// proxy starts a proxy with toxics.
func (n *network) proxy() *toxiproxy.Proxy {
	n.t.Helper()
	p := toxiproxy.NewProxy(n.server, "platform", "127.0.0.1:0", n.upstream)
	for _, of := range toxics() {
		text, err := json.Marshal(of)
		if err != nil {
			n.t.Fatal(err)
		}
		if _, err := p.Toxics.AddToxicJson(strings.NewReader(string(text))); err != nil {
			n.t.Fatalf("%s: %v", of.Name, err)
		}
	}
	if err := p.Start(); err != nil {
		n.t.Fatal(err)
	}
	return p
}

// turn takes the main host away, or brings it back at a new address: another program may
// have taken the old one.
func (n *network) turn() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.isDown = !n.isDown; n.isDown {
		n.outages++
		n.main.Stop()
		return
	}
	n.main = n.proxy()
	n.hosts.Move(n.main.Listen, n.backup.Listen)
}

// proxyLeaks are the goroutines that toxiproxy leaves behind itself: nobody takes what a
// link reads after limit_data has ended it.
func proxyLeaks() []goleak.Option {
	const proxy = "github.com/Shopify/toxiproxy/v2"
	return []goleak.Option{
		goleak.IgnoreAnyFunction(proxy + ".(*ToxicLink).read"),
		goleak.IgnoreAnyFunction(proxy + ".(*ToxicLink).write"),
		goleak.IgnoreAnyFunction(proxy + "/toxics.(*ToxicStub).Run"),
	}
}

// Payments and refunds from 64 goroutines, while connections are cut, reset and delayed,
// and the main host is away half of the time. Every call ends done or with a documented
// error, no refund is done twice, the bill adds up, and nothing is left open.
func TestToxicNetwork(t *testing.T) {
	leaks := append(proxyLeaks(), goleak.IgnoreCurrent())
	t.Cleanup(func() { goleak.VerifyNone(t, leaks...) }) // after the sandbox and the proxies have ended
	sb := sandbox.Start(t, func(c *sandbox.Config) { c.Clock = shoptest.Morning })
	network := newNetwork(t, strings.TrimSuffix(strings.TrimPrefix(sb.URL(), "http://"), "/"))
	var mu sync.Mutex
	kinds := make(map[resilience.Kind]int)
	observe := resilience.Observe(func(_ context.Context, e resilience.Event) {
		mu.Lock()
		defer mu.Unlock()
		kinds[e.Kind]++
	})
	client := sb.Client(func(c *wechatpay.Config) {
		c.BaseURL, c.Transport = shoptest.MainURL, network.hosts.Transport(t)
		c.Middleware = middleware.Edits(
			resilience.Retry(resilience.Tries(4), resilience.Backoff(time.Millisecond, 4*time.Millisecond), resilience.Budget(1e6, 1), observe),
			resilience.Failover(shoptest.BackupURL, resilience.Rest(time.Millisecond), observe),
		)
	})
	n := shoptest.Calls(t, "WXPAY_TOXIC_CALLS", 300)
	shop := shoptest.Shop{T: t, Sandbox: sb, Client: client}
	shop.Trade(t.Context(), n, func(i int) {
		if i%50 == 0 {
			network.turn()
		}
	})
	main, backup := network.hosts.Requests()
	t.Logf("%d payments and refunds, %d outages: %v, %d requests to the main host and %d to the backup", n, network.outages, kinds, main, backup)
	if kinds[resilience.KindRetry] < n/10 || kinds[resilience.KindFailover] == 0 || kinds[resilience.KindBack] == 0 || backup == 0 || network.outages == 0 {
		t.Errorf("too few of something: %v, %d requests to the backup, %d outages", kinds, backup, network.outages)
	}
	shop.Client = sb.Client() // the network is well again
	shop.Reconcile(t.Context(), n)
}
