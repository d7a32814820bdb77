package keys_test

import (
	"context"
	"crypto/rsa"
	"fmt"
	"log"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/keys"
)

func Example_downloader() {
	defer vectors.Enter(".")() // a folder with the files of a merchant
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel() // ends the downloads
	privateKey, err := keys.Private("apiclient_key.pem")
	if err != nil {
		log.Fatal(err)
	}
	const serialNo, apiv3Key = "3775B6A45ACD588826D15E583A95F5DD12345678", "exposed_your_key_here_have_risks"

	downloader, err := keys.NewDownloader(ctx, keys.DownloaderConfig{
		MchID:      "1900000109",
		SerialNo:   serialNo,
		PrivateKey: privateKey,
		APIv3Key:   apiv3Key,
		OnRefresh: func(err error) {
			if err != nil {
				log.Print(err)
			}
		},
	})
	if err != nil {
		log.Fatal(err)
	}

	client, err := wechatpay.New(wechatpay.Config{
		MchID:        "1900000109",
		SerialNo:     serialNo,
		PrivateKey:   privateKey,
		PlatformKeys: downloader,
		APIv3Key:     apiv3Key,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client)
	// Output: wechatpay.Client{MchID: 1900000109, SerialNo: 3775B6A45ACD588826D15E583A95F5DD12345678, BaseURL: https://api.mch.weixin.qq.com/}
}

func ExampleCombined() {
	defer vectors.Enter(".")() // a folder with the files of a merchant
	platformKey, err := keys.Public("pub_key.pem")
	if err != nil {
		log.Fatal(err)
	}

	downloader := keys.Static{"25D2F47BD354DBDC077F5575A50B1ADFD1FC1EE6": platformKey} // stands for yours

	platformKeys := keys.Combined(
		keys.Static{"PUB_KEY_ID_0114232134912410000000000000": platformKey},
		downloader,
	)

	serial, _, err := platformKeys.Current(context.Background())
	fmt.Println(serial, err)
	// Output: PUB_KEY_ID_0114232134912410000000000000 <nil>
}

func ExamplePKCS12() {
	defer vectors.Enter(".")() // a folder with the files of a merchant
	cert, err := keys.PKCS12("apiclient_cert.p12", "1900000109")
	if err != nil {
		log.Fatal(err)
	}
	serialNo, err := keys.SerialNo(cert.Leaf)
	if err != nil {
		log.Fatal(err)
	}
	config := wechatpay.Config{
		MchID:      "1900000109",
		SerialNo:   serialNo,
		PrivateKey: cert.PrivateKey.(*rsa.PrivateKey),
		ClientCert: &cert, // for calls of APIv2 that demand it
	}

	fmt.Println(config.MchID, config.SerialNo)
	// Output: 1900000109 430AF0FB96E60731CA84CF75C06B720A363AA944
}

func ExamplePrivateWithPassphrase() {
	_, err := keys.PrivateWithPassphrase("-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n", "passphrase")
	fmt.Println(err)
	// Output:
	// private key: this is a certificate, not a private key; the key is in apiclient_key.pem
}

func ExampleCertificate() {
	_, err := keys.Certificate("-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n")
	fmt.Println(err)
	// Output:
	// certificate: the PEM block is "PUBLIC KEY", want CERTIFICATE; the merchant's is in apiclient_cert.pem
}
