package notify

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/request"
)

// failedSend sends a notification with an error of a network.
func failedSend(t *testing.T, target string, transport http.RoundTripper) error {
	t.Helper()
	var out bytes.Buffer
	err := sendOptions{}.send(httptest.NewRequestWithContext(t.Context(), http.MethodPost, target, nil), transport, &out)
	if err == nil || exit.Code(err) != exit.Network || out.Len() != 0 {
		t.Fatalf("%s: exit %d, %v, %q", target, exit.Code(err), err, out.String())
	}
	return err
}

// What keeps a handler from getting a notification is said with its URL and with what to
// do, in both languages.
func TestSendUnreached(t *testing.T) {
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	encrypted := httptest.NewTLSServer(http.NotFoundHandler())
	defer encrypted.Close()
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer silent.Close()
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	go func() {
		if conn, err := other.Accept(); err == nil {
			io.WriteString(conn, "220 mail.shop.test\r\n")
			conn.Close()
		}
	}()
	tlsOf := func(s *httptest.Server) string { return strings.Replace(s.URL, "http://", "https://", 1) }
	for _, tt := range []struct{ target, english, chinese string }{
		{tlsOf(plain) + "/notify", "/notify: " + plain.Listener.Addr().String() + " does not speak TLS; write http:// in place of https://", "不支持 TLS；请把 https:// 改成 http://"},
		{encrypted.URL + "/notify", "its certificate is not accepted: x509: certificate signed by unknown authority; serve another one", "它的证书未通过验证：本机不信任它的颁发者；请更换证书"},
		{silent.URL + "/notify", "your service closed the connection without an answer; look at its log", "/notify：你的服务没有应答就关闭了连接；请查看它的日志"},
		{"http://" + other.Addr().String(), "it does not answer as an HTTP service does: ", "；请检查 URL 的端口和协议"},
	} {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		err := failedSend(t, tt.target, transport)
		transport.CloseIdleConnections()
		if !strings.Contains(err.Error(), tt.target+": ") || !strings.Contains(err.Error(), tt.english) {
			t.Errorf("%s: %v, want %s", tt.target, err, tt.english)
		}
		if chinese := lang.Chinese().Error(err); !strings.HasPrefix(chinese, tt.target+"：") || !strings.Contains(chinese, tt.chinese) {
			t.Errorf("%s: %s, want %s", tt.target, chinese, tt.chinese)
		}
	}
}

// Errors that no test can bring about on every machine, with a URL that has a secret.
func TestSendUnreachedWithoutSecrets(t *testing.T) {
	for english, failure := range map[string]error{
		"there is no host shop.test; give the address of your service": &net.DNSError{Err: "no such host", Name: "shop.test", IsNotFound: true},
		"no connection within 5s; check the address and the firewall":  &net.OpError{Op: "dial", Net: "tcp", Err: context.DeadlineExceeded},
	} {
		err := failedSend(t, "https://user:secret@shop.test/notify?token=secret", request.RoundTripper(func(*http.Request) (*http.Response, error) { return nil, failure }))
		if !strings.HasPrefix(err.Error(), "https://shop.test/notify: "+english) || strings.Contains(err.Error(), "secret") {
			t.Error(err)
		}
		if chinese := lang.Chinese().Error(err); !strings.HasPrefix(chinese, "https://shop.test/notify：") || strings.Contains(chinese, "check") || strings.Contains(chinese, "give") {
			t.Error(chinese)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	err := sendOptions{}.send(httptest.NewRequestWithContext(gone, http.MethodPost, "http://shop.test/", nil), http.DefaultTransport, io.Discard)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("an interrupted command: %v", err)
	}
}

// An answer that does not acknowledge is explained by its status.
func TestRemedyOfStatus(t *testing.T) {
	for status, want := range map[int]string{401: "keys", 403: "keys", 404: "path", 405: "path", 302: "redirects", 500: "log", 503: "log", 200: "", 400: ""} {
		if got := string(remedyOf(status)); !strings.Contains(got, want) || (got == "") != (want == "") {
			t.Errorf("%d: %q", status, got)
		}
	}
	if got := shownURL(&url.URL{Scheme: "http", Host: "shop.test", Path: "/" + strings.Repeat("a", 200)}); len(got) > 80 {
		t.Errorf("a long URL is shown as %q", got)
	}
}
