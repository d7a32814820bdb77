package config_test

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/config"
	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/sandbox"
)

const (
	drillReplicas = 2  // processes of the shop
	drillWorkers  = 16 // goroutines of each
	shopURL       = "http://shop.test/notify"
)

// drillOrders returns how many orders are sold before and after each change of a drill:
// WXPAY_DRILL_ORDERS, 8 by default.
func drillOrders(t *testing.T) int {
	text := os.Getenv("WXPAY_DRILL_ORDERS")
	if text == "" {
		return 8
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("WXPAY_DRILL_ORDERS is %q, want a number", text)
	}
	return n
}

// A drill is a shop of two processes that sells while keys change. Its time is that of
// a synctest bubble, so a drill of days takes seconds.
type drill struct {
	t        *testing.T
	ctx      context.Context // of the bubble
	server   *sandbox.Server
	platform *sandbox.Platform
	replicas []*replica

	orders, next atomic.Int64 // sold, and begun
	delivered    atomic.Int64 // notifications
	told         sync.Map     // orders, by out_trade_no
	stopping     atomic.Bool

	mu       sync.Mutex
	sold     *sync.Cond
	seen     map[string]int // keys and paths since the last phase
	failures []string
}

// A replica is a process of the shop.
type replica struct {
	dir     string // its settings
	clients *config.Clients
}

// drilled runs a drill. The merchants work with a key of the platform at first.
func drilled(t *testing.T, key sandbox.PlatformKey, run func(d *drill)) *drill {
	t.Helper()
	files, err := keys()
	if err != nil {
		t.Fatal(err)
	}
	dir, made := t.TempDir(), time.Now()
	for name, text := range files {
		write(t, dir, name, text)
	}
	settings, err := sandbox.LoadDir(dir, made)
	if err != nil {
		t.Fatal(err)
	}
	d := &drill{t: t, platform: settings.Platform, seen: make(map[string]int)}
	d.sold = sync.NewCond(&d.mu)
	folders := []string{t.TempDir(), t.TempDir()}
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(made)) // the keys are not valid before
		d.t = t
		settings.PlatformKey, settings.Clock, settings.Client = key, time.Now, &http.Client{Transport: roundTripper(d.deliver)}
		if d.server, err = sandbox.New(settings); err != nil {
			t.Fatal(err)
		}
		defer d.server.Close()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		d.ctx = ctx
		for _, dir := range folders {
			d.replicas = append(d.replicas, &replica{dir: dir})
		}
		d.write(merchantFiles(t, d.server.Merchant()))
		if key == sandbox.KeyPublic {
			d.write(d.publicKeyFiles())
		}
		d.open()
		run(d)
		d.checkTold()
	})
	t.Logf("%d orders and %d notifications; %d failures", d.orders.Load(), d.delivered.Load(), len(d.failures))
	return d
}

// merchantFiles are the settings of a merchant.
func merchantFiles(t *testing.T, m sandbox.Merchant) map[string]string {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(m.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"mchid": m.MchID, "apiv3_key": m.APIv3Key,
		"private_key": pemOf("PRIVATE KEY", key), "certificate": pemOf("CERTIFICATE", m.Certificate.Raw),
	}
}

// publicKeyFiles are the settings of the platform public key.
func (d *drill) publicKeyFiles() map[string]string {
	der, err := x509.MarshalPKIXPublicKey(d.platform.PrivateKey.Public())
	if err != nil {
		d.t.Fatal(err)
	}
	return map[string]string{"platform_public_key_id": d.platform.PublicKeyID, "platform_public_key": pemOf("PUBLIC KEY", der)}
}

func pemOf(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// open starts the processes of the shop, or starts them again.
func (d *drill) open() {
	d.t.Helper()
	for _, r := range d.replicas {
		var err error
		r.clients, err = config.Open(d.ctx, config.Folder(r.dir), config.With(func(c *wechatpay.Config) {
			c.Transport = roundTripper(d.roundTrip)
		}))
		if err != nil {
			d.t.Fatal(err)
		}
	}
}

// write writes settings of all processes. A setting that is "" is removed.
func (d *drill) write(files map[string]string) {
	for _, r := range d.replicas {
		r.write(d.t, files)
	}
}

func (r *replica) write(t *testing.T, files map[string]string) {
	t.Helper()
	for name, text := range files {
		if path := write(t, r.dir, name, text); text == "" {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// deploy changes settings of one process after the other, while the shop sells.
func (d *drill) deploy(files map[string]string) func() {
	return func() {
		for _, r := range d.replicas {
			r.write(d.t, files)
			if changed, err := r.clients.Reload(); err != nil || len(changed) != 1 {
				d.fail("Reload: %v, %v", changed, err)
			}
			d.wait(drillOrders(d.t) / 4)
		}
	}
}

// roundTrip brings a request to the platform.
func (d *drill) roundTrip(req *http.Request) (*http.Response, error) {
	d.see("request " + serialOf(req))
	if strings.HasSuffix(req.URL.Path, "v3/certificates") {
		d.see("download")
	}
	req = req.Clone(req.Context())
	req.RequestURI = req.URL.RequestURI()
	if req.Body == nil {
		req.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	d.server.ServeHTTP(w, req)
	resp := w.Result()
	d.see("answer " + resp.Header.Get("Wechatpay-Serial"))
	resp.Request = req
	return resp, nil
}

var serialNo = regexp.MustCompile(`serial_no="([^"]*)"`)

func serialOf(req *http.Request) string {
	m := serialNo.FindStringSubmatch(req.Header.Get("Authorization"))
	return append(m, "", "")[1]
}

// deliver brings a notification to one of the processes.
func (d *drill) deliver(req *http.Request) (*http.Response, error) {
	r := d.replicas[d.delivered.Add(1)%drillReplicas]
	client, err := r.clients.Client("")
	if err != nil {
		return nil, err
	}
	w := httptest.NewRecorder()
	isProbe := strings.HasPrefix(req.Header.Get("Wechatpay-Signature"), "WECHATPAY/SIGNTEST/")
	client.Notify(notify.OnError(func(_ context.Context, err error) {
		if !isProbe {
			d.fail("a notification is refused: %v", err)
		}
	})).Handler(func(_ context.Context, n *notify.Notification) error {
		d.told.Store(n.Get("out_trade_no").String(), true)
		return nil
	}).ServeHTTP(w, req)
	if isProbe && w.Code < 300 {
		d.fail("a probe is acknowledged")
	}
	if !isProbe {
		d.see("notification " + req.Header.Get("Wechatpay-Serial"))
	}
	return w.Result(), nil
}

func (d *drill) see(what string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seen[what]++
}

func (d *drill) fail(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failures = append(d.failures, fmt.Sprintf(format, args...))
}

// phase lets some time pass, and makes a change while the shop sells. It returns which
// keys were in use after the change, without the calls and notifications that were under
// way.
func (d *drill) phase(later time.Duration, change func()) map[string]int {
	d.t.Helper()
	time.Sleep(later)
	d.work(func() {
		d.wait(drillOrders(d.t))
		change()
		d.wait(drillOrders(d.t))
	})
	d.mu.Lock()
	clear(d.seen)
	d.mu.Unlock()
	d.work(func() { d.wait(drillOrders(d.t)) })
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.seen)
}

// work sells until f returns and nothing is under way.
func (d *drill) work(f func()) {
	d.stopping.Store(false)
	var working sync.WaitGroup
	for i := range drillReplicas * drillWorkers {
		working.Go(func() {
			for !d.stopping.Load() {
				if err := d.sell(d.replicas[i%drillReplicas]); err != nil {
					d.fail("a call fails: %v", err)
				}
				d.orders.Add(1)
				d.sold.Broadcast()
			}
		})
	}
	f()
	d.stopping.Store(true)
	working.Wait()
	synctest.Wait() // for notifications
}

// wait waits until some more orders are sold.
func (d *drill) wait(more int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for until := d.orders.Load() + int64(more); d.orders.Load() < until; {
		d.sold.Wait()
	}
}

// sell sells something: each kind of call that a key matters to.
func (d *drill) sell(r *replica) error {
	ctx := d.ctx
	i := d.next.Add(1)
	number := fmt.Sprintf("drill-%d", i)
	calls := []func(client *wechatpay.Client) error{
		func(client *wechatpay.Client) error {
			_, err := client.Chain("v3/pay/transactions/native").Post(ctx, wechatpay.JSON(wechatpay.M{
				"appid": "wxd678efh567hg6787", "mchid": first, "description": "x", "out_trade_no": number,
				"notify_url": shopURL, "amount": wechatpay.M{"total": 1},
			}))
			return err
		},
		func(*wechatpay.Client) error {
			_, err := d.server.Pay(first, number)
			d.told.LoadOrStore(number, false)
			return err
		},
		func(client *wechatpay.Client) error {
			_, err := client.Chain("v3/pay/transactions/out-trade-no/{out_trade_no}").Bind("out_trade_no", number).
				Get(ctx, wechatpay.Query(wechatpay.M{"mchid": first}))
			return err
		},
		func(client *wechatpay.Client) error { // encrypted for the platform
			_, err := client.Chain("v3/profitsharing/receivers/add").Post(ctx, wechatpay.JSON(wechatpay.M{
				"appid": "wxd678efh567hg6787", "type": "PERSONAL_OPENID", "account": number, "name": wechatpay.Secret("张三"), "relation_type": "USER",
			}))
			return err
		},
		func(client *wechatpay.Client) error { // encrypted for the merchant
			id, err := d.server.Complain(first, number, "x")
			if err != nil {
				return err
			}
			resp, err := client.Chain("v3/merchant-service/complaints-v2/{complaint_id}").Bind("complaint_id", id).Get(ctx)
			if err == nil {
				_, err = resp.Decrypt("payer_phone")
			}
			return err
		},
	}
	for _, call := range calls[:3+2*(i%2)] {
		client, err := r.clients.Client("")
		if err == nil {
			err = call(client)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// checkTold checks that the shop was notified of each order.
func (d *drill) checkTold() {
	d.told.Range(func(number, told any) bool {
		if told == false {
			d.fail("order %s is paid, and the shop was not told", number)
		}
		return true
	})
}

// want checks that no call and no notification failed.
func (d *drill) want(failures bool) {
	d.t.Helper()
	if (len(d.failures) > 0) != failures {
		d.t.Errorf("%d failures, such as %q", len(d.failures), d.failures[:min(3, len(d.failures))])
	}
}

// keysOf returns the keys of a kind that a phase has seen.
func keysOf(seen map[string]int, kind string) []string {
	var all []string
	for what := range seen {
		if serial, ok := strings.CutPrefix(what, kind+" "); ok {
			all = append(all, serial)
		}
	}
	return slices.Sorted(slices.Values(all))
}

// check checks which keys a phase has seen of a kind.
func (d *drill) check(seen map[string]int, kind string, want ...string) {
	d.t.Helper()
	slices.Sort(want)
	if got := keysOf(seen, kind); !slices.Equal(got, want) {
		d.t.Errorf("%s by %q, want %q", kind, got, want)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
