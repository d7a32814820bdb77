// Package demo is wxpay demo, which shows the library at work against a sandbox.
package demo

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/build"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cli"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/local"
	"github.com/wxchain/wechatpay/internal/transport"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/sandbox/console"
)

// New returns the command wxpay demo.
func New(b *build.Build) *cobra.Command {
	var web bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show what the library does, against a sandbox inside this process",
		Long: `demo starts a sandbox, which simulates WeChat Pay inside this process, and calls
it as your program would. It shows the Go code of each call: it sends cash coupons
by the tree, by path, by segments and with a promise, and lists those of the user;
then an order is paid, its notification is verified, and a part of it is refunded.
The platform refuses one call. Another call is not sent, because it has a mistyped
option.

With --web, the sandbox goes on until ctrl-C, and its console shows the calls in a
browser.

demo needs no configuration and no network, and leaves nothing behind. It exits
with 0 if every answer was verified and correct.`,
		Example: "  wxpay demo\n  wxpay demo --web",
		Args:    cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return run(cmd.Context(), b, cmd.OutOrStdout(), web)
		},
	}
	cmd.Flags().BoolVar(&web, "web", false, "show the calls in a browser too: print the URL of the sandbox's console and serve it until ctrl-C")
	return cmd
}

// seed determines the numbers that the demo shows.
const seed = 9_856_000_121

func run(ctx context.Context, b *build.Build, out io.Writer, web bool) error {
	config := sandbox.Config{Seed: seed, RSA: b.SandboxRSA()}
	if web {
		console.Use(&config)
	}
	platform, err := sandbox.New(config)
	if err != nil {
		return err
	}
	defer platform.Close()
	return show(ctx, out, platform, web)
}

// show serves a platform and a shop, makes the calls and stops both servers; with web,
// when ctx ends.
func show(ctx context.Context, out io.Writer, platform *sandbox.Server, web bool) (err error) {
	my := &demo{
		screen:   newScreen(out, lang.From(ctx)),
		platform: platform,
		shop:     http.NewServeMux(),
		mchID:    platform.Merchant().MchID,
		appID:    "wx233544546545989",
		user:     "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
	}
	shopURL, stopShop, err := local.Serve(ctx, my.shop)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopShop()) }()
	my.notifyURL = shopURL + "notify"
	baseURL, stopPlatform, err := local.Serve(ctx, platform)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopPlatform()) }()

	// The default transport would keep its connections open after the demo.
	own := transport.New()
	defer own.CloseIdleConnections()
	config := platform.ClientConfig()
	config.BaseURL, config.Transport, config.Middleware = baseURL, own, my.watch
	client, err := wechatpay.New(config)
	if err != nil {
		return err
	}
	if err := my.run(ctx, client); err != nil || !web {
		return err
	}
	if my.tell(my.lang.Sprintf("\nThe console: open %s in a browser; ctrl-C ends it.\n", baseURL)); my.err != nil {
		return my.err
	}
	<-ctx.Done()
	return nil
}

// A demo holds the data for the calls of one run.
type demo struct {
	*screen
	platform           *sandbox.Server
	shop               *http.ServeMux // the merchant's server, which receives notifications
	notifyURL          string
	mchID, appID, user string // the payee, its app and the payer
	stockID            string // the stock of coupons
}

// wait waits until a notification is handled.
func (my *demo) wait(ctx context.Context, handled <-chan struct{}) error {
	select {
	case <-handled:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// A step is a call of the demo and what it shows.
type step struct {
	title lang.Phrase
	call  func(*demo, context.Context, *wechatpay.Client) error
}

// steps are the functions of calls.go, in their order.
func steps() []step {
	return []step{
		{"Create a stock of coupons and start it, by the tree of all documented operations", (*demo).startStock},
		{"Send a user a coupon, by the tree", (*demo).byTree},
		{"The same call by path, as the documentation writes it, with the options of PHP", (*demo).byPath},
		{"And by segments, as in PHP, with a promise", (*demo).bySegments},
		{"List the coupons of the user, with the query of the documentation", (*demo).list},
		{"A fourth coupon is one too many, and the platform says so", (*demo).refusal},
		{"A mistyped option never leaves", (*demo).mistake},
		{"Order a cup of tea, to be paid by scanning a code", (*demo).order},
		{"The user pays, and the platform notifies the shop: verified, decrypted, handed over once", (*demo).payment},
		{"Refund a third of it", (*demo).refund},
	}
}

// run makes the calls. It shows the code of each call first.
func (my *demo) run(ctx context.Context, client *wechatpay.Client) error {
	my.tell(my.lang.Sprintf("A WeChat Pay runs inside this process, with the merchant %s.\n", my.mchID))
	shown, err := snippets(source)
	if err != nil {
		return err
	}
	for i, step := range steps() {
		my.code(i+1, step.title, shown[i])
		if err := step.call(my, ctx, client); err != nil {
			return lang.Errorf("step %d: %w", i+1, err)
		}
		if my.err != nil {
			return my.err
		}
	}
	my.tell(my.lang.Sprintf("\nEvery answer was verified, and so was the notification. Your turn: wxpay sandbox\n" +
		"runs one for a program of yours, and wxpay api search finds a call.\n"))
	return my.err
}
