package cipher_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"log"

	"github.com/wxchain/wechatpay/cipher"
)

const (
	apiv3Key = "c7acc1c7811ed60617bfe6aeae1f22e2"
	apiv2Key = "0e4a1b71a8e1df8f87a964dcc0b897b7"
)

func ExampleGCM_Open() {
	gcm, err := cipher.NewGCM(apiv3Key)
	if err != nil {
		log.Fatal(err)
	}
	body := []byte(`{"resource": {
		"algorithm": "AEAD_AES_256_GCM",
		"ciphertext": "AYfcW0I0OFCEenEHrFMrtoMjPlsiVdI=",
		"associated_data": "transaction",
		"nonce": "0123456789ab"
	}}`)
	var notification struct{ Resource cipher.Sealed }
	if err := json.Unmarshal(body, &notification); err != nil {
		log.Fatal(err)
	}
	text, err := gcm.Open(notification.Resource)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(text))
	// Output: {"a":1}
}

func ExampleGCM_Open_wrongKey() {
	gcm, err := cipher.NewGCM("an APIv3 key of another merchant")
	if err != nil {
		log.Fatal(err)
	}
	_, err = gcm.Open(cipher.Sealed{
		Algorithm:      cipher.AlgorithmGCM,
		Ciphertext:     "AYfcW0I0OFCEenEHrFMrtoMjPlsiVdI=",
		AssociatedData: "transaction",
		Nonce:          "0123456789ab",
	})
	fmt.Println(errors.Is(err, cipher.ErrDecrypt))
	fmt.Println(err)
	// Output:
	// true
	// ciphertext does not decrypt: the APIv3 key is most likely not the merchant's; use the one set in the merchant platform's account center, under API security
}

func ExampleGCM_Seal() {
	gcm, err := cipher.NewGCM(apiv3Key)
	if err != nil {
		log.Fatal(err)
	}
	sealed, err := gcm.Seal([]byte(`{"a":1}`), "0123456789ab", "transaction")
	if err != nil {
		log.Fatal(err)
	}
	resource, err := json.Marshal(sealed)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(resource))
	// Output: {"algorithm":"AEAD_AES_256_GCM","ciphertext":"AYfcW0I0OFCEenEHrFMrtoMjPlsiVdI=","associated_data":"transaction","nonce":"0123456789ab"}
}

func ExampleEncryptOAEP() {
	platform, err := rsa.GenerateKey(rand.Reader, 2048) // keys.Public loads the real one
	if err != nil {
		log.Fatal(err)
	}
	name, err := cipher.EncryptOAEP(&platform.PublicKey, "张三")
	if err != nil {
		log.Fatal(err)
	}
	text, err := cipher.DecryptOAEP(platform, name)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(name), text)
	// Output: 344 张三
}

func ExampleDecryptECB() {
	refund, err := cipher.DecryptECB(apiv2Key, "CPbcVIUBWysp7y758XOdC1hDw2ERsk0jEB6Yv0MmtYg=")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(refund))
	// Output: <root><a>1</a></root>
}

func ExampleEncryptECB() {
	reqInfo, err := cipher.EncryptECB(apiv2Key, []byte("<root><a>1</a></root>"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(reqInfo)
	// Output: CPbcVIUBWysp7y758XOdC1hDw2ERsk0jEB6Yv0MmtYg=
}
