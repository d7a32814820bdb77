// Package play gives the examples a platform on any machine: a sandbox in this
// process. Your own program makes its client with wechatpay.New and its own keys,
// and real users pay.
package play

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// A Platform is a sandbox that serves, and a client of its merchant.
type Platform struct {
	*sandbox.Server
	Client *wechatpay.Client
}

// Run runs an example against a sandbox, which each edit may configure. It ends
// the program if the example fails.
func Run(recipe func(ctx context.Context, p Platform) error, edit ...func(*sandbox.Config)) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := run(ctx, recipe, edit); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, recipe func(context.Context, Platform) error, edit []func(*sandbox.Config)) error {
	config := sandbox.Config{Seed: 1, Speed: 1000}
	for _, f := range edit {
		f(&config)
	}
	server, err := sandbox.New(config)
	if err != nil {
		return err
	}
	defer server.Close()
	return Serve(server, func(url string) error {
		config := server.ClientConfig()
		config.BaseURL = url
		client, err := wechatpay.New(config)
		if err != nil {
			return err
		}
		return recipe(ctx, Platform{server, client})
	})
}

// Serve serves on a free port of this machine while f runs. The url ends in a
// slash.
func Serve(handler http.Handler, f func(url string) error) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	err = f(fmt.Sprintf("http://%s/", listener.Addr()))
	return errors.Join(err, server.Close(), served(<-ended))
}

func served(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
