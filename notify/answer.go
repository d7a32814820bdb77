package notify

import (
	"io"
	"net/http"
)

// answer writes what the platform expects, in the protocol that it spoke.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012075420
func answer(w http.ResponseWriter, v2 bool, status int) {
	contentType, text := "application/json; charset=utf-8", `{"code":"SUCCESS","message":"成功"}`
	switch {
	case v2 && status == http.StatusOK:
		contentType, text = "text/xml; charset=utf-8", answerV2("SUCCESS", "OK")
	case v2:
		contentType, text = "text/xml; charset=utf-8", answerV2("FAIL", http.StatusText(status))
	case status != http.StatusOK:
		text = `{"code":"FAIL","message":"` + http.StatusText(status) + `"}`
	}
	h := w.Header()
	h.Set("Content-Type", contentType)
	if status == http.StatusMethodNotAllowed {
		h.Set("Allow", http.MethodPost)
	}
	w.WriteHeader(status)
	io.WriteString(w, text) // whoever has gone will send again
}

func answerV2(code, message string) string {
	return "<xml><return_code><![CDATA[" + code + "]]></return_code><return_msg><![CDATA[" + message + "]]></return_msg></xml>"
}
