package wechatpay_test

import (
	"fmt"

	"github.com/wxchain/wechatpay"
)

func ExampleClient_V3() {
	client := exampleClient()
	coupon := wechatpay.M{"stock_id": "9856000", "coupon_value": 100}

	coupons := client.V3().Marketing().Favor().Users().Openid("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o").Coupons()
	resp, err := coupons.Post(ctx, wechatpay.JSON(coupon))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(resp.Get("coupon_id"))

	one := coupons.Chain("{coupon_id}").Bind("coupon_id", resp.Get("coupon_id").Str) // leaves the tree
	fmt.Println(one)
	// Output:
	// 9867041
	// v3/marketing/favor/users/{openid}/coupons/{coupon_id}
}

func ExamplePoster() {
	type shop struct {
		orders interface { // a place of the tree
			fmt.Stringer
			wechatpay.Poster
		}
		order wechatpay.Getter // one, by its number
	}
	client := exampleClient()
	s := shop{
		orders: client.V3().Pay().Transactions().Native(),
		order:  client.V3().Pay().Transactions().OutTradeNo().OutTradeNo(),
	}
	fmt.Println(s.orders, s.order)
	// Output: v3/pay/transactions/native v3/pay/transactions/out-trade-no/{out_trade_no}
}
