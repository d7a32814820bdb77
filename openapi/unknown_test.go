package openapi_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/wechatpaytest"
)

// The error of a call stays the platform's, and says what was meant.
func TestUnknownPathIsAdvised(t *testing.T) {
	mock := wechatpaytest.New(t)
	client := mock.Client(func(c *wechatpay.Config) {
		c.Middleware = func(_ wechatpay.Protocol, s *middleware.Stack) error {
			return s.Before(middleware.NameSigner, "validate", openapi.Validate())
		}
	})
	notFound := wechatpay.M{"code": "RESOURCE_NOT_EXISTS", "message": "no such resource"}
	mock.On("POST", "v3/marketing/favor/user/{openid}/coupons", mock.JSON(404, notFound))
	mock.On("GET", "v3/quite/another", mock.JSON(404, notFound))
	mock.On("GET", "v3/pay/transactions/id/{transaction_id}", mock.JSON(404, wechatpay.M{"code": "ORDER_NOT_EXIST"}))

	_, err := client.Chain("v3/marketing/favor/user/{openid}/coupons").Post(context.Background(), wechatpay.Options{"openid": "oUpF"})
	var unknown *openapi.UnknownError
	if !wechatpay.IsCode(err, "RESOURCE_NOT_EXISTS") || !errors.As(err, &unknown) || !strings.Contains(err.Error(), "did you mean POST v3/marketing/favor/users/{openid}/coupons?") {
		t.Errorf("error %v", err)
	}
	_, err = client.Chain("v3/quite/another").Get(context.Background())
	if !errors.As(err, &unknown) || unknown.Nearest != nil {
		t.Errorf("error %v", err)
	}
	// An operation that is known, and an order that is not: nothing to advise.
	_, err = client.Chain("v3/pay/transactions/id/{transaction_id}").Get(context.Background(), wechatpay.Options{"transaction_id": "1", "query": wechatpay.M{"mchid": "1"}})
	if !wechatpay.IsCode(err, "ORDER_NOT_EXIST") || errors.As(err, &unknown) {
		t.Errorf("error %v", err)
	}
}
