package batch

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/sandbox"
)

// If the connection of a query closes without an answer, --retry sends the
// query again with a new signature. The platform never refuses one for a
// repeated nonce.
func TestBatchOfCutConnections(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const n = 40
	w.orders(n)
	w.batch(exit.OK, orderPath)
	var requests, cut atomic.Int64
	proxy := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if requests.Add(1)%4 != 0 {
			w.ServeHTTP(rw, r)
			return
		}
		w.ServeHTTP(httptest.NewRecorder(), r) // the request is handled, but its answer is dropped
		cut.Add(1)
		conn, _, err := rw.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		conn.Close()
	}))
	defer proxy.Close()
	w.writeSettings(w.ClientConfig(), proxy.URL)

	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, `{"out_trade_no":"batch%07d","mchid":%q}`+"\n", i+1, sandbox.DefaultMchID)
	}
	w.write("queries.jsonl", b.String())
	w.in, w.out = w.path("queries.jsonl"), w.path("states.jsonl")
	code, stdout, stderr := exec(t.Context(), "batch", "GET", "v3/pay/transactions/out-trade-no/{out_trade_no}?mchid={mchid}",
		"--in", w.in, "--out", w.out, "--config", w.config(), "--retry", "9", "--concurrency", "4")
	if code != exit.OK {
		t.Fatalf("exit %d; stdout %s, stderr %s", code, stdout, stderr)
	}
	retried := int64(0)
	for line, r := range w.results() {
		if r.Error != nil || r.Status != http.StatusOK {
			t.Errorf("line %d: %+v", line, r)
		}
		retried += int64(r.Attempts - 1)
	}
	if cut.Load() == 0 || retried != cut.Load() {
		t.Errorf("%d answers were cut off, and %d lines sent again", cut.Load(), retried)
	}
}

// path returns the path of a file next to the settings.
func (w *world) path(name string) string { return filepath.Join(filepath.Dir(w.in), name) }
