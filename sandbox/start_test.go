package sandbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"crypto/tls"
	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/sandbox"
)

// Over a socket, and with the time of day.
func TestStart(t *testing.T) {
	sb := sandbox.Start(t)
	if !strings.HasPrefix(sb.URL(), "http://127.0.0.1:") || !strings.HasSuffix(sb.URL(), "/") {
		t.Errorf("URL %s", sb.URL())
	}
	resp, err := sb.Client().Chain("v3/certificates").Get(context.Background())
	if err != nil || len(resp.Get("data").Array()) != 2 {
		t.Errorf("certificates %v, %v", resp, err)
	}
	if got := sb.Requests(); len(got) != 1 || got[0].Status != 200 {
		t.Errorf("requests %+v", got)
	}
}

// The library's own downloader opens the certificates and verifies by them.
func TestCertificatesAreDownloaded(t *testing.T) {
	sb := sandbox.Start(t)
	d, err := keys.NewDownloader(t.Context(), keys.DownloaderConfig{
		MchID: sb.Merchant().MchID, SerialNo: sb.Merchant().SerialNo, PrivateKey: sb.Merchant().PrivateKey,
		APIv3Key: sb.Merchant().APIv3Key, BaseURL: sb.URL(),
	})
	if err != nil {
		t.Fatal(err)
	}
	serial, _, err := d.Current(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if _, known := sb.PlatformKeys()[serial]; !known {
		t.Errorf("the current certificate %s is not the platform's", serial)
	}
}

func TestNewRefuses(t *testing.T) {
	m, err := sandbox.NewMerchant("1900000109", start)
	if err != nil {
		t.Fatal(err)
	}
	short := m
	short.APIv3Key = "short"
	for name, tt := range map[string]struct {
		config sandbox.Config
		want   string
	}{
		"no number":   {sandbox.Config{Merchants: []sandbox.Merchant{{}}}, "MchID"},
		"no key":      {sandbox.Config{Merchants: []sandbox.Merchant{{MchID: "1"}}}, "PrivateKey"},
		"short key":   {sandbox.Config{Merchants: []sandbox.Merchant{short}}, "32"},
		"twice":       {sandbox.Config{Merchants: []sandbox.Merchant{m, m}}, "twice"},
		"no platform": {sandbox.Config{Merchants: []sandbox.Merchant{m}, Platform: new(sandbox.Platform)}, "PUB_KEY_ID_"},
	} {
		_, err := sandbox.New(tt.config)
		if err == nil || !strings.HasPrefix(err.Error(), "sandbox: ") || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "short") {
			t.Errorf("%s: error is %v, want one that says %s", name, err, tt.want)
		}
	}
}

func TestNothingSecretIsPrinted(t *testing.T) {
	sb := sandbox.Start(t)
	m := sb.Merchant()
	p, err := sandbox.NewPlatform(start)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{m, &m, p, &p, p.Certificates, []sandbox.Merchant{m}} {
		text, err := json.Marshal(v)
		if err != nil {
			t.Error(err)
		}
		for _, s := range []string{fmt.Sprint(v), fmt.Sprintf("%+v", v), fmt.Sprintf("%#v", v), string(text)} {
			for _, secret := range []string{m.APIv3Key, m.APIv2Key, m.PrivateKey.D.String(), p.PrivateKey.D.String(), p.Certificates[0].PrivateKey.D.String()} {
				if strings.Contains(s, secret) {
					t.Errorf("%T prints a secret", v)
				}
			}
		}
	}
}

// On TLS, calls that need the client certificate get nowhere without it, or
// with another.
func TestClientCertificate(t *testing.T) {
	sb := sandbox.Start(t)
	server := httptest.NewUnstartedServer(sb.Server)
	server.TLS = &tls.Config{ClientAuth: tls.RequestClientCert}
	server.StartTLS()
	t.Cleanup(server.Close)
	other, err := sandbox.NewMerchant("1900000110", start)
	if err != nil {
		t.Fatal(err)
	}
	// none presents no certificate, though the client has one.
	none := server.Client().Transport.(*http.Transport)
	send := func(edit func(*wechatpay.Config)) error {
		transport := none.Clone()
		t.Cleanup(transport.CloseIdleConnections)
		client := sb.Client(func(c *wechatpay.Config) {
			c.BaseURL, c.Transport = server.URL+"/", transport
			edit(c)
		})
		_, err := client.Chain("v2/secapi/pay/refund").Post(context.Background(), wechatpay.XML(wechatpay.M{
			"appid": "wxd678efh567hg6787", "out_trade_no": number, "out_refund_no": "1", "total_fee": 1, "refund_fee": 1}))
		return err
	}
	if err := send(func(*wechatpay.Config) {}); err != nil {
		t.Error(err)
	}
	for name, edit := range map[string]func(*wechatpay.Config){
		"another's": func(c *wechatpay.Config) { cert := other.TLS(); c.ClientCert = &cert },
		"none": func(c *wechatpay.Config) {
			rt := c.Transport
			c.Transport = roundTripper(rt.RoundTrip)
		},
	} {
		if err := send(edit); !errors.As(err, new(*wechatpay.Error)) || !strings.Contains(err.Error(), "CERT_ERROR") {
			t.Errorf("%s: error is %v, want CERT_ERROR", name, err)
		}
	}
}
