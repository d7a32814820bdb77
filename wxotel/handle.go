package wxotel

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/wxchain/wechatpay/notify"
)

// Handle returns a function for [notify.Receiver.Handler] that calls f in a span of kind
// Server. The name of the span is "wechatpay notification" and the event type, such as
// TRANSACTION.SUCCESS; the attributes are wechatpay.event_type and
// wechatpay.notification_id. The span has the status Error if f returns an error or
// panics, without the text of the error.
func Handle(f func(context.Context, *notify.Notification) error, opts ...Option) func(context.Context, *notify.Notification) error {
	tracer := newConfig(opts).tracer()
	return func(ctx context.Context, n *notify.Notification) (err error) {
		ctx, span := tracer.Start(ctx, "wechatpay notification "+n.EventType, trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
			attribute.String("wechatpay.event_type", n.EventType),
			attribute.String("wechatpay.notification_id", n.ID),
		))
		returned := false
		defer func() { // End itself, deferred, would record the text of a panic
			switch {
			case !returned:
				span.SetStatus(codes.Error, "panic")
			case err != nil:
				span.SetStatus(codes.Error, fmt.Sprintf("%T", err))
			}
			span.End()
		}()
		err = f(ctx, n)
		returned = true
		return err
	}
}
