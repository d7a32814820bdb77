package demo

import (
	"context"
	"errors"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/notify"
)

// The demo shows the code of the functions below as it is written, without its endings.

func (my *demo) startStock(ctx context.Context, client *wechatpay.Client) error {
	favor := client.V3().Marketing().Favor()
	resp, err := favor.CouponStocks().Post(ctx, wechatpay.JSON(my.newStock()))
	if err != nil {
		return err
	}
	my.stockID = resp.Get("stock_id").String()
	_, err = favor.Stocks().StockID(my.stockID).Start().
		Post(ctx, wechatpay.Set("stock_creator_mchid", my.mchID))
	if err != nil {
		return err
	}
	my.show(resp, "stock_id")
	return nil
}

func (my *demo) byTree(ctx context.Context, client *wechatpay.Client) error {
	resp, err := client.V3().Marketing().Favor().Users().Openid(my.user).Coupons().
		Post(ctx, wechatpay.JSON(my.coupon("coupon-1")))
	if err != nil {
		return err
	}
	my.show(resp, "coupon_id")
	return nil
}

func (my *demo) byPath(ctx context.Context, client *wechatpay.Client) error {
	resp, err := client.Chain("v3/marketing/favor/users/{openid}/coupons").
		Post(ctx, wechatpay.Options{"openid": my.user, "json": my.coupon("coupon-2")})
	if err != nil {
		return err
	}
	my.show(resp, "coupon_id")
	return nil
}

func (my *demo) bySegments(ctx context.Context, client *wechatpay.Client) error {
	_, err := client.Segment("v3", "marketing", "favor", "users", "_openid_", "coupons").
		PostAsync(ctx, wechatpay.Options{"openid": my.user, "json": my.coupon("coupon-3")}).
		Then(func(resp *wechatpay.Response) error { my.show(resp, "coupon_id"); return nil }).
		Wait()
	return err
}

func (my *demo) list(ctx context.Context, client *wechatpay.Client) error {
	resp, err := client.V3().Marketing().Favor().Users().Openid(my.user).Coupons().
		Get(ctx, wechatpay.Query(wechatpay.M{
			"appid": my.appID, "stock_id": my.stockID, "status": "SENDED", "offset": 0, "limit": 20,
			"creator_mchid": my.mchID, "sender_mchid": my.mchID, "available_mchid": my.mchID,
		}))
	if err != nil {
		return err
	}
	my.show(resp, "total_count", "data.#.coupon_id")
	return nil
}

func (my *demo) refusal(ctx context.Context, client *wechatpay.Client) error {
	_, err := client.Chain("v3/marketing/favor/users/{openid}/coupons").
		Post(ctx, wechatpay.Options{"openid": my.user, "json": my.coupon("coupon-4")})
	var refused *wechatpay.Error
	if wechatpay.IsCode(err, "RULE_LIMIT") && errors.As(err, &refused) {
		my.say(refused.Code, refused.Message)
	}
	if refused == nil {
		return lang.Errorf("the fourth coupon was not refused as it should be: %v", err)
	}
	return nil
}

func (my *demo) mistake(ctx context.Context, client *wechatpay.Client) error {
	_, err := client.Chain("v3/pay/transactions/native").Post(ctx, wechatpay.Options{"jsno": my.tea()})
	if !errors.Is(err, wechatpay.ErrOption) {
		return lang.Errorf("a mistyped option was taken: %v", err)
	}
	my.say(err)
	return nil
}

func (my *demo) order(ctx context.Context, client *wechatpay.Client) error {
	resp, err := client.Chain("v3/pay/transactions/native").Post(ctx, wechatpay.JSON(my.tea()))
	if err != nil {
		return err
	}
	my.show(resp, "code_url")
	return nil
}

func (my *demo) payment(ctx context.Context, client *wechatpay.Client) error {
	handled := make(chan struct{})
	receiver := client.Notify()
	my.shop.Handle("/notify", receiver.Handler(func(_ context.Context, n *notify.Notification) error {
		my.say(n.EventType, n.Get("out_trade_no"), n.Get("amount.total"), "fen")
		close(handled)
		return nil
	}))
	_, err := my.platform.Pay(my.mchID, "tea-0001") // as the user does
	if err != nil {
		return err
	}
	return my.wait(ctx, handled)
}

func (my *demo) refund(ctx context.Context, client *wechatpay.Client) error {
	resp, err := client.Chain("v3/refund/domestic/refunds").Post(ctx, wechatpay.JSON(wechatpay.M{
		"out_trade_no": "tea-0001", "out_refund_no": "tea-0001-1",
		"amount": wechatpay.M{"total": 1500, "refund": 500, "currency": "CNY"}, // fen
	}))
	if err != nil {
		return err
	}
	my.show(resp, "status", "amount.refund")
	return nil
}
