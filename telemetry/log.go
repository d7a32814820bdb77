// Package telemetry logs the calls of a client.
//
// [Log] is one line in the configuration of a client. Package wxotel, a module of its
// own, makes spans and metrics of OpenTelemetry.
package telemetry

import (
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/wxchain/wechatpay/internal/record"
	"github.com/wxchain/wechatpay/middleware"
)

// A LogOption changes what [Log] logs.
type LogOption func(*logger)

// Level sets the level of the records of calls with an outcome. The defaults are
// [slog.LevelInfo] for done, [slog.LevelWarn] for refused, later and not sent, and
// [slog.LevelError] for unknown, which somebody has to settle.
func Level(o middleware.Outcome, level slog.Level) LogOption {
	return func(l *logger) {
		if o >= 0 && int(o) < len(l.levels) {
			l.levels[o] = level
		}
	}
}

// Sample logs only one in n of the calls that are done, the first of them. Other calls
// are all logged. If n is 1 or less, all calls are logged.
func Sample(n int) LogOption {
	return func(l *logger) { l.sample = uint64(max(n, 1)) }
}

// Slow logs every call that takes d or longer, whatever [Sample] says.
func Slow(d time.Duration) LogOption {
	return func(l *logger) { l.slow = d }
}

// Log returns an Edit that writes one record for each call that enters the stack, when
// the call ends: its answer was verified, or it failed for good, after all repetitions. A
// streamed answer ends with its body. A call that is refused before it enters the stack, for example because
// an option is wrong, is not logged.
//
// The message is "wechatpay", and the attributes are:
//
//   - operation: the method and the URI template, such as
//     "POST v3/marketing/favor/users/{openid}/coupons". In a path that the catalogue
//     does not know, segments that may be numbers or ids are {…};
//   - outcome: "done", "refused", "later", "not sent" or "unknown";
//   - duration, from the entrance into the stack to the end;
//   - tries: how many requests were sent, if that is not one;
//   - status, code and request_id of the answer, if there is one;
//   - failure, if there is no answer: what failed, such as "dial", "timeout",
//     "canceled", "verify signature" or "sign";
//   - clock_skew: how far this machine's clock is ahead of the platform's, or behind if it
//     is negative, if that is a minute or more. At five minutes calls fail.
//     [middleware.Exchange.Skew] measures it.
//
// A record never holds what is in a body or in another header, nor the URL, nor the text
// of an error, which may quote them. The context of the record is that of the call.
//
// Log has its place outside all other middlewares that have one. If l is nil, the error
// of the Edit wraps [middleware.ErrInvalid].
func Log(l *slog.Logger, opts ...LogOption) middleware.Edit {
	log := &logger{slog: l, sample: 1}
	log.levels[middleware.OutcomeRefused] = slog.LevelWarn
	log.levels[middleware.OutcomeLater] = slog.LevelWarn
	log.levels[middleware.OutcomeNotSent] = slog.LevelWarn
	log.levels[middleware.OutcomeUnknown] = slog.LevelError
	for _, opt := range opts {
		if opt != nil {
			opt(log)
		}
	}
	return func(_ middleware.Protocol, s *middleware.Stack) error {
		if l == nil {
			return fmt.Errorf("telemetry: Log: the logger is nil; slog.Default() is one: %w", middleware.ErrInvalid)
		}
		return s.Place(middleware.NameLog, log.wrap)
	}
}

// A logger logs the calls of the clients that share an Edit.
type logger struct {
	slog   *slog.Logger
	levels [5]slog.Level // by outcome
	sample uint64
	slow   time.Duration
	done   atomic.Uint64 // calls that were done
}

func (l *logger) wrap(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (resp *http.Response, err error) {
		began := time.Now()
		returned := false
		defer func() {
			if !returned { // next panics
				l.log(req, record.Call{Failure: "panic"}, began)
			}
		}()
		resp, err = next.RoundTrip(req)
		returned = true
		if !record.IsStream(req, resp, err) {
			l.log(req, record.Of(req, resp, err), began) // a closure would be an allocation
			return resp, err
		}
		record.OnEnd(req, resp, err, func(call record.Call) { l.log(req, call, began) })
		return resp, err
	})
}

func (l *logger) log(req *http.Request, call record.Call, began time.Time) {
	took := time.Since(began)
	if call.Outcome == middleware.OutcomeDone {
		if n := l.done.Add(1); (n-1)%l.sample != 0 && (l.slow <= 0 || took < l.slow) {
			return
		}
	}
	ctx, level := req.Context(), l.levels[call.Outcome]
	if !l.slog.Enabled(ctx, level) {
		return
	}
	method, template := record.Operation(req)
	attrs := append(make([]slog.Attr, 0, 8),
		slog.String("operation", method+" "+template),
		slog.String("outcome", call.Outcome.String()),
		slog.Duration("duration", took))
	if call.Tries != 1 {
		attrs = append(attrs, slog.Int("tries", call.Tries))
	}
	if call.Status != 0 {
		attrs = append(attrs, slog.Int("status", call.Status))
	}
	for _, a := range [...]slog.Attr{slog.String("code", call.Code), slog.String("request_id", call.RequestID), slog.String("failure", call.Failure)} {
		if a.Value.String() != "" {
			attrs = append(attrs, a)
		}
	}
	if call.ClockSkew != 0 {
		attrs = append(attrs, slog.Duration("clock_skew", call.ClockSkew))
	}
	l.slog.LogAttrs(ctx, level, "wechatpay", attrs...)
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
