package batch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/operation"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
	"github.com/wxchain/wechatpay/internal/inprocess"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/middleware"
)

// A testBatch is a batch whose calls a handler answers.
type testBatch struct {
	*batch
	client *wechatpay.Client
}

// judgedOnly is a stack that judges the calls of a batch and does not check them.
func judgedOnly(_ wechatpay.Protocol, s *middleware.Stack) error { return s.Unshift("judge", judged) }

// handledBatch returns a batch of orders. front are middlewares before all others.
func handledBatch(t *testing.T, h http.Handler, front ...middleware.Middleware) testBatch {
	t.Helper()
	stack := func(p wechatpay.Protocol, s *middleware.Stack) error {
		err := judgedOnly(p, s)
		for i, m := range front {
			err = errors.Join(err, s.Unshift("front"+strconv.Itoa(i), m))
		}
		return err
	}
	client, err := wechatpay.New(wechatpay.Config{
		MchID: "1900000109", SerialNo: testkit.SerialNo, PrivateKey: testkit.Keys()[0],
		PlatformKeys: keys.Static{testkit.PublicKeyID: testkit.Keys()[1].Public()}, Transport: inprocess.Transport(h), APIv2Key: strings.Repeat("k", 32), Middleware: stack,
	})
	if err != nil {
		t.Fatal(err)
	}
	return testBatch{&batch{chain: client.Chain(orderPath), orders: new(orders), method: "POST", guard: newGuard(operation.Find("POST", orderPath)), concurrency: 4, retry: 5,
		limiter: rate.NewLimiter(rate.Inf, 1), notes: io.Discard}, client}
}

// run runs the batch over lines numbered from 1.
func runBatchOver(t *testing.T, ctx context.Context, b testBatch, lines int) (*tally, error) {
	t.Helper()
	var text strings.Builder
	for i := range lines {
		fmt.Fprintf(&text, "{\"what\":\"it\",\"out_trade_no\":\"%d\"}\n", i+1)
	}
	return b.over(t, ctx, text.String(), lines)
}

// over runs the batch over these lines.
func (b testBatch) over(t *testing.T, ctx context.Context, text string, lines int) (*tally, error) {
	t.Helper()
	in := inputOf(t, "in.jsonl", text, b.method, b.chain.String())
	out, err := openOutput(filepath.Join(t.TempDir(), "out.jsonl"), identity{}, &census{records: int64(lines), lastLine: int64(lines)})
	if err != nil {
		t.Fatal(err)
	}
	defer out.close()
	b.journal = out.ledger
	err = b.run(ctx, in, out, nil)
	return out.tally, err
}

// A call is repeated after a pause that doubles each time. Each attempt has a
// new signature and the same body.
func TestBatchPauses(t *testing.T) {
	testkit.Keys()
	synctest.Test(t, func(t *testing.T) {
		var at []time.Time
		var bodies, signatures []string
		h := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			at = append(at, time.Now())
			signatures = append(signatures, r.Header.Get("Authorization"))
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			bodies = append(bodies, string(body))
			r.Body = io.NopCloser(bytes.NewReader(body))
			if len(at) < 6 {
				http.Error(rw, `{"code":"SYSTEM_ERROR"}`, http.StatusInternalServerError)
				return
			}
			testkit.Platform{}.ServeHTTP(rw, r)
		})
		b := handledBatch(t, h)
		counted, err := runBatchOver(t, t.Context(), b, 1)
		if err != nil || counted.done != 1 || len(at) != 6 {
			t.Fatalf("%v, %+v after %d attempts", err, counted, len(at))
		}
		for i := 1; i < len(at); i++ {
			most := firstPause << (i - 1)
			if pause := at[i].Sub(at[i-1]); pause <= most/2 || pause > most {
				t.Errorf("pause %d is %v, want over %v and up to %v", i, pause, most/2, most)
			}
			if signatures[i] == signatures[i-1] {
				t.Errorf("attempt %d has the signature of the one before", i+1)
			}
		}
		for _, body := range bodies {
			if body != `{"what":"it","out_trade_no":"1"}` {
				t.Errorf("an attempt has the body %s", body)
			}
		}
	})
	for n := 1; n <= 200; n++ {
		if d := new(batch).pauseBefore(n); d <= 0 || d > longestPause {
			t.Errorf("the pause after %d attempts is %v", n, d)
		}
	}
}

// The rate of calls, including repeated ones, never exceeds --rate.
func TestBatchRate(t *testing.T) {
	testkit.Keys()
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		h := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if calls.Add(1)%6 == 0 {
				http.Error(rw, `{"code":"SYSTEM_ERROR"}`, http.StatusInternalServerError)
				return
			}
			testkit.Platform{}.ServeHTTP(rw, r)
		})
		b := handledBatch(t, h)
		b.limiter = rate.NewLimiter(10, 1)
		start := time.Now()
		counted, err := runBatchOver(t, t.Context(), b, 51)
		took := time.Since(start)
		if least := time.Duration(calls.Load()-1) * time.Second / 10; took < least || took > least+5*time.Second {
			t.Errorf("%d calls in %v, want them in %v", calls.Load(), took, least)
		}
		if err != nil || counted.done != 51 || calls.Load() < 60 {
			t.Errorf("%d calls, %+v, %v", calls.Load(), counted, err)
		}
	})
}

// A run that is stopped during a pause ends immediately.
func TestBatchStopsWaiting(t *testing.T) {
	testkit.Keys()
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer stop()
		b := handledBatch(t, http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
			http.Error(rw, `{"code":"FREQUENCY_LIMITED"}`, http.StatusTooManyRequests)
		}))
		start := time.Now()
		counted, err := runBatchOver(t, ctx, b, 9)
		if took := time.Since(start); err != context.DeadlineExceeded || took > time.Second {
			t.Errorf("%v after %v", err, took)
		}
		if counted.again != 4 || counted.left() != 5 { // includes the calls in progress, after one attempt
			t.Errorf("%d lines are sent again, %d are left; want 4 and 5", counted.again, counted.left())
		}
	})
}
