package wechatpaytest_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/notify"
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

func ExampleNotification() {
	// In a test file this is func TestNotify(t *testing.T).
	test := func(t testing.TB) {
		client := wechatpaytest.New(t).Client()
		handler := client.Notify().Handler(func(_ context.Context, n *notify.Notification) error {
			fmt.Println(n.EventType, n.Get("out_trade_no"))
			return nil
		})

		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, wechatpaytest.Notification(t, "TRANSACTION.SUCCESS",
			wechatpay.M{"out_trade_no": "1217752501201407033233368018", "trade_state": "SUCCESS"}))
		fmt.Println(answer.Code)
	}
	test(new(recorder))
	// Output:
	// TRANSACTION.SUCCESS 1217752501201407033233368018
	// 200
}

func ExampleMock_Requests() {
	// In a test file this is func TestSendCoupon(t *testing.T).
	test := func(t testing.TB) {
		mock := wechatpaytest.New(t)
		mock.On("POST", "v3/marketing/favor/users/{openid}/coupons", mock.JSON(200, wechatpay.M{"coupon_id": "9867041"}))
		if _, err := sendCoupon(context.Background(), mock.Client(), "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"); err != nil {
			t.Errorf("%v", err)
		}
		sent := mock.Requests()[0]
		fmt.Println(sent.Vars["openid"], sent.Get("stock_id"))
	}
	test(new(recorder))
	// Output: oUpF8uMuAJO_M2pxb1Q9zNjWeS6o 9856000
}
