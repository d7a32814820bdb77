package wechatpay_test

import (
	"fmt"
	"log"
)

func ExampleClient_JSAPIParams() {
	client := exampleClient()
	prepayID := "wx201410272009395522657a690389285100" // from v3/pay/transactions/jsapi

	params, err := client.JSAPIParams("wx8888888888888888", prepayID)
	if err != nil {
		log.Fatal(err)
	}
	// For WeixinJSBridge.invoke or wx.requestPayment, as JSON.
	fmt.Println(params["package"], params["signType"], len(params["paySign"]))
	// Output:
	// prepay_id=wx201410272009395522657a690389285100 RSA 344
}

func ExampleClient_AppParams() {
	client := exampleClient()
	params, err := client.AppParams("wx8888888888888888", "wx201410272009395522657a690389285100")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(params["partnerid"], params["package"], len(params["sign"]))
	// Output:
	// 1900000109 Sign=WXPay 344
}
