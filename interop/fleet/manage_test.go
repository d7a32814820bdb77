package fleet

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// jetStream connects the test to the servers.
func (s *servers) jetStream(t *testing.T) jetstream.JetStream {
	t.Helper()
	nc, err := nats.Connect(s.url())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

// Several machines publish the same file at once: each follows the one batch.
func TestPublishedAtOnce(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), startServer(t)
	const lines = 40
	w.coupons("in.jsonl", lines)
	w.work(s)
	machines := make(map[string]*worker)
	for _, retry := range []string{"2", "3", "4", "5", "6", "7"} {
		machines[retry] = w.start("batch", "POST", couponPath, "--in", "in.jsonl", "--out", retry+".jsonl", "--nats", s.url(), "--retry", retry)
	}
	for retry, k := range machines {
		if <-k.dead; k.cmd.ProcessState.ExitCode() != exitOK {
			t.Fatalf("exit %d: %s", k.cmd.ProcessState.ExitCode(), k.printed())
		}
		w.checkCoupons(retry+".jsonl", lines)
	}
}

// A batch that was removed, in whole or in part, does not hide the others, and its file
// can be published again.
func TestRemoved(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), startServer(t)
	js := s.jetStream(t)
	w.coupons("in.jsonl", 3)
	id := w.publish(s, couponPath, "in.jsonl")
	w.things("other.jsonl", 3)
	other := w.publish(s, thingsPath, "other.jsonl")

	err := errors.Join(js.DeleteStream(t.Context(), "WXPAY_LINES_"+id), js.DeleteStream(t.Context(), "WXPAY_RESULTS_"+id),
		js.DeleteKeyValue(t.Context(), "wxpay-begun-"+id))
	if err != nil {
		t.Fatal(err)
	}
	stdout, _ := w.run(exitOK, "batch", "status", "--nats", s.url())
	if rows := strings.Split(stdout, "\n"); len(rows) != 4 || !strings.Contains(rows[1], id+"  removed") || !strings.Contains(rows[2], other+"  open") {
		t.Errorf("status %s", stdout)
	}
	if _, stderr := w.run(exitFailed, "batch", "status", id, "--nats", s.url()); !strings.Contains(stderr, "it was removed from the NATS servers") {
		t.Errorf("stderr %s", stderr)
	}

	kv, err := js.KeyValue(t.Context(), "wxpay-batches")
	if err != nil {
		t.Fatal(err)
	}
	if err := kv.Delete(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if stdout, _ = w.run(exitOK, "batch", "status", "--nats", s.url()); strings.Contains(stdout, id) || !strings.Contains(stdout, other) {
		t.Errorf("status %s", stdout)
	}
	w.run(exitUsage, "batch", "status", id, "--nats", s.url())
	w.work(s)
	w.sendCoupons(s, 3)
}

// A worker says once that a batch was removed whose manifest stays, and what to do about
// it. That command ends the batch.
func TestManifestStays(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), startServer(t)
	js := s.jetStream(t)
	w.coupons("in.jsonl", 2)
	var ids []string
	for i, stream := range []string{"WXPAY_LINES_", "WXPAY_RESULTS_", "KV_wxpay-begun-"} {
		in, path := "in.jsonl", couponPath
		if i > 0 {
			in, path = stream+".jsonl", thingsPath
			w.things(in, i)
		}
		id := w.publish(s, path, in)
		ids = append(ids, id)
		if err := js.DeleteStream(t.Context(), stream+id); err != nil {
			t.Fatal(err)
		}
	}
	k := w.work(s)
	for _, id := range ids {
		k.says(t, "batch "+id+": it was removed from the NATS servers; publish its file again, or stop it with wxpay batch cancel "+id+"\n")
	}
	for _, id := range ids[1:] {
		for range 2 {
			stdout, _ := w.run(exitOK, "batch", "cancel", id, "--nats", s.url())
			if !strings.HasPrefix(stdout, "batch "+id+" is cancelled; ") && id == ids[1] {
				t.Errorf("cancel printed %s", stdout)
			}
		}
	}
	w.publish(s, couponPath, "in.jsonl")
	w.work(s) // the first one comes back to the batch later
	w.sendCoupons(s, 2)
}

// A batch that is removed while its calls are under way does not stop the others.
func TestRemovedAtWork(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), startServer(t)
	js := s.jetStream(t)
	w.coupons("all.jsonl", 6)
	lines := strings.SplitAfter(w.read("all.jsonl"), "\n")
	w.write("removed.jsonl", strings.Join(lines[:3], ""))
	w.write("in.jsonl", strings.Join(lines[3:], ""))
	g := w.holdAfter(1)
	k := w.work(s, "--concurrency", "2")
	id := w.publish(s, couponPath, "removed.jsonl")
	g.await(2)
	for _, stream := range []string{"WXPAY_LINES_", "WXPAY_RESULTS_", "KV_wxpay-begun-"} {
		if err := js.DeleteStream(t.Context(), stream+id); err != nil {
			t.Fatal(err)
		}
	}
	close(g.open)
	k.says(t, ": it was removed from the NATS servers; publish its file again, or stop it with wxpay batch cancel "+id)
	w.run(exitOK, "batch", "POST", couponPath, "--in", "in.jsonl", "--out", "out.jsonl", "--nats", s.url())
	if n := len(w.results("out.jsonl")); n != 3 {
		t.Errorf("%d results, want 3", n)
	}
}

// Somebody removes the list of batches. Workers go on with the batches that are published
// after that, also if that is at once.
func TestListRemoved(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), startServer(t)
	js := s.jetStream(t)
	const lines = 2
	w.coupons("all.jsonl", 3*lines)
	all := strings.SplitAfter(w.read("all.jsonl"), "\n")
	publish := func(part int) {
		t.Helper()
		in, out := fmt.Sprintf("in%d.jsonl", part), fmt.Sprintf("out%d.jsonl", part)
		w.write(in, strings.Join(all[part*lines:(part+1)*lines], ""))
		w.run(exitOK, "batch", "POST", couponPath, "--in", in, "--out", out, "--nats", s.url())
		if n := len(w.results(out)); n != lines {
			t.Errorf("%s has %d results", out, n)
		}
	}
	before := w.requests.Load()
	k := w.work(s)
	publish(0)
	for part, atOnce := range []bool{true, false} {
		if err := js.DeleteKeyValue(t.Context(), "wxpay-batches"); err != nil {
			t.Fatal(err)
		}
		if !atOnce {
			k.says(t, "the bucket of batches was removed from the NATS servers; to go on with a batch, run the wxpay batch command that published it again")
		}
		publish(0) // has its results
		publish(1 + part)
	}
	if n := w.requests.Load() - before; n != 3*lines {
		t.Errorf("%d calls, want %d", n, 3*lines)
	}
}

// Results do not replace a file that is not theirs, and leave nothing beside it.
func TestResultsOfOthers(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), startServer(t)
	w.things("in.jsonl", 1)
	id := w.publish(s, thingsPath, "in.jsonl")
	w.write("mine.jsonl", "{}\n")
	for range 2 {
		if _, stderr := w.run(exitUsage, "batch", "results", id, "--nats", s.url(), "--out", "mine.jsonl"); !strings.Contains(stderr, "mine.jsonl is not empty") {
			t.Errorf("stderr %s", stderr)
		}
		if _, err := os.Stat(w.path("mine.jsonl.run")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("mine.jsonl.run is left: %v", err)
		}
	}
	if text := w.read("mine.jsonl"); text != "{}\n" {
		t.Errorf("mine.jsonl has %q", text)
	}
}

// Commands without an ID, or with a text that is none, say so and change nothing.
func TestWrongID(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), startServer(t)
	w.things("in.jsonl", 1)
	id := w.publish(s, thingsPath, "in.jsonl")
	for _, wrong := range []string{"", "*", "../" + id, id[:8], strings.ToUpper(id) + "x", strings.Repeat("x", 5000), "\xff"} {
		want := "the NATS servers have no such batch as "
		if wrong == "" {
			want = "name the ID of one batch"
		}
		for _, command := range [][]string{{"status"}, {"cancel"}, {"results", "--out", "out.jsonl"}} {
			args := append([]string{"batch", command[0], wrong, "--nats", s.url()}, command[1:]...)
			if _, stderr := w.run(exitUsage, args...); !strings.Contains(stderr, want) {
				t.Errorf("%.40q: %s", args, stderr)
			}
		}
	}
	if stdout, _ := w.run(exitOK, "batch", "status", id, "--nats", s.url()); !strings.Contains(stdout, "open") {
		t.Errorf("status %s", stdout)
	}
	_, stderr := w.run(exitFailed, "batch", "POST", thingsPath, "--in", "in.jsonl", "--out", "out.jsonl", "--nats", s.url(), "--replicas", "3")
	if !strings.Contains(stderr, "the server is not in a cluster; leave out --replicas") {
		t.Errorf("stderr %s", stderr)
	}
}

// A batch that finds no room on the servers says what to do. It goes on when there is some.
func TestNoRoom(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), startServer(t, func(o *options) { o.MaxStore = "600K" })
	const lines = 4000
	w.orders("in.jsonl", "o", lines)
	batch := []string{"batch", "POST", orderPath, "--in", "in.jsonl", "--out", "out.jsonl", "--nats", s.url()}
	advice := "the NATS servers have no room for it; remove batches that are done, or raise max_file_store"
	if _, stderr := w.run(exitFailed, batch...); !strings.Contains(stderr, "publish line ") || !strings.Contains(stderr, advice) {
		t.Errorf("stderr %s", stderr)
	}
	w.handle(func(rw http.ResponseWriter, _ *http.Request) {
		http.Error(rw, `{"code":"NO_AUTH"}`, http.StatusForbidden)
	})
	k := w.work(s)
	k.says(t, advice)
	k.stop()
	s.nodes[0].kill()
	s.nodes[0].MaxStore = ""
	s.nodes[0].start(t)
	s.await(t, 1)
	w.work(s)
	w.run(exitFailed, batch...)
	if n := len(w.results("out.jsonl")); n != lines {
		t.Errorf("%d results, want %d", n, lines)
	}
}

// A batch that a newer wxpay has published hides no other, from a worker or from status.
func TestNewerFormat(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), startServer(t)
	w.coupons("in.jsonl", 5)
	id := w.publish(s, couponPath, "in.jsonl")
	kv, err := s.jetStream(t).KeyValue(t.Context(), "wxpay-batches")
	if err != nil {
		t.Fatal(err)
	}
	for key, manifest := range map[string]string{"0000000000000001": `{"format":2,"id":"0000000000000001"}`, "0000000000000002": "{"} {
		if _, err := kv.PutString(t.Context(), key, manifest); err != nil {
			t.Fatal(err)
		}
	}
	k := w.work(s)
	k.says(t, "batch 0000000000000001 has the format 2, this wxpay knows 1; use the version that began it; this worker takes none of its lines")
	k.says(t, "batch 0000000000000002: its manifest is damaged")
	w.sendCoupons(s, 5)
	stdout, stderr := w.run(exitFailed, "batch", "status", "--nats", s.url())
	if !strings.Contains(stdout, id+"  done") || !strings.Contains(stderr, "0000000000000001 has the format 2") || !strings.Contains(stderr, "0000000000000002: its manifest is damaged") {
		t.Errorf("status %s, stderr %s", stdout, stderr)
	}
}
