package interop

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/option"
	"github.com/wechatpay-apiv3/wechatpay-go/utils"

	"github.com/wxchain/wechatpay/internal/vectors"
)

type toSandbox struct{}

func (toSandbox) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.URL.Scheme, req.URL.Host, req.Host = "http", "127.0.0.1:8686", ""
	return http.DefaultTransport.RoundTrip(req)
}

// A client of wxpay sandbox, which has printed what stands in capitals here.
func Example_connect() {
	defer vectors.Enter("DIR")() // the folder of wxpay sandbox --dir DIR
	ctx := context.Background()
	privateKey, err := utils.LoadPrivateKeyWithPath("DIR/apiclient_key.pem")
	if err != nil {
		log.Fatal(err)
	}
	platformKey, err := utils.LoadPublicKeyWithPath("DIR/pub_key.pem")
	if err != nil {
		log.Fatal(err)
	}
	client, err := core.NewClient(ctx,
		option.WithWechatPayPublicKeyAuthCipher("1900000109", "SERIAL", privateKey, "PUB_KEY_ID_…", platformKey),
		option.WithHTTPClient(&http.Client{Transport: toSandbox{}}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client != nil)
	// Output: true
}
