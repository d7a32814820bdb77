package batch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/operation"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
)

// answers is a server that gives each of these answers once and then repeats
// the last one. An answer is an HTTP status and a code, or "cut" for no answer.
func (w *world) answers(answers ...string) (url string) {
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		n := int(w.requests.Add(1))
		text, code, _ := strings.Cut(answers[min(n, len(answers))-1], " ")
		status, err := strconv.Atoi(text)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		http.Error(rw, fmt.Sprintf(`{"code":%q,"message":"说明"}`, code), status)
	}))
	w.t.Cleanup(server.Close)
	return server.URL
}

const deductPath = "v3/papay/pay/transactions/apply"

// The meaning of a refused second attempt depends on the operation.
func TestBatchRefusedAfterUnknown(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, path, line string
		answers          []string
		want             errorKind
		code             int
		sent             int64
		says             string
	}{
		{"a deduction, cut and then paid", deductPath, `{"out_trade_no":"no-1"}`, []string{"cut", "400 ORDERPAID"}, unknownKind, exit.Network, 2, "query it with out_trade_no no-1"},
		{"a deduction, cut and then refused", deductPath, `{"out_trade_no":"no-1"}`, []string{"cut", "403 RULE_LIMIT"}, unknownKind, exit.Network, 2, "query it with out_trade_no no-1"},
		{"a deduction, SYSTEM_ERROR and then refused", deductPath, `{"out_trade_no":"no-1"}`, []string{"500 SYSTEM_ERROR", "403 RULE_LIMIT"}, unknownKind, exit.Network, 2, "out_trade_no"},
		{"a deduction, refused", deductPath, `{"out_trade_no":"no-1"}`, []string{"403 RULE_LIMIT"}, refusedKind, exit.Failed, 1, ""},
		{"a deduction, too often and then refused", deductPath, `{"out_trade_no":"no-1"}`, []string{"429 FREQUENCY_LIMITED", "403 RULE_LIMIT"}, refusedKind, exit.Failed, 2, ""},
		{"a deduction, paid before the batch", deductPath, `{"out_trade_no":"no-1"}`, []string{"400 OUT_TRADE_NO_USED"}, unknownKind, exit.Network, 1, "out_trade_no no-1"},
		{"a refund, cut and then refused", "v3/refund/domestic/refunds", `{"out_refund_no":"no-1"}`, []string{"cut", "403 NOT_ENOUGH"}, refusedKind, exit.Failed, 2, ""},
		{"a payment by code, cut", "v3/pay/transactions/codepay", `{"out_trade_no":"no-1"}`, []string{"cut"}, unknownKind, exit.Network, 1, "query it by GET v3/pay/transactions/out-trade-no/{out_trade_no} with out_trade_no no-1"},
		{"a payment by code, refused", "v3/pay/transactions/codepay", `{"out_trade_no":"no-1"}`, []string{"403 NOT_ENOUGH"}, refusedKind, exit.Failed, 1, ""},
		{"a transfer, with any code", "v3/fund-app/mch-transfer/transfer-bills", `{"out_bill_no":"no-1"}`, []string{"400 PARAM_ERROR"}, unknownKind, exit.Network, 1, "out_bill_no no-1"},
		{"an operation that is not known", "v3/things", `{"out_trade_no":"no-1"}`, []string{"cut", "403 RULE_LIMIT"}, unknownKind, exit.Network, 1, "does not say that sending it again is safe"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			url := w.answers(test.answers...)
			w.write("in.jsonl", test.line+"\n")
			w.batch(test.code, test.path, "--base-url", url, "--retry", "1", "--no-validate")
			r := w.results()[1]
			if r.Error == nil || r.Error.Kind != test.want || r.Again || !strings.Contains(r.Error.Message, test.says) || w.requests.Load() != test.sent {
				t.Errorf("%d requests, want %d; %+v, want %s with %q", w.requests.Load(), test.sent, r.Error, test.want, test.says)
			}
			// The call is not sent again.
			w.batch(test.code, test.path, "--base-url", url, "--retry", "1", "--no-validate")
			if w.requests.Load() != test.sent {
				t.Errorf("the next run sent it")
			}
		})
	}
}

// The next run knows that an attempt may have been done.
func TestBatchRefusedInNextRun(t *testing.T) {
	t.Parallel()
	for first, want := range map[string]errorKind{"cut": unknownKind, "503 -": unknownKind, "429 FREQUENCY_LIMITED": refusedKind} {
		t.Run(first, func(t *testing.T) {
			w := newWorld(t)
			url := w.answers(first, "403 RULE_LIMIT")
			w.write("in.jsonl", `{"out_trade_no":"no-1"}`+"\n")
			_, _, stderr := exec(t.Context(), w.args(deductPath, "--base-url", url, "--retry", "0", "--no-validate")...)
			if r := w.results()[1]; !r.Again {
				t.Fatalf("%+v is not sent again; stderr %s", r.Error, stderr)
			}
			exec(t.Context(), w.args(deductPath, "--base-url", url, "--retry", "0", "--no-validate")...)
			if r := w.results()[1]; r.Error == nil || r.Error.Kind != want || w.requests.Load() != 2 {
				t.Errorf("%d requests, %+v; want %s after 2", w.requests.Load(), r.Error, want)
			}
		})
	}
}

// setFirst changes the time when the call of the only line was first sent.
func (w *world) setFirst(at time.Time) {
	w.t.Helper()
	l, err := openLedger(w.out)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := errors.Join(l.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket(begunBucket)
		m, err := readMark(b.Get(lineKey(1)))
		if m.First.IsZero() || !m.MayBeDone {
			w.t.Errorf("the ledger has the mark %+v", m)
		}
		m.First = at
		return errors.Join(err, putMark(b, 1, &m))
	}), l.close()); err != nil {
		w.t.Fatal(err)
	}
}

// A call is not sent again once the platform may have forgotten its number.
func TestBatchNumberForgotten(t *testing.T) {
	t.Parallel()
	const withdraw = "v3/merchant/fund/withdraw"
	for _, test := range []struct {
		name, path, line string
		ago              time.Duration
		forgotten        bool
	}{
		{"a withdrawal, after five days", withdraw, `{"out_request_no":"no-1"}`, 5 * 24 * time.Hour, false},
		{"a withdrawal, just before six days are over", withdraw, `{"out_request_no":"no-1"}`, 6*24*time.Hour - margin/2, true},
		{"a withdrawal, after a week", withdraw, `{"out_request_no":"no-1"}`, 7 * 24 * time.Hour, true},
		{"a subsidy, after a week", "v3/ecommerce/subsidies/create", `{"out_subsidy_no":"no-1"}`, 7 * 24 * time.Hour, false},
		{"a subsidy, after half a year", "v3/ecommerce/subsidies/create", `{"out_subsidy_no":"no-1"}`, 181 * 24 * time.Hour, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			url := w.answers("cut")
			w.write("in.jsonl", test.line+"\n")
			w.batch(exit.Network, test.path, "--base-url", url, "--retry", "0", "--no-validate")
			w.setFirst(time.Now().Add(-test.ago))
			w.batch(exit.Network, test.path, "--base-url", url, "--retry", "0", "--no-validate")
			r := w.results()[1]
			if !test.forgotten {
				if w.requests.Load() != 2 || r.Error.Kind != networkKind || !r.Again {
					t.Errorf("%d requests, want 2; %+v", w.requests.Load(), r.Error)
				}
				return
			}
			if w.requests.Load() != 1 || r.Error.Kind != unknownKind || r.Again || !strings.Contains(r.Error.Message, "no-1") || !strings.Contains(r.Error.Message, "first sent on ") {
				t.Errorf("%d requests, want 1; %+v", w.requests.Load(), r.Error)
			}
		})
	}
}

// A ledger of another format is not changed.
func TestBatchLedgerFormat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.orders(1)
	w.batch(exit.OK, orderPath)
	for _, format := range []string{"2", "", "x"} {
		l, err := openLedger(w.out)
		if err == nil {
			err = errors.Join(l.db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(runBucket).Put(formatKey, []byte(format)) }), l.close())
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, stderr := w.batch(exit.Usage, orderPath); !strings.Contains(stderr, fmt.Sprintf("it has the format %q, this wxpay knows %q", format, ledgerFormat)) || w.requests.Load() != 1 {
			t.Errorf("format %s: %d requests, stderr %s", format, w.requests.Load(), stderr)
		}
		db, err := bbolt.Open(w.out+ledgerSuffix, 0o600, nil)
		if err == nil {
			err = errors.Join(db.Update(func(tx *bbolt.Tx) error {
				return tx.Bucket(runBucket).Put(formatKey, []byte(ledgerFormat))
			}), db.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	w.batch(exit.OK, orderPath)
}

// An answer of 202 means accepted and not done: it is counted separately, and
// the next run sends it again. A 202 with a code is not done either.
func TestBatchAccepted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.orders(3)
	var status atomic.Int64
	status.Store(http.StatusAccepted)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.requests.Add(1)
		rec := httptest.NewRecorder()
		w.Server.ServeHTTP(rec, r) // signs the body, not the status
		for name, values := range rec.Header() {
			rw.Header()[name] = values
		}
		rw.WriteHeader(int(status.Load()))
		rw.Write(rec.Body.Bytes())
	}))
	defer server.Close()
	stdout, stderr := w.batch(exit.Failed, orderPath, "--base-url", server.URL)
	if !strings.Contains(stdout, "\n202 accepted, not done  3\n") || !strings.Contains(stdout, "\ndone                    0\n") || !strings.Contains(stderr, "3 lines are still to be done") {
		t.Errorf("stdout %s, stderr %s", stdout, stderr)
	}
	for line, r := range w.results() {
		if r.Status != http.StatusAccepted || !r.Again || r.Error != nil {
			t.Errorf("line %d: %+v", line, r)
		}
	}
	status.Store(http.StatusOK)
	w.batch(exit.OK, orderPath, "--base-url", server.URL)
	if w.requests.Load() != 6 || w.stored("order") != 3 {
		t.Errorf("%d requests, %d orders; want 6 and 3", w.requests.Load(), w.stored("order"))
	}
}

// APIv2 reports with HTTP 200 that calls come too often. The call is repeated,
// a transfer after at least a second.
func TestBatchTooOftenAPIv2(t *testing.T) {
	testkit.Keys()
	synctest.Test(t, func(t *testing.T) {
		var at []time.Time
		b := handledBatch(t, http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
			at = append(at, time.Now())
			code := "FREQUENCY_LIMITED"
			if len(at) > 3 {
				code = "NOTENOUGH"
			}
			fmt.Fprintf(rw, "<xml><return_code>SUCCESS</return_code><result_code>FAIL</result_code><err_code>%s</err_code></xml>", code)
		}))
		const path = "v2/mmpaymkttransfers/promotion/transfers"
		b.chain = b.client.Chain(path)
		b.guard = newGuard(operation.Find("POST", path))
		total, err := b.over(t, t.Context(), `{"partner_trade_no":"1"}`+"\n", 1)
		if err != nil || len(at) != 4 || total.failed["200 NOTENOUGH"] != 1 {
			t.Errorf("%d calls, %v, %v", len(at), total.failed, err)
		}
		for i := 1; i < len(at); i++ {
			if pause := at[i].Sub(at[i-1]); pause < time.Second {
				t.Errorf("pause %d is %v, want a second or more", i, pause)
			}
		}
	})
}

// Refunds of one order are a minute apart. Refunds of other orders do not wait.
func TestBatchOrdersApart(t *testing.T) {
	testkit.Keys()
	synctest.Test(t, func(t *testing.T) {
		at := make(map[string]time.Duration)
		start := time.Now()
		b := handledBatch(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			var refund struct {
				No string `json:"out_refund_no"`
			}
			body, err := io.ReadAll(r.Body)
			if err = errors.Join(err, json.NewDecoder(bytes.NewReader(body)).Decode(&refund)); err != nil {
				t.Error(err)
			}
			at[refund.No] = time.Since(start)
			r.Body = io.NopCloser(bytes.NewReader(body))
			http.Error(rw, `{"code":"NOT_ENOUGH","message":"x"}`, http.StatusForbidden)
		}))
		const path = "v3/refund/domestic/refunds"
		b.chain = b.client.Chain(path)
		b.concurrency = 1
		b.guard = newGuard(operation.Find("POST", path))
		b.orders = &orders{apart: b.guard.repeat.Apart}
		text := `{"out_refund_no":"a1","out_trade_no":"a"}` + "\n" + `{"out_refund_no":"b1","transaction_id":"a"}` + "\n" +
			`{"out_refund_no":"a2","out_trade_no":"a"}` + "\n" + `{"out_refund_no":"c1","out_trade_no":"c"}` + "\n" + `{"out_refund_no":"a3","out_trade_no":"a"}` + "\n"
		if _, err := b.over(t, t.Context(), text, 5); err != nil {
			t.Fatal(err)
		}
		if len(at) != 5 || at["b1"] > time.Second || at["a2"]-at["a1"] < time.Minute || at["a3"]-at["a2"] < time.Minute {
			t.Errorf("calls at %v", at)
		}
	})
}

// A call that waits for its order is not made if the batch ends first.
func TestOrdersWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := orders{apart: time.Minute}
		ctx, stop := context.WithCancel(t.Context())
		if !o.wait(ctx, "a") || !o.wait(ctx, "") || !o.wait(ctx, "b") {
			t.Error("the first call for an order waits")
		}
		time.AfterFunc(time.Second, stop)
		start := time.Now()
		if o.wait(ctx, "a") || time.Since(start) != time.Second {
			t.Errorf("it went on after %v", time.Since(start))
		}
		for i := range 2 * maxOrders {
			time.Sleep(time.Minute)
			o.wait(t.Context(), fmt.Sprint(i))
		}
		if len(o.next) > maxOrders {
			t.Errorf("%d orders are held", len(o.next))
		}
	})
}

// An input whose part differs from the first read is an error.
func TestSeals(t *testing.T) {
	text := strings.Repeat("x", 3*sealed+10)
	var s seals
	read := func(text string, size int64) error {
		got, err := io.ReadAll(s.reader(strings.NewReader(text), size))
		if err == nil && string(got) != text[:size] {
			t.Errorf("%d bytes were read of %d", len(got), size)
		}
		return err
	}
	size := int64(len(text))
	for range 2 {
		if err := read(text, size); err != nil {
			t.Fatal(err)
		}
	}
	if err := read(text+"more", size); err != nil {
		t.Errorf("an added line is part of the input: %v", err)
	}
	for _, at := range []int{0, sealed - 1, sealed, 3*sealed + 9} {
		if err := read(text[:at]+"y"+text[at+1:], size); !errors.Is(err, errChanged) {
			t.Errorf("a change at %d: %v", at, err)
		}
	}
	if err := read(text[:sealed], size); !errors.Is(err, errChanged) {
		t.Errorf("a file that is shorter: %v", err)
	}
}
