// Coupons runs a campaign: it sends a stock of five coupons to seven users. The
// last two users get none.
package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/examples/internal/play"
)

func main() {
	play.Run(func(ctx context.Context, p play.Platform) error {
		c := campaign{client: p.Client, appID: "wxd678efh567hg6787", mchID: p.Merchant().MchID}
		stockID, err := c.create(ctx, 5, time.Now())
		if err != nil {
			return err
		}
		openIDs := make([]string, 7)
		for i := range openIDs {
			openIDs[i] = fmt.Sprintf("oUpF8uMuAJO_M2pxb1Q9zNjWeS6%d", i)
		}
		sent, late, err := c.send(ctx, stockID, openIDs)
		if err != nil {
			return err
		}
		fmt.Println(sent, "coupons sent,", late, "users too late")
		return c.end(ctx, stockID)
	})
}

type campaign struct {
	client       *wechatpay.Client
	appID, mchID string
}

// create makes and starts a stock of coupons. Each takes 1 yuan off an order of
// at least 10 yuan.
func (c campaign) create(ctx context.Context, coupons int, now time.Time) (stockID string, err error) {
	const amount = 100 // fen
	resp, err := c.client.V3().Marketing().Favor().CouponStocks().Post(ctx, wechatpay.JSON(wechatpay.M{
		"stock_name":           "茶一元券",
		"stock_type":           "NORMAL",
		"belong_merchant":      c.mchID,
		"out_request_no":       "tea-2026-11", // a repetition returns the same stock
		"available_begin_time": now.Format(time.RFC3339),
		"available_end_time":   now.AddDate(0, 1, 0).Format(time.RFC3339),
		"no_cash":              false,
		"stock_use_rule": wechatpay.M{
			"max_coupons": coupons, "max_amount": coupons * amount, "max_coupons_per_user": 1,
			"natural_person_limit": false, "prevent_api_abuse": false,
		},
		"coupon_use_rule": wechatpay.M{
			"fixed_normal_coupon": wechatpay.M{"coupon_amount": amount, "transaction_minimum": 1000},
		},
	}))
	if err != nil {
		return "", fmt.Errorf("creating the stock: %w", err)
	}
	stockID = resp.Get("stock_id").String()
	_, err = c.client.Chain("v3/marketing/favor/stocks/{stock_id}/start").Post(ctx,
		wechatpay.Bind("stock_id", stockID), wechatpay.JSON(wechatpay.M{"stock_creator_mchid": c.mchID}))
	return stockID, err
}

// send sends a coupon to each user, two at a time. You can run it again: nobody
// gets a second coupon, because out_request_no consists of the stock and the user.
func (c campaign) send(ctx context.Context, stockID string, openIDs []string) (sent, late int, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	coupons := c.client.V3().Marketing().Favor().Users().Openid().Coupons()
	outcomes := wechatpay.Pool(ctx, 2, slices.Values(openIDs), func(ctx context.Context, openID string) (couponID string, err error) {
		request := SendCouponRequest{
			StockID: stockID, StockCreatorMchid: c.mchID, Appid: c.appID,
			OutRequestNo: stockID + "-" + openID,
		}
		resp, err := coupons.Post(ctx, wechatpay.Bind("openid", openID), wechatpay.JSON(request))
		if err != nil {
			return "", err
		}
		var coupon SendCouponResponse
		if err := resp.Decode(&coupon); err != nil {
			return "", err
		}
		return coupon.CouponID, nil
	})
	for openID, r := range outcomes {
		switch outcome := wechatpay.OutcomeOf(r.Err); {
		case outcome == wechatpay.OutcomeDone:
			sent++
		case wechatpay.IsCode(r.Err, "NOT_ENOUGH"): // the budget is spent
			late++
		default:
			return sent, late, fmt.Errorf("sending to %s: %v: %w", openID, outcome, r.Err)
		}
	}
	return sent, late, nil
}

// end pauses the stock and prints how many coupons were sent.
func (c campaign) end(ctx context.Context, stockID string) error {
	stock := c.client.V3().Marketing().Favor().Stocks().StockID(stockID)
	if _, err := stock.Pause().Post(ctx, wechatpay.JSON(wechatpay.M{"stock_creator_mchid": c.mchID})); err != nil {
		return err
	}
	resp, err := stock.Get(ctx, wechatpay.Query(wechatpay.M{"stock_creator_mchid": c.mchID}))
	if err != nil {
		return err
	}
	fmt.Println("the stock is", resp.Get("status"), "with", resp.Get("distributed_coupons"), "coupons sent")
	return nil
}
