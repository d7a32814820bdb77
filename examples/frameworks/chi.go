package frameworks

import (
	"fmt"
	"net/http"

	"github.com/go-chi/chi/v5"
)

// Chi serves the shop with chi.
func Chi(shop *Shop) *chi.Mux {
	router := chi.NewRouter()
	router.Method(http.MethodPost, "/wechatpay/notify", shop.Notified())
	router.Post("/orders/{no}", func(w http.ResponseWriter, r *http.Request) {
		codeURL, err := shop.Prepay(r.Context(), chi.URLParam(r, "no"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		fmt.Fprint(w, codeURL)
	})
	return router
}
