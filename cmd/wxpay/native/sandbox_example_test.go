package main

import (
	"context"
	"crypto"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/signer/openssl"
)

// A sandbox whose merchant and platform have OpenSSL's keys: a paid order with its
// notification, and fields that are encrypted in both directions.
func TestSandboxOfOpenSSL(t *testing.T) {
	native(t)
	sb := sandbox.Start(t, func(config *sandbox.Config) {
		config.Demo, config.PlatformKey = true, sandbox.KeyBoth
		config.RSA = sandbox.RSA{
			PrivateKey: func(key *rsa.PrivateKey) (crypto.Signer, error) { return openssl.PrivateKey(key) },
			PublicKeys: openssl.PublicKeys,
		}
	})
	for serial, key := range sb.PlatformKeys() {
		if !strings.HasPrefix(fmt.Sprint(key), "OpenSSL RSA public key") {
			t.Errorf("the platform's key %s is a %v", serial, key)
		}
	}
	if key := sb.ClientConfig().PrivateKey; fmt.Sprint(key) != "OpenSSL RSA private key" {
		t.Errorf("the merchant's key is a %v", key)
	}
	client, m := sb.Client(), sb.Merchant()
	told := make(chan string, 8)
	shop := httptest.NewServer(client.Notify(notify.OnError(func(context.Context, error) {})).Handler(
		func(_ context.Context, n *notify.Notification) error {
			told <- n.Get("out_trade_no").String()
			return nil
		}))
	t.Cleanup(shop.Close)
	if _, err := client.Chain("v3/pay/transactions/native").Post(t.Context(), wechatpay.JSON(wechatpay.M{
		"appid": "wx233544546545989", "mchid": m.MchID, "description": "茶", "out_trade_no": "native-0001", "notify_url": shop.URL, "amount": wechatpay.M{"total": 1},
	})); err != nil {
		t.Fatal(err)
	}
	if _, err := sb.Pay(m.MchID, "native-0001"); err != nil {
		t.Fatal(err)
	}
	select {
	case number := <-told:
		if number != "native-0001" {
			t.Errorf("notified of %s", number)
		}
	case <-time.After(time.Minute):
		t.Fatal("no notification")
	}
	const receivers = "v3/profitsharing/receivers/add"
	var receiver map[string]any
	if err := json.Unmarshal(openapi.Example(openapi.Lookup("POST", receivers), 0), &receiver); err != nil {
		t.Fatal(err)
	}
	for serial := range sb.PlatformKeys() {
		receiver["name"] = wechatpay.Secret("张三")
		if _, err := client.Chain(receivers).Post(t.Context(), wechatpay.JSON(receiver), wechatpay.Header("Wechatpay-Serial", serial)); err != nil {
			t.Errorf("a field for the key %s: %v", serial, err)
		}
	}
	resp, err := client.Chain("v3/merchant-service/complaints-v2/200201820200101080076610000").Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if phone, err := resp.Decrypt("payer_phone"); err != nil || phone != "13800000000" {
		t.Errorf("payer_phone is %q, %v", phone, err)
	}
}
