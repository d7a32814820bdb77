package frameworks_test

import (
	"context"
	"fmt"
	"log"
	"maps"
	"net/http"
	"slices"

	"github.com/zeromicro/go-zero/core/logx"
	"github.com/zeromicro/go-zero/core/service"
	"github.com/zeromicro/go-zero/rest"

	"github.com/wxchain/wechatpay/examples/frameworks"
	"github.com/wxchain/wechatpay/examples/internal/play"
)

// served are the frameworks, each with what makes a handler of a shop.
func served() map[string]func(*frameworks.Shop) http.Handler {
	return map[string]func(*frameworks.Shop) http.Handler{
		"net/http": func(s *frameworks.Shop) http.Handler { return frameworks.NetHTTP(s) },
		"gin":      func(s *frameworks.Shop) http.Handler { return frameworks.Gin(s) },
		"echo":     func(s *frameworks.Shop) http.Handler { return frameworks.Echo(s) },
		"chi":      func(s *frameworks.Shop) http.Handler { return frameworks.Chi(s) },
		"kratos":   func(s *frameworks.Shop) http.Handler { return frameworks.Kratos(s) }, // or Start it
		"go-zero":  goZero,
	}
}

// goZero serves requests without a port of its own, with the middlewares that go-zero
// has by default. A program calls Start of the server in its place.
func goZero(s *frameworks.Shop) http.Handler {
	server, err := frameworks.GoZero(s, rest.RestConf{
		ServiceConf: service.ServiceConf{Name: "tea", Mode: service.TestMode, Log: logx.LogConf{Mode: "console", Level: "severe"}},
		MaxBytes:    1 << 20, MaxConns: 100,
		Middlewares: rest.MiddlewaresConf{
			Trace: true, Log: true, MaxConns: true, Breaker: true, Timeout: true, Recover: true, Metrics: true, MaxBytes: true, Gunzip: true,
		},
	})
	if err != nil {
		log.Panic(err)
	}
	serverless, err := rest.NewServerless(server)
	if err != nil {
		log.Panic(err)
	}
	return http.HandlerFunc(serverless.Serve)
}

// In each framework an order is placed, the user pays, and the notification delivers it.
func Example() {
	play.Run(func(ctx context.Context, p play.Platform) error {
		for _, name := range slices.Sorted(maps.Keys(served())) {
			delivered := make(chan string, 1)
			shop := &frameworks.Shop{
				Client: p.Client, AppID: "wxd678efh567hg6787", MchID: p.Merchant().MchID,
				Deliver: func(_ context.Context, outTradeNo string, total int64) error {
					delivered <- fmt.Sprint(outTradeNo, ", ", total, " fen")
					return nil
				},
			}
			err := play.Serve(served()[name](shop), func(url string) error {
				shop.NotifyURL = url + "wechatpay/notify"
				resp, err := http.Post(url+"orders/"+name[:3]+"-order", "", http.NoBody)
				if err != nil {
					return err
				}
				if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusOK {
					return fmt.Errorf("%s: %s %w", name, resp.Status, err)
				}
				if _, err := p.Pay(shop.MchID, name[:3]+"-order"); err != nil { // the user scans the code
					return err
				}
				select {
				case what := <-delivered:
					fmt.Println(name, "delivers", what)
				case <-ctx.Done():
					return ctx.Err()
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	// Output:
	// chi delivers chi-order, 1880 fen
	// echo delivers ech-order, 1880 fen
	// gin delivers gin-order, 1880 fen
	// go-zero delivers go--order, 1880 fen
	// kratos delivers kra-order, 1880 fen
	// net/http delivers net-order, 1880 fen
}
