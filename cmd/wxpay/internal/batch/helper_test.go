package batch

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/internal/batchtest"
	"github.com/wxchain/wechatpay/sandbox"
)

const (
	couponPath = batchtest.CouponPath
	orderPath  = "v3/pay/transactions/native"
)

// A world is a sandbox, and a folder with settings that call it.
type world struct {
	*sandbox.Sandbox
	t     testing.TB
	store sandbox.Store
	url   string
	in    string
	out   string

	requests  atomic.Int64
	onRequest atomic.Value // func(n int64), called with the count of requests so far
}

func newWorld(t testing.TB) *world {
	t.Helper()
	dir := t.TempDir()
	w := &world{t: t, store: sandbox.NewMemory(), in: filepath.Join(dir, "in.jsonl"), out: filepath.Join(dir, "out.jsonl")}
	w.Sandbox = sandbox.Start(t, func(c *sandbox.Config) { c.Store = w.store })
	w.onRequest.Store(func(int64) {})
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	w.url = server.URL
	w.writeSettings(w.ClientConfig(), server.URL)
	return w
}

// ServeHTTP counts the requests to the sandbox.
func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.onRequest.Load().(func(int64))(w.requests.Add(1))
	w.Server.ServeHTTP(rw, r)
}

func (w *world) config() string { return filepath.Join(filepath.Dir(w.in), settings.FileName) }

// write writes a file next to the settings.
func (w *world) write(name, text string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(filepath.Dir(w.in), name), []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// args returns the arguments of a batch from in to out.
func (w *world) args(path string, more ...string) []string {
	return append([]string{"batch", "POST", path, "--in", w.in, "--out", w.out, "--config", w.config()}, more...)
}

// batch runs a batch in this process and checks its exit code.
func (w *world) batch(code int, path string, more ...string) (stdout, stderr string) {
	w.t.Helper()
	got, stdout, stderr := exec(w.t.Context(), w.args(path, more...)...)
	if got != code {
		w.t.Fatalf("exit %d, want %d; stdout %s, stderr %s", got, code, stdout, stderr)
	}
	return stdout, stderr
}

// orders writes an input with n orders.
func (w *world) orders(n int) {
	w.t.Helper()
	var b bytes.Buffer
	for i := range n {
		writeOrder(&b, i+1)
	}
	w.write(filepath.Base(w.in), b.String())
}

// writeOrder writes the n-th order of an input.
func writeOrder(w io.Writer, n int) {
	fmt.Fprintf(w, `{"appid":"wx233544546545989","mchid":%q,"description":"tea","out_trade_no":"batch%07d",`+
		`"notify_url":"https://www.weixin.qq.com/wxpay/pay.php","amount":{"total":1}}`+"\n", sandbox.DefaultMchID, n)
}

// writeSettings writes wxpay.toml and the keys that it refers to.
func (w *world) writeSettings(config wechatpay.Config, url string) {
	w.t.Helper()
	batchtest.WriteSettings(w.t, w.config(), url, config)
}

// coupons writes an input with n coupons of a stock, each for another user.
func (w *world) coupons(n int) {
	w.t.Helper()
	w.write(filepath.Base(w.in), batchtest.Coupons(w.t, w.Client(), n))
}

// stored counts the sandbox's entries in a bucket.
func (w *world) stored(bucket string) int {
	w.t.Helper()
	return batchtest.Stored(w.t, w.store, bucket)
}

// results reads the results. They must be whole, with at most one result for
// each line.
func (w *world) results() map[int64]result {
	w.t.Helper()
	text, err := os.ReadFile(w.out)
	if err != nil {
		w.t.Fatal(err)
	}
	results := make(map[int64]result)
	for line := range bytes.Lines(text) {
		var r result
		if err := json.Unmarshal(line, &r); err != nil || line[len(line)-1] != '\n' {
			w.t.Fatalf("the results have the line %q: %v", line, err)
		}
		if _, twice := results[r.Line]; twice {
			w.t.Fatalf("the results have line %d twice", r.Line)
		}
		results[r.Line] = r
	}
	return results
}
