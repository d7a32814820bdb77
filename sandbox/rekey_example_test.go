package sandbox_test

import (
	"context"
	"fmt"
	"log"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/inprocess"
	"github.com/wxchain/wechatpay/sandbox"
)

// A merchant changes its API certificate: both work until the old one is revoked.
func ExampleServer_IssueCertificate() {
	sb, err := sandbox.New(sandbox.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer sb.Close()
	old := sb.ClientConfig()
	if _, err := sb.IssueCertificate(sandbox.DefaultMchID); err != nil {
		log.Fatal(err)
	}
	renewed := sb.ClientConfig()
	if err := sb.RevokeCertificate(sandbox.DefaultMchID, old.SerialNo); err != nil {
		log.Fatal(err)
	}
	for _, config := range []wechatpay.Config{old, renewed} {
		config.Transport = inprocess.Transport(sb)
		client, err := wechatpay.New(config)
		if err != nil {
			log.Fatal(err)
		}
		_, err = client.Chain("v3/merchant/fund/balance/BASIC").Get(context.Background())
		fmt.Println(wechatpay.OutcomeOf(err), wechatpay.IsCode(err, "SIGN_ERROR"))
	}
	// Output:
	// refused true
	// done false
}
