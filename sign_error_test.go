package wechatpay_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/middleware"
)

// signErrorAfter returns the text of a SIGN_ERROR. edit changes the request below
// the signer. The platform computes its side from what arrived; onWay then
// changes that as a gateway would.
func signErrorAfter(t *testing.T, edit func(*http.Request), onWay func(string) string) string {
	t.Helper()
	_, config := newSigning(t, func(req *http.Request, body []byte) *http.Response {
		_, rest, _ := strings.Cut(req.Header.Get("Authorization"), `nonce_str="`)
		nonce, rest, _ := strings.Cut(rest, `",timestamp="`)
		timestamp, _, _ := strings.Cut(rest, `"`)
		message := onWay(fmt.Sprintf("%s\n%s\n%s\n%s\n%s\n", req.Method, req.URL.RequestURI(), timestamp, nonce, body))
		return answer(401, fmt.Sprintf(`{"code":"SIGN_ERROR","message":"签名错误","detail":{"sign_information":{"sign_message_length":%d,"truncated_sign_message":%q}}}`,
			len(message), message))
	})
	config.Middleware = func(_ wechatpay.Protocol, s *middleware.Stack) error {
		return s.Push("below", func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(req *http.Request) (*http.Response, error) {
				req = req.Clone(req.Context())
				edit(req)
				return next.RoundTrip(req)
			})
		})
	}
	_, err := newClient(t, config).Chain("v3/x").Post(background(), wechatpay.JSON(wechatpay.M{"name": "张三丰", "id_card": "110101199001011234"}))
	if !wechatpay.IsCode(err, "SIGN_ERROR") {
		t.Fatalf("error %v, want SIGN_ERROR", err)
	}
	return err.Error()
}

func TestSignErrorNamesTheCause(t *testing.T) {
	asSent := func(message string) string { return message }
	replace := func(body string) func(*http.Request) {
		return func(req *http.Request) {
			req.Body, req.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		}
	}
	const key, below = "private key", "something below the signer changed the "
	for _, tt := range []struct {
		name  string
		edit  func(*http.Request)
		onWay func(string) string
		want  string
		key   bool // whether the key is blamed
	}{
		{"nothing changed", func(*http.Request) {}, asSent, "the two agree, so the private key is not that", true},
		{"a header set", func(req *http.Request) { req.Header.Set("X-Trace", "1") }, asSent, "the two agree", true},
		{"another body", replace(`{"a":1}`), asSent, below + "body", false},
		{"another body of that length", func(req *http.Request) {
			body, err := io.ReadAll(req.Body)
			if err != nil {
				t.Error(err)
			}
			req.Body = io.NopCloser(bytes.NewReader(bytes.ToUpper(body)))
		}, asSent, below + "body", false},
		{"another body set whole", func(req *http.Request) { middleware.SetBody(req, []byte(`{"name": "张三丰"}`)) }, asSent, below + "body", false},
		{"a query added", func(req *http.Request) { req.URL.RawQuery = "trace=1" }, asSent, below + "URL", false},
		{"a path prefixed", func(req *http.Request) { req.URL.Path = "/gateway" + req.URL.Path }, asSent, below + "URL", false},
		{"another method", func(req *http.Request) { req.Method = "PUT" }, asSent, below + "method", false},
		{"URL and body", func(req *http.Request) { req.URL.RawQuery = "a=b"; replace("x")(req) }, asSent, below + "URL and the body", false},
		{"a gateway's path", func(*http.Request) {}, func(m string) string { return strings.Replace(m, "/v3/", "/wx/v3/", 1) }, "they differ in the URL: ", true},
		{"a gateway's body", func(*http.Request) {}, func(m string) string { return m[:len(m)-1] + " \n" }, "they differ in the body: ", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := signErrorAfter(t, tt.edit, tt.onWay)
			if !strings.Contains(text, tt.want) || strings.Contains(text, key) != tt.key {
				t.Errorf("error %s, want %q in it", text, tt.want)
			}
			if !strings.Contains(text, `signed here: `) || !strings.Contains(text, `"POST\n/v3/x\n1790000001\n`) || !strings.Contains(text, `{\"id_car…"`) {
				t.Errorf("it does not show what was signed: %s", text)
			}
			if strings.Contains(text, "1101011990") || strings.Contains(text, "三丰") {
				t.Errorf("it shows the body: %s", text)
			}
		})
	}
}
