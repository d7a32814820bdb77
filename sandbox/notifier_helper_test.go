package sandbox_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/inprocess"
	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/sandbox"
)

// A shop receives notifications without a network. It answers with the given
// statuses one after the other, and then accepts notifications as package notify
// does.
type shop struct {
	http.Handler
	mu       sync.Mutex
	statuses []int
	at       []time.Duration // since the first
	first    time.Time
	probes   []int // what they were answered
	handled  []*notify.Notification
}

func (s *shop) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if strings.HasPrefix(req.Header.Get("Wechatpay-Signature"), "WECHATPAY/SIGNTEST/") {
		resp, err := inprocess.Transport(s.Handler).RoundTrip(req)
		s.probes = append(s.probes, resp.StatusCode)
		return resp, err
	}
	if s.first.IsZero() {
		s.first = time.Now()
	}
	s.at = append(s.at, time.Since(s.first))
	if len(s.statuses) > 0 {
		w := httptest.NewRecorder()
		if s.statuses[0] == 0 {
			s.statuses = s.statuses[1:]
			return nil, errors.New("no route to the shop")
		}
		w.Header().Set("Location", "https://elsewhere.example.com/")
		w.WriteHeader(s.statuses[0])
		s.statuses = s.statuses[1:]
		resp := w.Result()
		resp.Request = req
		return resp, nil
	}
	return inprocess.Transport(s.Handler).RoundTrip(req)
}

// got returns the notifications that were handled.
func (s *shop) got() []*notify.Notification {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.handled)
}

// newShop returns a shop and a world that notifies it, for a test in a synctest
// bubble. Both use the bubble's clock.
func newShop(t *testing.T, config sandbox.Config, statuses ...int) (*shop, *sandbox.Server, *wechatpay.Client) {
	t.Helper()
	s := &shop{statuses: statuses}
	config.Clock = time.Now
	config.Client = &http.Client{Transport: s}
	s.mu.Lock() // a sandbox that takes up what waits begins at once
	defer s.mu.Unlock()
	server, client := newServer(t, config)
	r, err := notify.New(notify.Config{Keys: server.PlatformKeys(), APIv3Key: server.Merchant().APIv3Key, APIv2Key: server.Merchant().APIv2Key})
	if err != nil {
		t.Fatal(err)
	}
	s.Handler = r.Handler(func(_ context.Context, n *notify.Notification) error {
		s.handled = append(s.handled, n) // RoundTrip has the lock
		return nil
	})
	return s, server, client
}

// testConfig returns a configuration for a synctest bubble, whose clock starts
// with the year 2000. Make it outside a bubble, because all tests share the keys.
func testConfig(t testing.TB) sandbox.Config {
	t.Helper()
	config, err := sandbox.KeyedConfig(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// place orders, for 100 fen.
func place(t *testing.T, client *wechatpay.Client, outTradeNo string) {
	t.Helper()
	_, err := client.Chain(native).Post(t.Context(), wechatpay.JSON(wechatpay.M{
		"appid": "wxd678efh567hg6787", "mchid": sandbox.DefaultMchID, "description": "d", "attach": "附加",
		"out_trade_no": outTradeNo, "notify_url": "https://shop.example.com/notify", "amount": wechatpay.M{"total": 100},
	}))
	if err != nil {
		t.Fatal(err)
	}
}

func pay(t *testing.T, server *sandbox.Server, outTradeNo string) string {
	t.Helper()
	id, err := server.Pay(sandbox.DefaultMchID, outTradeNo)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// newServer returns a sandbox and a client that reaches it without a network.
func newServer(t *testing.T, config sandbox.Config, edit ...func(*wechatpay.Config)) (*sandbox.Server, *wechatpay.Client) {
	t.Helper()
	server, err := sandbox.New(config)
	if err != nil {
		t.Fatal(err)
	}
	clientConfig := server.ClientConfig()
	clientConfig.Transport = inprocess.Transport(server)
	for _, f := range edit {
		f(&clientConfig)
	}
	client, err := wechatpay.New(clientConfig)
	if err != nil {
		t.Fatal(err)
	}
	return server, client
}
