package resilience

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/internal/body"
	"github.com/wxchain/wechatpay/internal/outgoing"
	"github.com/wxchain/wechatpay/internal/quote"
	"github.com/wxchain/wechatpay/middleware"
)

// A Kind says what happened in an [Event].
type Kind string

// The kinds of events.
const (
	KindRetry    Kind = "retry"    // Retry sends the call again after Delay
	KindFailover Kind = "failover" // from now on calls go to the backup, Host
	KindProbe    Kind = "probe"    // Failover sends this call to the main host, Host, to see whether it is back
	KindBack     Kind = "back"     // from now on calls go to the main host, Host, again
	KindWait     Kind = "wait"     // RateLimit has held the call back for Delay
	KindOpen     Kind = "open"     // Breaker refuses calls of this operation for Delay
	KindClosed   Kind = "closed"   // Breaker lets calls of this operation through again
)

// An Event is something that this package did. It has no secret and nothing of a body.
type Event struct {
	Kind Kind
	// Operation is the method and the template: "POST v3/refund/domestic/refunds".
	Operation string
	// Attempt numbers the sendings of the call: that which follows, for a KindRetry, or
	// that which the event is about. The first is 1.
	Attempt int
	// Cause is what led to the event, or nil: an error, or an answer as an error, such
	// as "503 SERVICE_UNAVAILABLE".
	Cause error
	// Delay is a time to wait, or that was waited.
	Delay time.Duration
	// Host is the host that the calls go to.
	Host string
}

// An Observer is an option of every function of this package.
type Observer func(ctx context.Context, e Event)

// Observe calls f for each event. ctx is that of the call. f must be quick and safe for
// concurrent use.
func Observe(f func(ctx context.Context, e Event)) Observer { return f }

func (o Observer) applyRetry(s *retrySettings)         { s.observe = o }
func (o Observer) applyFailover(s *failoverSettings)   { s.observe = o }
func (o Observer) applyRateLimit(s *rateLimitSettings) { s.observe = o }
func (o Observer) applyBreaker(s *breakerSettings)     { s.observe = o }

// tell tells the observer, if there is one, of an event of a call.
func (o Observer) tell(req *http.Request, e Event) {
	if o == nil {
		return
	}
	e.Operation = nameOf(req)
	if e.Attempt == 0 {
		begun, _ := middleware.ExchangeOf(req.Context()).Tries()
		e.Attempt = begun
	}
	o(req.Context(), e)
}

// nameOf returns the method and the template of a request. If neither the catalogue nor
// the call has a template, it returns the method alone: a path may hold anything.
func nameOf(req *http.Request) string {
	if op := outgoing.Operation(req); op != nil {
		return op.String()
	}
	template, _, _ := strings.Cut(middleware.ExchangeOf(req.Context()).Template, "?")
	if template == "" {
		return outgoing.Method(req)
	}
	return outgoing.Method(req) + " " + template
}

// causeOf returns err, or an answer as an error.
func causeOf(p middleware.Protocol, resp *http.Response, err error) error {
	if err != nil || resp == nil {
		return err
	}
	text := fmt.Sprint(resp.StatusCode)
	if code := codeOf(p, resp); code != "" {
		text += " " + plain(code)
	}
	return errors.New(text)
}

// plain returns a code or a number as it is if nothing in it needs quotes.
func plain(s string) string {
	isOdd := func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune("_-|*@.", r)
	}
	if len(s) <= 64 && !strings.ContainsFunc(s, isOdd) {
		return s
	}
	return quote.Text(s)
}

// codeOf returns the platform's code in an answer that is held in memory, or "".
func codeOf(p middleware.Protocol, resp *http.Response) string {
	held, ok := resp.Body.(*body.Held)
	if !ok {
		return ""
	}
	return middleware.AnswerCode(p == middleware.APIv2, held.Bytes)
}

// isOwn reports whether err is that of a request that a middleware did not send.
func isOwn(err error) bool {
	return errors.Is(err, middleware.ErrNotSent) || errors.Is(err, errSign)
}

// again returns req with its body from the start, to be sent once more.
func again(req *http.Request) (*http.Request, error) {
	r := *req
	r.Header = req.Header.Clone()
	if req.GetBody != nil {
		var err error
		if r.Body, err = req.GetBody(); err != nil {
			return nil, err
		}
	} else if req.Body != nil && req.Body != http.NoBody {
		return nil, errors.New("the body cannot be read again, because the request has no GetBody")
	}
	return &r, nil
}
