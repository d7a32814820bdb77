package sandbox

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

const (
	killWorkers = 8
	killAfter   = 24 // orders in each round
	killAsked   = 4  // this many of them are queried in the next round
)

// killRounds returns how often the sandbox is killed: WXPAY_KILL_ROUNDS times,
// 5 by default.
func killRounds(t *testing.T) int {
	text := os.Getenv("WXPAY_KILL_ROUNDS")
	if text == "" {
		return 5
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("WXPAY_KILL_ROUNDS is %q, want a number", text)
	}
	return n
}

// Answered orders survive kill -9 under load.
func TestSandboxKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var config sandbox.Config
	var placed []string // acknowledged orders
	for round := range killRounds(t) {
		p := startSandbox(t, "--dir", dir)
		if round == 0 {
			config = loadSandboxDir(t, dir)
		}
		client := p.client(config)
		for _, number := range placed[max(0, len(placed)-killAsked):] {
			wantOrder(t, client, number)
		}
		placed = append(placed, p.load(client, round)...)
	}

	// Query all of the orders, not only those of the last round.
	store, err := sandbox.OpenStore(filepath.Join(dir, "sandbox.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := store.View(func(tx sandbox.Tx) error {
		for _, number := range placed {
			if text, err := tx.Get("order", sandbox.DefaultMchID+"/"+number); err != nil || text == nil {
				t.Errorf("order %s was acknowledged and is lost: %v", number, err)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d orders, all there", len(placed))
}

// wantOrder queries an order.
func wantOrder(t *testing.T, client *wechatpay.Client, number string) {
	t.Helper()
	resp, err := client.Chain("v3/pay/transactions/out-trade-no/{out_trade_no}").Bind("out_trade_no", number).
		Get(t.Context(), wechatpay.Query(wechatpay.M{"mchid": sandbox.DefaultMchID}))
	if err != nil {
		t.Fatalf("order %s was acknowledged before kill -9: %v", number, err)
	}
	if got := resp.Get("out_trade_no").String(); got != number {
		t.Fatalf("asked for order %s, got %s", number, resp)
	}
}

// A sandboxProcess is a running wxpay sandbox.
type sandboxProcess struct {
	t   *testing.T
	cmd *osexec.Cmd
	url string
}

// startSandbox runs wxpay sandbox in a separate process.
func startSandbox(t *testing.T, args ...string) *sandboxProcess {
	t.Helper()
	cmd := osexec.Command("wxpay", append([]string{"sandbox", "--addr", "127.0.0.1:0"}, args...)...)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &sandboxProcess{t: t, cmd: cmd}
	t.Cleanup(p.kill)
	r := bufio.NewReader(stdout)
	line, err := r.ReadString('\n')
	if err != nil {
		t.Fatalf("wxpay sandbox ended before it served: %v", err)
	}
	p.url = strings.Fields(line)[2]
	go io.Copy(io.Discard, r) // ends when the process ends
	return p
}

// kill kills the process as kill -9 does.
func (p *sandboxProcess) kill() {
	_ = p.cmd.Process.Kill() // the process may have ended
	_ = p.cmd.Wait()
}

// loadSandboxDir reads the files that the sandbox wrote.
func loadSandboxDir(t *testing.T, dir string) sandbox.Config {
	t.Helper()
	config, err := sandbox.LoadDir(dir, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// client returns a client of the process.
func (p *sandboxProcess) client(config sandbox.Config) *wechatpay.Client {
	p.t.Helper()
	m := config.Merchants[0]
	client, err := wechatpay.New(wechatpay.Config{
		BaseURL: p.url, MchID: m.MchID, SerialNo: m.SerialNo, PrivateKey: m.PrivateKey, PlatformKeys: config.Platform.Keys(),
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return client
}

// load places orders until it has killed the sandbox under load. It returns the
// numbers of the acknowledged orders.
func (p *sandboxProcess) load(client *wechatpay.Client, round int) []string {
	var (
		mu     sync.Mutex
		placed []string
		wg     sync.WaitGroup
	)
	ctx, stop := context.WithCancel(p.t.Context())
	defer stop()
	for worker := range killWorkers {
		wg.Go(func() {
			for i := 0; ; i++ {
				number := fmt.Sprintf("kill_%d_%d_%d", round, worker, i)
				_, err := client.Chain("v3/pay/transactions/native").Post(ctx, wechatpay.JSON(wechatpay.M{
					"appid": "wxd678efh567hg6787", "mchid": sandbox.DefaultMchID, "description": "x", "out_trade_no": number,
					"notify_url": "http://127.0.0.1:1/notify", "amount": wechatpay.M{"total": 1},
				}))
				if err != nil {
					return // killed
				}
				mu.Lock()
				if placed = append(placed, number); len(placed) == killAfter {
					_ = p.cmd.Process.Kill()
					stop() // a client would repeat the call
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	p.kill()
	if len(placed) < killAfter {
		p.t.Fatalf("round %d: %d orders before the kill, want %d", round, len(placed), killAfter)
	}
	return placed
}
