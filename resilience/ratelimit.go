package resilience

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/wxchain/wechatpay/internal/operation"
	"github.com/wxchain/wechatpay/internal/outgoing"
	"github.com/wxchain/wechatpay/middleware"
)

// A Limiter holds requests back. A [rate.Limiter] is one.
type Limiter interface {
	// Wait returns when the next request may be sent. It returns an error if ctx ends
	// before that.
	Wait(ctx context.Context) error
}

// A RateLimitOption is an option of [RateLimit].
type RateLimitOption interface{ applyRateLimit(*rateLimitSettings) }

type rateLimitOption func(*rateLimitSettings)

func (f rateLimitOption) applyRateLimit(s *rateLimitSettings) { f(s) }

type rateLimitSettings struct {
	limiter    Limiter
	documented bool
	observe    Observer
}

// Documented also keeps each operation below the rate that its page allows a client, if
// there is one. The limits are those of [openapi.Operation.RateLimits] that hold for all
// requests of a client: limits for each order or number, and for requests that fail, are
// not among them. The platform may grant a merchant other limits.
//
// [openapi.Operation.RateLimits]: https://pkg.go.dev/github.com/wxchain/wechatpay/openapi#Operation.RateLimits
func Documented() RateLimitOption {
	return rateLimitOption(func(s *rateLimitSettings) { s.documented = true })
}

// RateLimit returns an edit that lets each request wait for l before it is signed and
// sent. Each try of a call counts. A call whose context ends before is not sent. l may be
// nil with the option [Documented].
func RateLimit(l Limiter, opts ...RateLimitOption) middleware.Edit {
	s := rateLimitSettings{limiter: l}
	for _, opt := range opts {
		if opt != nil {
			opt.applyRateLimit(&s)
		}
	}
	var err error
	if v := reflect.ValueOf(l); l != nil && v.Kind() == reflect.Pointer && v.IsNil() || l == nil && !s.documented {
		err = errors.New("resilience.RateLimit: the Limiter is nil; rate.NewLimiter makes one")
	}
	shared := &rateLimit{rateLimitSettings: s}
	return func(_ middleware.Protocol, stack *middleware.Stack) error {
		if err != nil {
			return err
		}
		return stack.Place(middleware.NameRateLimit, func(next http.RoundTripper) http.RoundTripper {
			return limiting{shared, next}
		})
	}
}

// A rateLimit is what the clients share that are given the same value of RateLimit.
type rateLimit struct {
	rateLimitSettings
	operations sync.Map // *operation.Operation → []*rate.Limiter
}

type limiting struct {
	*rateLimit
	next http.RoundTripper
}

func (l limiting) RoundTrip(req *http.Request) (*http.Response, error) {
	since := time.Now()
	if err := l.wait(req); err != nil {
		return nil, fmt.Errorf("rate limit: %w: %w", middleware.ErrNotSent, err)
	}
	if waited := time.Since(since); waited >= time.Millisecond {
		begun, _ := middleware.ExchangeOf(req.Context()).Tries()
		l.observe.tell(req, Event{Kind: KindWait, Attempt: begun + 1, Delay: waited})
	}
	return l.next.RoundTrip(req)
}

func (l *rateLimit) wait(req *http.Request) error {
	if l.documented {
		if op := outgoing.Operation(req); op != nil && len(op.Limits) > 0 {
			for _, limiter := range l.of(op) {
				if err := limiter.Wait(req.Context()); err != nil {
					return err
				}
			}
		}
	}
	if l.limiter == nil {
		return nil
	}
	return l.limiter.Wait(req.Context())
}

// of returns the limiters of an operation.
func (l *rateLimit) of(op *operation.Operation) []*rate.Limiter {
	if limiters, ok := l.operations.Load(op); ok {
		return limiters.([]*rate.Limiter)
	}
	limiters := make([]*rate.Limiter, len(op.Limits))
	for i, limit := range op.Limits {
		limiters[i] = newLimiter(limit)
	}
	first, _ := l.operations.LoadOrStore(op, limiters)
	return first.([]*rate.Limiter)
}

// newLimiter returns a limiter that allows no more requests than limit in any time of
// that length: a burst, and the rest one after the other.
func newLimiter(limit operation.Limit) *rate.Limiter {
	burst := max(1, limit.Requests/10)
	rest := max(1, limit.Requests-burst)
	return rate.NewLimiter(rate.Limit(float64(rest)/limit.Within.Seconds()), burst)
}
