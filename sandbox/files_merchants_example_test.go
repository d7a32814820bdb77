package sandbox_test

import (
	"fmt"
	"log"
	"os"
	"time"

	"github.com/wxchain/wechatpay/sandbox"
)

// A second merchant, and a partner of both numbers, in the folder of a sandbox.
func ExampleAddMerchant() {
	dir, err := os.MkdirTemp("", "sandbox-*")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := sandbox.AddMerchant(dir, "1900000110", time.Now()); err != nil {
		log.Fatal(err)
	}
	sub := sandbox.SubMerchant{SpMchID: "1900000110", SubMchID: "1900000111"}
	if err := sandbox.AddSubMerchant(dir, sub, time.Now()); err != nil {
		log.Fatal(err)
	}

	config, err := sandbox.LoadDir(dir, time.Now())
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range config.Merchants {
		fmt.Println("merchant", m.MchID)
	}
	for _, s := range config.SubMerchants {
		fmt.Println("partner", s.SpMchID, "of", s.SubMchID)
	}
	// Output:
	// merchant 1900000109
	// merchant 1900000110
	// partner 1900000110 of 1900000111
}
