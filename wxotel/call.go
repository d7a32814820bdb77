package wxotel

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/wxchain/wechatpay/internal/record"
	"github.com/wxchain/wechatpay/middleware"
)

// The attributes of calls.
const (
	operationKey = attribute.Key("wechatpay.operation")
	outcomeKey   = attribute.Key("wechatpay.outcome")
	codeKey      = attribute.Key("wechatpay.code")
	requestIDKey = attribute.Key("wechatpay.request_id")
)

// An instrument makes spans and metrics.
type instrument struct {
	tracer trace.Tracer
	meters meters
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// call makes a span of a call.
func (i instrument) call(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (resp *http.Response, err error) {
		began := time.Now()
		method, template := record.Operation(req)
		operation := method + " " + template
		ctx, span := i.tracer.Start(req.Context(), operation, trace.WithAttributes(operationKey.String(operation)))
		req = req.WithContext(ctx)
		returned := false
		defer func() {
			if !returned { // next panics
				i.end(ctx, span, operation, record.Call{Failure: "panic"}, began)
			}
		}()
		resp, err = next.RoundTrip(req)
		returned = true
		record.OnEnd(req, resp, err, func(call record.Call) { i.end(ctx, span, operation, call, began) })
		return resp, err
	})
}

// end ends the span of a call and counts the call.
func (i instrument) end(ctx context.Context, span trace.Span, operation string, call record.Call, began time.Time) {
	outcome := outcomeKey.String(call.Outcome.String())
	span.SetAttributes(outcome)
	set := []attribute.KeyValue{operationKey.String(operation), outcome}
	if call.Code != "" {
		span.SetAttributes(codeKey.String(call.Code))
		set = append(set, codeKey.String(call.Code))
	}
	if call.RequestID != "" {
		span.SetAttributes(requestIDKey.String(call.RequestID))
	}
	if call.Failure != "" {
		span.SetAttributes(semconv.ErrorTypeKey.String(call.Failure))
	}
	if call.Outcome != middleware.OutcomeDone {
		span.SetStatus(codes.Error, call.Outcome.String())
	}
	span.End()
	attributes := metric.WithAttributeSet(attribute.NewSet(set...))
	i.meters.duration.Record(ctx, time.Since(began).Seconds(), attributes)
	i.meters.calls.Add(ctx, 1, attributes)
	if call.Tries > 1 {
		i.meters.retries.Add(ctx, int64(call.Tries-1), metric.WithAttributes(operationKey.String(operation)))
	}
}

// sending makes a span of a request.
func (i instrument) sending(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		began := time.Now()
		method, template := record.Operation(req)
		attributes := []attribute.KeyValue{
			semconv.HTTPRequestMethodKey.String(method),
			semconv.URLScheme(req.URL.Scheme),
			semconv.URLTemplate(template),
			semconv.ServerAddress(req.URL.Hostname()),
			semconv.ServerPort(port(req)),
		}
		tries, _ := middleware.ExchangeOf(req.Context()).Tries()
		ctx, span := i.tracer.Start(req.Context(), method+" "+template, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attributes...))
		defer func() { span.End() }() // End itself, deferred, would record the text of a panic
		if tries > 0 {
			span.SetAttributes(semconv.HTTPRequestResendCount(tries))
		}
		resp, err := next.RoundTrip(req.WithContext(ctx))
		failure := record.Failure(err)
		if err == nil && resp != nil {
			status := semconv.HTTPResponseStatusCode(resp.StatusCode)
			span.SetAttributes(status)
			attributes = append(attributes, status)
			if resp.StatusCode >= 400 {
				failure = strconv.Itoa(resp.StatusCode)
			}
		}
		if failure != "" {
			kind := semconv.ErrorTypeKey.String(failure)
			span.SetAttributes(kind)
			span.SetStatus(codes.Error, "")
			attributes = append(attributes, kind)
		}
		i.meters.requests.Record(ctx, time.Since(began).Seconds(), metric.WithAttributes(attributes...))
		return resp, err
	})
}

// port returns the port that a request goes to.
func port(req *http.Request) int {
	if n, err := strconv.Atoi(req.URL.Port()); err == nil {
		return n
	}
	if req.URL.Scheme == "http" {
		return 80
	}
	return 443
}
