package fleet

import (
	"net/http"
	"strings"
	"testing"
)

// checkCoupons checks that each line has one result, and that each coupon was sent
// once.
func (w *world) checkCoupons(name string, lines int) {
	w.t.Helper()
	results, coupons := w.results(name), make(map[string]bool)
	for line := range int64(lines) {
		r := results[line+1]
		if r.Status != http.StatusOK || r.Error != nil {
			w.t.Fatalf("line %d: %+v", line+1, r)
		}
		coupons[string(r.Body)] = true
	}
	if len(results) != lines || len(coupons) != lines || w.stored("coupon-key") != lines {
		w.t.Errorf("%d results of %d coupons, the sandbox sent %d; want %d of each", len(results), len(coupons), w.stored("coupon-key"), lines)
	}
}

// sendCoupons runs the batch of coupons with the workers of s, and checks its results.
func (w *world) sendCoupons(s *servers, lines int) {
	w.t.Helper()
	w.run(exitOK, "batch", "POST", couponPath, "--in", "in.jsonl", "--out", "out.jsonl", "--nats", s.url())
	w.checkCoupons("out.jsonl", lines)
}

// Workers make the calls of a batch. The same command, from any folder and at any
// time, publishes nothing more and writes the same results.
func TestBatch(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), startServer(t)
	const lines = 300
	w.coupons("in.jsonl", lines)
	workers := []*worker{w.work(s), w.work(s, "--concurrency", "4")}
	batch := []string{"batch", "POST", couponPath, "--in", "in.jsonl", "--nats", s.url(), "--out"}
	stdout, stderr := w.run(exitOK, append(batch, "out.jsonl")...)
	if !strings.Contains(stdout, "done   300\n") || !strings.Contains(stderr, "300 lines are published") {
		t.Errorf("stdout %s, stderr %s", stdout, stderr)
	}
	w.checkCoupons("out.jsonl", lines)
	before := w.requests.Load()
	w.run(exitOK, append(batch, "again.jsonl")...)
	w.checkCoupons("again.jsonl", lines)
	w.run(exitOK, append(batch, "out.jsonl")...)
	w.checkCoupons("out.jsonl", lines)
	if w.requests.Load() != before {
		t.Errorf("%d requests, %d after publishing once more", before, w.requests.Load())
	}
	for _, k := range workers {
		if code := k.stop(); code != exitOK {
			t.Errorf("a worker ends with %d: %s", code, k.printed())
		}
		k.says(t, "have a result of this worker")
	}
}
