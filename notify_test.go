package wechatpay_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/notify"
)

func TestNotify(t *testing.T) {
	var v struct {
		V3 []struct {
			Headers map[string]string
			Body    string
		} `json:"notifications_v3"`
		V2 []struct{ Body string } `json:"notifications_v2"`
	}
	load(t, "crypto.json", &v)
	whole := newConfig(t, nil)
	whole.APIv2Key = loadVectors(t).APIv2Key
	const refused = "!"
	for _, tt := range []struct {
		name   string
		edit   func(*wechatpay.Config)
		v3, v2 string // out_trade_no or transaction_id, or refused
	}{
		{"all keys", func(*wechatpay.Config) {}, "1217752501201407033233368018", "1004400740201409030005092168"},
		{"no APIv2 key", func(c *wechatpay.Config) { c.APIv2Key = "" }, "1217752501201407033233368018", refused},
		{"no APIv3 key", func(c *wechatpay.Config) { c.APIv3Key = "" }, refused, "1004400740201409030005092168"},
		{"APIv2 alone", func(c *wechatpay.Config) {
			c.SerialNo, c.PrivateKey, c.PlatformKeys, c.APIv3Key = "", nil, nil, ""
		}, refused, "1004400740201409030005092168"},
		{"no key", func(c *wechatpay.Config) { c.APIv3Key, c.APIv2Key = "", "" }, refused, refused},
	} {
		t.Run(tt.name, func(t *testing.T) {
			config := whole
			tt.edit(&config)
			client := newClient(t, config)
			if first, second := client.Notify(), client.Notify(); first != second {
				t.Error("a client has several receivers, which do not know what the other has seen")
			}
			for body, want := range map[string]string{v.V3[0].Body: tt.v3, v.V2[0].Body: tt.v2} {
				req := httptest.NewRequest(http.MethodPost, "/notify", strings.NewReader(body))
				if body == v.V3[0].Body {
					for name, value := range v.V3[0].Headers {
						req.Header.Set(name, value)
					}
				}
				n, err := client.Notify().Parse(req)
				var no *notify.Error
				switch {
				case want == refused && !errors.As(err, &no):
					t.Errorf("error %v, want a *notify.Error", err)
				case want != refused && (err != nil || n.Get("transaction_id").String() != want):
					t.Errorf("notification %v, %v; want that of %s", n, err, want)
				}
			}
		})
	}
}

func TestNotifyWithoutKeys(t *testing.T) {
	config := newConfig(t, nil)
	config.APIv3Key = ""
	_, err := newClient(t, config).Notify().Parse(httptest.NewRequest(http.MethodPost, "/notify", strings.NewReader("{}")))
	if err == nil || !strings.Contains(err.Error(), "APIv3Key") {
		t.Errorf("error %v does not name APIv3Key", err)
	}
}
