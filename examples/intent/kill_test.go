package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/config"
	"github.com/wxchain/wechatpay/sandbox"
)

// A process of the shop is this test binary with these variables.
const (
	shopDir   = "INTENT_SHOP_DIR"   // its settings and its book
	shopTasks = "INTENT_SHOP_TASKS" // how many tasks it has
)

func TestMain(m *testing.M) {
	dir := os.Getenv(shopDir)
	if dir == "" {
		os.Exit(m.Run())
	}
	tasks, err := strconv.Atoi(os.Getenv(shopTasks))
	if err == nil {
		err = work(context.Background(), dir, tasks)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// work is the life of a process of the shop: it settles what the one before it left
// open, and does its tasks. Those that were done before cost nothing.
func work(ctx context.Context, dir string, tasks int) error {
	settings, err := config.Load(ctx, config.File(filepath.Join(dir, config.FileName)))
	if err != nil {
		return err
	}
	client, err := wechatpay.New(settings)
	if err != nil {
		return err
	}
	b, err := openBook(filepath.Join(dir, "intents.db"))
	if err != nil {
		return err
	}
	s := shop{client, b}
	problems := []error{s.recover(ctx)}
	results := wechatpay.Pool(ctx, 4, numbers(tasks), func(ctx context.Context, i int) (intent, error) { return s.task(ctx, i) })
	for i, r := range results {
		if r.Err != nil || r.Value.End != "done" {
			problems = append(problems, fmt.Errorf("task %d is %q: %w", i, r.Value.End, r.Err))
		}
	}
	return errors.Join(append(problems, b.close())...)
}

func numbers(n int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for i := 0; i < n && yield(i); i++ {
		}
	}
}

// task refunds, transfers or sends a coupon.
func (s shop) task(ctx context.Context, i int) (intent, error) {
	switch i % 3 {
	case 0:
		return s.refund(ctx, orderOf(i), 1, 100)
	case 1:
		return s.do(ctx, fmt.Sprint("transfer ", i), "POST v3/fund-app/mch-transfer/transfer-bills", func(number string) any {
			return wechatpay.M{
				"appid": "wxf636efh567hg4356", "out_bill_no": number, "openid": "o-MYE42l80oelYMDE34nYD456Xoy",
				"transfer_amount": 100, "transfer_remark": "2020年4月报销", "transfer_scene_id": "1000",
				"transfer_scene_report_infos": []wechatpay.M{{"info_type": "活动名称", "info_content": "注册会员有礼"}, {"info_type": "奖励说明", "info_content": "注册会员抽奖一等奖"}},
			}
		})
	}
	call := fmt.Sprintf("POST v3/marketing/favor/users/openid-%d/coupons", i)
	return s.do(ctx, fmt.Sprint("coupon ", i), call, func(number string) any {
		return wechatpay.M{"appid": "wx233544546545989", "out_request_no": number, "stock_id": "9856000", "stock_creator_mchid": sandbox.DefaultMchID,
			"coupon_value": 1, "coupon_minimum": 1}
	})
}

func orderOf(i int) string { return fmt.Sprintf("order-%d", i) }

// fromEnv returns a number from the environment, or a default.
func fromEnv(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s is %q, want a number", name, text)
	}
	return n
}

// A platform is a sandbox that kills who calls it.
type platform struct {
	*sandbox.Server
	store sandbox.Store
	http  *httptest.Server
	dir   string

	mu    sync.Mutex
	kills func(phase phase) // of a request
	calls atomic.Int64
}

// A phase is where a request is when its sender may be killed.
type phase int

const (
	arrived phase = iota
	handled
	answered
	phases
)

func newPlatform(t *testing.T) *platform {
	t.Helper()
	p := &platform{store: sandbox.NewMemory(), dir: t.TempDir(), kills: func(phase) {}}
	settings, err := sandbox.LoadDir(p.dir, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	settings.Store, settings.Demo = p.store, true
	if p.Server, err = sandbox.New(settings); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	p.http = httptest.NewServer(p)
	t.Cleanup(p.http.Close)
	file := filepath.Join(p.dir, config.FileName)
	text, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(file, append([]byte("base_url = '"+p.http.URL+"'\n"), text...), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// ServeHTTP answers a request. Its sender may be killed meanwhile.
func (p *platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	kills := p.kills
	p.mu.Unlock()
	p.calls.Add(1)
	kills(arrived)
	recorded := httptest.NewRecorder()
	p.Server.ServeHTTP(recorded, r)
	kills(handled)
	for name, values := range recorded.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(recorded.Code)
	_, _ = w.Write(recorded.Body.Bytes()) // who is killed reads nothing
	kills(answered)
}

// run runs a process of the shop. Unless after is 0, it kills it while the request of
// that number is in a phase.
func (p *platform) run(t *testing.T, tasks int, after int64, at phase) (killed bool) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), shopDir+"="+p.dir, shopTasks+"="+strconv.Itoa(tasks))
	started := make(chan struct{})
	var seen [phases]atomic.Int64
	var isKilled atomic.Bool
	p.mu.Lock()
	p.kills = func(now phase) {
		if now == at && seen[now].Add(1) == after {
			<-started
			if now == answered { // it reads the answer, stores it, or begins the next
				time.Sleep(time.Duration(rand.Int64N(int64(3 * time.Millisecond))))
			}
			isKilled.Store(true)
			_ = cmd.Process.Kill() // it may have ended
		}
	}
	p.mu.Unlock()
	var output bytes.Buffer
	cmd.Stderr = &output
	err := cmd.Start()
	if err == nil {
		close(started)
		err = cmd.Wait()
	}
	if err != nil && !isKilled.Load() {
		t.Fatalf("%v: %s", err, &output)
	}
	return isKilled.Load()
}

// stored returns how many things of a kind the platform has.
func (p *platform) stored(t *testing.T, bucket string) (n int) {
	t.Helper()
	if err := p.store.View(func(tx sandbox.Tx) error {
		return tx.Each(bucket, "", func(string, []byte) error { n++; return nil })
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

// A shop is killed at random and started again each time. In the end everything is done
// once, and the book says so. By default there are 6 kills over 60 tasks;
// WXPAY_INTENT_KILLS and WXPAY_INTENT_TASKS change that.
func TestKilled(t *testing.T) {
	kills, tasks := fromEnv(t, "WXPAY_INTENT_KILLS", 6), fromEnv(t, "WXPAY_INTENT_TASKS", 60)
	p := newPlatform(t)
	p.sell(t, tasks)
	killed := 0
	for range kills {
		if p.run(t, tasks, 1+rand.Int64N(int64(max(1, tasks/kills))), phase(rand.IntN(int(phases)))) {
			killed++
		}
	}
	p.run(t, tasks, 0, arrived)

	refunds, transfers, coupons := (tasks+2)/3, (tasks+1)/3, tasks/3
	if got := [3]int{p.stored(t, "refund"), p.stored(t, "transfer"), p.stored(t, "coupon-key")}; got != [3]int{refunds, transfers, coupons} {
		t.Errorf("%d refunds, transfers and coupons; want %d, %d and %d", got, refunds, transfers, coupons)
	}
	p.checkBook(t, tasks)
	if killed == 0 {
		t.Error("no process was killed")
	}
	t.Logf("%d processes killed, %d tasks, %d requests", killed, tasks, p.calls.Load())
}

// sell makes the orders that tasks refund.
func (p *platform) sell(t *testing.T, tasks int) {
	t.Helper()
	settings := p.ClientConfig()
	settings.BaseURL = p.http.URL
	client, err := wechatpay.New(settings)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < tasks; i += 3 {
		_, err := client.V3().Pay().Transactions().Native().Post(t.Context(), wechatpay.JSON(wechatpay.M{
			"appid": "wxd678efh567hg6787", "mchid": sandbox.DefaultMchID, "description": "x", "out_trade_no": orderOf(i),
			"notify_url": "http://127.0.0.1:1/", "amount": wechatpay.M{"total": 100},
		}))
		if err == nil {
			_, err = p.Pay(sandbox.DefaultMchID, orderOf(i))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// checkBook checks that the book has an intent for each task, that each is done, and that
// its answer is that of its number.
func (p *platform) checkBook(t *testing.T, tasks int) {
	t.Helper()
	b, err := openBook(filepath.Join(p.dir, "intents.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer b.close()
	done := 0
	err = b.each(func(in intent) {
		answer := gjson.ParseBytes(in.Answer)
		numbered := answer.Get("coupon_id").Exists()
		for _, field := range []string{"out_refund_no", "out_bill_no"} {
			numbered = numbered || answer.Get(field).String() == in.Number
		}
		if in.End == "done" && numbered {
			done++
		} else {
			t.Errorf("%s is %q with %s", in.Purpose, in.End, in.Answer)
		}
	})
	if err != nil || done != tasks {
		t.Errorf("%d are done, want %d; %v", done, tasks, err)
	}
}
