package interop

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"

	gopayv3 "github.com/go-pay/gopay/wechat/v3"
	"github.com/silenceper/wechat/v2/pay"
	"github.com/silenceper/wechat/v2/pay/config"
	"github.com/silenceper/wechat/v2/util"
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

func Example_gopay() {
	defer vectors.Enter("DIR")()
	privateKey, err := os.ReadFile("DIR/apiclient_key.pem")
	if err != nil {
		log.Fatal(err)
	}
	platformKey, err := os.ReadFile("DIR/pub_key.pem")
	if err != nil {
		log.Fatal(err)
	}
	client, err := gopayv3.NewClientV3("1900000109", "SERIAL", "APIV3_KEY", string(privateKey))
	if err != nil {
		log.Fatal(err)
	}
	if err := client.AutoVerifySignByPublicKey(platformKey, "PUB_KEY_ID_…"); err != nil {
		log.Fatal(err)
	}
	client.SetProxyHost("http://127.0.0.1:8686")
	fmt.Println(client.GetProxyHost())
	// Output: http://127.0.0.1:8686
}

func Example_silenceper() {
	defer util.SetURIModifier(nil)
	util.SetURIModifier(func(uri string) string {
		return strings.Replace(uri, "https://api.mch.weixin.qq.com/", "http://127.0.0.1:8686/", 1)
	})
	payments := pay.NewPay(&config.Config{AppID: "wxd678efh567hg6787", MchID: "1900000109", Key: "APIV2_KEY"})
	fmt.Println(payments.GetOrder().MchID)
	// Output: 1900000109
}
