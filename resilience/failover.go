package resilience

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wxchain/wechatpay/internal/baseurl"
	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/internal/quote"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/signer"
)

// A FailoverOption is an option of [Failover].
type FailoverOption interface{ applyFailover(*failoverSettings) }

type failoverOption func(*failoverSettings)

func (f failoverOption) applyFailover(s *failoverSettings) { f(s) }

type failoverSettings struct {
	backup  *url.URL
	after   int
	rest    time.Duration
	observe Observer
}

// After sets after how many failures of the main host in a row calls go to the backup.
// The default is 1.
func After(n int) FailoverOption { return failoverOption(func(s *failoverSettings) { s.after = n }) }

// Failover returns an edit that sends calls to a backup host, such as
// "https://api2.mch.weixin.qq.com/", while the main host fails. The main host is that of
// the client's BaseURL. A failure is a connection that cannot be made or that ends
// before the answer, or an answer of 502 or 503. A refusal is not.
//
// After a failure the calls go to the backup for the time of [Rest]. Then a call that
// can be repeated (see [Idempotent]) goes to the main host. If it is answered, the other
// calls follow. If no connection can be made, the call itself goes to the other host at
// once; in all other cases it is for [Retry] to repeat it. The signature is made anew.
//
// A call that names its host keeps it: one with a BaseURL of its own, a download by
// download_url, and an operation that has its own host. The path of the BaseURL is the
// same on both hosts.
func Failover(backup string, opts ...FailoverOption) middleware.Edit {
	s := failoverSettings{after: 1, rest: time.Minute}
	for _, opt := range opts {
		if opt != nil {
			opt.applyFailover(&s)
		}
	}
	var err error
	switch s.backup, err = parseBackup(backup); {
	case err != nil:
	case s.after < 1:
		err = fmt.Errorf("After is %d, want 1 or more", s.after)
	case s.rest <= 0:
		err = fmt.Errorf("Rest is %s, want more than 0", s.rest)
	}
	shared := &failover{failoverSettings: s}
	return func(p middleware.Protocol, stack *middleware.Stack) error {
		if err != nil {
			return fmt.Errorf("resilience.Failover: %w", err)
		}
		return stack.Place(middleware.NameFailover, func(next http.RoundTripper) http.RoundTripper {
			return failing{shared, p, next}
		})
	}
}

func parseBackup(backup string) (*url.URL, error) {
	if meant := baseurl.Meant(backup); meant != "" {
		return nil, fmt.Errorf("the backup %s must start with https:// or http:// and a host; write %q", quote.Setting(backup), meant)
	}
	u, err := url.Parse(backup)
	shown := quote.Setting(backup)
	switch {
	case err != nil:
		return nil, errors.New("the backup is not a URL") // which is not shown, because it may hold a password
	case u.Scheme != "https" && (u.Scheme != "http" || platform.IsHost(u.Hostname())):
		return nil, fmt.Errorf("the backup %s must start with https://", shown)
	case u.Hostname() == "":
		return nil, fmt.Errorf("the backup %s has no host", shown)
	case u.User != nil:
		return nil, fmt.Errorf("the backup %s has a user name or a password; leave out what stands before the @", shown)
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, fmt.Errorf("the backup %s must be a scheme and a host alone; the path is that of the BaseURL", shown)
	}
	return u, nil
}

// A failover is what the clients share that are given the same value of Failover.
type failover struct {
	failoverSettings
	away     atomic.Bool  // calls go to the backup
	failures atomic.Int64 // of the main host, in a row

	mu      sync.Mutex
	until   time.Time // when a call tries the main host again
	probing bool      // a call does
}

type failing struct {
	*failover
	protocol middleware.Protocol
	next     http.RoundTripper
}

// A destination is where a request goes.
type destination int

const (
	toMain destination = iota
	toBackup
	toProbe // to the main host, to see whether it is back
)

func (f failing) RoundTrip(req *http.Request) (*http.Response, error) {
	if !middleware.ExchangeOf(req.Context()).Main {
		return f.next.RoundTrip(req)
	}
	to := f.choose(req)
	first := f.send(req, to)
	if !first.isUnsent {
		return first.resp, first.err
	}
	once, err := again(req)
	if err != nil {
		return nil, first.err
	}
	from, other := req.URL.Host, toBackup
	if to == toBackup {
		from, other = f.backup.Host, toProbe
	}
	second := f.send(once, other)
	if second.err != nil {
		return nil, fmt.Errorf("%w (before that, at %s: %w)", second.err, from, first.err)
	}
	return second.resp, nil
}

// A result is that of one sending.
type result struct {
	resp     *http.Response
	err      error
	isDown   bool // the host failed
	isUnsent bool // no connection could be made, and the call is not over
}

// send sends a request and learns from the result.
func (f failing) send(req *http.Request, to destination) (r result) {
	x := middleware.ExchangeOf(req.Context())
	out := req
	switch to {
	case toBackup:
		out = f.reroute(x, req)
	case toProbe:
		f.observe.tell(req, Event{Kind: KindProbe, Host: req.URL.Host})
		defer f.endProbe() // also after a panic
	}
	begun, unsent := x.Tries()
	r.resp, r.err = f.next.RoundTrip(out)
	if r.err == nil {
		r.isDown = r.resp.StatusCode == http.StatusBadGateway || r.resp.StatusCode == http.StatusServiceUnavailable
	} else {
		begunNow, unsentNow := x.Tries()
		f.explain(&r, req.Context().Err(), begunNow-begun, unsentNow-unsent)
	}
	if e := f.learn(to, r); e.Kind != "" {
		if e.Cause = causeOf(f.protocol, r.resp, r.err); e.Kind == KindBack {
			e.Host, e.Cause = req.URL.Host, nil
		}
		f.observe.tell(req, e)
	}
	return r
}

// explain finds out what the error of a sending says about the host. done is the error
// of the context. begun and unsent count what came to the transport.
func (f failing) explain(r *result, done error, begun, unsent int) {
	isUnsent := begun > 0 && begun == unsent
	isOther := isOwn(r.err) || errors.Is(r.err, signer.ErrVerify) || errors.Is(r.err, middleware.ErrTooLong)
	switch {
	case begun == 0 || isOther || errors.Is(done, context.Canceled):
	case done != nil: // slow, which an operation may be; but a connection may not
		r.isDown = isUnsent
	default:
		r.isDown, r.isUnsent = true, isUnsent
	}
}

// learn changes the state after a sending, and returns what is to be told.
func (f *failover) learn(to destination, r result) Event {
	isAnswered := r.err == nil && !r.isDown
	if to == toMain && isAnswered && f.failures.Load() == 0 {
		return Event{}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case to == toBackup:
		if r.isDown {
			f.until = time.Now() // the next call tries the main host
		}
	case to == toProbe:
		return f.learnFromProbe(r.isDown, isAnswered)
	case f.away.Load(): // others have decided
	case isAnswered:
		f.failures.Store(0)
	case r.isDown && f.failures.Add(1) >= int64(f.after):
		f.until = time.Now().Add(f.rest)
		f.away.Store(true)
		return Event{Kind: KindFailover, Host: f.backup.Host}
	}
	return Event{}
}

func (f *failover) learnFromProbe(isDown, isAnswered bool) Event {
	switch {
	case isDown:
		f.until = time.Now().Add(f.rest)
	case isAnswered && f.away.Load():
		f.failures.Store(0)
		f.away.Store(false)
		return Event{Kind: KindBack}
	}
	return Event{}
}

// choose returns where a request goes.
func (f *failover) choose(req *http.Request) destination {
	if !f.away.Load() {
		return toMain
	}
	if !f.isDue() {
		return toBackup
	}
	if _, ok := Idempotent(req); !ok {
		return toBackup
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case !f.away.Load():
		return toMain
	case f.probing:
		return toBackup
	}
	f.probing = true
	return toProbe
}

// isDue reports whether a call may try the main host again.
func (f *failover) isDue() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return !f.probing && !time.Now().Before(f.until)
}

func (f *failover) endProbe() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.probing = false
}

// reroute returns req as it goes to the backup.
func (f *failover) reroute(x *middleware.Exchange, req *http.Request) *http.Request {
	out, to := *req, *req.URL
	to.Scheme, to.Host = f.backup.Scheme, f.backup.Host
	out.URL, out.Host = &to, to.Host
	x.AllowHost(f.backup)
	return &out
}
