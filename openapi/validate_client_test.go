package openapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/wechatpaytest"
)

func TestValidateInAClient(t *testing.T) {
	mock := wechatpaytest.New(t)
	mock.On("POST", "v3/marketing/favor/users/{openid}/coupons", mock.JSON(200, wechatpay.M{"coupon_id": "9867041"}))
	client := mock.Client(func(c *wechatpay.Config) {
		c.Middleware = func(_ wechatpay.Protocol, s *middleware.Stack) error {
			return s.Before(middleware.NameSigner, "validate", openapi.Validate())
		}
	})
	send := func(body string) error {
		_, err := client.Chain("v3/marketing/favor/users/{openid}/coupons").Bind("openid", "oUpF").
			Post(context.Background(), wechatpay.JSON(json.RawMessage(body)))
		return err
	}
	if err := send(coupon); err != nil {
		t.Error(err)
	}
	// The mock signs no answer to what never reaches it.
	err := send(with(coupon, `"stock_id"`, `"stock_idd"`))
	var e *openapi.ValidationError
	if !errors.As(err, &e) || len(e.Problems) != 2 || e.Problems[1].Nearest != "stock_id" {
		t.Errorf("error %v, want that stock_id is missing", err)
	}
}

func TestValidateInAClientOfAPIv2(t *testing.T) {
	sent := 0
	client, err := wechatpay.New(wechatpay.Config{
		MchID:    "1900000109",
		APIv2Key: "exposed_your_key_here_have_risks",
		Transport: transport(func(req *http.Request) (*http.Response, error) {
			sent++
			return nil, errors.New("no network")
		}),
		Middleware: func(_ wechatpay.Protocol, s *middleware.Stack) error {
			return s.Before(middleware.NameSigner, "validate", openapi.Validate(openapi.Strict))
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	order := wechatpay.M{}
	if err := json.Unmarshal(openapi.Example(openapi.Lookup("POST", "v2/pay/unifiedorder"), 0), &order); err != nil {
		t.Fatal(err)
	}
	send := func() error {
		_, err := client.Chain("v2/pay/unifiedorder").Post(context.Background(), wechatpay.XML(order))
		return err
	}
	var e *openapi.ValidationError
	if err := send(); errors.As(err, &e) || sent != 1 {
		t.Errorf("the example is sent %d times: %v", sent, err)
	}
	delete(order, "total_fee")
	order["total_fees"] = 1
	if err := send(); !errors.As(err, &e) || sent != 1 {
		t.Fatalf("sent %d times: %v", sent, err)
	}
	if got := problems(e); !strings.Contains(got, "body total_fee: required, missing") || len(e.Problems) != 2 {
		t.Errorf("problems %s", got)
	}
}
