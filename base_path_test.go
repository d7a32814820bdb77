package wechatpay_test

import (
	"crypto/rsa"
	"errors"
	"testing"

	"github.com/wxchain/wechatpay"
)

// The path of the operation decides which answers are unsigned, even if the base
// has a path of its own.
func TestUnsignedAnswersBehindAPath(t *testing.T) {
	const success = `<xml><return_code>SUCCESS</return_code><result_code>SUCCESS</result_code></xml>`
	config := newConfig(t, canAnswer(200, nil, success))
	config.APIv2Key, config.ClientCert = v2Key, selfSigned(t, config.PrivateKey.(*rsa.PrivateKey))
	for _, base := range []string{wechatpay.DefaultBaseURL, "https://proxy.example/wx/", "https://proxy.example/a%2Fb"} {
		config.BaseURL = base
		client := newClient(t, config)
		for _, path := range []string{"v2/mmpaymkttransfers/sendredpack", "v2/mmpaymkttransfers/sendredpack/"} {
			if _, err := client.Chain(path).Post(background()); err != nil {
				t.Errorf("%s at %s: %v", path, base, err)
			}
		}
		if _, err := client.Chain("v3/billdownload/file?token=a").Get(background()); err != nil {
			t.Errorf("a bill at %s: %v", base, err)
		}
		for _, path := range []string{"v2/pay/orderquery", "v2/x/mmpaymkttransfers/sendredpack"} {
			if _, err := client.Chain(path).Post(background()); !errors.Is(err, wechatpay.ErrVerify) {
				t.Errorf("%s at %s: %v, want ErrVerify", path, base, err)
			}
		}
	}
}

// A value with slashes is one segment. It does not lead to another operation.
func TestVariableDoesNotChangeTheOperation(t *testing.T) {
	const success = `<xml><return_code>SUCCESS</return_code><result_code>SUCCESS</result_code></xml>`
	for _, value := range []string{"mmpaymkttransfers/sendredpack", "pay/downloadbill"} {
		_, err := newV2(t, canAnswer(200, nil, success)).Chain("v2/{x}").Bind("x", value).Post(background())
		if !errors.Is(err, wechatpay.ErrVerify) {
			t.Errorf("%s: %v, want ErrVerify", value, err)
		}
	}
}
