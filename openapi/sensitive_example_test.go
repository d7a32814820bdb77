package openapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/openapi"
)

func ExampleEncryptSensitive() {
	client := exampleClient(func(config *wechatpay.Config) {
		config.Middleware = func(_ wechatpay.Protocol, s *middleware.Stack) error {
			return s.Before(middleware.NameSigner, "encrypt", openapi.EncryptSensitive(config.PlatformKeys))
		}
		config.Middleware = showing(config.Middleware)
	})

	_, err := client.Chain("v3/applyment4sub/applyment/").Post(context.Background(), wechatpay.JSON(wechatpay.M{
		"business_code": "APPLYMENT_00000000001",
		"contact_info":  wechatpay.M{"contact_name": "张三"},
	}))
	fmt.Println(err)
	// Output:
	// APPLYMENT_00000000001, and a name of 344 characters
	// wechatpay: POST v3/applyment4sub/applyment/: nothing is sent here
}

// showing puts showName between the encryption and the signer.
func showing(edit func(wechatpay.Protocol, *middleware.Stack) error) func(wechatpay.Protocol, *middleware.Stack) error {
	return func(p wechatpay.Protocol, s *middleware.Stack) error {
		return errors.Join(edit(p, s), s.Before(middleware.NameSigner, "show", showName))
	}
}

// showName shows what the signer would sign.
func showName(http.RoundTripper) http.RoundTripper {
	return transport(func(req *http.Request) (*http.Response, error) {
		body, err := middleware.RequestBody(req)
		if err != nil {
			return nil, err
		}
		name := gjson.GetBytes(body, "contact_info.contact_name").String()
		fmt.Printf("%s, and a name of %d characters\n", gjson.GetBytes(body, "business_code"), len(name))
		return nil, errors.New("nothing is sent here")
	})
}
