package sm2_test

import (
	"fmt"
	"log"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/signer/sm2"
)

// Make a client of the SM suite. The sources of keys are PEM text, as here, or the
// paths of files.
func Example() {
	var files recorded
	if err := vectors.ReadFile("shangmi.json", &files); err != nil {
		log.Fatal(err)
	}
	privateKey, err := sm2.Private(files.Merchant.PrivateKeyPEM)
	if err != nil {
		log.Fatal(err)
	}
	merchant, err := sm2.NewSigner(files.Merchant.SerialNo, privateKey)
	if err != nil {
		log.Fatal(err)
	}
	platformKey, err := sm2.Public(files.Platform.CertificatePEM)
	if err != nil {
		log.Fatal(err)
	}
	platformSerial, err := sm2.SerialNo(files.Platform.CertificatePEM)
	if err != nil {
		log.Fatal(err)
	}
	client, err := wechatpay.New(wechatpay.Config{
		MchID:        files.Merchant.MchID,
		Signer:       merchant,
		PlatformKeys: keys.Static{platformSerial: platformKey},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client)
	// Output: wechatpay.Client{MchID: 1234567891, SerialNo: 54E7F59ED8DF4570CFB14780EA8152D45A675EE6, BaseURL: https://api.mch.weixin.qq.com/}
}
