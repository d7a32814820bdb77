package wxotel_test

import (
	"context"
	"fmt"
	"strings"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/wxotel"
)

func ExampleInstrument() {
	config := wechatpay.Config{MchID: "1900000109", APIv2Key: strings.Repeat("0", 32)}
	tracers, meters := sdktrace.NewTracerProvider(), sdkmetric.NewMeterProvider()

	config.Middleware = wxotel.Instrument(wxotel.WithTracerProvider(tracers), wxotel.WithMeterProvider(meters))
	client, err := wechatpay.New(config)
	if err != nil {
		fmt.Println(err)
		return
	}

	paid := wxotel.Handle(func(ctx context.Context, n *notify.Notification) error {
		return nil // ctx carries the span
	}, wxotel.WithTracerProvider(tracers))
	_ = client.Notify().Handler(paid)
	// Output:
}
