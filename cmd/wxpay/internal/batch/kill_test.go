package batch

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	osexec "os/exec"
	"sync"
	"testing"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/internal/batchtest"
)

// meetAt runs a batch in a separate process. After that many more requests to the
// sandbox, it calls meet while the last of them waits for its answer. It
// returns the exit code and the output of the process.
func (w *world) meetAt(more int64, meet func(p *os.Process, dead <-chan struct{}), args ...string) (code int, printed string) {
	w.t.Helper()
	cmd := osexec.Command("wxpay", args...)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	reached, goOn := make(chan struct{}), make(chan struct{})
	reach, release := sync.OnceFunc(func() { close(reached) }), sync.OnceFunc(func() { close(goOn) })
	defer release()
	at := w.requests.Load() + more
	w.onRequest.Store(func(n int64) {
		if n >= at {
			reach()
			<-goOn
		}
	})
	defer w.onRequest.Store(func(int64) {})
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	dead := make(chan struct{})
	go func() {
		defer close(dead)
		_ = cmd.Wait() // the exit code shows the result
	}()
	select {
	case <-dead:
		w.t.Fatalf("it ended too soon: %s", &output)
	case <-reached:
		meet(cmd.Process, dead)
	}
	release()
	<-dead
	return cmd.ProcessState.ExitCode(), output.String()
}

// kill kills the process as kill -9 does. It returns after the last request of
// the process is handled.
func kill(p *os.Process, dead <-chan struct{}) {
	_ = p.Kill() // the process may have ended
	<-dead
}

// killPoints splits the requests of a batch at random points, one for each
// kill.
func killPoints(lines, kills int) []int64 {
	points := make([]int64, kills)
	for i := range points {
		points[i] = 1 + rand.Int64N(max(1, int64(lines/(kills+1))))
	}
	return points
}

// A batch is killed at random and run again each time. In the end it has one
// result for each line, and each coupon was sent once. By default there are 3
// kills over 200 lines; WXPAY_BATCH_KILLS and WXPAY_BATCH_LINES change that.
func TestBatchKilled(t *testing.T) {
	t.Parallel()
	lines, kills := batchtest.FromEnv(t, "WXPAY_BATCH_LINES", 200), batchtest.FromEnv(t, "WXPAY_BATCH_KILLS", 3)
	w := newWorld(t)
	w.coupons(lines)
	for _, more := range killPoints(lines, kills) {
		w.meetAt(more, kill, w.args(couponPath)...)
	}
	w.batch(exit.OK, couponPath)

	coupons := make(map[string]bool)
	results := w.results()
	for line := range int64(lines) {
		r := results[line+1]
		if r.Status != http.StatusOK || r.Error != nil {
			t.Fatalf("line %d: %+v", line+1, r)
		}
		coupons[string(r.Body)] = true
	}
	if len(results) != lines || len(coupons) != lines || w.stored("coupon-key") != lines {
		t.Errorf("%d results of %d coupons, the sandbox sent %d; want %d of each", len(results), len(coupons), w.stored("coupon-key"), lines)
	}
	t.Logf("%d kills, %d lines, %d requests", kills, lines, w.requests.Load())
}

// Calls without a merchant's number are made at most once. The results of
// interrupted calls say so.
func TestBatchKilledWithoutNumber(t *testing.T) {
	t.Parallel()
	const lines, kills = 60, 3
	w := newWorld(t)
	var mu sync.Mutex
	seen := make(map[string]int)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // killed
		}
		mu.Lock()
		seen[string(body)]++
		mu.Unlock()
		w.onRequest.Load().(func(int64))(w.requests.Add(1))
		http.Error(rw, `{"code":"NO_AUTH"}`, http.StatusForbidden)
	}))
	defer server.Close()
	var b bytes.Buffer
	for i := range lines {
		fmt.Fprintf(&b, "{\"n\":%d}\n", i)
	}
	w.write("in.jsonl", b.String())
	const path = "v3/things"
	more := []string{"--base-url", server.URL, "--concurrency", "4"}
	for range kills {
		w.meetAt(1+rand.Int64N(lines/(kills+1)), kill, w.args(path, more...)...)
	}
	w.batch(exit.Network, path, more...)
	mu.Lock()
	defer mu.Unlock()
	results, unknown := w.results(), 0
	for _, r := range results {
		if r.Error.Kind == unknownKind {
			unknown++
		}
	}
	if len(results) != lines || unknown == 0 || len(seen) < lines-unknown {
		t.Errorf("%d results, %d of them unknown; %d calls were seen", len(results), unknown, len(seen))
	}
	for body, n := range seen {
		if n != 1 {
			t.Errorf("%s was sent %d times", body, n)
		}
	}
}
