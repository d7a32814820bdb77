// Package console is the pages of a sandbox: what happened and why, and what a user
// or a bank does next. A sandbox has them if its Config says so:
//
//	sb := sandbox.Start(t, console.Use)
//
// The pages are at the URL of the sandbox. They use it as a caller of the control API
// does. A program that embeds a sandbox without this package does not carry its
// files.
package console

import (
	"context"
	"net/http"
	"time"

	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/sandbox/console/internal/cashier"
	"github.com/wxchain/wechatpay/sandbox/console/internal/page"
)

// A Sandbox is what the console uses of a sandbox. A [sandbox.Server] is one. Each
// method is also a call of the control API, except those that say how to connect.
type Sandbox interface {
	Merchant() sandbox.Merchant
	MchIDs() []string
	Callers() []string
	PlatformKeys() keys.Static

	Records(kind sandbox.RecordKind, q sandbox.Query) (sandbox.Page[sandbox.Record], error)
	Counts() (map[sandbox.RecordKind]int, error)
	OrderStory(mchID, outTradeNo string) (sandbox.OrderStory, error)
	RequestPage(q sandbox.Query) (sandbox.Page[sandbox.Request], error)
	Exchange(id string) (sandbox.Exchange, error)
	NotificationPage(q sandbox.Query) (sandbox.Page[sandbox.Notification], error)
	Notification(id string) (n sandbox.Notification, body string, err error)
	Try(ctx context.Context, call sandbox.TryCall) (sandbox.Exchange, error)
	Watch(ctx context.Context, f func([]sandbox.Change) error) error

	PayWith(mchID, outTradeNo string, p sandbox.Payment) (transactionID string, err error)
	FailPayment(mchID, outTradeNo string) error
	Expire(mchID, outTradeNo string) error
	Complain(mchID, outTradeNo, detail string) (complaintID string, err error)
	SettleRefund(mchID, outRefundNo string, state sandbox.RefundState) error
	SettleTransfer(mchID, outBillNo string, state sandbox.TransferState) error
	FailTransfer(mchID, outBillNo, reason string) error
	UseCoupon(mchID, couponID, transactionID string) error
	OpenRedPacket(mchID, mchBillNo, openID string) (amount int64, err error)
	ConfirmAuthorization(mchID, outAuthorizationNo string) error
	CloseAuthorization(mchID, outAuthorizationNo, reason string) error
	Resend(id string) error

	Now() time.Time
	Advance(d time.Duration) error

	Faults(set ...sandbox.Fault) error
	FaultsMet() []sandbox.FaultMet
	AddFault(f sandbox.Fault) (id string, err error)
	RemoveFault(id string) error
}

var _ Sandbox = (*sandbox.Server)(nil)

// Options are what the console shows beside what the sandbox knows.
type Options struct {
	// Connection returns how programs connect to the sandbox: lines that end in a
	// colon, each followed by code that is indented by tabs. By default the console
	// shows the numbers and keys alone.
	Connection func() string
}

// Use gives a sandbox its console.
func Use(config *sandbox.Config) { config.Console = New }

// New returns the pages of a sandbox, for [sandbox.Config].
func New(s *sandbox.Server) *http.ServeMux { return Options{}.New(s) }

// New does what the function New does, with options.
func (o Options) New(s *sandbox.Server) *http.ServeMux {
	site := page.NewSite()
	mux := http.NewServeMux()
	site.Common(mux)
	register(mux, site, s, o)
	cashier.Register(mux, site, s)
	return mux
}
