package wechatpay_test

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"log"
	"strconv"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/signer"
)

func Example_phpV2Transfers() {
	client := exampleV2()

	resp, err := client.V2().Mmpaymkttransfers().Promotion().Transfers().PostAsync(ctx, wechatpay.Options{
		"xml": wechatpay.M{
			"mch_appid":        "wx8888888888888888",
			"mchid":            "1900000109", // mchid here, not mch_id
			"partner_trade_no": "10000098201411111234567890",
			"openid":           "oxTWIuGaIt6gTKsQRLau2M0yL16E",
			"check_name":       "FORCE_CHECK",
			"re_user_name":     "王小王",
			"amount":           10099,
			"desc":             "理赔",
			"spbill_create_ip": "192.168.0.1",
		},
		"security": true, // known to be so; it may be left out
	}).Wait()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.Get("result_code"))
	// Output: SUCCESS
}

func Example_phpV2PublicKey() {
	client := exampleV2()

	resp, err := client.V2().Risk().Getpublickey().Post(ctx, wechatpay.XML(wechatpay.M{
		"mch_id":    "1900000109",
		"sign_type": "MD5",
	}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.Get("return_code"))
	// Output: SUCCESS
}

func Example_phpV2PayBank() {
	client := exampleV2()
	der := x509.MarshalPKCS1PublicKey(newConfig(panicking{}, nil).PrivateKey.Public().(*rsa.PublicKey))
	pubKey := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: der})) // pub_key of risk/getpublickey

	bankKey, err := keys.Public(pubKey)
	if err != nil {
		log.Fatal(err)
	}
	cardNo, err := cipher.EncryptOAEP(bankKey, "6225............")
	if err != nil {
		log.Fatal(err)
	}
	name, err := cipher.EncryptOAEP(bankKey, "张三")
	if err != nil {
		log.Fatal(err)
	}
	resp, err := client.Chain("v2/mmpaysptrans/pay_bank").Post(ctx, wechatpay.XML(wechatpay.M{
		"mch_id":           "1900000109",
		"partner_trade_no": "1212121221227",
		"enc_bank_no":      cardNo,
		"enc_true_name":    name,
		"bank_code":        "1001",
		"amount":           100000,
		"desc":             "理财",
	}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.Get("result_code"))
	// Output: SUCCESS
}

func Example_phpV2Face() {
	client := exampleV2()
	rawdata := "…" // of getWxpayfaceRawdata, on the device

	resp, err := client.V2().Face().GetWxpayfaceAuthinfo().Post(ctx, wechatpay.XML(wechatpay.M{
		"store_id":   "1001",
		"store_name": "茶馆",
		"device_id":  "till-2",
		"rawdata":    rawdata,
		"appid":      "wx8888888888888888",
		"now":        time.Now().Unix(),
		"version":    1,
		"sign_type":  "HMAC-SHA256",
	}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.Get("return_code"))
	// Output: SUCCESS
}

func Example_phpV2SignKey() {
	client := exampleV2()

	resp, err := client.V2().Xdc().Apiv2getsignkey().Sign().Getsignkey().Post(ctx, wechatpay.XML(wechatpay.M{
		"mch_id": "1900000109",
	}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.Get("return_code"))
	// Output: SUCCESS
}

func Example_phpMiniProgramCoupons() {
	apiv2Key := "exposed_your_key_here_have_risks"

	coupons := []map[string]string{
		{"stock_id": "1216890001", "out_request_no": "tea-2026-11-0001"},
		{"stock_id": "1216890002", "out_request_no": "tea-2026-11-0002"},
	}
	fields := map[string]string{"send_coupon_merchant": "10016226"}
	for i, coupon := range coupons {
		for name, value := range coupon {
			fields[name+strconv.Itoa(i)] = value // stock_id0, out_request_no0, stock_id1, …
		}
	}
	sign, err := signer.V2Sign("HMAC-SHA256", apiv2Key, fields)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(sign)
	// Output: E4354101AEEC01AF8E96614075BD96CC42843B7AAA7E5F7B466755B98F63F1AD
}

func Example_phpH5Coupons() {
	apiv2Key := "exposed_your_key_here_have_risks"

	sign, err := signer.V2Sign("HMAC-SHA256", apiv2Key, map[string]string{
		"stock_id":             "12111100000001",
		"out_request_no":       "20191204550002",
		"send_coupon_merchant": "10016226",
		"open_id":              "oVvBvwEurkeUJpBzX90-6MfCHbec",
		"coupon_code":          "75345199",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(sign))
	// Output: 64
}
