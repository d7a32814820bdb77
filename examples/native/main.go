// Native sells a cup of tea: it places an order, shows a QR code, and delivers
// after the notification that the order is paid.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/examples/internal/play"
	"github.com/wxchain/wechatpay/notify"
)

func main() {
	play.Run(func(ctx context.Context, p play.Platform) error {
		shop := &shop{client: p.Client, mchID: p.Merchant().MchID, paid: make(chan string, 1)}
		mux := http.NewServeMux()
		mux.Handle("/wechatpay/notify", shop.notified())
		return play.Serve(mux, func(url string) error {
			const no = "1217752501201407033233368018"
			codeURL, err := shop.order(ctx, no, 1880, url+"wechatpay/notify")
			if err != nil {
				return err
			}
			fmt.Println("show this as a QR code:", codeURL != "")

			if _, err := p.Pay(shop.mchID, no); err != nil { // the user scans it and pays
				return err
			}
			select {
			case paid := <-shop.paid:
				fmt.Println("deliver order", paid)
			case <-ctx.Done():
				return ctx.Err()
			}

			order, err := shop.find(ctx, no) // if no notification comes
			fmt.Println("the platform says", order.TradeState)
			return err
		})
	})
}

type shop struct {
	client *wechatpay.Client
	mchID  string
	paid   chan string // stands for the delivery
}

// order places an order and returns the content of its QR code. You can safely
// call it again with the same number and the same parameters.
func (s *shop) order(ctx context.Context, outTradeNo string, total int64, notifyURL string) (codeURL string, err error) {
	resp, err := s.client.V3().Pay().Transactions().Native().Post(ctx, wechatpay.JSON(OrderRequest{
		Appid: "wxd678efh567hg6787", Mchid: s.mchID, Description: "a cup of tea",
		OutTradeNo: outTradeNo, NotifyURL: notifyURL,
		Amount: OrderRequestAmount{Total: total, Currency: "CNY"}, // fen
	}))
	if err != nil {
		return "", fmt.Errorf("ordering %s: %w", outTradeNo, err)
	}
	var order OrderResponse
	if err := resp.Decode(&order); err != nil {
		return "", err
	}
	return order.CodeURL, nil
}

// notified handles payment notifications. It answers 200 after its function has
// returned nil. Until then the platform repeats the notification.
func (s *shop) notified() http.Handler {
	onError := notify.OnError(func(_ context.Context, err error) { log.Print(err) })
	return s.client.Notify(onError).Handler(func(ctx context.Context, n *notify.Notification) error {
		if n.EventType != "TRANSACTION.SUCCESS" {
			return nil // another event: acknowledge it
		}
		outTradeNo, total := n.Get("out_trade_no").String(), n.Get("amount.total").Int()
		if total != 1880 { // compare with your own records
			log.Printf("order %s was paid with %d fen", outTradeNo, total)
			return errors.New("the amount is not that of the order")
		}
		select { // store the payment here: after nil it is not sent again
		case s.paid <- outTradeNo:
		default:
		}
		return nil
	})
}

// find queries an order, because notifications may be late or lost.
func (s *shop) find(ctx context.Context, outTradeNo string) (order FindOrderResponse, err error) {
	resp, err := s.client.V3().Pay().Transactions().OutTradeNo().OutTradeNo(outTradeNo).Get(ctx,
		wechatpay.Query(FindOrderQuery{Mchid: s.mchID}))
	if err != nil {
		return order, err
	}
	return order, resp.Decode(&order)
}
