package openapi_test

import (
	"fmt"

	"github.com/wxchain/wechatpay/openapi"
)

func ExampleSearch() {
	for _, op := range openapi.Search("代金券 发放")[:1] {
		fmt.Println(op, op.Title, op.Docs[0])
		fmt.Println(op.GoChain())
		fmt.Println(op.PHPChain())
	}
	// Output:
	// POST v3/marketing/favor/users/{openid}/coupons 发放代金券 https://pay.weixin.qq.com/docs/merchant/apis/cash-coupons/coupon/send-coupon.html
	// client.V3().Marketing().Favor().Users().Openid().Coupons().Post(ctx)
	// $instance->v3->marketing->favor->users->_openid_->coupons->post()
}
