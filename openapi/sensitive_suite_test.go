package openapi_test

import (
	"encoding/base64"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/internal/suitetest"
	"github.com/wxchain/wechatpay/keys"
)

// A platform key of another suite encrypts by itself, and says what is encrypted
// already.
func TestEncryptSensitiveOfASuite(t *testing.T) {
	const path, field = "v3/applyment4sub/applyment/", "contact_info.contact_name"
	own := suitetest.New(t, "5E01")
	platform := keys.Static{"5E01": own.Platform()}
	req, once, err := sealing(t, "POST", path, `{"contact_info":{"contact_name":"张三"}}`, nil, platform)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.StdEncoding.DecodeString(gjson.Get(once, field).String())
	if err != nil {
		t.Fatal(err)
	}
	if name, err := own.Decrypt(t.Context(), raw); err != nil || string(name) != "张三" || req.Header.Get("Wechatpay-Serial") != "5E01" {
		t.Errorf("%q for %s, %v", name, req.Header.Get("Wechatpay-Serial"), err)
	}
	if _, twice, err := sealing(t, "POST", path, once, nil, platform); err != nil || twice != once {
		t.Errorf("encrypted twice: %s, %v", twice, err)
	}
}
