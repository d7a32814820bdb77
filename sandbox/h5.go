package sandbox

import (
	"io"
	"net/http"
	"strings"

	"github.com/wxchain/wechatpay/sandbox/internal/money"
)

// isH5 reports whether a browser follows an h5_url.
func isH5(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.TrimPrefix(r.URL.Path, "/") == money.H5Path
}

// answerH5 answers a browser that follows an h5_url. Nobody can pay there.
func answerH5(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, "This is a sandbox. On the platform, this page opens WeChat. Here the control API plays the user:\n\n"+
		"\tcurl -X POST http://localhost:PORT/_sandbox/orders/OUT_TRADE_NO/pay\n") // a browser that is gone does not read it
}
