package fleet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/internal/batchtest"
	"github.com/wxchain/wechatpay/interop/internal/child"
	"github.com/wxchain/wechatpay/sandbox"
)

const couponPath = batchtest.CouponPath

// The exit codes of wxpay.
const (
	exitOK = iota
	exitFailed
	exitUsage
	exitNetwork
)

// A world is a sandbox, and a folder with settings that call it.
type world struct {
	*sandbox.Sandbox
	t        testing.TB
	store    sandbox.Store
	dir      string
	handler  atomic.Value // http.HandlerFunc
	requests atomic.Int64
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, store: sandbox.NewMemory(), dir: t.TempDir()}
	w.Sandbox = sandbox.Start(t, func(c *sandbox.Config) { c.Store = w.store })
	w.handle(w.Server.ServeHTTP)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.requests.Add(1)
		w.handler.Load().(http.HandlerFunc)(rw, r)
	}))
	t.Cleanup(server.Close)
	batchtest.WriteSettings(t, w.path("wxpay.toml"), server.URL, w.ClientConfig())
	return w
}

// handle replaces what answers the calls.
func (w *world) handle(f http.HandlerFunc) { w.handler.Store(f) }

func (w *world) path(name string) string { return filepath.Join(w.dir, name) }

// write writes a file next to the settings.
func (w *world) write(name, text string) {
	w.t.Helper()
	if err := os.WriteFile(w.path(name), []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// read reads a file next to the settings.
func (w *world) read(name string) string {
	w.t.Helper()
	text, err := os.ReadFile(w.path(name))
	if err != nil {
		w.t.Fatal(err)
	}
	return string(text)
}

// coupons writes an input with n coupons of a stock, each for another user.
func (w *world) coupons(name string, n int) {
	w.t.Helper()
	w.write(name, batchtest.Coupons(w.t, w.Client(), n))
}

// stored counts the sandbox's entries in a bucket.
func (w *world) stored(bucket string) int {
	w.t.Helper()
	return batchtest.Stored(w.t, w.store, bucket)
}

// A result is a line of the results.
type result struct {
	Line   int64
	Status int
	Body   json.RawMessage
	Error  *struct{ Kind, Message string }
	Again  bool
}

// results reads a file of results, which has at most one result for each line.
func (w *world) results(name string) map[int64]result {
	w.t.Helper()
	results := make(map[int64]result)
	for line := range strings.Lines(w.read(name)) {
		var r result
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			w.t.Fatalf("the results have the line %q: %v", line, err)
		}
		if _, twice := results[r.Line]; twice {
			w.t.Fatalf("the results have line %d twice", r.Line)
		}
		results[r.Line] = r
	}
	return results
}

// run runs wxpay in the folder of the settings and checks its exit code.
func (w *world) run(code int, args ...string) (stdout, stderr string) {
	w.t.Helper()
	return w.runWith(code, nil, args...)
}

func (w *world) runWith(code int, env []string, args ...string) (stdout, stderr string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 30*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, wxpay, append([]string{"--lang", "en"}, args...)...)
	cmd.Dir, cmd.Env = w.dir, append(os.Environ(), env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		w.t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != code {
		w.t.Fatalf("%v: exit %d, want %d; stdout %s, stderr %s", args, got, code, &out, &errs)
	}
	return out.String(), errs.String()
}

// A worker is a process of wxpay, usually wxpay work.
type worker struct {
	cmd    *exec.Cmd
	dead   chan struct{}
	mu     sync.Mutex
	output bytes.Buffer
}

func (k *worker) Write(p []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.output.Write(p)
}

func (k *worker) printed() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.output.String()
}

// work starts a worker, which the end of the test kills.
func (w *world) work(s *servers, args ...string) *worker {
	w.t.Helper()
	return w.start(append([]string{"work", "--nats", s.url()}, args...)...)
}

// start starts wxpay as a process that the end of the test kills.
func (w *world) start(args ...string) *worker {
	w.t.Helper()
	return w.startProgram(wxpay, append([]string{"--lang", "en"}, args...)...)
}

// startProgram starts a program that starts wxpay.
func (w *world) startProgram(path string, args ...string) *worker {
	w.t.Helper()
	k := &worker{cmd: exec.Command(path, args...), dead: make(chan struct{})}
	k.cmd.Dir, k.cmd.Stdout, k.cmd.Stderr = w.dir, k, k
	if err := child.Start(k.cmd); err != nil {
		w.t.Fatal(err)
	}
	go func() {
		defer close(k.dead)
		_ = k.cmd.Wait() // the exit code shows the result
	}()
	w.t.Cleanup(k.kill)
	return k
}

// kill ends the worker as kill -9 does.
func (k *worker) kill() {
	_ = k.cmd.Process.Kill() // it may have ended
	<-k.dead
}

// stop asks the worker to end, and returns its exit code.
func (k *worker) stop() int {
	_ = k.cmd.Process.Signal(syscall.SIGTERM)
	<-k.dead
	return k.cmd.ProcessState.ExitCode()
}

// says waits until the worker has printed a text.
func (k *worker) says(t testing.TB, text string) {
	t.Helper()
	eventually(t, "a worker that says "+text, func() error {
		if printed := k.printed(); !strings.Contains(printed, text) {
			return errors.New(printed)
		}
		return nil
	})
}
