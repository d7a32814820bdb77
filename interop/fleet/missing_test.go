package fleet

import (
	"strings"
	"testing"
)

// Somebody removes the consumer of a batch. Workers say so. The file that is published
// again makes no call again that has a result.
func TestConsumerRemoved(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), startServer(t)
	js := s.jetStream(t)
	const lines, done = 6, 3
	w.coupons("in.jsonl", lines)
	before := w.requests.Load()
	g := w.holdAfter(done - 1)
	k := w.work(s, "--concurrency", "1")
	id := w.publish(s, couponPath, "in.jsonl")
	g.await(1)
	if err := js.DeleteConsumer(t.Context(), "WXPAY_LINES_"+id, "workers"); err != nil {
		t.Fatal(err)
	}
	close(g.open)
	k.says(t, "batch "+id+": it was removed from the NATS servers; publish its file again")
	if stdout, _ := w.run(exitOK, "batch", "status", "--nats", s.url()); !strings.Contains(stdout, id+"  removed") {
		t.Errorf("status %s", stdout)
	}
	w.sendCoupons(s, lines)
	if n := w.requests.Load() - before; n != lines {
		t.Errorf("%d calls for %d lines", n, lines)
	}
}

// A batch whose lines or results somebody has removed does not wait for them forever.
func TestPartsRemoved(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), startServer(t)
	js := s.jetStream(t)
	const lines = 3
	w.coupons("in.jsonl", lines)
	w.work(s)
	w.sendCoupons(s, lines)
	id := w.publish(s, couponPath, "in.jsonl")
	results, err := js.Stream(t.Context(), "WXPAY_RESULTS_"+id)
	if err != nil {
		t.Fatal(err)
	}
	if err := results.DeleteMsg(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	_, stderr := w.run(exitFailed, "batch", "POST", couponPath, "--in", "in.jsonl", "--out", "out.jsonl", "--nats", s.url())
	if want := "batch " + id + ": somebody removed 1 results from the NATS servers; wxpay batch results " + id + " writes the others"; !strings.Contains(stderr, want) {
		t.Errorf("stderr %s", stderr)
	}
	if stdout, _ := w.run(exitOK, "batch", "status", "--nats", s.url()); !strings.Contains(stdout, id+"  incomplete") {
		t.Errorf("status %s", stdout)
	}
	_, stderr = w.run(exitFailed, "batch", "results", id, "--out", "some.jsonl", "--nats", s.url())
	if n := len(w.results("some.jsonl")); n != lines-1 || !strings.Contains(stderr, "1 lines have no result, because somebody removed it") {
		t.Errorf("%d results, %s", n, stderr)
	}
}

// A command whose lines somebody has removed ends, and publishes them when it runs again.
func TestLinesRemoved(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), startServer(t)
	js := s.jetStream(t)
	const lines = 3
	w.coupons("in.jsonl", lines)
	k := w.start("batch", "POST", couponPath, "--in", "in.jsonl", "--out", "out.jsonl", "--nats", s.url())
	k.says(t, "lines are published")
	id := idOf.FindStringSubmatch(k.printed())[1]
	published, err := js.Stream(t.Context(), "WXPAY_LINES_"+id)
	if err != nil {
		t.Fatal(err)
	}
	if err := published.DeleteMsg(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	w.work(s)
	k.says(t, "batch "+id+": somebody removed 1 lines from the NATS servers; run the same command again to publish them")
	w.sendCoupons(s, lines)
}

// More replicas than there are servers are refused with what to do.
func TestTooFewServers(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), startCluster(t)
	w.things("in.jsonl", 1)
	_, stderr := w.run(exitFailed, "batch", "POST", thingsPath, "--in", "in.jsonl", "--out", "out.jsonl", "--nats", s.url(), "--replicas", "5")
	if !strings.Contains(stderr, "fewer servers run than --replicas says") {
		t.Errorf("stderr %s", stderr)
	}
}
