package resilience

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"

	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/signer"
)

// ErrOpen is in the error of a call that a [Breaker] did not send.
var ErrOpen = errors.New("breaker is open")

// A BreakerOption is an option of [Breaker].
type BreakerOption interface{ applyBreaker(*breakerSettings) }

type breakerOption func(*breakerSettings)

func (f breakerOption) applyBreaker(s *breakerSettings) { f(s) }

type breakerSettings struct {
	failures, of int
	rest         time.Duration
	observe      Observer
}

// Failures sets after how many failures of the last calls of an operation its breaker
// opens. The default is 10 of 20.
func Failures(n, of int) BreakerOption {
	return breakerOption(func(s *breakerSettings) { s.failures, s.of = n, of })
}

// A RestOption is an option of [Breaker] and [Failover].
type RestOption time.Duration

// Rest sets how long a breaker stays open, or how long calls go to the backup, before a
// call tries again. The default is 30 seconds for [Breaker] and a minute for [Failover].
func Rest(d time.Duration) RestOption { return RestOption(d) }

func (d RestOption) applyBreaker(s *breakerSettings)   { s.rest = time.Duration(d) }
func (d RestOption) applyFailover(s *failoverSettings) { s.rest = time.Duration(d) }

// Breaker returns an edit that stops the calls of an operation while it fails. A failure
// is an answer of 5xx, APIv2's SYSTEMERROR, an answer that does not verify, or a network
// that fails. A refusal is not, nor is a call that its caller cancelled.
//
// After [Failures] the breaker of the operation opens: calls fail at once with [ErrOpen],
// and are not sent. After [Rest] one call is let through. The breaker closes if that
// call succeeds, and opens again if it fails. Other operations are not affected.
func Breaker(opts ...BreakerOption) middleware.Edit {
	s := breakerSettings{failures: 10, of: 20, rest: 30 * time.Second}
	for _, opt := range opts {
		if opt != nil {
			opt.applyBreaker(&s)
		}
	}
	var err error
	switch {
	case s.failures < 1 || s.of < s.failures:
		err = fmt.Errorf("resilience.Breaker: Failures is %d of %d, want 1 or more, of at least as many", s.failures, s.of)
	case s.rest <= 0:
		err = fmt.Errorf("resilience.Breaker: Rest is %s, want more than 0", s.rest)
	}
	shared := &breakers{breakerSettings: s, cells: make(map[spelling]*cell)}
	return func(p middleware.Protocol, stack *middleware.Stack) error {
		if err != nil {
			return err
		}
		return stack.Place(middleware.NameBreaker, func(next http.RoundTripper) http.RoundTripper {
			return breaking{shared, p, next}
		})
	}
}

// breakers are what the clients share that are given the same value of Breaker.
type breakers struct {
	breakerSettings
	mu    sync.Mutex
	cells map[spelling]*cell
}

// A spelling is how a caller spells an operation.
type spelling struct{ method, template string }

// A cell is the breaker of one operation.
type cell struct {
	circuitbreaker.CircuitBreaker[any]
	name string
	mu   sync.Mutex
	open bool  // as it was told
	last error // the last failure
}

// maxCells bounds the memory if callers spell the values of variables into templates.
const maxCells = 4096

type breaking struct {
	*breakers
	protocol middleware.Protocol
	next     http.RoundTripper
}

func (b breaking) RoundTrip(req *http.Request) (*http.Response, error) {
	c := b.cell(req)
	if !c.TryAcquirePermit() {
		return nil, c.refuse()
	}
	settled := false
	defer func() {
		if !settled { // a panic, which must give its permit back
			c.release()
		}
	}()
	resp, err := b.next.RoundTrip(req)
	settled = true
	switch isFailure, counts := b.isFailure(req, resp, err); {
	case !counts:
		c.release()
	case isFailure:
		c.RecordFailure()
		c.tell(b, req, causeOf(b.protocol, resp, err))
	default:
		c.RecordSuccess()
		c.tell(b, req, nil)
	}
	return resp, err
}

// isFailure reports whether a result is a failure, and whether it says anything about
// the operation.
func (b breaking) isFailure(req *http.Request, resp *http.Response, err error) (isFailure, counts bool) {
	switch {
	case err == nil && resp.StatusCode >= 500:
		return true, true
	case err == nil && b.protocol == middleware.APIv2 && codeOf(b.protocol, resp) == "SYSTEMERROR":
		return true, true
	case err == nil:
		return false, true
	case errors.Is(req.Context().Err(), context.Canceled), isOwn(err):
		return false, false
	case errors.Is(err, signer.ErrVerify):
		return true, true
	}
	begun, _ := middleware.ExchangeOf(req.Context()).Tries()
	return true, begun > 0 // otherwise a middleware failed
}

// cell returns the breaker of the operation of a request.
func (b *breakers) cell(req *http.Request) *cell {
	key := spelling{req.Method, middleware.ExchangeOf(req.Context()).Template}
	b.mu.Lock()
	defer b.mu.Unlock()
	if c := b.cells[key]; c != nil && key.template != "" {
		return c
	}
	name := nameOf(req)
	own := spelling{"", name}
	c := b.cells[own]
	if c == nil && len(b.cells) >= maxCells {
		own, key, name = spelling{}, spelling{}, "an operation without a template of its own"
		c = b.cells[own]
	}
	if c == nil {
		c = &cell{name: name, CircuitBreaker: circuitbreaker.NewBuilder[any]().
			WithFailureThresholdRatio(uint(b.failures), uint(b.of)).WithSuccessThreshold(1).WithDelay(b.rest).Build()}
		b.cells[own] = c
	}
	if len(b.cells) < maxCells {
		b.cells[key] = c
	}
	return c
}

// refuse returns the error of a call that is not sent.
func (c *cell) refuse() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	left := c.RemainingDelay().Round(time.Millisecond)
	return fmt.Errorf("%w: %w: %s failed too often; it is tried again in %s; its last failure: %w", middleware.ErrNotSent, ErrOpen, c.name, left, c.last)
}

// release gives back the permit of a call that says nothing about the operation. A
// breaker that was about to close stays open for another while.
func (c *cell) release() {
	if c.IsHalfOpen() {
		c.RecordFailure()
	}
}

// tell tells the observer if the state has changed. failure is nil after a success.
func (c *cell) tell(b breaking, req *http.Request, failure error) {
	c.mu.Lock()
	if failure != nil {
		c.last = failure
	}
	was := c.open
	switch {
	case c.IsOpen():
		c.open = true
	case c.IsClosed():
		c.open = false
	}
	is := c.open
	c.mu.Unlock()
	switch {
	case is && !was:
		b.observe.tell(req, Event{Kind: KindOpen, Cause: failure, Delay: b.rest})
	case was && !is:
		b.observe.tell(req, Event{Kind: KindClosed})
	}
}
