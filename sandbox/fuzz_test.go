package sandbox_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/sandbox"
)

// FuzzServer sends unsigned requests. Each is answered, and never with success.
func FuzzServer(f *testing.F) {
	w := newWorld(f)
	header := `WECHATPAY2-SHA256-RSA2048 mchid="` + sandbox.DefaultMchID + `",nonce_str="N",timestamp="1528425000",serial_no="` +
		w.Merchant().SerialNo + `",signature="c2ln"`
	f.Add("POST", "/v3/pay/transactions/native", header, "application/json", `{"amount":{"total":1}}`)
	f.Add("GET", "/v3/certificates", header, "", "")
	f.Add("GET", "/v3/pay/transactions/id/%2F..%2f?mchid=%zz", header, "", "")
	f.Add("POST", "/v3/merchant/media/upload", header, "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"meta\"\r\n\r\n{}\r\n--b--")
	f.Add("POST", "/pay/unifiedorder", "", "text/xml", "<xml><mch_id>"+sandbox.DefaultMchID+"</mch_id><sign>0123456789ABCDEF0123456789ABCDEF</sign></xml>")
	f.Add("POST", "/secapi/mch/uploadmedia", "", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"mch_id\"\r\n\r\n1900000109\r\n--b--")
	f.Add("PUT", "//", "", "multipart/form-data", "")
	f.Fuzz(func(t *testing.T, method, target, authorization, contentType, body string) {
		u, err := url.ParseRequestURI(target)
		if err != nil {
			return // net/http answers that itself
		}
		req := &http.Request{Method: method, URL: u, RequestURI: target, Body: http.NoBody,
			Header: http.Header{"Authorization": {authorization}, "Content-Type": {contentType}}}
		if body != "" {
			req.Body = readCloser{strings.NewReader(body)}
		}
		out := httptest.NewRecorder()
		w.ServeHTTP(out, req)
		v2 := out.Header().Get("Wechatpay-Signature") == ""
		if !v2 && out.Code < 400 || v2 && !strings.Contains(out.Body.String(), "<return_code>FAIL</return_code>") {
			t.Errorf("%s %q: %d %s", method, target, out.Code, out.Body)
		}
	})
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }
