// Shop sells a cup of tea in a browser, by JSAPI, H5 and QR code. It serves two
// addresses: the shop, and a sandbox with its console, where the user pays.
//
//	go run ./examples/shop
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/sandbox/console"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "`address` of the shop")
	sandboxAddr := flag.String("sandbox", "127.0.0.1:8686", "`address` of the sandbox")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, *addr, *sandboxAddr, func(shopURL, sandboxURL string) {
		fmt.Println("buy tea at", shopURL)
		fmt.Println("see what happens at", sandboxURL)
	})
	if err != nil {
		log.Fatal(err)
	}
}

// run serves the shop and a sandbox until ctx is done. started is called when both
// serve.
func run(ctx context.Context, addr, sandboxAddr string, started func(shopURL, sandboxURL string)) error {
	platform, err := sandbox.New(sandbox.Config{Console: console.New, Speed: 10})
	if err != nil {
		return err
	}
	defer platform.Close()
	platformAt, err := net.Listen("tcp", sandboxAddr)
	if err != nil {
		return fmt.Errorf("the sandbox: %w; name another address with -sandbox", err)
	}
	defer platformAt.Close()
	shopAt, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("the shop: %w; name another address with -addr", err)
	}
	defer shopAt.Close()
	shopURL, sandboxURL := "http://"+shopAt.Addr().String()+"/", "http://"+platformAt.Addr().String()+"/"

	config := platform.ClientConfig()
	config.BaseURL = sandboxURL // your own program has the keys of your merchant, and no BaseURL
	client, err := wechatpay.New(config)
	if err != nil {
		return err
	}
	s := newShop(client, platform.Merchant().MchID, shopURL, sandboxURL)
	servers := []*http.Server{platform.HTTPServer(), {Handler: s.handler(), ReadHeaderTimeout: 10 * time.Second}}
	ended := make(chan error, len(servers))
	for i, at := range []net.Listener{platformAt, shopAt} {
		go func() { ended <- servers[i].Serve(at) }()
	}
	started(shopURL, sandboxURL)
	select {
	case <-ctx.Done():
	case err = <-ended:
	}
	for _, server := range servers {
		err = errors.Join(err, server.Close())
	}
	return err
}
