package notify_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/signer"
)

// What a merchant signs in the open must not come back as a notification.
func TestSignedInTheOpenIsNoNotification(t *testing.T) {
	var sent *url.URL
	client, err := wechatpay.New(wechatpay.Config{
		MchID: "1900000109", APIv2Key: loadMaterial(t).APIv2Key,
		Transport: transport(func(req *http.Request) (*http.Response, error) {
			sent = req.URL
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: http.NoBody}, nil
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]func() (map[string]string, error){
		"a URL": func() (map[string]string, error) {
			_, err := client.Chain("v2/papay/entrustweb").Get(context.Background(), wechatpay.Query(wechatpay.M{"contract_display_account": "张三", "plan_id": 1}))
			fields := make(map[string]string)
			for name, values := range sent.Query() {
				fields[name] = values[0]
			}
			return fields, err
		},
		"a page": func() (map[string]string, error) { return client.V2JSAPIParams("wx8888888888888888", "wx1") },
		"an app": func() (map[string]string, error) {
			return client.V2AppParams("wx8888888888888888", "wx1", "HMAC-SHA256")
		},
	}
	for name, sign := range tests {
		fields, err := sign()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		all := m{}
		for name, value := range fields {
			if name == "paySign" {
				name = "sign"
			}
			all[name] = value
		}
		n, err := newReceiver(t).Parse(post(xmlText(t, all)))
		if n != nil {
			t.Errorf("%s: Parse = %s", name, n.Resource)
		}
		checkRefusal(t, err, 401, "return_code is missing")
		checkUnverified(t, err, signer.ReasonSignature)
	}
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// The URL of a contract holds what users call themselves: no name may bring
// fields of its own with it.
func TestNameThatHoldsFieldsIsNotSigned(t *testing.T) {
	client, err := wechatpay.New(wechatpay.Config{
		MchID: "1900000109", APIv2Key: loadMaterial(t).APIv2Key,
		Transport: transport(func(req *http.Request) (*http.Response, error) {
			t.Errorf("%s left", req.URL)
			return nil, http.ErrAbortHandler
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"contract_display_account": "张三&out_trade_no=1&return_code=SUCCESS&total_fee=1",
		"outerid":                  "a&return_code=SUCCESS",
		"attach":                   "a&b=c", // not even free text
		"notify_url":               "https://shop.example/n?a=1&return_code=SUCCESS",
	} {
		_, err := client.Chain("v2/papay/entrustweb").Get(context.Background(), wechatpay.Query(wechatpay.M{name: value}))
		if !errors.Is(err, wechatpay.ErrSign) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v, want an ErrSign that names the field", name, err)
		}
	}
}
