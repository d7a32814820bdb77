package sandbox_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/inprocess"
	"github.com/wxchain/wechatpay/sandbox"
)

// A sandbox does not leave goroutines behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start is the time of the tests: a little before the time_expire of the
// documentation's examples.
var start = time.Date(2018, 6, 8, 10, 30, 0, 0, time.FixedZone("", 8*60*60))

// A clock is moved by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// A world is a sandbox, its clock, and a client of its merchant that reaches it
// without a network.
type world struct {
	*sandbox.Sandbox
	clock  *clock
	client *wechatpay.Client
	n      int // of numbers made up
}

func newWorld(t testing.TB, edit ...func(*sandbox.Config)) *world {
	t.Helper()
	w := &world{clock: &clock{now: start}}
	w.Sandbox = sandbox.Start(t, append([]func(*sandbox.Config){func(c *sandbox.Config) { c.Clock = w.clock.Now }}, edit...)...)
	w.client = w.Client(func(c *wechatpay.Config) { c.Transport = inprocess.Transport(w.Server) })
	return w
}

// migrating makes the merchants migrate from certificates to the public key.
func migrating(c *sandbox.Config) { c.PlatformKey = sandbox.KeyBoth }

// call sends a JSON body, or none for nil.
func (w *world) call(method, path string, body any, opts ...wechatpay.Option) (*wechatpay.Response, error) {
	if body != nil {
		opts = append(opts, wechatpay.JSON(body))
	}
	return w.client.Chain(path).Do(context.Background(), method, opts...)
}

// mustCall does what call does, for a call that must succeed.
func (w *world) mustCall(t testing.TB, method, path string, body any, opts ...wechatpay.Option) *wechatpay.Response {
	t.Helper()
	resp, err := w.call(method, path, body, opts...)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return resp
}

// refused checks that an error is a refusal of that status and code.
func refused(t testing.TB, err error, status int, code string) *wechatpay.Error {
	t.Helper()
	var e *wechatpay.Error
	if !errors.As(err, &e) || e.StatusCode != status || e.Code != code {
		t.Fatalf("error is %v, want %d %s", err, status, code)
	}
	return e
}

// order is the body of an order by QR code.
func (w *world) order(outTradeNo string, total int) wechatpay.M {
	return wechatpay.M{
		"appid": "wxd678efh567hg6787", "mchid": w.Merchant().MchID, "description": "Image形象店",
		"out_trade_no": outTradeNo, "notify_url": "https://www.example.com/notify", "amount": wechatpay.M{"total": total},
	}
}

// paid places an order and pays it.
func (w *world) paid(t testing.TB, outTradeNo string, total int) (transactionID string) {
	t.Helper()
	w.mustCall(t, "POST", "v3/pay/transactions/native", w.order(outTradeNo, total))
	id, err := w.Pay(w.Merchant().MchID, outTradeNo)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// take runs the named steps in order. last is the refusal of the last step, or ""
// if it must succeed. All other steps must succeed.
func (w *world) take(t *testing.T, steps map[string]func(*world) error, names, last string) {
	t.Helper()
	all := strings.Split(names, ",")
	for i, name := range all {
		err := steps[name](w)
		want := ""
		if i == len(all)-1 {
			want = last
		}
		if (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Fatalf("%s: error is %v, want %q", name, err, want)
		}
	}
}
