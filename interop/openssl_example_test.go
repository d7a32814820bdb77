package interop

import (
	"fmt"
	"log"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/signer/openssl"
)

// A client with the RSA of OpenSSL on both sides.
func Example_openssl() {
	defer vectors.Enter("cert")()
	privateKey, err := keys.Private("cert/apiclient_key.pem")
	if err != nil {
		log.Fatal(err)
	}
	platformKey, err := keys.Public("cert/pub_key.pem")
	if err != nil {
		log.Fatal(err)
	}
	config := wechatpay.Config{
		MchID:        "1900000109",
		SerialNo:     "3775B6A45ACD588826D15E583A95F5DD12345678",
		PlatformKeys: keys.Static{"PUB_KEY_ID_0114232134912410000000000000": platformKey},
	}
	if config.PrivateKey, err = openssl.PrivateKey(privateKey); err != nil {
		log.Fatal(err)
	}
	if config.PlatformKeys, err = openssl.PublicKeys(config.PlatformKeys); err != nil {
		log.Fatal(err)
	}
	client, err := wechatpay.New(config)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client)
	// Output: wechatpay.Client{MchID: 1900000109, SerialNo: 3775B6A45ACD588826D15E583A95F5DD12345678, BaseURL: https://api.mch.weixin.qq.com/}
}
