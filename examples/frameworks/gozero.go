package frameworks

import (
	"fmt"
	"net/http"
	"time"

	"github.com/zeromicro/go-zero/rest"
	"github.com/zeromicro/go-zero/rest/pathvar"
)

// GoZero serves the shop with go-zero. The default timeout of its routes is 3 s, shorter
// than the 5 s that the platform waits for the answer to a notification.
func GoZero(shop *Shop, config rest.RestConf) (*rest.Server, error) {
	server, err := rest.NewServer(config)
	if err != nil {
		return nil, err
	}
	server.AddRoutes([]rest.Route{
		{Method: http.MethodPost, Path: "/wechatpay/notify", Handler: shop.Notified().ServeHTTP},
		{Method: http.MethodPost, Path: "/orders/:no", Handler: func(w http.ResponseWriter, r *http.Request) {
			codeURL, err := shop.Prepay(r.Context(), pathvar.Vars(r)["no"])
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadGateway)
				return
			}
			fmt.Fprint(w, codeURL)
		}},
	}, rest.WithTimeout(5*time.Second))
	return server, nil
}
