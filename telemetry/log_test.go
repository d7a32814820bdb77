package telemetry_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/telemetry"
)

func plain(l *slog.Logger) middleware.Edit { return telemetry.Log(l) }

// dialed is the error of a connection that could not be made.
var dialed = &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("refused " + secretText)}

func TestLog(t *testing.T) {
	w := newWorld(t, plain)
	coupons := w.client.V3().Marketing().Favor().Users().Openid("oUpF8uMuAJO").Coupons()
	post := func(ctx context.Context) error {
		_, err := coupons.Post(ctx, wechatpay.JSON(wechatpay.M{"stock_id": "1"}))
		return err
	}
	const coupon = "POST v3/marketing/favor/users/{openid}/coupons"
	for _, tt := range []struct {
		name   string
		answer answer
		err    error
		call   func(context.Context) error
		want   string // level, then the attributes but duration
	}{
		{"done", answer{status: 200, body: `{"coupon_id":"1"}`}, nil, post, "INFO operation=" + coupon + " outcome=done status=200 request_id=08F5E4A0-1"},
		{"refused", answer{status: 400, body: `{"code":"PARAM_ERROR","message":"no"}`}, nil, post, "WARN operation=" + coupon + " outcome=refused status=400 code=PARAM_ERROR request_id=08F5E4A0-1"},
		{"later", answer{status: 429, body: `{"code":"FREQUENCY_LIMITED"}`}, nil, post, "WARN operation=" + coupon + " outcome=later status=429 code=FREQUENCY_LIMITED request_id=08F5E4A0-1"},
		{"system error", answer{status: 500, body: `{"code":"SYSTEM_ERROR"}`}, nil, post, "ERROR operation=" + coupon + " outcome=unknown status=500 code=SYSTEM_ERROR request_id=08F5E4A0-1"},
		{"a code that is none", answer{status: 400, body: `{"code":"has blanks"}`, header: map[string]string{"Request-ID": "a\tb"}}, nil, post, "WARN operation=" + coupon + " outcome=refused status=400"},
		{"wrong signature", answer{status: 200, body: `{}`, header: map[string]string{"Wechatpay-Signature": "AAAA"}}, nil, post, "ERROR operation=" + coupon + " outcome=unknown failure=verify signature"},
		{"unknown serial", answer{status: 200, body: `{}`, header: map[string]string{"Wechatpay-Serial": "PUB_KEY_ID_02"}}, nil, post, "ERROR operation=" + coupon + " outcome=unknown failure=verify serial"},
		{"stale", answer{status: 200, body: `{}`, header: map[string]string{"Wechatpay-Timestamp": "1"}}, nil, post, "ERROR operation=" + coupon + " outcome=unknown failure=verify timestamp"},
		{"no connection", answer{}, dialed, post, "WARN operation=" + coupon + " outcome=not sent failure=dial"},
		{"a lost connection", answer{}, &net.OpError{Op: "read", Err: errors.New("reset")}, post, "ERROR operation=" + coupon + " outcome=unknown failure=read"},
		{"end", answer{}, io.ErrUnexpectedEOF, post, "ERROR operation=" + coupon + " outcome=unknown failure=read"},
		{"timeout", answer{}, context.DeadlineExceeded, post, "ERROR operation=" + coupon + " outcome=unknown failure=timeout"},
		{"another", answer{}, errors.New(secretText), post, "ERROR operation=" + coupon + " outcome=unknown failure=other"},
		{"no answer as an error", answer{status: 404, body: `{"code":"NOT_FOUND"}`}, nil, func(ctx context.Context) error {
			_, err := coupons.Post(ctx, wechatpay.HTTPErrors(false), wechatpay.JSON(wechatpay.M{}))
			return err
		}, "WARN operation=" + coupon + " outcome=refused status=404 code=NOT_FOUND request_id=08F5E4A0-1"},
		{"APIv2", answer{status: 200, body: `<xml><return_code>FAIL</return_code><return_msg>no</return_msg></xml>`}, nil, func(ctx context.Context) error {
			_, err := w.client.V2().Pay().Orderquery().Post(ctx, wechatpay.XML(wechatpay.M{"out_trade_no": "1"}))
			return err
		}, "WARN operation=POST v2/pay/orderquery outcome=refused status=200 code=FAIL request_id=08F5E4A0-1"},
		{"a path of no catalogue", answer{status: 200, body: `{}`}, nil, func(ctx context.Context) error {
			_, err := w.client.Chain("v3/new/things/{thing_id}/oUpF8uMuAJO/20261129001/parts").Get(ctx, wechatpay.Bind("thing_id", "7"), wechatpay.Query(wechatpay.M{"q": "x"}))
			return err
		}, "INFO operation=GET v3/new/things/{thing_id}/{…}/{…}/parts outcome=done status=200 request_id=08F5E4A0-1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w.answer = func(*http.Request) (answer, error) { return tt.answer, tt.err }
			_ = tt.call(t.Context())
			records := w.log.take(t)
			if len(records) != 1 {
				t.Fatalf("%d records", len(records))
			}
			if got := line(records[0]); got != tt.want {
				t.Errorf("logged %s\nwant   %s", got, tt.want)
			}
		})
	}
}

// line writes a record in one line, without its times.
func line(record map[string]any) string {
	parts := []string{fmt.Sprint(record["level"])}
	for _, key := range []string{"operation", "outcome", "tries", "status", "code", "request_id", "failure"} {
		if value, ok := record[key]; ok {
			parts = append(parts, fmt.Sprintf("%s=%v", key, value))
		}
	}
	if record["msg"] != "wechatpay" || reflect.ValueOf(record["duration"]).Kind() != reflect.Float64 {
		parts = append(parts, fmt.Sprint(record))
	}
	return strings.Join(parts, " ")
}

func get(ctx context.Context, w *world, opts ...wechatpay.Option) error {
	_, err := w.client.Chain("v3/bills").Get(ctx, opts...)
	return err
}

func TestSample(t *testing.T) {
	status := 200
	w := newWorld(t, func(l *slog.Logger) middleware.Edit {
		return telemetry.Log(l, telemetry.Sample(10), telemetry.Slow(time.Hour), nil)
	})
	w.answer = func(*http.Request) (answer, error) { return answer{status: status, body: `{"code":"X"}`}, nil }
	for range 25 {
		_ = get(t.Context(), w)
	}
	if n := len(w.log.take(t)); n != 3 {
		t.Errorf("%d of 25 done calls are logged, want 3", n)
	}
	status = 400
	for range 25 {
		_ = get(t.Context(), w)
	}
	if n := len(w.log.take(t)); n != 25 {
		t.Errorf("%d of 25 refused calls are logged", n)
	}
}

func TestSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(l *slog.Logger) middleware.Edit {
			return telemetry.Log(l, telemetry.Sample(1000), telemetry.Slow(2*time.Second))
		})
		for i, want := range []int{1, 0, 0, 1} {
			w.answer = func(*http.Request) (answer, error) {
				time.Sleep(time.Duration(i) * time.Second * 9 / 10)
				return answer{status: 200, body: `{}`}, nil
			}
			if err := get(t.Context(), w); err != nil {
				t.Fatal(err)
			}
			records := w.log.take(t)
			if len(records) != want {
				t.Fatalf("call %d: %d records, want %d", i, len(records), want)
			}
			if want == 1 && records[0]["duration"] != float64(time.Duration(i)*time.Second*9/10) {
				t.Errorf("duration %v", records[0]["duration"])
			}
		}
	})
}

func TestLevel(t *testing.T) {
	w := newWorld(t, func(l *slog.Logger) middleware.Edit {
		return telemetry.Log(l, telemetry.Level(wechatpay.OutcomeDone, slog.LevelDebug), telemetry.Level(wechatpay.OutcomeRefused, slog.LevelError), telemetry.Level(99, slog.LevelError), telemetry.Level(-1, 0))
	})
	for status, want := range map[int]string{200: "", 400: "ERROR"} {
		w.answer = func(*http.Request) (answer, error) { return answer{status: status, body: `{"code":"X"}`}, nil }
		_ = get(t.Context(), w)
		records, got := w.log.take(t), ""
		if len(records) > 0 {
			got = fmt.Sprint(records[0]["level"])
		}
		if got != want {
			t.Errorf("%d is logged as %q, want %q", status, got, want)
		}
	}
}

// The record of a streamed answer comes when its body ends, and tells a signature that
// does not verify.
func TestStream(t *testing.T) {
	for name, tt := range map[string]struct {
		header  map[string]string
		outcome string
	}{
		"whole":           {nil, "done"},
		"wrong signature": {map[string]string{"Wechatpay-Signature": "AAAA"}, "unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, plain)
			w.answer = func(*http.Request) (answer, error) {
				return answer{status: 200, body: strings.Repeat("x", 1<<20), header: tt.header}, nil
			}
			var sink bytes.Buffer
			err := get(t.Context(), w, wechatpay.Sink(&sink))
			records := w.log.take(t)
			if (err == nil) != (tt.outcome == "done") || len(records) != 1 || records[0]["outcome"] != tt.outcome {
				t.Errorf("%v, logged %v", err, records)
			}
		})
	}
}

// brokenWriter fails after the first bytes.
type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("disk full") }

// A caller that stops reading does not know whether the answer was signed.
func TestStreamThatIsNotRead(t *testing.T) {
	w := newWorld(t, plain)
	w.answer = func(*http.Request) (answer, error) {
		return answer{status: 200, body: strings.Repeat("x", 1<<20)}, nil
	}
	err := get(t.Context(), w, wechatpay.Sink(brokenWriter{}))
	records := w.log.take(t)
	if err == nil || len(records) != 1 || records[0]["outcome"] != "unknown" {
		t.Errorf("%v, logged %v", err, records)
	}
}

// A middleware of the caller that repeats a call is inside the record.
func TestTries(t *testing.T) {
	again := func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(req *http.Request) (*http.Response, error) {
			if resp, err := next.RoundTrip(req); err == nil && resp.StatusCode == 200 {
				return resp, nil
			}
			return next.RoundTrip(req)
		})
	}
	w := newWorld(t, func(l *slog.Logger) middleware.Edit {
		return middleware.Edits(telemetry.Log(l), func(_ middleware.Protocol, s *middleware.Stack) error {
			return s.Place(middleware.NameRetry, again)
		})
	})
	n := 0
	w.answer = func(*http.Request) (answer, error) {
		if n++; n == 1 {
			return answer{}, dialed
		}
		return answer{status: 200, body: `{}`}, nil
	}
	if err := get(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	if records := w.log.take(t); len(records) != 1 || line(records[0]) != "INFO operation=GET v3/bills outcome=done tries=2 status=200 request_id=08F5E4A0-1" {
		t.Errorf("logged %v", records)
	}
}

func TestPanic(t *testing.T) {
	w := newWorld(t, plain)
	w.answer = func(*http.Request) (answer, error) { panic(secretText) }
	func() {
		defer func() { _ = recover() }()
		_ = get(t.Context(), w)
	}()
	if records := w.log.take(t); len(records) != 1 || records[0]["failure"] != "panic" || records[0]["outcome"] != "unknown" {
		t.Errorf("logged %v", records)
	}
}

func TestLogRefuses(t *testing.T) {
	for name, edit := range map[string]middleware.Edit{
		"no logger": telemetry.Log(nil),
		"two":       middleware.Edits(telemetry.Log(slog.Default()), telemetry.Log(slog.Default())),
	} {
		if _, err := wechatpay.New(wechatpay.Config{MchID: "1900000109", APIv2Key: secretText[:32], Middleware: edit}); !errors.Is(err, wechatpay.ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

const secretText = "SECRETa7f3SECRETa7f3SECRETa7f3SECRETa7f3"

// Ten thousand calls, whose headers, paths, queries, bodies, answers and errors are full
// of secrets, end in every way, and none of the secrets is logged.
func TestLogHoldsNoSecret(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plain)
	s := secretText
	ends := []struct {
		answer answer
		err    error
	}{
		{answer{200, `{"x":"` + s + `"}`, nil}, nil},
		{answer{400, `{"code":"` + s + ` ","message":"` + s + `","detail":{"value":"` + s + `"}}`, nil}, nil},
		{answer{401, `{"code":"SIGN_ERROR","message":"` + s + `"}`, nil}, nil},
		{answer{403, s, nil}, nil},
		{answer{429, `{"code":"RATELIMIT_EXCEEDED","message":"` + s + `"}`, nil}, nil},
		{answer{500, `<html>` + s, nil}, nil},
		{answer{202, `{"code":"USERPAYING","message":"` + s + `"}`, nil}, nil},
		{answer{302, s, map[string]string{"Location": "https://example.com/" + s}}, nil},
		{answer{200, `{}`, map[string]string{"Wechatpay-Signature": s}}, nil},
		{answer{200, `{}`, map[string]string{"Wechatpay-Serial": s}}, nil},
		{answer{200, `{}`, map[string]string{"Wechatpay-Timestamp": s}}, nil},
		{answer{200, `{}`, map[string]string{"Wechatpay-Nonce": s, "Request-ID": s + " " + s}}, nil},
		{answer{}, errors.New(s)},
		{answer{}, fmt.Errorf("%s: %w", s, io.EOF)},
		{answer{}, &net.OpError{Op: s, Net: s, Err: errors.New(s)}},
		{answer{}, &net.DNSError{Name: s, Err: s}},
		{answer{}, dialed},
		{answer{}, fmt.Errorf("%s: %w", s, context.Canceled)},
		{answer{}, fmt.Errorf("%s: %w", s, middleware.ErrNotSent)},
	}
	w.answer = func(req *http.Request) (answer, error) {
		end := ends[int(req.Header.Get("X-Call")[0])%len(ends)]
		return end.answer, end.err
	}
	const calls, workers = 10_000, 8
	var group sync.WaitGroup
	for worker := range workers {
		group.Go(func() {
			for i := worker; i < calls; i += workers {
				opts := []wechatpay.Option{
					wechatpay.Header("X-Call", string(rune(' '+i%len(ends)))+s), wechatpay.Header("Authorization-Extra", s),
					wechatpay.Query(wechatpay.M{"key": s}), wechatpay.Bind("openid", s), wechatpay.JSON(wechatpay.M{"stock_id": s, s: 1}),
				}
				if i%3 == 0 {
					_, _ = w.client.Chain("v3/things/{openid}/"+s).Post(t.Context(), opts...)
					continue
				}
				_, _ = w.client.Chain("v3/marketing/favor/users/{openid}/coupons").Post(t.Context(), opts...)
			}
		})
	}
	group.Wait()
	text := w.log.text.String()
	if i := strings.Index(text, "SECRET"); i >= 0 {
		t.Errorf("a secret is logged: %s", text[max(0, i-300):min(len(text), i+60)])
	}
	if n := strings.Count(text, "\n"); n != calls {
		t.Errorf("%d records of %d calls", n, calls)
	}
}
