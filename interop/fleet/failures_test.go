package fleet

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A gate holds calls until it is opened.
type gate struct {
	w       *world
	after   int64 // calls that pass first
	seen    atomic.Int64
	reached chan struct{} // has an element for each call that is held
	open    chan struct{}
}

// holdAfter holds the calls after the first n, before they have an effect.
func (w *world) holdAfter(n int64) *gate {
	g := &gate{w: w, after: n, reached: make(chan struct{}, 1<<16), open: make(chan struct{})}
	answer := w.Server.ServeHTTP
	w.handle(func(rw http.ResponseWriter, r *http.Request) {
		if g.seen.Add(1) > g.after {
			g.reached <- struct{}{}
			<-g.open
		}
		answer(rw, r)
	})
	return g
}

// await waits until n calls are held.
func (g *gate) await(n int) {
	for range n {
		<-g.reached
	}
}

// callsAtOnce is the concurrency of the worker of killAtWork.
const callsAtOnce = 4

// killAtWork starts a batch of coupons and kills nodes while a worker's calls are under
// way. It returns when these calls have ended.
func (w *world) killAtWork(t *testing.T, s *servers, lines int, nodes ...*node) {
	t.Helper()
	const before = 10 // calls that end before
	w.coupons("in.jsonl", lines)
	g := w.holdAfter(before)
	w.work(s, "--concurrency", strconv.Itoa(callsAtOnce))
	w.publish(s, couponPath, "in.jsonl")
	g.await(callsAtOnce)
	for _, n := range nodes {
		n.kill()
	}
	close(g.open)
	eventually(t, "the calls under way end", func() error {
		if n := w.stored("coupon-key"); n < before+callsAtOnce {
			return fmt.Errorf("%d coupons", n)
		}
		return nil
	})
}

// A worker that loses NATS ends its calls, keeps their results, and stores them once
// the server is back.
func TestServerAway(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), startServer(t)
	const lines = 60
	w.killAtWork(t, s, lines, s.nodes...)
	s.nodes[0].start(t)
	s.await(t, 1)
	w.sendCoupons(s, lines)
}

// Without two of three servers, a batch waits. It goes on when one of them is back.
func TestTwoServersAway(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), startCluster(t)
	const lines = 200
	w.killAtWork(t, s, lines, s.nodes[:2]...)
	if n := w.stored("coupon-key"); n > lines/2 {
		t.Errorf("%d coupons were sent by a worker that held %d lines", n, callsAtOnce+callsAtOnce/2)
	}
	s.nodes[1].start(t)
	s.await(t, 1)
	w.sendCoupons(s, lines)
}

// A publisher that is lost while it publishes leaves a part of the lines. The same
// command publishes the rest.
func TestPublisherLost(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), startServer(t)
	const lines = 20000
	w.handle(func(rw http.ResponseWriter, _ *http.Request) {
		http.Error(rw, `{"code":"NO_AUTH"}`, http.StatusForbidden)
	})
	w.orders("in.jsonl", "o", lines)
	nc, err := nats.Connect(s.url())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	published := func() (n uint64) {
		for info := range js.ListStreams(t.Context(), jetstream.WithStreamListSubject("wxpay.*.line.*")).Info() {
			n += info.State.Msgs
		}
		return n
	}
	k := w.start("batch", "POST", orderPath, "--in", "in.jsonl", "--out", "out.jsonl", "--nats", s.url())
	eventually(t, "some lines are published", func() error {
		if published() == 0 {
			return errors.New("none")
		}
		return nil
	})
	k.kill()
	if n := published(); n == lines {
		t.Errorf("all lines were published before the publisher was killed")
	}
	k = w.start("batch", "POST", orderPath, "--in", "in.jsonl", "--out", "out.jsonl", "--nats", s.url())
	k.says(t, fmt.Sprintf("%d lines are published", lines))
	if n := published(); n != lines {
		t.Errorf("%d lines are published, want %d", n, lines)
	}
}

// A worker with a wrong key makes one call, gives its line back, and leaves the batch.
// A worker with the right key makes all calls.
func TestWrongKey(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), startServer(t)
	const lines = 20
	w.coupons("in.jsonl", lines)
	before := w.requests.Load()
	right := w.read("apiclient_key.pem")
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(other)
	if err != nil {
		t.Fatal(err)
	}
	w.write("apiclient_key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
	wrong := w.work(s)
	w.publish(s, couponPath, "in.jsonl")
	wrong.says(t, "before any call was accepted: the signature does not match")
	wrong.says(t, "this worker tries again in 30s")
	if n := w.requests.Load() - before; n != 1 {
		t.Errorf("the worker with a wrong key made %d calls", n)
	}
	w.write("apiclient_key.pem", right)
	w.work(s)
	w.sendCoupons(s, lines)
}

// While the platform cannot be reached, each line has a few tries, and then a result
// that says that it may be sent again. The same command sends it again.
func TestPlatformAway(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), startServer(t)
	const lines = 6
	w.coupons("in.jsonl", lines)
	answer := w.Server.ServeHTTP
	var away atomic.Bool
	var tries atomic.Int64
	w.handle(func(rw http.ResponseWriter, r *http.Request) {
		if !away.Load() || strings.HasSuffix(r.URL.Path, "/user0000001/coupons") {
			answer(rw, r)
			return
		}
		tries.Add(1)
		panic(http.ErrAbortHandler)
	})
	away.Store(true)
	w.work(s)
	batch := []string{"batch", "POST", couponPath, "--in", "in.jsonl", "--out", "out.jsonl", "--nats", s.url(), "--retry", "0"}
	_, stderr := w.run(exitNetwork, batch...)
	results := w.results("out.jsonl")
	for line := range int64(lines - 1) {
		if r := results[line+2]; !r.Again || r.Error == nil || r.Error.Kind != "network" {
			t.Errorf("line %d: %+v", line+2, r)
		}
	}
	if n := tries.Load(); n != 3*(lines-1) || !strings.Contains(stderr, "5 lines are still to be done") {
		t.Errorf("%d calls, want 3 for each line; stderr %s", n, stderr)
	}
	away.Store(false)
	w.run(exitOK, batch...)
	w.checkCoupons("out.jsonl", lines)
}

// A call that takes longer than the servers wait for a sign of its worker is made once:
// the worker asks for more time.
func TestLongCall(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), startServer(t)
	const lines = 5
	w.coupons("in.jsonl", lines)
	before := w.requests.Load()
	answer := w.Server.ServeHTTP
	w.handle(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/user0000003/coupons") {
			<-time.After(20 * time.Second) // the platform's time
		}
		answer(rw, r)
	})
	for range 2 {
		w.work(s)
	}
	w.sendCoupons(s, lines)
	if n := w.requests.Load() - before; n != lines {
		t.Errorf("%d requests for %d lines", n, lines)
	}
}
