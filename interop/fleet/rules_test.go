package fleet

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

const thingsPath = "v3/things" // an operation that the catalogue lacks

// things writes an input of calls without a merchant's number.
func (w *world) things(name string, n int) {
	w.t.Helper()
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "{\"n\":%d}\n", i)
	}
	w.write(name, b.String())
}

// idOf finds the id of a batch in what wxpay batch prints.
var idOf = regexp.MustCompile(`batch ([0-9a-f]{16})`)

// publish publishes a batch and ends, as if the machine were lost. It returns the
// id.
func (w *world) publish(s *servers, path, in string, more ...string) (id string) {
	w.t.Helper()
	k := w.start(append([]string{"batch", "POST", path, "--in", in, "--out", "lost-" + in, "--nats", s.url()}, more...)...)
	k.says(w.t, "lines are published")
	k.kill()
	return idOf.FindStringSubmatch(k.printed())[1]
}

// A call without a merchant's number whose worker is killed is never sent again. Its
// result is unknown.
func TestWithoutNumber(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), startServer(t)
	const lines = 12
	var mu sync.Mutex
	seen, stuck, release := make(map[string]int), make(chan struct{}, lines), make(chan struct{})
	defer close(release)
	w.handle(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		mu.Lock()
		seen[string(body)]++
		n := len(seen)
		mu.Unlock()
		if 4 <= n && n <= 6 {
			stuck <- struct{}{}
			<-release
		}
		http.Error(rw, `{"code":"NO_AUTH"}`, http.StatusForbidden)
	})
	w.things("in.jsonl", lines)
	first := w.work(s, "--concurrency", "3")
	id := w.publish(s, thingsPath, "in.jsonl")
	for range 3 {
		<-stuck
	}
	first.kill()
	w.work(s)
	_, stderr := w.run(exitNetwork, "batch", "POST", thingsPath, "--in", "in.jsonl", "--out", "out.jsonl", "--nats", s.url())
	if !strings.Contains(stderr, id) {
		t.Errorf("another batch than %s: %s", id, stderr)
	}
	results, unknown := w.results("out.jsonl"), 0
	for _, r := range results {
		if r.Error.Kind == "unknown" {
			unknown++
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(results) != lines || unknown != 3 || len(seen) != lines {
		t.Errorf("%d results, %d of them unknown; %d calls were seen", len(results), unknown, len(seen))
	}
	for body, n := range seen {
		if n != 1 {
			t.Errorf("%s was sent %d times", body, n)
		}
	}
}

// A batch that is published again with other settings while workers are busy goes on:
// a call without a merchant's number whose mark is being written is sent, once.
func TestPublishedAgain(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), startServer(t)
	const lines = 2000
	w.handle(func(rw http.ResponseWriter, r *http.Request) {
		http.Error(rw, `{"code":"NO_AUTH"}`, http.StatusForbidden)
	})
	w.things("in.jsonl", lines)
	w.work(s, "--concurrency", "64")
	for _, retry := range []string{"2", "3", "4", "5"} {
		k := w.start("batch", "POST", thingsPath, "--in", "in.jsonl", "--out", "lost.jsonl", "--nats", s.url(), "--retry", retry)
		k.says(t, "lines are published")
		k.kill()
	}
	w.run(exitFailed, "batch", "POST", thingsPath, "--in", "in.jsonl", "--out", "out.jsonl", "--nats", s.url())
	for line, r := range w.results("out.jsonl") {
		if r.Status != http.StatusForbidden {
			t.Errorf("line %d: %+v", line, r.Error)
		}
	}
	if n := w.requests.Load(); n != lines {
		t.Errorf("%d requests for %d lines", n, lines)
	}
}

// A worker takes no line of a merchant that it has no keys for, or of another host.
func TestForeign(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), startServer(t)
	w.coupons("in.jsonl", 10)
	before := w.requests.Load()
	settings, err := os.ReadFile(w.path("wxpay.toml"))
	if err != nil {
		t.Fatal(err)
	}
	w.write("other.toml", strings.Replace(string(settings), w.Merchant().MchID, "1900009999", 1))
	other := w.work(s, "--config", "other.toml")
	away := w.work(s, "--base-url", "https://api2.mch.weixin.qq.com/")
	id := w.publish(s, couponPath, "in.jsonl")
	other.says(t, "which this worker has no keys for")
	away.says(t, "the settings of this worker call api2.mch.weixin.qq.com")
	stdout, _ := w.run(exitOK, "batch", "status", id, "--nats", s.url())
	if w.requests.Load() != before || !strings.Contains(stdout, "waiting     10\n") || !strings.Contains(stdout, "handed out  0\n") {
		t.Errorf("%d requests, status %s", w.requests.Load()-before, stdout)
	}
	both := "[[merchant]]\n" + string(settings) + "\n[[merchant]]\n" + string(settings)
	w.write("both.toml", strings.Replace(both, w.Merchant().MchID, "1900009999", 1))
	w.work(s, "--config", "both.toml")
	w.sendCoupons(s, 10)
}

// A line that the servers do not take is found before anything is published.
func TestTooLong(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), startServer(t, func(o *options) { o.MaxPayload = 8 << 10 })
	w.write("in.jsonl", "{\"n\":1}\n{\"n\":\""+strings.Repeat("x", 9000)+"\"}\n")
	_, stderr := w.run(exitUsage, "batch", "POST", thingsPath, "--in", "in.jsonl", "--out", "out.jsonl", "--nats", s.url())
	if !strings.Contains(stderr, "in.jsonl:2: the line takes 90") || !strings.Contains(stderr, "max_payload") {
		t.Errorf("stderr %s", stderr)
	}
	if _, stderr := w.run(exitOK, "batch", "status", "--nats", s.url()); !strings.Contains(stderr, "there are no batches") {
		t.Errorf("stderr %s", stderr)
	}
}

// A cancelled batch stops, its results can be written, and the same command
// continues it.
func TestCancel(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), startServer(t)
	const lines = 60
	w.coupons("in.jsonl", lines)
	answer, reached, goOn := w.Server.ServeHTTP, make(chan struct{}), make(chan struct{})
	before := w.requests.Load()
	reach := sync.OnceFunc(func() { close(reached) })
	w.handle(func(rw http.ResponseWriter, r *http.Request) {
		if w.requests.Load()-before >= 20 {
			reach()
			<-goOn
		}
		answer(rw, r)
	})
	w.work(s, "--concurrency", "2")
	id := w.publish(s, couponPath, "in.jsonl")
	<-reached
	stdout, _ := w.run(exitOK, "batch", "cancel", id, "--nats", s.url())
	if !strings.Contains(stdout, "cancelled") {
		t.Errorf("stdout %s", stdout)
	}
	close(goOn)
	eventually(t, "calls under way end", func() error {
		stdout, _ := w.run(exitOK, "batch", "status", id, "--nats", s.url())
		if !strings.Contains(stdout, fmt.Sprintf("results     %d\n", w.requests.Load()-before)) {
			return fmt.Errorf("status %s", stdout)
		}
		return nil
	})
	had := w.requests.Load()
	stdout, stderr := w.run(exitFailed, "batch", "results", id, "--nats", s.url(), "--out", "some.jsonl")
	n := len(w.results("some.jsonl"))
	if n < 18 || n > 23 {
		t.Errorf("%d results", n)
	}
	if !strings.Contains(stdout, fmt.Sprintf("no result yet  %d\n", lines-n)) || !strings.Contains(stderr, fmt.Sprintf("%d lines have no result, because the batch was cancelled", lines-n)) {
		t.Errorf("stdout %s, stderr %s", stdout, stderr)
	}
	if stdout, _ := w.run(exitOK, "batch", "status", "--nats", s.url()); !strings.Contains(stdout, "cancelled") || w.requests.Load() != had {
		t.Errorf("%d requests, then %d; status %s", had, w.requests.Load(), stdout)
	}
	w.sendCoupons(s, lines)
	if _, stderr := w.run(exitUsage, "batch", "POST", couponPath, "--in", "in.jsonl", "--out", "out.jsonl"); !strings.Contains(stderr, "the same batch with --nats") {
		t.Errorf("stderr %s", stderr)
	}
}

// The results of a batch that is not done say how to go on.
func TestResultsOfAnOpenBatch(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), startServer(t)
	const lines = 7
	w.coupons("in.jsonl", lines)
	id := w.publish(s, couponPath, "in.jsonl")
	results := []string{"batch", "results", id, "--nats", s.url(), "--out", "some.jsonl"}
	stdout, stderr := w.run(exitFailed, results...)
	if !strings.Contains(stdout, "no result yet  7\n") || !strings.Contains(stderr, "7 lines have no result yet; the workers (wxpay work) go on") ||
		!strings.Contains(stderr, "wxpay batch status "+id) {
		t.Errorf("stdout %s, stderr %s", stdout, stderr)
	}
	stdout, stderr = w.run(exitFailed, append(results, "--lang", "zh")...)
	if !strings.Contains(stdout, "尚无结果  7\n") || !strings.Contains(stderr, "还有 7 行没有结果") || !strings.Contains(stderr, "wxpay batch status "+id) {
		t.Errorf("stdout %s, stderr %s", stdout, stderr)
	}
	w.work(s)
	w.sendCoupons(s, lines)
	if stdout, stderr = w.run(exitOK, results...); stderr != "" || strings.Contains(stdout, "no result") {
		t.Errorf("stdout %s, stderr %s", stdout, stderr)
	}
	w.checkCoupons("some.jsonl", lines)
}

// Lines with a temporary error have a result that says so, and the same command
// sends them again.
func TestRenewed(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), startServer(t)
	w.coupons("in.jsonl", 9)
	answer := w.Server.ServeHTTP
	var mu sync.Mutex
	busy := true
	w.handle(func(rw http.ResponseWriter, r *http.Request) {
		mu.Lock()
		fails := busy && strings.Contains(r.URL.Path, "user0000003")
		mu.Unlock()
		if fails {
			http.Error(rw, `{"code":"SYSTEM_ERROR","message":"x"}`, http.StatusInternalServerError)
			return
		}
		answer(rw, r)
	})
	w.work(s)
	batch := []string{"batch", "POST", couponPath, "--in", "in.jsonl", "--out", "out.jsonl", "--nats", s.url(), "--retry", "0"}
	_, stderr := w.run(exitFailed, batch...)
	if r := w.results("out.jsonl")[3]; !r.Again || r.Status != http.StatusInternalServerError || !strings.Contains(stderr, "1 lines are still to be done") {
		t.Errorf("%+v, stderr %s", r, stderr)
	}
	id := idOf.FindStringSubmatch(stderr)[1]
	results := []string{"batch", "results", id, "--nats", s.url(), "--out", "some.jsonl"}
	if _, stderr := w.run(exitFailed, results...); !strings.Contains(stderr, "1 lines failed for now") || strings.Contains(stderr, "no result") {
		t.Errorf("stderr %s", stderr)
	}
	mu.Lock()
	busy = false
	mu.Unlock()
	w.run(exitOK, batch...)
	w.checkCoupons("out.jsonl", 9)
}

// All workers together keep to the rate of the batch.
func TestRate(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), startServer(t)
	const lines, perSecond = 250, 50
	var mu sync.Mutex
	var at []time.Time
	w.handle(func(rw http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		at = append(at, time.Now())
		mu.Unlock()
		http.Error(rw, `{"code":"NO_AUTH"}`, http.StatusForbidden)
	})
	w.things("in.jsonl", lines)
	for range 4 {
		w.work(s)
	}
	w.run(exitFailed, "batch", "POST", thingsPath, "--in", "in.jsonl", "--out", "out.jsonl", "--nats", s.url(), "--rate", "50/s")
	mu.Lock()
	defer mu.Unlock()
	if len(at) != lines {
		t.Fatalf("%d calls", len(at))
	}
	// A call may arrive later than its slot, and so nearer to the next ones: on a busy
	// machine, by some tenths of a second.
	const some = lines / 2
	for i := some; i < lines; i++ {
		if d := at[i].Sub(at[i-some]); d < some*time.Second/perSecond*4/5 {
			t.Fatalf("%d calls in %v", some, d)
		}
	}
	took := at[lines-1].Sub(at[0])
	t.Logf("%d calls in %v, %.1f a second", lines, took, (lines-1)/took.Seconds())
	if took < 4*time.Second || took > 20*time.Second {
		t.Errorf("%d calls in %v, want about 5s", lines, took)
	}
}

// If somebody removes the bucket by which workers keep a rate, they create it again.
func TestRateRemoved(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), startServer(t)
	js := s.jetStream(t)
	const lines = 20
	w.coupons("in.jsonl", lines)
	g := w.holdAfter(1)
	w.work(s, "--concurrency", "2")
	w.work(s, "--concurrency", "2")
	w.publish(s, couponPath, "in.jsonl", "--rate", "50/s")
	g.await(2)
	if err := js.DeleteStream(t.Context(), "KV_wxpay-pace"); err != nil {
		t.Fatal(err)
	}
	close(g.open)
	w.run(exitOK, "batch", "POST", couponPath, "--in", "in.jsonl", "--out", "out.jsonl", "--nats", s.url(), "--rate", "50/s")
	if n := len(w.results("out.jsonl")); n != lines {
		t.Errorf("%d results, want %d", n, lines)
	}
}
