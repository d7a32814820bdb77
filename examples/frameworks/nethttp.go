package frameworks

import (
	"fmt"
	"net/http"
)

// NetHTTP serves the shop with net/http.
func NetHTTP(shop *Shop) *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("POST /wechatpay/notify", shop.Notified())
	mux.HandleFunc("POST /orders/{no}", func(w http.ResponseWriter, r *http.Request) {
		codeURL, err := shop.Prepay(r.Context(), r.PathValue("no"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		fmt.Fprint(w, codeURL)
	})
	return mux
}
