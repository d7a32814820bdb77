package sandbox_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/sandbox"
)

// A sandbox over a socket, with the time of day.
func TestStart(t *testing.T) {
	sb := sandbox.Start(t, nil, migrating) // an edit may be nil
	if !strings.HasPrefix(sb.URL(), "http://127.0.0.1:") || !strings.HasSuffix(sb.URL(), "/") {
		t.Errorf("URL %s", sb.URL())
	}
	resp, err := sb.Client(nil).Chain("v3/certificates").Get(context.Background())
	if err != nil || len(resp.Get("data").Array()) != 2 {
		t.Errorf("certificates %v, %v", resp, err)
	}
	if got := sb.Requests(); len(got) != 1 || got[0].Status != 200 {
		t.Errorf("requests %+v", got)
	}
}

// The library's own downloader decrypts the certificates and verifies with them.
func TestCertificatesAreDownloaded(t *testing.T) {
	sb := sandbox.Start(t, migrating)
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
