package wxotel_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/wechatpaytest"
	"github.com/wxchain/wechatpay/wxotel"
)

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// A lab has exporters in memory.
type lab struct {
	spans  *tracetest.InMemoryExporter
	reader *sdkmetric.ManualReader
	opts   []wxotel.Option
}

func newLab() lab {
	l := lab{spans: tracetest.NewInMemoryExporter(), reader: sdkmetric.NewManualReader()}
	l.opts = []wxotel.Option{
		wxotel.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSyncer(l.spans))),
		wxotel.WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(l.reader))),
	}
	return l
}

// attributes returns those of a span as text.
func attributes(all []attribute.KeyValue) map[string]string {
	m := make(map[string]string)
	for _, a := range all {
		m[string(a.Key)] = a.Value.Emit()
	}
	return m
}

// points returns the values of a metric by their attributes: counts of histograms, sums
// of counters.
func (l lab) points(t *testing.T, name string) map[string]int64 {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := l.reader.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	points := make(map[string]int64)
	add := func(set attribute.Set, n int64) {
		m := attributes(set.ToSlice())
		var parts []string
		for _, key := range slices.Sorted(maps.Keys(m)) {
			parts = append(parts, key+"="+m[key])
		}
		points[strings.Join(parts, " ")] += n
	}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			if m.Name != name {
				continue
			}
			switch data := m.Data.(type) {
			case metricdata.Histogram[float64]:
				for _, p := range data.DataPoints {
					add(p.Attributes, int64(p.Count))
				}
			case metricdata.Sum[int64]:
				for _, p := range data.DataPoints {
					add(p.Attributes, p.Value)
				}
			}
		}
	}
	return points
}

const (
	coupon = "POST v3/marketing/favor/users/{openid}/coupons"
	openID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
)

// client returns a client of a mock that answers with a status.
func (l lab) client(t *testing.T, status int, body wechatpay.M, edits ...middleware.Edit) *wechatpay.Client {
	t.Helper()
	mock := wechatpaytest.New(t)
	mock.On("POST", "v3/marketing/favor/users/{openid}/coupons", mock.JSON(status, body))
	return mock.Client(func(c *wechatpay.Config) {
		c.Middleware = middleware.Edits(append(edits, wxotel.Instrument(l.opts...))...)
	})
}

func send(ctx context.Context, client *wechatpay.Client) error {
	_, err := client.V3().Marketing().Favor().Users().Openid(openID).Coupons().Post(ctx, wechatpay.JSON(wechatpay.M{
		"stock_id": "9856000", "appid": "wxd678efh567hg6787", "stock_creator_mchid": "8956000", "out_request_no": "89560002019101000121",
	}))
	return err
}

func TestSpans(t *testing.T) {
	for name, tt := range map[string]struct {
		status  int
		body    wechatpay.M
		outcome string
		code    string
	}{
		"done":    {200, wechatpay.M{"coupon_id": "9867041"}, "done", ""},
		"refused": {400, wechatpay.M{"code": "PARAM_ERROR", "message": openID}, "refused", "PARAM_ERROR"},
		"unknown": {500, wechatpay.M{"code": "SYSTEM_ERROR", "message": openID}, "unknown", "SYSTEM_ERROR"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab()
			if err := send(t.Context(), l.client(t, tt.status, tt.body)); (err == nil) != (tt.status == 200) {
				t.Fatal(err)
			}
			spans := l.spans.GetSpans()
			if len(spans) != 2 {
				t.Fatalf("%d spans", len(spans))
			}
			sending, call := spans[0], spans[1]
			if call.Name != coupon || call.SpanKind != trace.SpanKindInternal || sending.Name != coupon || sending.SpanKind != trace.SpanKindClient ||
				sending.Parent.SpanID() != call.SpanContext.SpanID() {
				t.Errorf("spans %q %v, %q %v", call.Name, call.SpanKind, sending.Name, sending.SpanKind)
			}
			got := attributes(call.Attributes)
			delete(got, "wechatpay.request_id") // the mock makes one
			want := map[string]string{"wechatpay.operation": coupon, "wechatpay.outcome": tt.outcome}
			if tt.code != "" {
				want["wechatpay.code"] = tt.code
			}
			if !maps.Equal(got, want) || (call.Status.Code == codes.Error) != (tt.outcome != "done") {
				t.Errorf("the call has %v %v, want %v", got, call.Status, want)
			}
			got = attributes(sending.Attributes)
			want = map[string]string{
				"http.request.method": "POST", "http.response.status_code": fmt.Sprint(tt.status), "url.scheme": "https", "server.port": "443",
				"server.address": "api.mch.weixin.qq.com", "url.template": "v3/marketing/favor/users/{openid}/coupons",
			}
			if tt.status >= 400 {
				want["error.type"] = fmt.Sprint(tt.status)
			}
			if !maps.Equal(got, want) {
				t.Errorf("the sending has %v, want %v", got, want)
			}
			if text := fmt.Sprintf("%+v", spans); strings.Contains(text, openID) {
				t.Error("a span has the openid")
			}
		})
	}
}

// Each sending of a call is a span, and repetitions are counted.
func TestResend(t *testing.T) {
	l := newLab()
	fails := 2
	flaky := func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(req *http.Request) (*http.Response, error) {
			if fails--; fails >= 0 {
				return nil, &net.OpError{Op: "dial", Err: errors.New("refused")}
			}
			return next.RoundTrip(req)
		})
	}
	again := func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(req *http.Request) (resp *http.Response, err error) {
			for range 3 {
				if resp, err = next.RoundTrip(req); err == nil {
					break
				}
			}
			return resp, err
		})
	}
	mock := wechatpaytest.New(t)
	mock.On("POST", "v3/marketing/favor/users/{openid}/coupons", mock.JSON(200, wechatpay.M{"coupon_id": "9867041"}))
	client := mock.Client(func(c *wechatpay.Config) {
		c.Transport = flaky(c.Transport)
		c.Middleware = middleware.Edits(wxotel.Instrument(l.opts...), func(_ middleware.Protocol, s *middleware.Stack) error {
			return s.Place(middleware.NameRetry, again)
		})
	})
	if err := send(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	spans := l.spans.GetSpans()
	if len(spans) != 4 {
		t.Fatalf("%d spans", len(spans))
	}
	for i, want := range []string{"", "1", "2"} {
		got := attributes(spans[i].Attributes)
		if got["http.request.resend_count"] != want || (got["error.type"] == "dial") != (i < 2) {
			t.Errorf("sending %d: %v", i, got)
		}
	}
	if got := l.points(t, "wechatpay.client.retries"); !maps.Equal(got, map[string]int64{"wechatpay.operation=" + coupon: 2}) {
		t.Errorf("retries: %v", got)
	}
}

func TestMetrics(t *testing.T) {
	l := newLab()
	done := l.client(t, 200, wechatpay.M{"coupon_id": "9867041"})
	refused := l.client(t, 403, wechatpay.M{"code": "NOT_ENOUGH"})
	for range 3 {
		if err := send(t.Context(), done); err != nil {
			t.Fatal(err)
		}
	}
	if err := send(t.Context(), refused); err == nil {
		t.Fatal("not refused")
	}
	want := map[string]int64{
		"wechatpay.operation=" + coupon + " wechatpay.outcome=done":                              3,
		"wechatpay.code=NOT_ENOUGH wechatpay.operation=" + coupon + " wechatpay.outcome=refused": 1,
	}
	for _, name := range []string{"wechatpay.client.calls", "wechatpay.client.call.duration"} {
		if got := l.points(t, name); !maps.Equal(got, want) {
			t.Errorf("%s: %v", name, got)
		}
	}
	var n int64
	for set, count := range l.points(t, "http.client.request.duration") {
		if !strings.Contains(set, "url.template=v3/marketing/favor/users/{openid}/coupons") {
			t.Errorf("requests: %s", set)
		}
		n += count
	}
	if n != 4 {
		t.Errorf("%d requests are measured", n)
	}
	if got := l.points(t, "wechatpay.client.retries"); len(got) != 0 {
		t.Errorf("retries: %v", got)
	}
}

// The trace of the caller goes on in the spans, and nothing of it goes to the platform.
func TestTraceOfTheCaller(t *testing.T) {
	l := newLab()
	tracer := sdktrace.NewTracerProvider().Tracer("shop")
	ctx, span := tracer.Start(t.Context(), "buy")
	var header http.Header
	client := l.client(t, 200, wechatpay.M{"coupon_id": "1"}, func(_ middleware.Protocol, s *middleware.Stack) error {
		return s.Push("look", func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(req *http.Request) (*http.Response, error) {
				header = req.Header.Clone()
				return next.RoundTrip(req)
			})
		})
	})
	if err := send(ctx, client); err != nil {
		t.Fatal(err)
	}
	for _, s := range l.spans.GetSpans() {
		if s.SpanContext.TraceID() != span.SpanContext().TraceID() {
			t.Errorf("span %s is of another trace", s.Name)
		}
	}
	if header.Get("Traceparent") != "" {
		t.Error("the platform gets the trace")
	}
}

func TestHandle(t *testing.T) {
	l := newLab()
	failed := errors.New("of the shop " + openID)
	n := &notify.Notification{ID: "EV-2018022511223320873", EventType: "TRANSACTION.SUCCESS"}
	for _, tt := range []struct {
		f    func(context.Context, *notify.Notification) error
		err  error
		code codes.Code
	}{
		{func(context.Context, *notify.Notification) error { return nil }, nil, codes.Unset},
		{func(context.Context, *notify.Notification) error { return failed }, failed, codes.Error},
		{func(context.Context, *notify.Notification) error { panic(failed) }, nil, codes.Error},
	} {
		func() {
			defer func() { _ = recover() }()
			if err := wxotel.Handle(tt.f, l.opts...)(t.Context(), n); err != tt.err {
				t.Errorf("error %v", err)
			}
		}()
		spans := l.spans.GetSpans()
		l.spans.Reset()
		if len(spans) != 1 {
			t.Fatalf("%d spans", len(spans))
		}
		got := attributes(spans[0].Attributes)
		if spans[0].Name != "wechatpay notification TRANSACTION.SUCCESS" || spans[0].SpanKind != trace.SpanKindServer || spans[0].Status.Code != tt.code ||
			got["wechatpay.event_type"] != n.EventType || got["wechatpay.notification_id"] != n.ID || strings.Contains(fmt.Sprintf("%+v", spans), openID) {
			t.Errorf("span %+v", spans[0])
		}
	}
}

func TestInstrumentRefuses(t *testing.T) {
	for name, edit := range map[string]middleware.Edit{
		"no tracers": wxotel.Instrument(wxotel.WithTracerProvider(nil)),
		"no meters":  wxotel.Instrument(wxotel.WithMeterProvider(nil)),
		"twice":      middleware.Edits(wxotel.Instrument(nil), wxotel.Instrument()),
	} {
		if _, err := wechatpay.New(wechatpay.Config{MchID: "1900000109", APIv2Key: strings.Repeat("0", 32), Middleware: edit}); !errors.Is(err, wechatpay.ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A panic ends the spans, which do not hold its text.
func TestPanic(t *testing.T) {
	l := newLab()
	mock := wechatpaytest.New(t)
	client := mock.Client(func(c *wechatpay.Config) {
		c.Transport = roundTripper(func(*http.Request) (*http.Response, error) { panic(openID) })
		c.Middleware = wxotel.Instrument(l.opts...)
	})
	func() {
		defer func() { _ = recover() }()
		_ = send(t.Context(), client)
	}()
	spans := l.spans.GetSpans()
	if len(spans) != 2 || attributes(spans[1].Attributes)["error.type"] != "panic" || strings.Contains(fmt.Sprintf("%+v", spans), openID) {
		t.Errorf("spans %+v", spans)
	}
}

// The span of a streamed answer ends with its body.
func TestStream(t *testing.T) {
	l := newLab()
	mock := wechatpaytest.New(t)
	mock.On("GET", "v3/statements", mock.JSON(200, wechatpay.M{"x": strings.Repeat("x", 1<<16)}))
	client := mock.Client(func(c *wechatpay.Config) { c.Middleware = wxotel.Instrument(l.opts...) })
	if _, err := client.Chain("v3/statements").Get(t.Context(), wechatpay.Sink(io.Discard)); err != nil {
		t.Fatal(err)
	}
	spans := l.spans.GetSpans()
	if len(spans) != 2 || attributes(spans[1].Attributes)["wechatpay.outcome"] != "done" {
		t.Errorf("spans %+v", spans)
	}
}
