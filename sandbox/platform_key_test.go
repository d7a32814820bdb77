package sandbox_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/inprocess"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/signer"
)

// modes are the kinds of keys that verify answers, by what the request names: no
// key, a certificate, or the public key; and how many keys there are.
var modes = map[sandbox.PlatformKey]struct {
	none, certificate, public string
	keys                      int
	certificates              int // that v3/certificates lists, 0 if it is refused
}{
	"":                     {"public", "public", "public", 1, 0},
	sandbox.KeyPublic:      {"public", "public", "public", 1, 0},
	sandbox.KeyCertificate: {"newest", "certificate", "newest", 2, 2},
	sandbox.KeyBoth:        {"newest", "certificate", "public", 3, 2},
}

// The mode and the Wechatpay-Serial of the request decide which key signs an answer.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012154180
func TestPlatformKeySignsAnswers(t *testing.T) {
	config, err := sandbox.KeyedConfig(start)
	if err != nil {
		t.Fatal(err)
	}
	platform := config.Platform
	for mode, want := range modes {
		t.Run(string(mode), func(t *testing.T) {
			w := newWorld(t, func(c *sandbox.Config) { c.Platform, c.PlatformKey = platform, mode })
			serials := serialsOf(*platform)
			if got := len(w.PlatformKeys()); got != want.keys {
				t.Errorf("PlatformKeys has %d keys, want %d", got, want.keys)
			}
			for named, by := range map[string]string{"none": want.none, "certificate": want.certificate, "public": want.public, "unknown": want.none} {
				resp, err := w.between(t, func(req *http.Request) {
					req.Header.Del("Wechatpay-Serial")
					if serial := serials[named]; serial != "" {
						req.Header.Set("Wechatpay-Serial", serial)
					}
				}).Chain("v3/pay/transactions/out-trade-no/no_such_order").Get(context.Background(),
					wechatpay.Query(wechatpay.M{"mchid": sandbox.DefaultMchID}), wechatpay.HTTPErrors(false))
				if err != nil {
					t.Errorf("%s named: %v", named, err)
					continue
				}
				if got := resp.Header.Get("Wechatpay-Serial"); got != serials[by] {
					t.Errorf("%s named: signed by %s, want %s (%s)", named, got, by, serials[by])
				}
				if got := resp.Header.Get("Wechatpay-Signature-Type"); got != signer.SchemeRSA {
					t.Errorf("%s named: Wechatpay-Signature-Type is %q", named, got)
				}
			}
			for _, path := range []string{"v3/certificates", "v3/global/certificates", "hk/v3/certificates"} {
				resp, err := w.call("GET", path, nil)
				if want.certificates == 0 {
					refused(t, err, http.StatusNotFound, "RESOURCE_NOT_EXISTS")
				} else if err != nil || len(resp.Get("data").Array()) != want.certificates {
					t.Errorf("%s: %v, %v", path, resp, err)
				}
			}
		})
	}
}

// serialsOf returns the serial numbers and the id of a platform by what they name.
func serialsOf(p sandbox.Platform) map[string]string {
	all := map[string]string{"public": p.PublicKeyID, "unknown": strings.Repeat("5A", 20)}
	for serial := range p.Keys() {
		switch {
		case serial == p.PublicKeyID:
		case serial == newestOf(p):
			all["newest"] = serial
		default:
			all["certificate"] = serial
		}
	}
	return all
}

// newestOf returns the serial number of the newest certificate of a platform.
func newestOf(p sandbox.Platform) string {
	newest := slices.MaxFunc(p.Certificates, func(a, b sandbox.PlatformCertificate) int {
		return a.Certificate.NotBefore.Compare(b.Certificate.NotBefore)
	})
	return strings.TrimSuffix(strings.TrimPrefix(newest.String(), "sandbox.PlatformCertificate{"), "}")
}

// A field is taken if it is encrypted for a key that the merchant works with.
func TestPlatformKeyEncrypts(t *testing.T) {
	const path = "v3/profitsharing/receivers/add"
	var receiver map[string]any
	if err := json.Unmarshal(openapi.Example(openapi.Lookup("POST", path), 0), &receiver); err != nil {
		t.Fatal(err)
	}
	receiver["name"] = wechatpay.Secret("张三")
	platform := testConfig(t).Platform
	everything := platform.Keys()
	for mode, want := range modes {
		w := newWorld(t, func(c *sandbox.Config) { c.Platform, c.PlatformKey = platform, mode })
		client := w.Client(func(c *wechatpay.Config) { c.Transport, c.PlatformKeys = inprocess.Transport(w.Server), everything })
		taken := 0
		for serial := range everything {
			_, err := client.Chain(path).Post(t.Context(), wechatpay.JSON(receiver), wechatpay.Header("Wechatpay-Serial", serial))
			if err == nil {
				taken++
			} else if e := refused(t, err, 400, "PARAM_ERROR"); e.Detail.Get("field").String() != "Wechatpay-Serial" {
				t.Errorf("%s: detail %s", mode, e.Detail)
			}
		}
		if taken != want.keys {
			t.Errorf("%s: fields for %d keys are taken, want %d", mode, taken, want.keys)
		}
	}
}

// Notifications follow the mode too, and name the scheme of their signature and a
// Request-ID.
func TestPlatformKeySignsNotifications(t *testing.T) {
	for mode, want := range modes {
		t.Run(string(mode), func(t *testing.T) {
			config := testConfig(t)
			serials := serialsOf(*config.Platform)
			for _, named := range []string{"none", "certificate", "public"} {
				synctest.Test(t, func(t *testing.T) {
					var got http.Header
					config := config
					config.PlatformKey, config.Clock = mode, time.Now
					config.Client = &http.Client{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
						got = req.Header.Clone()
						return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
					})}
					server, _ := newServer(t, config)
					defer server.Close()
					place(t, clientNaming(t, server, serials[named]), "by_key")
					pay(t, server, "by_key")
					synctest.Wait()
					by := map[string]string{"none": want.none, "certificate": want.certificate, "public": want.public}[named]
					if serial := got.Get("Wechatpay-Serial"); serial != serials[by] {
						t.Errorf("%s named: signed by %q, want %s (%s)", named, serial, by, serials[by])
					}
					if got.Get("Wechatpay-Signature-Type") != signer.SchemeRSA || got.Get("Request-ID") == "" {
						t.Errorf("header %v", got)
					}
				})
			}
		})
	}
}

// clientNaming returns a client of a server whose requests name a key, or none.
func clientNaming(t *testing.T, server *sandbox.Server, serial string) *wechatpay.Client {
	t.Helper()
	config := server.ClientConfig()
	config.Transport = roundTripper(func(req *http.Request) (*http.Response, error) {
		req = req.Clone(req.Context())
		if req.Header.Del("Wechatpay-Serial"); serial != "" {
			req.Header.Set("Wechatpay-Serial", serial)
		}
		return inprocess.Transport(server).RoundTrip(req)
	})
	client, err := wechatpay.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestPlatformKeyRefuses(t *testing.T) {
	if _, err := sandbox.New(sandbox.Config{PlatformKey: "certificates"}); err == nil || !strings.Contains(err.Error(), `"certificates" is not one of ["public" "certificate" "both"]`) {
		t.Errorf("New: error is %v", err)
	}
	dir := t.TempDir()
	if err := sandbox.SetPlatformKey(dir, "", start); err == nil || !strings.Contains(err.Error(), "is not one of") {
		t.Errorf("SetPlatformKey: error is %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("SetPlatformKey made %v, %v", left, err)
	}
	loadDir(t, dir)
	change(t, filepath.Join(dir, "sandbox.toml"), func(text string) []byte { return []byte(strings.Replace(text, "'public'", "'other'", 1)) })
	if _, err := sandbox.LoadDir(dir, start); err == nil || !strings.Contains(err.Error(), "sandbox.toml: the platform key \"other\"") {
		t.Errorf("LoadDir: error is %v", err)
	}
}

// A folder keeps its mode. The wxpay.toml of each merchant has the public key only
// if the merchant works with it.
func TestSetPlatformKey(t *testing.T) {
	dir := t.TempDir()
	addMerchant(t, dir, "1900000110")
	if got := loadDir(t, dir).PlatformKey; got != sandbox.KeyPublic {
		t.Fatalf("a new folder has the mode %q", got)
	}
	if err := sandbox.AddSubMerchant(dir, sandbox.SubMerchant{SpMchID: "1900000110", SubMchID: "1900000111"}, start); err != nil {
		t.Fatal(err)
	}
	id := loadDir(t, dir).Platform.PublicKeyID
	for _, mode := range []sandbox.PlatformKey{sandbox.KeyCertificate, sandbox.KeyCertificate, sandbox.KeyBoth, sandbox.KeyPublic, sandbox.KeyCertificate} {
		if err := sandbox.SetPlatformKey(dir, mode, start); err != nil {
			t.Fatal(err)
		}
		if mode == sandbox.KeyCertificate {
			addMerchant(t, dir, "1900000112") // the first time
		}
		config := loadDir(t, dir)
		if config.PlatformKey != mode || config.Platform.PublicKeyID != id || len(config.Merchants) != 3 || len(config.SubMerchants) != 1 {
			t.Errorf("after %s: %+v", mode, config)
		}
		for file, path := range map[string]string{"wxpay.toml": "'pub_key.pem'", "merchants/1900000110/wxpay.toml": "'../../pub_key.pem'", "merchants/1900000112/wxpay.toml": "'../../pub_key.pem'"} {
			text, err := os.ReadFile(filepath.Join(dir, file))
			if err != nil {
				t.Fatal(err)
			}
			named := strings.Count(string(text), "platform_public_key_id = '"+id+"'\n") + strings.Count(string(text), "platform_public_key = "+path+"\n")
			if want := map[bool]int{true: 0, false: 2}[mode == sandbox.KeyCertificate]; named != want || strings.Count(string(text), "platform_") != want {
				t.Errorf("%s in mode %s:\n%s", file, mode, text)
			}
		}
	}
}

// A folder from before there were modes has no mode. Its merchants worked with both
// kinds of keys, and go on to do so.
func TestPlatformKeyOfAnOldFolder(t *testing.T) {
	dir := t.TempDir()
	loadDir(t, dir)
	change(t, filepath.Join(dir, "sandbox.toml"), gone)
	if got := loadDir(t, dir).PlatformKey; got != sandbox.KeyBoth {
		t.Errorf("its mode is %q", got)
	}
	if err := sandbox.AddSubMerchant(dir, sandbox.SubMerchant{SpMchID: sandbox.DefaultMchID, SubMchID: "1900000111"}, start); err != nil {
		t.Fatal(err)
	}
	if got := loadDir(t, dir).PlatformKey; got != sandbox.KeyBoth {
		t.Errorf("its mode is %q", got)
	}
}
