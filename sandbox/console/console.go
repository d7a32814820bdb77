// Package console is the pages of a sandbox: what happened and why, and what a user
// or a bank does next. A sandbox has them if its Config says so:
//
//	sb := sandbox.Start(t, console.Use)
//
// The pages are at the URL of the sandbox. They use it as the control API does. A
// program that embeds a sandbox without this package does not carry its files.
package console

import (
	"net/http"

	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/sandbox/console/internal/cashier"
	"github.com/wxchain/wechatpay/sandbox/console/internal/page"
)

// A Sandbox is what the console uses of a sandbox. A [sandbox.Server] is one. Each
// method is also a call of the control API.
type Sandbox interface {
	Merchant() sandbox.Merchant
}

var _ Sandbox = (*sandbox.Server)(nil)

// Use gives a sandbox its console.
func Use(config *sandbox.Config) { config.Console = New }

// New returns the pages of a sandbox, for [sandbox.Config].
func New(s *sandbox.Server) *http.ServeMux {
	site := page.NewSite()
	mux := http.NewServeMux()
	site.Common(mux)
	register(mux, site, s)
	cashier.Register(mux, site, s)
	return mux
}
