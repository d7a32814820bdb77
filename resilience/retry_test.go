package resilience_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/resilience"
	"github.com/wxchain/wechatpay/signer"
)

type verb func(ctx context.Context, client *wechatpay.Client) error

func post(path string, body wechatpay.M) verb {
	return func(ctx context.Context, client *wechatpay.Client) error {
		_, err := client.Chain(path).Post(ctx, wechatpay.JSON(body))
		return err
	}
}

func postV2(path string, body wechatpay.M) verb {
	return func(ctx context.Context, client *wechatpay.Client) error {
		_, err := client.Chain(path).Post(ctx, wechatpay.XML(body))
		return err
	}
}

// Retry repeats what is safe and may help, and nothing else.
func TestRetryRepeatsWhatIsSafe(t *testing.T) {
	micropay := postV2("v2/pay/micropay", wechatpay.M{"out_trade_no": "T1", "auth_code": "134", "total_fee": "1"})
	codepay := post("v3/pay/transactions/codepay", wechatpay.M{"out_trade_no": "T1", "payer": wechatpay.M{"auth_code": "134"}})
	unified := postV2("v2/pay/unifiedorder", wechatpay.M{"out_trade_no": "T1"})
	harmless := post("v3/marketing/favor/stocks/1/pause", wechatpay.M{"stock_creator_mchid": "1"})
	second := post("v3/papay/contracts/C1/notify", wechatpay.M{})
	other := always(200, "an advertisement of the network")
	for _, test := range []struct {
		name   string
		do     verb
		answer func(int, sent) (*http.Response, error)
		sent   int
		opts   []resilience.RetryOption
	}{
		{"a GET after 500", certificates, systemError, 3, nil},
		{"a GET after 503", certificates, unavailable, 3, nil},
		{"a GET after 429", certificates, tooMany, 3, nil},
		{"a GET after a reset", certificates, reset, 3, nil},
		{"a GET that is not verified", certificates, unsigned, 3, nil},
		{"a GET after a proxy's page", certificates, always(404, "<html>"), 3, nil},
		{"a GET that is refused", certificates, always(404, `{"code":"NOT_FOUND"}`), 1, nil},
		{"a GET that succeeds", certificates, fine, 1, nil},
		{"a GET that is no JSON", certificates, other, 1, nil},
		{"an order after 500", placeOrder, systemError, 3, nil},
		{"an order after 202", placeOrder, always(202, "{}"), 3, nil},
		{"an order without a connection", placeOrder, noConnection, 3, nil},
		{"an order that is refused", placeOrder, always(400, `{"code":"PARAM_ERROR"}`), 1, nil},
		{"an order without a number", post("v3/pay/transactions/native", wechatpay.M{}), systemError, 1, nil},
		{"an order without a number after 429", post("v3/pay/transactions/native", wechatpay.M{}), tooMany, 1, nil},
		{"an order without a number or a connection", post("v3/pay/transactions/native", wechatpay.M{}), noConnection, 3, nil},
		{"a refund after 429", post("v3/refund/domestic/refunds", refund), tooMany, 3, nil},
		{"a close", post("v3/pay/transactions/out-trade-no/T1/close", wechatpay.M{"mchid": "1"}), systemError, 3, nil},
		{"a transfer after 500", post("v3/fund-app/mch-transfer/transfer-bills", wechatpay.M{"out_bill_no": "B1"}), systemError, 3, nil},
		{"a transfer that is refused", post("v3/fund-app/mch-transfer/transfer-bills", wechatpay.M{"out_bill_no": "B1"}), always(400, `{"code":"NOT_ENOUGH"}`), 1, nil},
		{"a payment by code", codepay, systemError, 1, nil},
		{"a payment by code after a reset", codepay, reset, 1, nil},
		{"a payment by code after 429", codepay, tooMany, 1, nil},
		{"a payment by code of APIv2", micropay, v2Refusal("SYSTEMERROR"), 1, nil},
		{"a payment by code whose user is paying", micropay, v2Refusal("USERPAYING"), 1, nil},
		{"a payment by code without a connection", micropay, noConnection, 3, nil},
		{"a second effect", second, systemError, 1, nil},
		{"a second effect after 429", second, tooMany, 1, nil},
		{"a second effect without a connection", second, noConnection, 3, nil},
		{"one that nobody knows", post("v3/new", wechatpay.M{"out_trade_no": "T1"}), systemError, 1, nil},
		{"one harmless without a number", harmless, systemError, 1, nil},
		{"one harmless without a number, by the option", harmless, systemError, 3, []resilience.RetryOption{resilience.Harmless()}},
		{"a second effect, in spite of the option", second, systemError, 1, []resilience.RetryOption{resilience.Harmless()}},
		{"an order of APIv2", unified, v2Refusal("SYSTEMERROR"), 3, nil},
		{"an order of APIv2, too often", unified, v2Refusal("FREQUENCY_LIMITED"), 3, nil},
		{"an order of APIv2 that is refused", unified, v2Refusal("PARAM_ERROR"), 1, nil},
		{"an order of APIv2 that succeeds", unified, v2(map[string]string{"return_code": "SUCCESS", "result_code": "SUCCESS"}), 1, nil},
		{"an upload, which has no number", upload, systemError, 1, nil},
		{"an upload without a connection", upload, noConnection, 3, nil},
		{"one try", certificates, systemError, 1, []resilience.RetryOption{resilience.Tries(1)}},
		{"five tries", certificates, systemError, 5, []resilience.RetryOption{resilience.Tries(5)}},
		{"a nil option", certificates, systemError, 3, []resilience.RetryOption{nil}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &platform{answer: test.answer}
				err := test.do(t.Context(), newClient(t, p, resilience.Retry(test.opts...)))
				if p.count() != test.sent {
					t.Errorf("sent %d times, want %d: %v", p.count(), test.sent, err)
				}
			})
		})
	}
}

func upload(ctx context.Context, client *wechatpay.Client) error {
	_, err := client.Chain("v3/merchant/media/upload").Post(ctx, wechatpay.Upload("x.png", strings.NewReader("picture")))
	return err
}

// A call that does not come to the network is not repeated.
func TestRetryLeavesMistakes(t *testing.T) {
	for name, fail := range map[string]error{"signature": signer.ErrSign, "middleware": middleware.ErrNotSent} {
		p := &platform{answer: fine}
		tried := 0
		client := newClient(t, p, resilience.Retry(), func(_ middleware.Protocol, s *middleware.Stack) error {
			return s.Replace(middleware.NameSigner, func(http.RoundTripper) http.RoundTripper {
				return roundTripper(func(*http.Request) (*http.Response, error) {
					tried++
					return nil, fmt.Errorf("broken: %w", fail)
				})
			})
		})
		err := certificates(t.Context(), client)
		if !errors.Is(err, fail) || tried != 1 || errors.As(err, new(*resilience.RetryError)) || wechatpay.OutcomeOf(err) != wechatpay.OutcomeNotSent {
			t.Errorf("%s: tried %d times, %v", name, tried, err)
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// Each try sends the same bytes, to the same place, with a signature of its own.
func TestRetrySendsTheSameBytes(t *testing.T) {
	for name, do := range map[string]verb{
		"order": placeOrder, "APIv2": postV2("v2/pay/unifiedorder", wechatpay.M{"out_trade_no": "T1"}), "GET": certificates,
		"upload": func(ctx context.Context, client *wechatpay.Client) error { return upload(ctx, client) },
	} {
		synctest.Test(t, func(t *testing.T) {
			p := &platform{answer: inOrder(noConnection, noConnection, fine)}
			if name == "APIv2" {
				p.answer = inOrder(noConnection, noConnection, v2(map[string]string{"return_code": "SUCCESS", "result_code": "SUCCESS"}))
			}
			if err := do(t.Context(), newClient(t, p, resilience.Retry(resilience.Backoff(2*time.Second, 4*time.Second)))); err != nil || p.count() != 3 {
				t.Fatalf("%s: sent %d times, %v", name, p.count(), err)
			}
			for _, r := range p.sent[1:] {
				checkSame(t, name, p.sent[0], r)
			}
		})
	}
}

// checkSame checks that a repetition sends what the first try sent, and signs it anew.
func checkSame(t *testing.T, name string, first, r sent) {
	t.Helper()
	if r.Method != first.Method || r.URL.String() != first.URL.String() || !r.at.After(first.at) {
		t.Errorf("%s: %s %s at %s", name, r.Method, r.URL, r.at)
	}
	if name == "APIv2" {
		if nonceOf(r.body) == nonceOf(first.body) || without(r.body) != without(first.body) {
			t.Errorf("the body was %s and is %s", first.body, r.body)
		}
		return
	}
	if r.body != first.body {
		t.Errorf("%s: the body was %s and is %s", name, first.body, r.body)
	}
	for _, part := range []string{"nonce_str", "timestamp", "signature"} {
		if in(r.Header.Get("Authorization"), part) == in(first.Header.Get("Authorization"), part) {
			t.Errorf("%s: the same %s", name, part)
		}
	}
}

// in returns the value of a part of the header Authorization.
func in(authorization, part string) string {
	_, rest, _ := strings.Cut(authorization, part+`="`)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

func nonceOf(xml string) string { return cutField(&xml, "nonce_str") }

// without returns xml without what is made anew.
func without(xml string) string {
	cutField(&xml, "nonce_str")
	cutField(&xml, "sign")
	return xml
}

func cutField(xml *string, name string) string {
	before, rest, _ := strings.Cut(*xml, "<"+name+">")
	value, after, _ := strings.Cut(rest, "</"+name+">")
	*xml = before + after
	return value
}

// The delays grow up to the longest one, are shortened at random, and are told.
func TestRetryDelays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen events
		p := &platform{answer: unavailable}
		client := newClient(t, p, resilience.Retry(resilience.Tries(7), seen.observe()))
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if err := certificates(ctx, client); err == nil || len(seen.list) != 6 {
			t.Fatalf("%d events, %v", len(seen.list), err)
		}
		for i, most := range []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 8 * time.Second} {
			e := seen.list[i]
			if e.Kind != resilience.KindRetry || e.Attempt != i+2 || e.Operation != "GET v3/certificates" || e.Cause.Error() != "503 SERVICE_UNAVAILABLE" {
				t.Errorf("event %+v", e)
			}
			if e.Delay < most/2 || e.Delay > most {
				t.Errorf("delay %d is %s, want %s to %s", i+1, e.Delay, most/2, most)
			}
			if got := p.sent[i+1].at.Sub(p.sent[i].at); got != e.Delay {
				t.Errorf("delay %d was %s, told was %s", i+1, got, e.Delay)
			}
		}
	})
}

// Calls that fail together are not repeated together.
func TestRetryJitter(t *testing.T) {
	delays := make(map[time.Duration]bool)
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			p := &platform{answer: inOrder(unavailable, fine)}
			if err := certificates(t.Context(), newClient(t, p, resilience.Retry())); err != nil {
				t.Fatal(err)
			}
			delays[p.sent[1].at.Sub(p.sent[0].at)] = true
		})
	}
	if len(delays) < 10 {
		t.Errorf("%d different delays of 20", len(delays))
	}
}

// The platform's Retry-After is obeyed, and so is the interval that an operation needs.
func TestRetryAfter(t *testing.T) {
	after := func(value func() string) func(int, sent) (*http.Response, error) {
		return func(int, sent) (*http.Response, error) {
			resp := answer(429, `{"code":"FREQUENCY_LIMITED"}`)
			resp.Header.Set("Retry-After", value())
			return resp, nil
		}
	}
	text := func(s string) func() string { return func() string { return s } }
	transfer := post("v3/transfer/batches", wechatpay.M{"out_batch_no": "B1"})
	for name, test := range map[string]struct {
		do          verb
		answer      func(int, sent) (*http.Response, error)
		least, most time.Duration
	}{
		"seconds":          {certificates, after(text("12")), 12 * time.Second, 12 * time.Second},
		"a date":           {certificates, after(func() string { return time.Now().Add(7 * time.Second).UTC().Format(http.TimeFormat) }), 6 * time.Second, 7 * time.Second},
		"a date before":    {certificates, after(text("Sun, 06 Nov 1994 08:49:37 GMT")), 250 * time.Millisecond, 500 * time.Millisecond},
		"zero":             {certificates, after(text("0")), 250 * time.Millisecond, 500 * time.Millisecond},
		"negative":         {certificates, after(text("-5")), 250 * time.Millisecond, 500 * time.Millisecond},
		"nonsense":         {certificates, after(text("soon")), 250 * time.Millisecond, 500 * time.Millisecond},
		"an interval":      {transfer, systemError, time.Second, time.Second},
		"without a header": {placeOrder, systemError, 250 * time.Millisecond, 500 * time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := &platform{answer: inOrder(test.answer, fine)}
			if err := test.do(t.Context(), newClient(t, p, resilience.Retry())); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if d := p.sent[1].at.Sub(p.sent[0].at); d < test.least || d > test.most {
				t.Errorf("%s: after %s, want %s to %s", name, d, test.least, test.most)
			}
		})
	}
}

// No try begins after the end of the call, of its context or of MaxElapsed, and nobody
// waits for one.
func TestRetryKeepsTheDeadline(t *testing.T) {
	longer := func(n int, r sent) (*http.Response, error) {
		resp := answer(503, `{"code":"SERVICE_UNAVAILABLE"}`)
		resp.Header.Set("Retry-After", "3600")
		return resp, nil
	}
	for name, test := range map[string]struct {
		timeout time.Duration
		answer  func(int, sent) (*http.Response, error)
		opts    []resilience.RetryOption
		sent    int
		says    string
	}{
		"context":           {200 * time.Millisecond, unavailable, nil, 1, "the context ends"},
		"Retry-After":       {time.Minute, longer, nil, 1, "the context ends"},
		"the library's own": {0, longer, nil, 1, "the context ends"},
		"MaxElapsed":        {time.Minute, unavailable, []resilience.RetryOption{resilience.MaxElapsed(600 * time.Millisecond), resilience.Tries(9), resilience.Backoff(500*time.Millisecond, time.Second)}, 2, "MaxElapsed"},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := t.Context(), context.CancelFunc(func() {})
			if test.timeout > 0 {
				ctx, cancel = context.WithTimeout(ctx, test.timeout)
			}
			defer cancel()
			p := &platform{answer: test.answer}
			since := time.Now()
			err := certificates(ctx, newClient(t, p, resilience.Retry(test.opts...)))
			if p.count() > test.sent || !wechatpay.IsCode(err, "SERVICE_UNAVAILABLE") || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%s: sent %d times, %v", name, p.count(), err)
			}
			if took := time.Since(since); took > 600*time.Millisecond {
				t.Errorf("%s: took %s", name, took)
			}
		})
	}
}

// A caller who gives up does not wait for the next try. The error has the reason of
// both.
func TestRetryIsCancelled(t *testing.T) {
	for name, fail := range map[string]func(int, sent) (*http.Response, error){"answer": unavailable, "reset": reset} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			p := &platform{answer: fail}
			time.AfterFunc(100*time.Millisecond, cancel)
			since := time.Now()
			err := placeOrder(ctx, newClient(t, p, resilience.Retry()))
			if !errors.Is(err, context.Canceled) || time.Since(since) != 100*time.Millisecond || p.count() != 1 {
				t.Errorf("%s: %v after %s and %d tries", name, err, time.Since(since), p.count())
			}
			isKept := errors.Is(err, errReset) || wechatpay.IsCode(err, "SERVICE_UNAVAILABLE")
			if !isKept || wechatpay.OutcomeOf(err) != wechatpay.OutcomeUnknown {
				t.Errorf("%s: %v is %s", name, err, wechatpay.OutcomeOf(err))
			}
		})
	}
}

// The error of the last try tells how many there were, and since when.
func TestRetryErrorTells(t *testing.T) {
	for name, test := range map[string]struct {
		answer  func(int, sent) (*http.Response, error)
		says    string
		outcome wechatpay.Outcome
	}{
		"answers":       {unavailable, "SERVICE_UNAVAILABLE", wechatpay.OutcomeUnknown},
		"resets":        {reset, "connection reset", wechatpay.OutcomeUnknown},
		"dials":         {noConnection, "connection refused", wechatpay.OutcomeNotSent},
		"then too many": {inOrder(reset, tooMany), "FREQUENCY_LIMITED", wechatpay.OutcomeUnknown},
		"too many":      {tooMany, "FREQUENCY_LIMITED", wechatpay.OutcomeLater},
		"then refused":  {inOrder(tooMany, always(400, `{"code":"PARAM_ERROR"}`)), "PARAM_ERROR", wechatpay.OutcomeRefused},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := &platform{answer: test.answer}
			since := time.Now()
			err := placeOrder(t.Context(), newClient(t, p, resilience.Retry()))
			var told *resilience.RetryError
			if !errors.As(err, &told) {
				t.Fatalf("%s: %v", name, err)
			}
			if told.Tries != p.count() || !told.Since.Equal(since) || told.Took != time.Since(since) {
				t.Errorf("%s: %+v", name, told)
			}
			want := fmt.Sprintf("tried %d times since %s", p.count(), since.Format(time.RFC3339))
			if text := err.Error(); !strings.Contains(text, want) || !strings.Contains(text, test.says) {
				t.Errorf("%s: %s", name, text)
			}
			if got := wechatpay.OutcomeOf(err); got != test.outcome {
				t.Errorf("%s: %s, want %s", name, got, test.outcome)
			}
		})
	}
}

// If a repetition is answered with "done before", the first try may have done it: the
// outcome is unknown, and the error says what to query.
func TestRetryMeetsDoneBefore(t *testing.T) {
	withdrawal := post("v3/mch_operate/risk/withdrawl-apply", wechatpay.M{"out_request_no": "W1"})
	deduction := post("v3/vehicle/transactions/parking", wechatpay.M{"out_trade_no": "T1"})
	deductionV2 := postV2("v2/pay/pappayapply", wechatpay.M{"out_trade_no": "T1"})
	for _, test := range []struct {
		name   string
		do     verb
		answer func(int, sent) (*http.Response, error)
		sent   int
		says   []string
	}{
		{"withdrawal", withdrawal, inOrder(systemError, always(400, `{"code":"RESOURCE_ALREADY_EXISTS"}`)), 2,
			[]string{"GET v3/mch_operate/risk/withdrawl-apply/out-request-no/{out_request_no}", "out_request_no", "W1"}},
		{"deduction", deduction, inOrder(reset, always(403, `{"code":"ORDERPAID"}`)), 2,
			[]string{"GET v3/vehicle/transactions/out-trade-no/{out_trade_no}", "T1"}},
		{"deduction of APIv2", deductionV2, inOrder(v2Refusal("SYSTEMERROR"), v2Refusal("ORDERPAID")), 2,
			[]string{"POST v2/pay/paporderquery", "T1"}},
		{"at once, as after a crash", deduction, always(403, `{"code":"ORDERPAID"}`), 1,
			[]string{"GET v3/vehicle/transactions/out-trade-no/{out_trade_no}", "T1"}},
		{"an operation that gives the same result", placeOrder, inOrder(reset, always(403, `{"code":"ORDERPAID"}`)), 2,
			[]string{"GET v3/pay/transactions/out-trade-no/{out_trade_no}", "T1"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := &platform{answer: test.answer}
			err := test.do(t.Context(), newClient(t, p, resilience.Retry()))
			if wechatpay.OutcomeOf(err) != wechatpay.OutcomeUnknown || p.count() != test.sent {
				t.Errorf("%s: sent %d times, %s: %v", test.name, p.count(), wechatpay.OutcomeOf(err), err)
			}
			for _, says := range test.says {
				if err == nil || !strings.Contains(err.Error(), says) {
					t.Errorf("%s: %v does not say %s", test.name, err, says)
				}
			}
		})
	}
}

// A call is not repeated when the platform may have forgotten its number: a red packet
// at the end of the day would be sent a second time.
func TestRetryBeforeTheNumberIsForgotten(t *testing.T) {
	for name, test := range map[string]struct {
		at     string // of the day, in China
		answer func(int, sent) (*http.Response, error)
		sent   int
	}{
		"at noon":                            {"12:00:00", v2Refusal("SYSTEMERROR"), 3},
		"at the end of the day":              {"23:59:30", v2Refusal("SYSTEMERROR"), 1},
		"at the end of the day, but not yet": {"23:58:00", v2Refusal("SYSTEMERROR"), 3},
		"without a connection":               {"23:59:30", noConnection, 3},
		"too often":                          {"23:59:30", v2Refusal("FREQUENCY_LIMITED"), 3},
	} {
		synctest.Test(t, func(t *testing.T) {
			china := time.FixedZone("", 8*60*60)
			at, err := time.ParseInLocation("2006-01-02 15:04:05", "2000-01-02 "+test.at, china)
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Until(at)) // of the bubble
			p := &platform{answer: test.answer}
			err = postV2("v2/mmpaymkttransfers/sendredpack", wechatpay.M{"mch_billno": "B1"})(t.Context(), newClient(t, p, resilience.Retry()))
			if p.count() != test.sent {
				t.Errorf("%s: sent %d times, %v", name, p.count(), err)
			}
			if test.sent == 1 && !strings.Contains(err.Error(), "forget the mch_billno at 2000-01-03T00:00:00+08:00") {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

// The budget is shared by all calls and clients of one value. An outage spends it, and
// successes fill it.
func TestRetryBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := true
		p := &platform{}
		p.answer = func(n int, r sent) (*http.Response, error) {
			if down {
				return unavailable(n, r)
			}
			return fine(n, r)
		}
		retry := resilience.Retry(resilience.Budget(10, 0.5))
		first, second := newClient(t, p, retry), newClient(t, p, retry)
		var err error
		for range 10 {
			err = errors.Join(certificates(t.Context(), first), certificates(t.Context(), second))
		}
		if n := p.count(); n != 20+10 {
			t.Errorf("%d requests for 20 calls, want 30", n)
		}
		if !strings.Contains(err.Error(), "budget") {
			t.Errorf("the error does not say why there is no other try: %v", err)
		}
		down = false
		for range 4 { // two repetitions
			if err := certificates(t.Context(), first); err != nil {
				t.Fatal(err)
			}
		}
		down = true
		before := p.count()
		_, _ = certificates(t.Context(), second), certificates(t.Context(), second)
		if n := p.count() - before; n != 2+2 {
			t.Errorf("%d requests for 2 calls after 4 successes, want 4", n)
		}
	})
}

// Repetitions that succeed cost nothing: calls that fail once may go on for ever.
func TestRetryBudgetIsForOutages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &platform{}
		p.answer = func(n int, r sent) (*http.Response, error) {
			if n%2 == 1 {
				return unavailable(n, r)
			}
			return fine(n, r)
		}
		client := newClient(t, p, resilience.Retry(resilience.Budget(1, 0)))
		for range 50 {
			if err := certificates(t.Context(), client); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestRetryOptionsAreChecked(t *testing.T) {
	refused(t, resilience.Retry(resilience.Tries(0)), "Tries is 0")
	refused(t, resilience.Retry(resilience.Tries(-1)), "Tries is -1")
	refused(t, resilience.Retry(resilience.Backoff(0, time.Second)), "Backoff")
	refused(t, resilience.Retry(resilience.Backoff(time.Second, time.Millisecond)), "Backoff")
	refused(t, resilience.Retry(resilience.MaxElapsed(0)), "MaxElapsed")
	refused(t, resilience.Retry(resilience.MaxElapsed(-1)), "MaxElapsed")
	refused(t, resilience.Retry(resilience.Budget(0, 0.1)), "Budget")
	refused(t, resilience.Retry(resilience.Budget(1, -1)), "Budget")
	refused(t, resilience.Retry(resilience.Tries(0), resilience.Budget(0, 2)), "Budget")
	refused(t, middleware.Edits(resilience.Retry(), resilience.Retry()), "used twice")
}

// The body of an answer that is not the last one is closed, and the last one can be
// read.
func TestRetryWithHTTPErrorsOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &platform{answer: systemError}
		resp, err := newClient(t, p, resilience.Retry()).Chain("v3/certificates").Get(t.Context(), wechatpay.HTTPErrors(false))
		if err != nil || resp.StatusCode != 500 || resp.Get("code").Str != "SYSTEM_ERROR" || p.count() != 3 {
			t.Errorf("%v, %v after %d tries", resp, err, p.count())
		}
	})
}

// APIv2 says with the status 200 that calls come too often: nothing was done, unless an
// earlier try did it.
func TestRetryOutcomesOfAPIv2(t *testing.T) {
	for name, test := range map[string]struct {
		answer  func(int, sent) (*http.Response, error)
		outcome wechatpay.Outcome
	}{
		"too often":               {v2Refusal("FREQUENCY_LIMITED"), wechatpay.OutcomeLater},
		"reset, then too often":   {inOrder(reset, v2Refusal("FREQUENCY_LIMITED")), wechatpay.OutcomeUnknown},
		"too often, then reset":   {inOrder(v2Refusal("FREQUENCY_LIMITED"), reset), wechatpay.OutcomeUnknown},
		"too often, then 429":     {inOrder(v2Refusal("FREQUENCY_LIMITED"), tooMany), wechatpay.OutcomeLater},
		"too often, then no one":  {inOrder(v2Refusal("FREQUENCY_LIMITED"), noConnection), wechatpay.OutcomeLater},
		"then refused":            {inOrder(v2Refusal("FREQUENCY_LIMITED"), v2Refusal("PARAM_ERROR")), wechatpay.OutcomeRefused},
		"reset, then done before": {inOrder(reset, v2Refusal("OUT_TRADE_NO_USED")), wechatpay.OutcomeUnknown},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := &platform{answer: test.answer}
			err := postV2("v2/pay/unifiedorder", wechatpay.M{"out_trade_no": "T1"})(t.Context(), newClient(t, p, resilience.Retry()))
			if got := wechatpay.OutcomeOf(err); got != test.outcome {
				t.Errorf("%s: %s, want %s: %v", name, got, test.outcome, err)
			}
		})
	}
}
