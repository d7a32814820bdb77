package sm2sandbox_test

import (
	"context"
	"fmt"
	"log"
	"net/http/httptest"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/signer/sm2/sm2sandbox"
)

// Serve a sandbox whose merchant is of the SM suite, and call it.
func Example() {
	var config sandbox.Config
	sm2sandbox.Use(&config)
	server, err := sandbox.New(config)
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	listening := httptest.NewServer(server)
	defer listening.Close()

	own := server.ClientConfig() // its Signer signs with SM2 and SM3
	own.BaseURL = listening.URL + "/"
	client, err := wechatpay.New(own)
	if err != nil {
		log.Fatal(err)
	}
	resp, err := client.Chain("v3/certificates").Get(context.Background(), wechatpay.Query(wechatpay.M{"algorithm_type": "SM2"}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.Header.Get("Wechatpay-Signature-Type"))
	fmt.Println(resp.Get("data.0.encrypt_certificate.algorithm"))
	// Output:
	// WECHATPAY2-SM2-WITH-SM3
	// AEAD_SM4_GCM
}

// In a test, a sandbox runs on a free port until the test ends.
func TestExample(t *testing.T) {
	sb := sandbox.Start(t, sm2sandbox.Use)
	client := sb.Client() // signs with SM2 and SM3
	if _, err := client.Chain("v3/certificates").Get(t.Context(), wechatpay.Query(wechatpay.M{"algorithm_type": "SM2"})); err != nil {
		t.Fatal(err)
	}
}
