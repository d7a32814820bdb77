package resilience

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/retrypolicy"

	"github.com/wxchain/wechatpay/internal/operation"
	"github.com/wxchain/wechatpay/internal/outgoing"
	"github.com/wxchain/wechatpay/middleware"
)

// A RetryOption is an option of [Retry].
type RetryOption interface{ applyRetry(*retrySettings) }

type retryOption func(*retrySettings)

func (f retryOption) applyRetry(s *retrySettings) { f(s) }

type retrySettings struct {
	tries       int
	first, most time.Duration
	maxElapsed  time.Duration // 0: no limit
	reserve     int
	share       float64
	harmless    bool
	observe     Observer
}

func (s *retrySettings) check() error {
	var errs []error
	if s.tries < 1 {
		errs = append(errs, fmt.Errorf("Tries is %d, want 1 or more", s.tries))
	}
	if s.first <= 0 || s.most < s.first {
		errs = append(errs, fmt.Errorf("Backoff is from %s to %s, want a first delay above 0 and a longest one that is not shorter", s.first, s.most))
	}
	if s.maxElapsed < 0 {
		errs = append(errs, fmt.Errorf("MaxElapsed is %s, want more than 0", s.maxElapsed))
	}
	if s.reserve < 1 || !(s.share >= 0 && s.share <= 1) {
		errs = append(errs, fmt.Errorf("Budget is %d and %g, want a reserve of 1 or more and a share from 0 to 1", s.reserve, s.share))
	}
	return errors.Join(errs...)
}

// Tries sets how often a call is sent at most, the first time included. The default is
// 3.
func Tries(n int) RetryOption { return retryOption(func(s *retrySettings) { s.tries = n }) }

// Backoff sets the longest delay before the first repetition, which doubles with each
// further one up to most. The delay is shortened by a random amount of up to half, so
// that calls that failed together are not repeated together. The default is from 500 ms
// to 8 s.
func Backoff(first, most time.Duration) RetryOption {
	return retryOption(func(s *retrySettings) { s.first, s.most = first, most })
}

// MaxElapsed limits the time from the beginning of the first try to the beginning of the
// last one. By default only the context and the timeout of the call limit it.
func MaxElapsed(d time.Duration) RetryOption {
	return retryOption(func(s *retrySettings) {
		if s.maxElapsed = d; d == 0 {
			s.maxElapsed = -1 // which check refuses
		}
	})
}

// Budget limits the repetitions of all calls that share the value of [Retry]: reserve
// of them in a row, and after that one for each 1/share calls that succeed. A repetition
// that leads to a success is free. When the budget is spent, calls fail with the error
// of their first try, so that an outage is not made worse. The default is 100 and 0.1.
func Budget(reserve int, share float64) RetryOption {
	return retryOption(func(s *retrySettings) { s.reserve, s.share = reserve, share })
}

// Harmless also repeats the operations of the class [openapi.RepeatHarmless] that have
// no number of the merchant: those that read, such as the queries of APIv2, or set what
// is set already.
//
// [openapi.RepeatHarmless]: https://pkg.go.dev/github.com/wxchain/wechatpay/openapi#RepeatClass
func Harmless() RetryOption { return retryOption(func(s *retrySettings) { s.harmless = true }) }

// Retry returns an edit that sends a call again if that is safe and may help.
//
// It may help after an outcome that is unknown or later, and if no connection could be
// made. It is safe if [Idempotent] says so, or if nothing of the call was sent. Each try
// sends the same bytes with a new nonce, timestamp and signature. No try begins after
// the deadline of the context, nor when the platform may have forgotten the merchant's
// number. The delay is that of [Backoff], or longer if the answer has a Retry-After or
// if the operation needs a longer interval between two requests with one number.
//
// The error of a call that was sent more than once has a [RetryError], which says how
// many tries there were. If the platform answers a repetition with "already done", the
// outcome is unknown, and the RetryError says what to query.
func Retry(opts ...RetryOption) middleware.Edit {
	s := retrySettings{tries: 3, first: 500 * time.Millisecond, most: 8 * time.Second, reserve: 100, share: 0.1}
	for _, opt := range opts {
		if opt != nil {
			opt.applyRetry(&s)
		}
	}
	err := s.check()
	r := &retrier{retrySettings: s, budget: newBudget(s.reserve, s.share)}
	r.executor = failsafe.With(retrypolicy.NewBuilder[*try]().
		WithMaxAttempts(max(s.tries, 1)).
		HandleIf(func(t *try, _ error) bool { return t != nil && t.again }).
		WithDelayFunc(func(e failsafe.ExecutionAttempt[*try]) time.Duration { return e.LastResult().delay }).
		ReturnLastFailure().
		Build())
	return func(p middleware.Protocol, stack *middleware.Stack) error {
		if err != nil {
			return fmt.Errorf("resilience.Retry: %w", err)
		}
		return stack.Place(middleware.NameRetry, func(next http.RoundTripper) http.RoundTripper {
			return retrying{r, p, next}
		})
	}
}

// A retrier is what the clients share that are given the same value of Retry.
type retrier struct {
	retrySettings
	budget   *budget
	executor failsafe.Executor[*try]
}

// retrying is the middleware of one stack.
type retrying struct {
	*retrier
	protocol middleware.Protocol
	next     http.RoundTripper
}

func (r retrying) RoundTrip(req *http.Request) (*http.Response, error) {
	since := time.Now()
	resp, err := r.next.RoundTrip(req)
	if r.isDone(req, resp, err) {
		r.budget.succeeded(0)
		return resp, err
	}
	c := &call{retrying: r, req: req, since: since, tries: 1}
	c.last = c.judge(resp, err)
	if c.last.again {
		c.repeat()
	}
	return c.end()
}

// isDone reports whether a first try is good, without a look at the catalogue.
func (r retrying) isDone(req *http.Request, resp *http.Response, err error) bool {
	if err != nil || resp == nil || resp.StatusCode < 200 || resp.StatusCode > 299 || resp.StatusCode == http.StatusAccepted {
		return false
	}
	return r.protocol == middleware.APIv3 || middleware.OutcomeOf(req, resp, nil) == middleware.OutcomeDone
}

// A call is one whose first try was not good.
type call struct {
	retrying
	req     *http.Request
	since   time.Time
	tries   int
	last    *try
	stopped error // why the wait for the next try ended before its time
}

// A try is the result of one, with what follows from it.
type try struct {
	resp    *http.Response
	err     error
	outcome middleware.Outcome
	isFinal bool // the platform answers that this was done before, or refuses for good
	again   bool // there is another one, after delay
	delay   time.Duration
	because string // why there is none, or ""
}

// repeat sends the call again until a try has no other after it.
func (c *call) repeat() {
	first := true
	_, err := c.executor.WithContext(c.req.Context()).Get(func() (*try, error) {
		if first {
			first = false
			return c.last, nil
		}
		c.last = c.send()
		return c.last, nil
	})
	if err != nil { // the context ended
		c.stopped = err
	}
}

// send makes the next try.
func (c *call) send() *try {
	req, err := again(c.req)
	if err != nil {
		t := *c.last
		t.again, t.because = false, "it cannot be sent again: "+err.Error()
		return &t
	}
	if c.last.resp != nil {
		c.last.resp.Body.Close()
	}
	c.tries++
	resp, err := c.next.RoundTrip(req)
	return c.judge(resp, err)
}

// judge decides what follows from the result of a try.
func (c *call) judge(resp *http.Response, err error) *try {
	t := &try{resp: resp, err: err, outcome: middleware.OutcomeOf(c.req, resp, err)}
	switch {
	case t.outcome == middleware.OutcomeDone:
		c.budget.succeeded(c.tries - 1)
		return t
	case c.req.Context().Err() != nil, isOwn(err), t.outcome == middleware.OutcomeRefused:
		return t
	case t.outcome == middleware.OutcomeNotSent:
		if middleware.ExchangeOf(c.req.Context()).Sent() == nil { // it did not come to the network
			return t
		}
	default:
		if t.isFinal = c.isFinal(resp); t.isFinal || !c.isSafe() {
			return t
		}
	}
	if c.tries >= c.retrier.tries {
		return t
	}
	if t.delay = c.delay(resp); !c.hasTime(t) {
		return t
	}
	if t.again = c.budget.take(); !t.again {
		t.because = "the budget of Retry is spent"
		return t
	}
	c.observe.tell(c.req, Event{Kind: KindRetry, Attempt: c.tries + 1, Cause: causeOf(c.protocol, resp, err), Delay: t.delay})
	return t
}

// isFinal reports whether an answer whose outcome is unknown is a refusal. Another try
// would be refused too.
func (c *call) isFinal(resp *http.Response) bool {
	if resp == nil {
		return false
	}
	code := codeOf(c.protocol, resp)
	return code != "" && middleware.OutcomeOfAnswer(nil, resp.StatusCode, code) == middleware.OutcomeRefused
}

// isSafe reports whether the call can be sent again although it may have been done.
func (c *call) isSafe() bool {
	if _, ok := Idempotent(c.req); ok {
		return true
	}
	op := outgoing.Operation(c.req)
	return c.harmless && op != nil && op.Class == operation.Harmless
}

// delay returns the time to wait before the next try.
func (c *call) delay(resp *http.Response) time.Duration {
	d := c.most
	if shift := c.tries - 1; shift < 30 && c.first < c.most>>shift {
		d = c.first << shift
	}
	d -= rand.N(d/2 + 1)
	if op := outgoing.Operation(c.req); op != nil {
		d = max(d, op.Interval)
	}
	if resp != nil {
		d = max(d, retryAfter(resp.Header.Get("Retry-After"), time.Now()))
	}
	return d
}

// retryAfter returns the delay that the header Retry-After asks for, or 0.
//
// https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64); err == nil {
		const most = int64(24 * time.Hour / time.Second) // longer than any call
		return time.Duration(min(max(seconds, 0), most)) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}

// margin is the time by which a number counts as forgotten before it is.
const margin = time.Minute

// hasTime reports whether the next try may begin after the delay of t.
func (c *call) hasTime(t *try) bool {
	begin := time.Now().Add(t.delay)
	if deadline, ok := c.req.Context().Deadline(); ok && !begin.Before(deadline) {
		t.because = "the context ends before the next try, which would begin in " + t.delay.Round(time.Millisecond).String()
		return false
	}
	if c.maxElapsed > 0 && begin.Sub(c.since) > c.maxElapsed {
		t.because = "MaxElapsed is over before the next try, which would begin in " + t.delay.Round(time.Millisecond).String()
		return false
	}
	op := outgoing.Operation(c.req)
	if op == nil || t.outcome != middleware.OutcomeUnknown {
		return true
	}
	if at, ok := op.ForgottenAt(c.since); ok && !begin.Before(at.Add(-margin)) {
		t.because = fmt.Sprintf("the platform may forget the %s at %s, and do it a second time", op.Number, at.Format(time.RFC3339))
		return false
	}
	return true
}

// end returns the result of the call.
func (c *call) end() (*http.Response, error) {
	t := c.last
	e := &RetryError{Tries: c.tries, Since: c.since, Took: time.Since(c.since), because: t.because, stopped: c.stopped}
	if op := outgoing.Operation(c.req); op != nil && t.outcome == middleware.OutcomeUnknown {
		if e.Query = op.Query; e.Query == "" {
			if s := settlements()[op.String()]; !s.isRepeated {
				e.Query = s.query
			}
		}
		if number := outgoing.Number(op, c.req); number != "" {
			e.number = op.Number + " " + plain(number)
		}
	}
	switch {
	case t.outcome == middleware.OutcomeDone:
		return t.resp, nil
	case c.tries == 1 && c.stopped == nil && t.because == "" && !t.isFinal, e.Query == "" && c.tries == 1 && t.isFinal:
		return t.resp, t.err // Retry has nothing to add
	case t.err != nil:
		e.Err = t.err
		return nil, e
	}
	x := middleware.ExchangeOf(c.req.Context())
	if before := x.Advice(); before != nil {
		x.Advise(advices{before, e})
	} else {
		x.Advise(e)
	}
	return t.resp, nil
}

// A RetryError is in the error of a call that Retry sent more than once, or did not send
// again though it is safe.
type RetryError struct {
	// Tries is how many tries there were.
	Tries int
	// Since is when the first one began, and Took is how long all of them took.
	Since time.Time
	Took  time.Duration
	// Query is the operation that tells whether the call was done, as
	// "GET v3/pay/transactions/out-trade-no/{out_trade_no}". It is "" if the outcome is
	// known, or if the catalogue has no such operation.
	Query string
	// Err is the error of the last try. It is nil if the last try was answered: then
	// the RetryError is in the error that has the answer.
	Err error

	number  string
	because string
	stopped error
}

// Error says how many tries there were, since when, why there is no other one, and what
// to query.
func (e *RetryError) Error() string {
	var b strings.Builder
	if e.Err != nil {
		b.WriteString(e.Err.Error() + " (")
	}
	times := "times"
	if e.Tries == 1 {
		times = "time"
	}
	fmt.Fprintf(&b, "tried %d %s since %s, in %s", e.Tries, times, e.Since.Format(time.RFC3339), e.Took.Round(time.Millisecond))
	if why := cmp.Or(e.because, textOfError(e.stopped)); why != "" {
		b.WriteString("; not again: " + why)
	}
	if e.Query != "" {
		b.WriteString("; it may have been done: query it by " + e.Query)
		if e.number != "" {
			b.WriteString(" with " + e.number)
		}
	} else if e.number != "" {
		b.WriteString("; it may have been done: query it by " + e.number)
	}
	if e.Err != nil {
		b.WriteString(")")
	}
	return b.String()
}

func textOfError(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// Unwrap returns the error of the last try, and the error of the context if it ended
// before the next one.
func (e *RetryError) Unwrap() []error {
	var errs []error
	for _, err := range [...]error{e.Err, e.stopped} {
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// advices are two pieces of advice about a refusal.
type advices [2]error

func (a advices) Error() string   { return a[0].Error() + "; " + a[1].Error() }
func (a advices) Unwrap() []error { return a[:] }
