package openapi_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/wxchain/wechatpay/internal/sdkmodel"
	"github.com/wxchain/wechatpay/openapi"
)

// sdkRequest returns a call of wechatpay-go as a request.
func sdkRequest(t *testing.T, op *openapi.Operation, c sdkmodel.Call) *http.Request {
	t.Helper()
	var body []byte
	if c.Body != nil {
		var err error
		if body, err = json.Marshal(c.Body); err != nil {
			t.Fatal(err)
		}
	}
	req, err := http.NewRequest(op.Method, "https://api.mch.weixin.qq.com"+c.Target(op.Template), bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// What wechatpay-go's models allow is valid: with all fields and with the required
// ones alone, whatever the values of its enums.
func TestValidateAcceptsTheModelsOfWechatpayGo(t *testing.T) {
	operations, err := sdkmodel.Operations()
	if err != nil {
		t.Fatal(err)
	}
	for op, o := range operations {
		for pick := range 8 {
			for _, all := range []bool{true, false} {
				call := sdkmodel.Filler{All: all, Pick: pick}.Call(op, o)
				for _, opts := range [][]openapi.ValidateOption{nil, {openapi.Strict}} {
					if err := validate(sdkRequest(t, op, call), opts...); err != nil {
						t.Errorf("all fields %t, value %d, %d options: %v", all, pick, len(opts), err)
					}
				}
			}
		}
	}
	if len(operations) < 118 {
		t.Errorf("%d operations, want 118 or more", len(operations))
	}
}

// An H5 order names the payer's address and the kind of page.
func TestValidateWantsTheSceneOfAnH5Order(t *testing.T) {
	const order = `{"appid":"wx1","mchid":"1","description":"tea","out_trade_no":"1","notify_url":"https://example.com","amount":{"total":100},` +
		`"scene_info":{"payer_client_ip":"1.2.3.4","h5_info":{"type":"Wap"}}}`
	testValidations(t, []validation{
		{"whole", "POST", "/v3/pay/transactions/h5", order, "", ""},
		{"no address", "POST", "/v3/pay/transactions/h5", with(order, `"payer_client_ip":"1.2.3.4",`, ""), "body scene_info.payer_client_ip: required, missing (用户终端IP)", ""},
		{"no page", "POST", "/v3/pay/transactions/h5", with(order, `,"h5_info":{"type":"Wap"}`, ""), "body scene_info.h5_info: required, missing (H5场景信息)", ""},
		{"no scene", "POST", "/v3/pay/transactions/h5", with(order, `"scene_info":{"payer_client_ip":"1.2.3.4","h5_info":{"type":"Wap"}}`, `"attach":"x"`), "body scene_info: required, missing", ""},
	})
}
