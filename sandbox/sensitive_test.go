package sandbox_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/tidwall/sjson"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox"
)

func TestEncryptedFields(t *testing.T) {
	w := newWorld(t, migrating)
	const path = "v3/profitsharing/receivers/add"
	op := openapi.Lookup("POST", path)
	if op == nil || !op.Encrypts || op.JSON.Property("name") == nil {
		t.Fatal("the catalogue has no receiver with an encrypted name")
	}
	plain := openapi.Example(op, 0)
	receiver := func(name any) any {
		var body map[string]any
		if err := json.Unmarshal(plain, &body); err != nil {
			t.Fatal(err)
		}
		body["name"] = name
		return body
	}
	for serial := range w.PlatformKeys() {
		w.mustCall(t, "POST", path, receiver(wechatpay.Secret("张三")), wechatpay.Header("Wechatpay-Serial", serial))
	}
	_, err := w.call("POST", path, receiver("张三"), wechatpay.Header("Wechatpay-Serial", serialOf(w.Sandbox)))
	if e := refused(t, err, 400, "PARAM_ERROR"); e.Detail.Get("field").String() != "/name" || e.Detail.Get("value").Exists() {
		t.Errorf("detail %s", e.Detail)
	}
	_, err = w.between(t, func(req *http.Request) { req.Header.Del("Wechatpay-Serial") }).Chain(path).
		Post(context.Background(), wechatpay.JSON(receiver("张三")))
	if e := refused(t, err, 400, "PARAM_ERROR"); e.Detail.Get("field").String() != "Wechatpay-Serial" {
		t.Errorf("detail %s", e.Detail)
	}
	without, err := sjson.DeleteBytes(plain, "name")
	if err != nil {
		t.Fatal(err)
	}
	w.mustCall(t, "POST", path, json.RawMessage(without))
}

// serialOf returns a serial number of the platform.
func serialOf(sb *sandbox.Sandbox) (serial string) {
	for serial = range sb.PlatformKeys() {
		break
	}
	return serial
}
