package openapi_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/wechatpaytest"
)

// exampleClient stands for the client that wechatpay.New makes: it is of a
// platform in this process.
func exampleClient(edit func(*wechatpay.Config)) *wechatpay.Client {
	return wechatpaytest.New(quiet{}).Client(edit)
}

// quiet stands for a test that does not fail.
type quiet struct{ testing.TB }

func (quiet) Helper()                   {}
func (quiet) Cleanup(func())            {}
func (quiet) Fatalf(f string, a ...any) { panic(fmt.Sprintf(f, a...)) }

func ExampleLookup() {
	op := openapi.Lookup("POST", "v3/marketing/favor/users/{openid}/coupons")
	fmt.Println(op.Title, op.Updated)
	for _, p := range op.JSON.Properties {
		fmt.Println(p.Name, p.Type, p.Required, p.Label)
	}
	// Output:
	// 发放代金券 2024-05-28
	// stock_id string true 批次号
	// out_request_no string true 商户单据号
	// appid string true 公众账号ID
	// stock_creator_mchid string true 创建批次的商户号
	// coupon_value integer false 指定面额发券
	// coupon_minimum integer false 指定面额发券
}

func ExampleMatch() {
	op := openapi.Match("GET", "/v3/pay/transactions/out-trade-no/1217752501201407033233368018")
	fmt.Println(op)
	// Output: GET v3/pay/transactions/out-trade-no/{out_trade_no}
}

func ExampleExample() {
	op := openapi.Lookup("POST", "v3/marketing/favor/users/{openid}/coupons")
	fmt.Println(string(openapi.Example(op, 0)))   // of the request
	fmt.Println(string(openapi.Example(op, 200))) // of the answer
	// Output:
	// {"stock_id":"9856000","out_request_no":"89560002019101000121","appid":"wx233544546545989","stock_creator_mchid":"8956000","coupon_value":100,"coupon_minimum":100}
	// {"coupon_id":"9867041"}
}

func ExampleExampleValue() {
	op := openapi.Lookup("GET", "v3/pay/transactions/out-trade-no/{out_trade_no}")
	for _, p := range op.Query {
		fmt.Println(p.Name, openapi.ExampleValue(p))
	}
	// Output: mchid 1230000109
}

func ExampleValidate() {
	client := exampleClient(func(config *wechatpay.Config) {
		config.Middleware = func(_ wechatpay.Protocol, s *middleware.Stack) error {
			return s.Before(middleware.NameSigner, "validate", openapi.Validate())
		}
	})

	_, err := client.Chain("v3/marketing/favor/users/{openid}/coupons").Post(context.Background(), wechatpay.Options{
		"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
		"json": wechatpay.M{
			"stock_idd":           "9856000",
			"out_request_no":      "89560002019101000121",
			"appid":               "wx233544546545989",
			"stock_creator_mchid": 8956000,
		},
	})
	var invalid *openapi.ValidationError
	if errors.As(err, &invalid) {
		for _, p := range invalid.Problems {
			fmt.Println(p)
		}
	}
	// Output:
	// body stock_creator_mchid: a number, want a string (创建批次的商户号)
	// body stock_id: required, missing (批次号)
	// body stock_idd: unknown, did you mean "stock_id"?
}
