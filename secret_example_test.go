package wechatpay_test

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/internal/vectors"
)

// exampleMirror stands for a client that wechatpay.New makes. Its platform
// decrypts a name and sends it back, encrypted for the merchant.
func exampleMirror() *wechatpay.Client {
	merchant := vectors.MerchantKey(panicking{})
	client, _ := newSigning(panicking{}, func(_ *http.Request, body []byte) *http.Response {
		sent := gjson.GetBytes(body, "name").String()
		name, err := cipher.DecryptOAEP(platformKey(), sent)
		if err != nil {
			log.Fatal(err)
		}
		if name, err = cipher.EncryptOAEP(&merchant.PublicKey, name); err != nil {
			log.Fatal(err)
		}
		text, err := json.Marshal(M{"name": name, "long": len(sent)})
		if err != nil {
			log.Fatal(err)
		}
		return answer(200, string(text))
	})
	return client
}

func ExampleSecret() {
	client := exampleMirror()
	name := wechatpay.Secret("张三")
	fmt.Println(name) // shows its type

	resp, err := client.Chain("v3/profitsharing/receivers/add").Post(ctx,
		wechatpay.JSON(wechatpay.M{"type": "PERSONAL_OPENID", "account": "oUpF8…", "name": name}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("sent in base64:", resp.Get("long"), "characters")

	// Decrypt what the platform encrypted for the merchant.
	text, err := resp.Decrypt("name")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(text)
	// Output:
	// (wechatpay.Secret)
	// sent in base64: 344 characters
	// 张三
}

func ExampleResponse_DecryptAll() {
	phone, err := cipher.EncryptOAEP(&vectors.MerchantKey(panicking{}).PublicKey, "13800000000")
	if err != nil {
		log.Fatal(err)
	}
	client, _ := newSigning(panicking{}, func(*http.Request, []byte) *http.Response {
		return answer(200, `{"complaint_id":"200201820200101080076610000","payer_phone":"`+phone+`"}`)
	})
	resp, err := client.Chain("v3/merchant-service/complaints-v2/{complaint_id}").Get(ctx,
		wechatpay.Bind("complaint_id", "200201820200101080076610000"))
	if err != nil {
		log.Fatal(err)
	}

	plain, err := resp.DecryptAll(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(plain.Get("payer_phone"))
	// Output: 13800000000
}
