// Partner sells for a merchant of a partner: it places an order for the merchant,
// receives the notification of the payment, and refunds a part of it.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/examples/internal/play"
	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/sandbox"
)

func main() {
	play.Run(func(ctx context.Context, p play.Platform) error {
		s := seller{client: p.Client, spMchID: p.Merchant().MchID, subMchID: sandbox.DefaultSubMchID}
		paid := make(chan *notify.Notification, 1)
		onError := notify.OnError(func(_ context.Context, err error) { log.Print(err) })
		notified := s.client.Notify(onError).Handler(func(_ context.Context, n *notify.Notification) error {
			select {
			case paid <- n:
			default:
			}
			return nil
		})
		return play.Serve(notified, func(url string) error {
			const no = "1217752501201407033233368018"
			if _, err := s.order(ctx, no, 1880, url); err != nil {
				return err
			}
			if _, err := p.Pay(s.subMchID, no); err != nil { // the user scans the code and pays
				return err
			}
			select {
			case n := <-paid:
				fmt.Println("merchant", n.Get("sub_mchid"), "was paid", n.Get("amount.total"), "fen")
			case <-ctx.Done():
				return ctx.Err()
			}
			state, err := s.state(ctx, no)
			if err != nil {
				return err
			}
			fmt.Println("the order is", state)
			return s.refund(ctx, no, 880, 1880)
		})
	})
}

// A seller is a partner that acts for one of its merchants. The partner signs,
// and every call has the merchant's number.
type seller struct {
	client            *wechatpay.Client
	spMchID, subMchID string
}

// order places an order for the merchant and returns the content of its QR code.
func (s seller) order(ctx context.Context, outTradeNo string, total int64, notifyURL string) (codeURL string, err error) {
	resp, err := s.client.V3().Pay().Partner().Transactions().Native().Post(ctx, wechatpay.JSON(wechatpay.M{
		"sp_appid":     "wx8888888888888888",
		"sp_mchid":     s.spMchID,
		"sub_mchid":    s.subMchID,
		"description":  "a cup of tea",
		"out_trade_no": outTradeNo,
		"notify_url":   notifyURL,
		"amount":       wechatpay.M{"total": total, "currency": "CNY"}, // fen
	}))
	if err != nil {
		return "", fmt.Errorf("ordering %s for %s: %w", outTradeNo, s.subMchID, err)
	}
	return resp.Get("code_url").String(), nil
}

// state queries an order. Two merchants may have orders with the same number.
func (s seller) state(ctx context.Context, outTradeNo string) (string, error) {
	resp, err := s.client.V3().Pay().Partner().Transactions().OutTradeNo().OutTradeNo(outTradeNo).Get(ctx,
		wechatpay.Query(wechatpay.M{"sp_mchid": s.spMchID, "sub_mchid": s.subMchID}))
	if err != nil {
		return "", err
	}
	return resp.Get("trade_state").String(), nil
}

// refund refunds a part of an order from the merchant's money.
func (s seller) refund(ctx context.Context, outTradeNo string, amount, total int64) error {
	resp, err := s.client.V3().Refund().Domestic().Refunds().Post(ctx, wechatpay.JSON(wechatpay.M{
		"sub_mchid":     s.subMchID,
		"out_trade_no":  outTradeNo,
		"out_refund_no": outTradeNo + "-1",
		"amount":        wechatpay.M{"refund": amount, "total": total, "currency": "CNY"},
	}))
	if err != nil {
		return fmt.Errorf("refunding %s: %w", outTradeNo, err)
	}
	fmt.Println("refund of", resp.Get("amount.refund"), "fen:", resp.Get("status"))
	return nil
}
