package sandbox_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// Each request fails with a chance of one in four. The seed decides which do, and
// so it is the same ones each time.
func ExampleFault_chance() {
	test := func(t testing.TB) {
		sb := sandbox.Start(t, func(c *sandbox.Config) { c.Seed = 7 })
		if err := sb.Faults(sandbox.Fault{Kind: sandbox.FaultUnavailable, Chance: 0.25}); err != nil {
			t.Fatal(err)
		}
		client := sb.Client()
		for range 8 {
			_, err := client.V3().Certificates().Get(context.Background())
			fmt.Print(wechatpay.IsCode(err, "SERVICE_UNAVAILABLE"), " ")
		}
	}
	t := new(quiet)
	defer t.end()
	test(t)
	// Output: false false true true false false true false
}
