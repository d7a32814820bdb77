package frameworks

import (
	"net/http"
	"time"

	"github.com/go-kratos/kratos/v2/errors"
	khttp "github.com/go-kratos/kratos/v2/transport/http"
)

// Kratos serves the shop with Kratos. The default timeout of its server is 1 s, which is
// short for a call of the platform.
func Kratos(shop *Shop, opts ...khttp.ServerOption) *khttp.Server {
	server := khttp.NewServer(append(opts, khttp.Timeout(5*time.Second))...)
	server.Handle("/wechatpay/notify", shop.Notified())
	server.Route("/").POST("/orders/{no}", func(c khttp.Context) error {
		codeURL, err := shop.Prepay(c, c.Vars().Get("no"))
		if err != nil {
			return errors.New(http.StatusBadGateway, "WECHATPAY", err.Error())
		}
		return c.String(http.StatusOK, codeURL)
	})
	return server
}
