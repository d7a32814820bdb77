package sandbox_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// Upload an image for a response to a complaint, and read it back.
func Example_images() {
	test := func(t testing.TB) {
		ctx, client := context.Background(), sandbox.Start(t).Client()
		image := "\x89PNG\r\n\x1a\n…"
		resp, err := client.Chain("v3/merchant-service/images/upload").Post(ctx, wechatpay.Upload("receipt.png", strings.NewReader(image)))
		if err != nil {
			t.Fatal(err)
		}
		id := resp.Get("media_id").String()
		back, err := client.Chain("v3/merchant-service/images/{media_id}").Bind("media_id", id).Get(ctx)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println(id)
		fmt.Println(back.Header.Get("Content-Type"), string(back.Bytes()) == image)
	}
	t := new(quiet)
	defer t.end()
	test(t)
	// Output:
	// 973DDAFB12A0BDAEF9C2CB2297B5782E.png
	// image/png true
}
