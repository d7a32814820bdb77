package keys_test

import (
	"context"
	"crypto/rsa"
	"fmt"
	"log"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/keys"
)

func Example_downloader() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel() // ends the downloads
	privateKey, err := keys.Private("/etc/wechatpay/apiclient_key.pem")
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
}

func ExampleCombined() {
	var downloader *keys.Downloader // see keys.NewDownloader
	platformKey, err := keys.Public("/etc/wechatpay/pub_key.pem")
	if err != nil {
		log.Fatal(err)
	}

	platformKeys := keys.Combined(
		keys.Static{"PUB_KEY_ID_0114232134912410000000000000": platformKey},
		downloader,
	)

	fmt.Println(platformKeys.Current(context.Background()))
}

func ExamplePKCS12() {
	cert, err := keys.PKCS12("/etc/wechatpay/apiclient_cert.p12", "1900000109")
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

	fmt.Println(config)
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
