package sandbox_test

import (
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/inprocess"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/sandbox"
)

// signedBy returns the error of a call that a merchant signs.
func (w *world) signedBy(t *testing.T, m sandbox.Merchant) error {
	t.Helper()
	config := w.ClientConfig()
	config.Transport, config.SerialNo, config.PrivateKey = inprocess.Transport(w.Server), m.SerialNo, m.PrivateKey
	client, err := wechatpay.New(config)
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Chain("v3/pay/transactions/out-trade-no/none").Get(t.Context(), wechatpay.Query(wechatpay.M{"mchid": m.MchID}))
	if wechatpay.IsCode(err, "ORDER_NOT_EXIST") {
		return nil
	}
	return err
}

// A merchant has up to three certificates that are valid at once.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4013053053
func TestIssueCertificate(t *testing.T) {
	w := newWorld(t)
	all := []sandbox.Merchant{w.Merchant()}
	for range 2 {
		m, err := w.IssueCertificate(sandbox.DefaultMchID)
		if err != nil || m.SerialNo == all[0].SerialNo || m.APIv3Key != all[0].APIv3Key || w.Merchant().SerialNo != m.SerialNo {
			t.Fatalf("%v, %v", m, err)
		}
		all = append(all, m)
	}
	if _, err := w.IssueCertificate(sandbox.DefaultMchID); err == nil || !strings.Contains(err.Error(), "has 3 certificates") {
		t.Errorf("a fourth: %v", err)
	}
	for _, m := range all {
		if err := w.signedBy(t, m); err != nil {
			t.Errorf("%s: %v", m.SerialNo, err)
		}
	}
	crossed := all[1]
	crossed.SerialNo = all[2].SerialNo
	refused(t, w.signedBy(t, crossed), 401, "SIGN_ERROR")
	for _, m := range all[:2] {
		if err := w.RevokeCertificate(m.MchID, strings.ToLower(m.SerialNo)); err != nil {
			t.Error(err)
		}
		refused(t, w.signedBy(t, m), 401, "SIGN_ERROR")
	}
	if err := w.RevokeCertificate(sandbox.DefaultMchID, all[2].SerialNo); err == nil || !strings.Contains(err.Error(), "only certificate") {
		t.Errorf("the last: %v", err)
	}
	if err := w.signedBy(t, all[2]); err != nil {
		t.Error(err)
	}
}

func TestIssueCertificateRefuses(t *testing.T) {
	w := newWorld(t)
	for _, err := range []error{w.RevokeCertificate("1", "AA"), w.RevokeCertificate(sandbox.DefaultMchID, "AA"), second(w.IssueCertificate("1"))} {
		if err == nil || !strings.Contains(err.Error(), "there is no merchant") && !strings.Contains(err.Error(), "has no certificate") {
			t.Errorf("error is %v", err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// The new key encrypts the certificates at once. Either key of a downloader opens them.
func TestSetAPIv3Key(t *testing.T) {
	w := newWorld(t, func(c *sandbox.Config) { c.PlatformKey = sandbox.KeyCertificate })
	const renewed = "abcdefghijklmnopqrstuvwxyz012345"
	if err := w.SetAPIv3Key(sandbox.DefaultMchID, renewed); err != nil || w.Merchant().APIv3Key != renewed {
		t.Fatalf("%v, %v", w.Merchant(), err)
	}
	for mchID, key := range map[string]string{sandbox.DefaultMchID: "short", "1": renewed} {
		if err := w.SetAPIv3Key(mchID, key); err == nil || strings.Contains(err.Error(), key) && mchID != "1" {
			t.Errorf("error is %v", err)
		}
	}
	m := w.Merchant()
	for _, pair := range [][2]string{{renewed, ""}, {strings.Repeat("0", 32), renewed}} {
		downloader, err := keys.NewDownloader(t.Context(), keys.DownloaderConfig{MchID: m.MchID, SerialNo: m.SerialNo, PrivateKey: m.PrivateKey,
			APIv3Key: pair[0], OtherAPIv3Key: pair[1], Transport: inprocess.Transport(w.Server), Clock: w.ClientConfig().Clock})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := downloader.Current(t.Context()); err != nil {
			t.Errorf("with %d keys: %v", len(pair), err)
		}
	}
}

// signed counts the keys that sign ten answers.
func (w *world) signed(t *testing.T) map[string]int {
	t.Helper()
	client := w.between(t, func(req *http.Request) { req.Header.Del("Wechatpay-Serial") })
	all := make(map[string]int)
	for range 10 {
		resp, err := client.Chain("v3/pay/transactions/out-trade-no/none").Get(t.Context(),
			wechatpay.Query(wechatpay.M{"mchid": sandbox.DefaultMchID}), wechatpay.HTTPErrors(false))
		if err != nil {
			t.Fatal(err)
		}
		all[resp.Header.Get("Wechatpay-Serial")]++
	}
	return all
}

// While the platform goes over to another certificate, the share decides which signs.
func TestShiftKeys(t *testing.T) {
	w := newWorld(t, func(c *sandbox.Config) { c.PlatformKey = sandbox.KeyCertificate })
	announced, err := w.AnnounceCertificate()
	if err != nil || len(announced) != 1 || len(w.PlatformKeys()) != 3 {
		t.Fatalf("%q, %v: %d keys", announced, err, len(w.PlatformKeys()))
	}
	for share, want := range map[float64]int{0: 0, 0.3: 3, 1: 10} {
		if err := w.ShiftKeys(share); err != nil {
			t.Fatal(err)
		}
		if all := w.signed(t); all[announced[0]] != want || len(all) > 2 {
			t.Errorf("a share of %v: %v", share, all)
		}
	}
	if err := w.RetireCertificates(); err != nil || len(w.PlatformKeys()) != 1 || w.signed(t)[announced[0]] != 10 {
		t.Errorf("%v: %v", err, w.PlatformKeys())
	}
}

func TestShiftKeysRefuses(t *testing.T) {
	w := newWorld(t, func(c *sandbox.Config) { c.PlatformKey = sandbox.KeyCertificate })
	early := w.ShiftKeys(1)
	if _, err := w.AnnounceCertificate(); err != nil {
		t.Fatal(err)
	}
	for want, err := range map[string]error{
		"no certificate is announced": early,
		"already":                     second(w.AnnounceCertificate()),
		"is -1, want 0 to 1":          w.ShiftKeys(-1),
		"is 1.5, want 0 to 1":         w.ShiftKeys(1.5),
		"NaN":                         w.ShiftKeys(math.NaN()),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %s", err, want)
		}
	}
}

// Merchants change to the public key while the platform's certificates stay as they are.
func TestSetServerPlatformKey(t *testing.T) {
	w := newWorld(t, func(c *sandbox.Config) { c.PlatformKey = sandbox.KeyCertificate })
	if err := w.SetPlatformKey(sandbox.KeyBoth); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{w.RetireCertificates(), second(w.AnnounceCertificate()), w.SetPlatformKey("other")} {
		if err == nil {
			t.Error("it is done while the merchants change to the public key")
		}
	}
	if err := w.SetPlatformKey(sandbox.KeyPublic); err != nil || len(w.PlatformKeys()) != 1 {
		t.Errorf("%v: %v", err, w.PlatformKeys())
	}
	if _, err := w.AnnounceCertificate(); err == nil || !strings.Contains(err.Error(), "only the public key") {
		t.Errorf("error is %v", err)
	}
}

func TestControlKeys(t *testing.T) {
	w := newWorld(t, func(c *sandbox.Config) { c.PlatformKey = sandbox.KeyCertificate })
	merchant, old := "merchants/"+sandbox.DefaultMchID, w.Merchant().SerialNo
	made := w.controls(t, 200, "POST", merchant+"/certificates", "")
	key, err := keys.Private(made.Get("private_key").String())
	if err != nil {
		t.Fatal(err)
	}
	serialNo, err := keys.SerialNo(made.Get("certificate").String())
	if err != nil || serialNo != made.Get("serial_no").String() {
		t.Fatalf("%s, %v", serialNo, err)
	}
	w.controls(t, 204, "DELETE", merchant+"/certificates/"+old, "")
	if err := w.signedBy(t, sandbox.Merchant{MchID: sandbox.DefaultMchID, SerialNo: serialNo, PrivateKey: key}); err != nil {
		t.Error(err)
	}
	w.controls(t, 400, "DELETE", merchant+"/certificates/"+old, "")
	w.controls(t, 204, "PUT", merchant+"/apiv3-key", `{"apiv3_key":"abcdefghijklmnopqrstuvwxyz012345"}`)
	w.controls(t, 400, "PUT", merchant+"/apiv3-key", `{}`)
	if got := w.controls(t, 200, "POST", "platform/certificates", "").Get("serial_nos.#").Int(); got != 1 {
		t.Errorf("%d certificates are announced", got)
	}
	w.controls(t, 204, "PUT", "platform/share", `{"share":0}`)
	w.controls(t, 400, "PUT", "platform/share", `{}`)
	w.controls(t, 400, "PUT", "platform/share", `{"share":2}`)
	w.controls(t, 204, "DELETE", "platform/certificates", "")
	w.controls(t, 204, "PUT", "platform/key", `{"platform_key":"both"}`)
	w.controls(t, 400, "PUT", "platform/key", `{"platform_key":"none"}`)
}
