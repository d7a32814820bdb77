package batch

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
	"github.com/wxchain/wechatpay/sandbox"
)

// A call with a temporary error is repeated with the same number and takes
// effect once.
func TestBatchRetries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.coupons(8)
	for _, kind := range []sandbox.FaultKind{sandbox.FaultTooMany, sandbox.FaultError, sandbox.FaultUnavailable, sandbox.FaultRefuse, sandbox.FaultCut} {
		t.Run(string(kind), func(t *testing.T) {
			w.t = t
			if err := w.Faults(sandbox.Fault{Kind: kind, Count: 3}); err != nil {
				t.Fatal(err)
			}
			w.batch(exit.OK, couponPath)
			retried := 0
			for line, r := range w.results() {
				if r.Error != nil || r.Status != http.StatusOK {
					t.Errorf("line %d: %+v", line, r)
				}
				retried += r.Attempts - 1
			}
			if retried != 3 || w.stored("coupon-key") != 8 {
				t.Errorf("tried again %d times, want 3; %d coupons, want 8", retried, w.stored("coupon-key"))
			}
			if err := os.Remove(w.out); err != nil {
				t.Fatal(err)
			}
			if err := os.Remove(w.out + ledgerSuffix); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// When the attempts are used up, the next run sends the line again.
func TestBatchGivesUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.orders(20)
	if err := w.Faults(sandbox.Fault{Kind: sandbox.FaultError, Count: 2}); err != nil {
		t.Fatal(err)
	}
	stdout, stderr := w.batch(exit.Failed, orderPath, "--retry", "0")
	if !strings.Contains(stdout, "\n500 SYSTEM_ERROR  2\n") || !strings.Contains(stderr, "2 lines are still to be done: run the same command again") {
		t.Errorf("stdout %s, stderr %s", stdout, stderr)
	}
	if results := w.results(); len(results) != 20 {
		t.Errorf("%d results, want 20", len(results))
	}
	before := w.requests.Load()
	w.batch(exit.OK, orderPath)
	for line, r := range w.results() {
		if r.Error != nil {
			t.Errorf("line %d: %+v", line, r.Error)
		}
	}
	if len(w.results()) != 20 || w.requests.Load()-before != 2 {
		t.Errorf("%d results after %d more requests, want 20 after 2", len(w.results()), w.requests.Load()-before)
	}
}

// An answer that cannot be verified proves nothing, so the batch stops.
func TestBatchVerifies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.orders(40)
	if err := w.Faults(sandbox.Fault{Kind: sandbox.FaultSignature}); err != nil {
		t.Fatal(err)
	}
	_, stderr := w.batch(exit.Verify, orderPath, "--concurrency", "4")
	if !strings.Contains(stderr, "before any call was accepted") || w.requests.Load() != 1 {
		t.Errorf("%d requests, stderr %s", w.requests.Load(), stderr)
	}
	for line, r := range w.results() {
		if r.Error == nil || r.Error.Kind != verifyKind || !r.Again || r.Attempts != 1 {
			t.Errorf("line %d: %+v", line, r)
		}
	}
	if err := w.Faults(); err != nil {
		t.Fatal(err)
	}
	w.batch(exit.OK, orderPath)
	if len(w.results()) != 40 || w.stored("order") != 40 {
		t.Errorf("%d results, %d orders; want 40", len(w.results()), w.stored("order"))
	}
}

// A wrong merchant key is detected by the first call. The other calls are not
// made.
func TestBatchSignError(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.orders(40)
	w.batchWithKey(t)
	_, stderr := w.batch(exit.Failed, orderPath, "--concurrency", "4")
	if !strings.Contains(stderr, "stopped at line ") || !strings.Contains(stderr, "before any call was accepted") || w.requests.Load() != 1 {
		t.Errorf("%d requests, stderr %s", w.requests.Load(), stderr)
	}
	w.writeSettings(w.ClientConfig(), w.url)
	w.batch(exit.OK, orderPath)
	if len(w.results()) != 40 {
		t.Errorf("%d results, want 40", len(w.results()))
	}
}

// batchWithKey puts another merchant's key into the settings.
func (w *world) batchWithKey(t *testing.T) {
	config := w.ClientConfig()
	config.PrivateKey = testkit.Keys()[0]
	w.t = t
	w.writeSettings(config, w.url)
}

// If the platform cannot be reached, the batch stops.
func TestBatchNetworkAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.orders(300)
	if err := w.Faults(sandbox.Fault{Kind: sandbox.FaultRefuse}); err != nil {
		t.Fatal(err)
	}
	_, stderr := w.batch(exit.Network, orderPath, "--retry", "0", "--concurrency", "8")
	if !strings.Contains(stderr, "after 100 calls in a row that failed") || w.requests.Load() > 200 {
		t.Errorf("%d requests, stderr %s", w.requests.Load(), stderr)
	}
}

// If the input differs from the one that was checked, its lines are not sent.
func TestBatchInputChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.orders(60)
	text, err := os.ReadFile(w.in)
	if err != nil {
		t.Fatal(err)
	}
	w.onRequest.Store(func(n int64) {
		if n == 20 {
			w.write("in.jsonl", strings.ReplaceAll(string(text), `{"total":1}`, `{"total":9}`))
			if err := os.Chtimes(w.in, time.Time{}, time.Now().Add(time.Hour)); err != nil {
				t.Error(err)
			}
		}
	})
	if _, stderr := w.batch(exit.Failed, orderPath, "--concurrency", "1"); !strings.Contains(stderr, "in.jsonl was changed while it was sent") || w.requests.Load() > 21 {
		t.Errorf("%d requests, stderr %s", w.requests.Load(), stderr)
	}
	w.batch(exit.Usage, orderPath)
	w.write("in.jsonl", string(text))
	w.batch(exit.OK, orderPath)
	if len(w.results()) != 60 || w.requests.Load() != 60 {
		t.Errorf("%d results after %d requests, want 60", len(w.results()), w.requests.Load())
	}
}

// The same holds if the file's time of the last write is set back.
func TestBatchInputChangedInPlace(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the system does not say when a file was changed")
	}
	w := newWorld(t)
	w.orders(60)
	text, err := os.ReadFile(w.in)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(w.in)
	if err != nil {
		t.Fatal(err)
	}
	w.onRequest.Store(func(n int64) {
		changed := text
		if n == 20 {
			changed = bytes.ReplaceAll(text, []byte(`{"total":1}`), []byte(`{"total":9}`))
		}
		if n == 10 || n == 20 { // the first time, the content stays the same
			if err := errors.Join(os.WriteFile(w.in, changed, 0o600), os.Chtimes(w.in, time.Time{}, info.ModTime())); err != nil {
				t.Error(err)
			}
		}
	})
	if _, stderr := w.batch(exit.Failed, orderPath, "--concurrency", "1"); !strings.Contains(stderr, "in.jsonl was changed while it was sent") || w.requests.Load() < 20 || w.requests.Load() > 21 {
		t.Errorf("%d requests, stderr %s", w.requests.Load(), stderr)
	}
}

// Ctrl-C during the check of the input does not count as an error of a line.
func TestBatchInterruptedCheck(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.orders(3)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	code, stdout, stderr := exec(ctx, w.args(orderPath)...)
	if code != exit.Failed || stdout != "" || stderr != "wxpay batch: interrupted\n" || w.requests.Load() > 0 {
		t.Errorf("exit %d, stdout %s, stderr %s", code, stdout, stderr)
	}
}

// After ctrl-C, calls in progress finish. The next run continues.
func TestBatchInterrupted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.orders(100)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	w.onRequest.Store(func(n int64) {
		if n == 40 {
			stop()
		}
	})
	code, stdout, stderr := exec(ctx, w.args(orderPath)...)
	if code != exit.Failed || !strings.Contains(stderr, "ctrl-C again ends at once\n") || !strings.Contains(stderr, "run the same command again") || !strings.HasSuffix(stderr, "wxpay batch: interrupted\n") {
		t.Errorf("exit %d, stderr %s", code, stderr)
	}
	got := len(w.results())
	if int64(got) != w.requests.Load() || w.stored("order") != got || !strings.Contains(stdout, "not sent yet") {
		t.Errorf("%d results, %d requests, %d orders; stdout %s", got, w.requests.Load(), w.stored("order"), stdout)
	}
	w.batch(exit.OK, orderPath)
	if w.requests.Load() != 100 || w.stored("order") != 100 || len(w.results()) != 100 {
		t.Errorf("%d requests, %d orders, %d results; want 100", w.requests.Load(), w.stored("order"), len(w.results()))
	}
}

// A call without a merchant's number is not sent again if it may have been
// done.
func TestBatchWithoutNumber(t *testing.T) {
	t.Parallel()
	const path = "v3/things"
	for _, test := range []struct {
		name   string
		answer func(rw http.ResponseWriter)
		want   errorKind
		code   int
		sent   int64
	}{
		{"no answer", func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, unknownKind, exit.Network, 1},
		{"500", func(rw http.ResponseWriter) { rw.WriteHeader(http.StatusInternalServerError) }, unknownKind, exit.Network, 1},
		{"524, of a gateway that gave up", func(rw http.ResponseWriter) { rw.WriteHeader(524) }, unknownKind, exit.Network, 1},
		{"408", func(rw http.ResponseWriter) { rw.WriteHeader(http.StatusRequestTimeout) }, unknownKind, exit.Network, 1},
		{"unsigned", func(rw http.ResponseWriter) { rw.WriteHeader(http.StatusOK) }, unknownKind, exit.Network, 1},
		{"429, which was not done", func(rw http.ResponseWriter) { rw.WriteHeader(http.StatusTooManyRequests) }, refusedKind, exit.Failed, 2},
		{"403, of a proxy", func(rw http.ResponseWriter) { rw.WriteHeader(http.StatusForbidden) }, unknownKind, exit.Network, 1},
		{"403, of the platform", func(rw http.ResponseWriter) {
			http.Error(rw, `{"code":"NO_AUTH","message":"x"}`, http.StatusForbidden)
		}, refusedKind, exit.Failed, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			var sent atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
				sent.Add(1)
				test.answer(rw)
			}))
			defer server.Close()
			w.write("in.jsonl", `{"amount":1}`+"\n")
			w.batch(test.code, path, "--base-url", server.URL, "--retry", "1")
			r := w.results()[1]
			if r.Error == nil || r.Error.Kind != test.want || sent.Load() != test.sent {
				t.Errorf("sent %d times, want %d; %+v", sent.Load(), test.sent, r.Error)
			}
			if test.want != unknownKind {
				return
			}
			if _, stderr := w.batch(test.code, path, "--base-url", server.URL); sent.Load() != test.sent || !strings.Contains(stderr, "look them up") {
				t.Errorf("the next run sent it; stderr %s", stderr)
			}
			// Deleting all results is treated as a mistake unless the ledger is
			// deleted too.
			w.write("out.jsonl", "")
			if _, stderr := w.batch(exit.Usage, path, "--base-url", server.URL); sent.Load() != test.sent || !strings.Contains(stderr, "had results and is empty") {
				t.Errorf("sent %d times, stderr %s", sent.Load(), stderr)
			}
			if err := os.Remove(w.out + ledgerSuffix); err != nil {
				t.Fatal(err)
			}
			w.batch(test.code, path, "--base-url", server.URL)
			if sent.Load() != 2*test.sent {
				t.Errorf("sent %d times", sent.Load())
			}
		})
	}
}

// Until the outcome of the first call is known, no other call is made.
func TestBatchFirstUnknown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		w.requests.Add(1)
		rw.WriteHeader(http.StatusOK) // without a signature
	}))
	defer server.Close()
	w.write("in.jsonl", strings.Repeat("{\"amount\":1}\n", 50))
	_, stderr := w.batch(exit.Network, "v3/things", "--base-url", server.URL)
	if w.requests.Load() != 1 || !strings.Contains(stderr, "before any call was accepted") {
		t.Errorf("%d requests, stderr %s", w.requests.Load(), stderr)
	}
}

// A gateway's refusal is not an answer from the platform. The batch stops, and
// the next run repeats the calls if that is harmless.
func TestBatchGateway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.orders(130)
	var shut atomic.Bool
	shut.Store(true)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if n := w.requests.Add(1); shut.Load() || n > 20 && n <= 200 {
			http.Error(rw, "<h1>Forbidden</h1>", http.StatusForbidden)
			return
		}
		w.Server.ServeHTTP(rw, r)
	}))
	defer server.Close()
	_, stderr := w.batch(exit.Failed, orderPath, "--base-url", server.URL)
	if w.requests.Load() != 1 || !strings.Contains(stderr, "before any call was accepted") {
		t.Errorf("%d requests, stderr %s", w.requests.Load(), stderr)
	}
	shut.Store(false)
	_, stderr = w.batch(exit.Failed, orderPath, "--base-url", server.URL, "--concurrency", "1")
	if !strings.Contains(stderr, "after 100 calls in a row that failed") {
		t.Errorf("stderr %s", stderr)
	}
	w.requests.Store(200)
	w.batch(exit.OK, orderPath, "--base-url", server.URL)
	if len(w.results()) != 130 || w.stored("order") != 130 {
		t.Errorf("%d results, %d orders; want 130", len(w.results()), w.stored("order"))
	}
}

// After a look-up, deleting the result of a call makes the next run send it
// again.
func TestBatchResultDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var sent atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		sent.Add(1)
		rw.WriteHeader(http.StatusInternalServerError)
	}))
	defer server.Close()
	w.write("in.jsonl", "{\"amount\":1}\n{\"amount\":2}\n")
	for range 2 { // one line each, because a run stops if no call was accepted
		w.batch(exit.Network, "v3/things", "--base-url", server.URL)
	}
	text, err := os.ReadFile(w.out)
	if err != nil {
		t.Fatal(err)
	}
	_, second, _ := strings.Cut(string(text), "\n")
	w.write("out.jsonl", second)
	w.batch(exit.Network, "v3/things", "--base-url", server.URL)
	if sent.Load() != 3 || len(w.results()) != 2 {
		t.Errorf("sent %d times, want 3; %d results", sent.Load(), len(w.results()))
	}
}
