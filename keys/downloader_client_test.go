package keys_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/keys"
)

// A client whose keys are downloaded names the newest certificate, and verifies
// what any of them has signed, also one that it did not know when it called.
func TestClientOfADownloader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old := issue(t, 0, year)
		p := &fakePlatform{t: t, certs: []issued{old}}
		signs := old
		var named []string
		network := roundTripper(func(req *http.Request) (*http.Response, error) {
			if strings.HasSuffix(req.URL.Path, "/v3/certificates") {
				return p.RoundTrip(req)
			}
			named = append(named, req.Header.Get("Wechatpay-Serial"))
			const body = `{"coupon_id":"9867041"}`
			resp := &http.Response{StatusCode: http.StatusOK, Header: make(http.Header), Body: io.NopCloser(strings.NewReader(body))}
			return resp, seal(req.Context(), signs, resp.Header, time.Now(), []byte(body))
		})
		m := loadMaterial(t)
		client, err := wechatpay.New(wechatpay.Config{
			MchID: merchantNo, SerialNo: m.merchantNo, PrivateKey: m.private, APIv3Key: apiv3Key,
			PlatformKeys: p.downloader(func(c *keys.DownloaderConfig) { c.Transport = network }),
			Transport:    network,
		})
		if err != nil {
			t.Fatal(err)
		}
		call := func() {
			t.Helper()
			resp, err := client.Chain("v3/marketing/favor/stocks").Get(t.Context())
			if err != nil || resp.Get("coupon_id").String() != "9867041" {
				t.Errorf("%v, %v", resp, err)
			}
		}
		p.checkRequests(0)
		call()
		time.Sleep(time.Hour)
		fresh := issue(t, 1, year)
		p.set(old, fresh)
		signs = fresh // before the client has heard of it
		call()
		call()
		p.checkRequests(2)
		if want := []string{old.serial(), old.serial(), fresh.serial()}; strings.Join(named, " ") != strings.Join(want, " ") {
			t.Errorf("the calls name %q, want %q", named, want)
		}
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
