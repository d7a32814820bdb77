package wechatpaytest_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/wechatpaytest"
)

// sendCoupon is code to be tested.
func sendCoupon(ctx context.Context, client *wechatpay.Client, openid string) (string, error) {
	resp, err := client.Chain("v3/marketing/favor/users/{openid}/coupons").
		Bind("openid", openid).
		Post(ctx, wechatpay.JSON(wechatpay.M{"stock_id": "9856000"}))
	if err != nil {
		return "", err
	}
	return resp.Get("coupon_id").String(), nil
}

func ExampleMock() {
	// In a test file this is func TestSendCoupon(t *testing.T).
	test := func(t testing.TB) {
		mock := wechatpaytest.New(t)
		mock.On("POST", "v3/marketing/favor/users/{openid}/coupons",
			mock.JSON(200, wechatpay.M{"coupon_id": "9867041"}))

		id, err := sendCoupon(context.Background(), mock.Client(), "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")
		fmt.Println(id, err)
	}
	test(new(recorder))
	// Output: 9867041 <nil>
}
