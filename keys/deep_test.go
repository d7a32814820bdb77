package keys_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/keys"
)

// No answer to a download ends the process.
func TestDownloaderOfDeepAnswers(t *testing.T) {
	m := loadMaterial(t)
	for _, status := range []int{200, 400, 404, 500} {
		for _, text := range []string{strings.Repeat("[", 1<<20), strings.Repeat(`{"code":`, 1<<17), `{"code":"X","message":` + strings.Repeat("[", 1<<19)} {
			d, err := keys.NewDownloader(t.Context(), keys.DownloaderConfig{
				MchID: merchantNo, SerialNo: m.merchantNo, PrivateKey: m.private, APIv3Key: apiv3Key,
				Transport: roundTripper(func(*http.Request) (*http.Response, error) {
					return &http.Response{StatusCode: status, Header: make(http.Header), Body: io.NopCloser(strings.NewReader(text))}, nil
				}),
			})
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err = d.Current(t.Context()); err == nil || len(err.Error()) > 1000 {
				t.Errorf("%d: %v", status, err)
			}
		}
	}
}
