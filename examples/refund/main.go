// Refund refunds half of an order, repeats the call after a network failure, and
// waits until the user has the money.
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
	"github.com/wxchain/wechatpay/sandbox"
)

func main() {
	play.Run(func(ctx context.Context, p play.Platform) error {
		s := &shop{client: p.Client, mchID: p.Merchant().MchID, ended: make(chan *notify.Notification, 1)}
		return play.Serve(s.notified(), func(url string) error {
			const no = "1217752501201407033233368018"
			if err := s.sell(ctx, p, no); err != nil {
				return err
			}
			// The first answer gets lost, but the refund is made.
			if err := p.Faults(sandbox.Fault{Path: "v3/refund/domestic/refunds", Kind: sandbox.FaultCut, Count: 1}); err != nil {
				return err
			}
			refundID, err := s.refund(ctx, no, no+"-1", 940, 1880, url)
			if err != nil {
				return err
			}
			fmt.Println("accepted:", refundID != "")

			if err := p.SettleRefund(s.mchID, no+"-1", sandbox.RefundSuccess); err != nil { // as the bank does some seconds later
				return err
			}
			select {
			case n := <-s.ended:
				fmt.Println(n.EventType, n.Get("out_refund_no"), n.Get("amount.refund"), "fen")
			case <-ctx.Done():
				return ctx.Err()
			}
			return s.query(ctx, no+"-1")
		})
	})
}

type shop struct {
	client *wechatpay.Client
	mchID  string
	ended  chan *notify.Notification
}

// refund requests a refund of a part of an order's total, in fen. If the outcome
// is unknown, it repeats the call: one out_refund_no refunds once.
func (s *shop) refund(ctx context.Context, outTradeNo, outRefundNo string, amount, total int64, notifyURL string) (refundID string, err error) {
	for range 3 {
		var resp *wechatpay.Response
		resp, err = s.client.V3().Refund().Domestic().Refunds().Post(ctx, wechatpay.JSON(wechatpay.M{
			"out_trade_no":  outTradeNo,
			"out_refund_no": outRefundNo,
			"reason":        "the tea was cold",
			"notify_url":    notifyURL,
			"amount":        wechatpay.M{"refund": amount, "total": total, "currency": "CNY"},
		}))
		outcome := wechatpay.OutcomeOf(err)
		if err == nil {
			outcome = resp.Outcome()
		}
		switch {
		case outcome == wechatpay.OutcomeDone:
			return resp.Get("refund_id").String(), nil
		case ctx.Err() != nil, outcome == wechatpay.OutcomeRefused:
			return "", err // a repetition would not help
		}
		fmt.Printf("%v; once more with the same number\n", outcome)
	}
	return "", errors.Join(fmt.Errorf("refund %s may have been made: query it", outRefundNo), err)
}

// notified handles the notifications of finished refunds.
func (s *shop) notified() http.Handler {
	onError := notify.OnError(func(_ context.Context, err error) { log.Print(err) })
	return s.client.Notify(onError).Handler(func(ctx context.Context, n *notify.Notification) error {
		switch n.EventType {
		case "REFUND.SUCCESS", "REFUND.CLOSED", "REFUND.ABNORMAL":
			select {
			case s.ended <- n:
			default:
			}
		}
		return nil
	})
}

func (s *shop) query(ctx context.Context, outRefundNo string) error {
	resp, err := s.client.V3().Refund().Domestic().Refunds().OutRefundNo(outRefundNo).Get(ctx)
	if err != nil {
		return err
	}
	fmt.Println("the refund is", resp.Get("status"))
	return nil
}

// sell places an order and lets the user pay it.
func (s *shop) sell(ctx context.Context, p play.Platform, outTradeNo string) error {
	_, err := s.client.V3().Pay().Transactions().Native().Post(ctx, wechatpay.JSON(wechatpay.M{
		"appid": "wxd678efh567hg6787", "mchid": s.mchID, "description": "a pot of tea", "out_trade_no": outTradeNo,
		"notify_url": "https://example.com/notify", "amount": wechatpay.M{"total": 1880},
	}))
	if err != nil {
		return err
	}
	_, err = p.Pay(s.mchID, outTradeNo)
	return err
}
