package signer_test

import (
	"errors"
	"fmt"

	"github.com/wxchain/wechatpay/signer"
)

func ExampleV2Sign() {
	order := map[string]string{
		"appid":       "wxd930ea5d5a258f4f",
		"mch_id":      "10000100",
		"device_info": "1000",
		"body":        "test",
		"nonce_str":   "ibuaiVcKdpRxkhJA",
	}
	sign, err := signer.V2Sign("MD5", "192006250b4c09247ec02edce69f6a2d", order)
	fmt.Println(sign, err)
	// Output: 9A0A8659F005D6984697E2CA0A9CF3B7 <nil>
}

func ExampleV2Verify() {
	answer := map[string]string{
		"appid":       "wxd930ea5d5a258f4f",
		"mch_id":      "10000100",
		"device_info": "1000",
		"body":        "test",
		"nonce_str":   "ibuaiVcKdpRxkhJA",
		"sign":        "9A0A8659F005D6984697E2CA0A9CF3B7",
	}
	fmt.Println(signer.V2Verify("192006250b4c09247ec02edce69f6a2d", answer))

	answer["body"] = "other"
	err := signer.V2Verify("192006250b4c09247ec02edce69f6a2d", answer)
	fmt.Println(errors.Is(err, signer.ErrVerify))
	// Output:
	// <nil>
	// true
}

func ExampleV2WorkSign() {
	packet := map[string]string{ // the fields that take part, and only these
		"act_name":     "XXX",
		"mch_billno":   "11111234567890",
		"mch_id":       "10000098",
		"nonce_str":    "qFKEgfig76DF9912fewmkp",
		"re_openid":    "oxTWIuGaIt6gTKsQRLau2M0yL16E",
		"total_amount": "100",
		"wxappid":      "wx123456789",
	}
	work, err := signer.V2WorkSign("secret1", packet)
	fmt.Println(work, err)

	packet["workwx_sign"] = work
	packet["wishing"] = "恭喜发财" // and the others
	sign, err := signer.V2Sign("MD5", "192006250b4c09247ec02edce69f6a2d", packet)
	fmt.Println(len(sign), err)
	// Output:
	// D4C6924588E126FE57354BAF2C2CD336 <nil>
	// 32 <nil>
}

func ExampleV2Message() {
	fields := map[string]string{"mch_id": "10000100", "body": "test", "attach": "", "nonce_str": "n", "sign": "9A0A…"}
	fmt.Println(signer.V2Message(fields))
	fmt.Println(signer.V2Message(fields, "nonce_str"))
	// Output:
	// body=test&mch_id=10000100&nonce_str=n
	// body=test&mch_id=10000100
}
