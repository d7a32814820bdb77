package wxotel

import (
	"errors"

	"go.opentelemetry.io/otel/metric"

	"github.com/wxchain/wechatpay"
)

// meters are the metrics of calls.
type meters struct {
	duration metric.Float64Histogram // of calls
	calls    metric.Int64Counter
	retries  metric.Int64Counter
	requests metric.Float64Histogram // duration of requests
}

// seconds are the buckets that the semantic conventions of HTTP advise.
var seconds = []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30}

func newMeters(p metric.MeterProvider) (m meters, err error) {
	meter := p.Meter(Name, metric.WithInstrumentationVersion(wechatpay.Version))
	var errs [4]error
	m.duration, errs[0] = meter.Float64Histogram("wechatpay.client.call.duration", metric.WithUnit("s"),
		metric.WithDescription("Duration of calls, with all their requests"), metric.WithExplicitBucketBoundaries(seconds...))
	m.calls, errs[1] = meter.Int64Counter("wechatpay.client.calls", metric.WithUnit("{call}"),
		metric.WithDescription("Calls that ended, by outcome"))
	m.retries, errs[2] = meter.Int64Counter("wechatpay.client.retries", metric.WithUnit("{request}"),
		metric.WithDescription("Requests after the first of a call"))
	m.requests, errs[3] = meter.Float64Histogram("http.client.request.duration", metric.WithUnit("s"),
		metric.WithDescription("Duration of HTTP client requests"), metric.WithExplicitBucketBoundaries(seconds...))
	return m, errors.Join(errs[:]...)
}
