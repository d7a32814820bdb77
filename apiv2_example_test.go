package wechatpay_test

import (
	"crypto/tls"
	"fmt"
	"log"
	"net/http"
	"strings"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/vectors"
)

// exampleV2 stands for a client of APIv2, as exampleClient does for APIv3.
func exampleV2() *wechatpay.Client {
	return newV2(panicking{}, roundTripper(func(req *http.Request) (*http.Response, error) {
		fields := M{"return_code": "SUCCESS", "result_code": "SUCCESS"}
		switch {
		case strings.HasSuffix(req.URL.Path, "/refund"):
			fields["result_code"], fields["err_code"], fields["err_code_des"] = "FAIL", "NOTENOUGH", "余额不足"
		case strings.HasSuffix(req.URL.Path, "/unifiedorder"):
			fields["prepay_id"] = "wx201410272009395522657a690389285100"
		}
		return answer(200, v2Answer(panicking{}, "MD5", fields)), nil
	}))
}

func ExampleNew_apiv2() {
	defer vectors.Enter(".")() // a folder with the files of a merchant
	certificate, err := tls.LoadX509KeyPair("apiclient_cert.pem", "apiclient_key.pem")
	if err != nil {
		log.Fatal(err)
	}
	client, err := wechatpay.New(wechatpay.Config{
		MchID:      "1900000109",
		APIv2Key:   "exposed_your_key_here_have_risks",
		ClientCert: &certificate,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client)
	// Output: wechatpay.Client{MchID: 1900000109, SerialNo: , BaseURL: https://api.mch.weixin.qq.com/}
}

func ExampleXML() {
	client := exampleV2()
	resp, err := client.V2().Pay().Unifiedorder().Post(ctx, wechatpay.XML(wechatpay.M{
		"appid":            "wx8888888888888888",
		"body":             "杯子",
		"out_trade_no":     "20150806125346",
		"total_fee":        100, // fen
		"spbill_create_ip": "127.0.0.1",
		"notify_url":       "https://example.com/notify",
		"trade_type":       "JSAPI",
		"openid":           "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
		"detail":           wechatpay.M{"goods_detail": []wechatpay.M{{"goods_id": "1001", "quantity": 1, "price": 100}}},
	}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.Get("prepay_id"))

	params, err := client.V2JSAPIParams("wx8888888888888888", resp.Get("prepay_id").String())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(params["package"], params["signType"])
	// Output:
	// wx201410272009395522657a690389285100
	// prepay_id=wx201410272009395522657a690389285100 MD5
}

func ExampleSecurity() {
	client := exampleV2()
	_, err := client.Chain("v2/secapi/pay/refund").Post(ctx, wechatpay.Options{
		"xml": wechatpay.M{
			"appid": "wx8888888888888888", "out_trade_no": "20150806125346", "out_refund_no": "20150806125346-1",
			"total_fee": 100, "refund_fee": 100,
		},
	})
	fmt.Println(wechatpay.IsCode(err, "NOTENOUGH"))
	// Output: true
}
