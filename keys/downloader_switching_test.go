package keys_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/keys"
)

// A connection never ends by itself.
type connection struct{ closed chan struct{} }

func (c connection) Read([]byte) (int, error) {
	<-c.closed
	return 0, io.EOF
}

func (c connection) Close() error {
	close(c.closed)
	return nil
}

// An answer of 101 is an error at once, and its connection is closed.
func TestDownloaderSwitchingProtocols(t *testing.T) {
	conn := connection{make(chan struct{})}
	m := loadMaterial(t)
	d, err := keys.NewDownloader(t.Context(), keys.DownloaderConfig{
		MchID: merchantNo, SerialNo: m.merchantNo, PrivateKey: m.private, APIv3Key: apiv3Key,
		Transport: roundTripper(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusSwitchingProtocols, Header: make(http.Header), Body: conn, ContentLength: -1}, nil
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = d.Current(t.Context())
	if !errors.As(err, new(net.Error)) || !strings.Contains(err.Error(), "101 Switching Protocols") {
		t.Error(err)
	}
	<-conn.closed
}
