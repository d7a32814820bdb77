// Package wxotel makes spans and metrics of OpenTelemetry of the calls of a
// WeChat Pay client, and spans of the notifications that it handles.
//
// [Instrument] is one line in the configuration of a client:
//
//	client, err := wechatpay.New(wechatpay.Config{ …, Middleware: wxotel.Instrument() })
//
// Spans and metrics name operations by their URI template, never by the URL, and hold
// nothing of bodies, of headers but Request-ID, or of the texts of errors.
package wxotel

import (
	"errors"
	"fmt"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/middleware"
)

// Name is the name of the tracer and the meter.
const Name = "github.com/wxchain/wechatpay/wxotel"

// The names of the middlewares that [Instrument] adds to a stack.
const (
	NameCall    = "otel call"    // outermost
	NameSending = "otel sending" // innermost
)

// An Option configures [Instrument] and [Handle].
type Option func(*config)

type config struct {
	tracers trace.TracerProvider
	meters  metric.MeterProvider
}

// WithTracerProvider sets what makes the spans. The default is the global provider.
func WithTracerProvider(p trace.TracerProvider) Option { return func(c *config) { c.tracers = p } }

// WithMeterProvider sets what makes the metrics. The default is the global provider.
func WithMeterProvider(p metric.MeterProvider) Option { return func(c *config) { c.meters = p } }

func newConfig(opts []Option) config {
	c := config{otel.GetTracerProvider(), otel.GetMeterProvider()}
	for _, opt := range opts {
		if opt != nil {
			opt(&c)
		}
	}
	return c
}

func (c config) tracer() trace.Tracer {
	return c.tracers.Tracer(Name, trace.WithInstrumentationVersion(wechatpay.Version))
}

// Instrument returns an Edit that makes spans and metrics of each call that enters the
// stack.
//
// A call is a span of kind Internal, with the operation as its name and the attributes
// wechatpay.operation, wechatpay.outcome, wechatpay.code and wechatpay.request_id. Its
// status is Error unless the outcome is done. Each request that is sent is a child of
// kind Client with the semantic conventions of HTTP client spans: http.request.method,
// http.request.resend_count, http.response.status_code, server.address, server.port,
// url.scheme, url.template and error.type. A request carries no trace context to the
// platform.
//
// The metrics are wechatpay.client.call.duration, a histogram in seconds of calls, and
// the counters wechatpay.client.calls and wechatpay.client.retries, all by
// wechatpay.operation, the first two also by wechatpay.outcome and wechatpay.code.
// http.client.request.duration is a histogram in seconds of the requests.
//
// The error of the Edit wraps [middleware.ErrInvalid] if a provider is nil or a metric
// cannot be made.
func Instrument(opts ...Option) middleware.Edit {
	c := newConfig(opts)
	return func(_ middleware.Protocol, s *middleware.Stack) error {
		if c.tracers == nil || c.meters == nil {
			return fmt.Errorf("wxotel: Instrument: a provider is nil: %w", middleware.ErrInvalid)
		}
		m, err := newMeters(c.meters)
		if err != nil {
			return fmt.Errorf("wxotel: Instrument: %w: %w", middleware.ErrInvalid, err)
		}
		i := instrument{c.tracer(), m}
		return errors.Join(s.Unshift(NameCall, i.call), s.Push(NameSending, i.sending))
	}
}
