package wechatpaytest_test

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

// A mock leaves no goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorder is the test of somebody who uses the kit: what it reports is what
// is tested here.
type recorder struct {
	testing.TB // for all that is not recorded

	mu       sync.Mutex
	errors   []string
	logged   []string
	cleanups []func()
}

func (r *recorder) Helper() {}

func (r *recorder) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func (r *recorder) Logf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.logged = append(r.logged, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

// record runs a test to its end, cleanups and all, and returns what it
// reported.
func record(t *testing.T, test func(t testing.TB)) []string {
	t.Helper()
	return run(t, test).errors
}

// logs does what record does, and returns what the test logged.
func logs(t *testing.T, test func(t testing.TB)) []string {
	t.Helper()
	return run(t, test).logged
}

func run(t *testing.T, test func(t testing.TB)) *recorder {
	t.Helper()
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			for _, f := range r.cleanups {
				f()
			}
		}()
		test(r)
	}()
	<-done
	return r
}

// one checks that a test reported one thing, which says all of want.
func one(t *testing.T, reported []string, want ...string) {
	t.Helper()
	if len(reported) != 1 {
		t.Fatalf("the test reports %d errors, want 1: %q", len(reported), reported)
	}
	for _, w := range want {
		if !strings.Contains(reported[0], w) {
			t.Errorf("the report does not say %q:\n%s", w, reported[0])
		}
	}
}
