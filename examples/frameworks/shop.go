// Package frameworks receives notifications and places orders in handlers of net/http,
// gin, echo, chi, Kratos and go-zero. Each framework has a file with a function of a few
// lines. Copy the one that you use.
package frameworks

import (
	"context"
	"errors"
	"log"
	"net/http"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/notify"
)

// A Shop sells tea. It has what all frameworks share.
type Shop struct {
	Client    *wechatpay.Client
	AppID     string
	MchID     string
	NotifyURL string // https://…/wechatpay/notify

	// Deliver is called for each paid order, with the total in fen. It may be called more
	// than once for one order, and must deliver once.
	Deliver func(ctx context.Context, outTradeNo string, total int64) error
}

// errNotPlaced is what users see if an order was not placed. The cause is in the log.
var errNotPlaced = errors.New("the order was not placed; try again")

// Prepay places an order and returns the content of its QR code.
func (s *Shop) Prepay(ctx context.Context, outTradeNo string) (codeURL string, err error) {
	resp, err := s.Client.V3().Pay().Transactions().Native().Post(ctx, wechatpay.JSON(wechatpay.M{
		"appid": s.AppID, "mchid": s.MchID, "description": "a cup of tea", "out_trade_no": outTradeNo,
		"notify_url": s.NotifyURL, "amount": wechatpay.M{"total": 1880}, // fen
	}))
	if err != nil {
		log.Print(err)
		return "", errNotPlaced
	}
	return resp.Get("code_url").String(), nil
}

// Notified handles notifications. Every framework can serve it, because it is an
// http.Handler.
func (s *Shop) Notified() http.Handler {
	onError := notify.OnError(func(_ context.Context, err error) { log.Print(err) })
	return s.Client.Notify(onError).Handler(func(ctx context.Context, n *notify.Notification) error {
		if n.EventType != "TRANSACTION.SUCCESS" {
			return nil // another event: acknowledge it
		}
		return s.Deliver(ctx, n.Get("out_trade_no").String(), n.Get("amount.total").Int())
	})
}
