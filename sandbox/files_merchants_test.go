package sandbox_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/inprocess"
	"github.com/wxchain/wechatpay/sandbox"
)

const otherMchID = "1900000110"

func addMerchant(t *testing.T, dir, mchID string) {
	t.Helper()
	if err := sandbox.AddMerchant(dir, mchID, start); err != nil {
		t.Fatal(err)
	}
}

// A merchant that is added stays, and so do those that were there.
func TestAddMerchant(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made")
	addMerchant(t, dir, otherMchID) // and the folder
	first := loadDir(t, dir)
	addMerchant(t, dir, otherMchID) // once more, which changes nothing
	addMerchant(t, dir, sandbox.DefaultMchID)
	config := loadDir(t, dir)
	if len(config.Merchants) != 2 || config.Merchants[0].MchID != sandbox.DefaultMchID || config.Merchants[1].MchID != otherMchID {
		t.Fatalf("the merchants are %v", config.Merchants)
	}
	for i, m := range config.Merchants {
		if was := first.Merchants[i]; m.SerialNo != was.SerialNo || m.APIv3Key != was.APIv3Key || !m.PrivateKey.Equal(was.PrivateKey) {
			t.Errorf("merchant %s is another", m.MchID)
		}
	}
	own := filepath.Join(dir, "merchants", otherMchID)
	for _, name := range []string{"wxpay.toml", "apiclient_key.pem", "apiclient_cert.p12"} {
		if info, err := os.Stat(filepath.Join(own, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}

	t.Run("client", func(t *testing.T) { testMerchantsClients(t, config) })
	t.Run("damaged", func(t *testing.T) { testMerchantsDamaged(t, dir, config) })
	t.Run("not to its end", func(t *testing.T) {
		if err := os.Mkdir(filepath.Join(dir, "merchants", ".new-1"), 0o700); err != nil {
			t.Fatal(err)
		}
		if got := loadDir(t, dir).Merchants; len(got) != 2 {
			t.Errorf("the merchants are %v", got)
		}
	})
}

// testMerchantsClients has each merchant place an order, of which the other one
// knows nothing.
func testMerchantsClients(t *testing.T, config sandbox.Config) {
	config.Clock = (&clock{now: start}).Now
	server, err := sandbox.New(config)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	for _, m := range config.Merchants {
		client, err := wechatpay.New(wechatpay.Config{
			MchID: m.MchID, SerialNo: m.SerialNo, PrivateKey: m.PrivateKey, PlatformKeys: config.Platform.Keys(),
			Transport: inprocess.Transport(server), Clock: config.Clock,
		})
		if err != nil {
			t.Fatal(err)
		}
		byNumber := client.Chain("v3/pay/transactions/out-trade-no/same_number")
		_, err = byNumber.Get(t.Context(), wechatpay.Query(wechatpay.M{"mchid": m.MchID}))
		refused(t, err, http.StatusNotFound, "ORDER_NOT_EXIST")
		order := orderOf("same_number", 1)
		order["mchid"] = m.MchID
		if _, err := client.Chain(native).Post(t.Context(), wechatpay.JSON(order)); err != nil {
			t.Errorf("merchant %s: %v", m.MchID, err)
		}
	}
}

func testMerchantsDamaged(t *testing.T, dir string, config sandbox.Config) {
	own := filepath.Join("merchants", otherMchID)
	replace := func(old, new string) func(string) []byte {
		return func(text string) []byte { return []byte(strings.Replace(text, old, new, 1)) }
	}
	for name, test := range map[string]struct {
		file string
		edit func(string) []byte
	}{
		"no settings":      {"wxpay.toml", gone},
		"half settings":    {"wxpay.toml", half},
		"another number":   {"wxpay.toml", replace(otherMchID, "1900000112")},
		"another platform": {"wxpay.toml", replace(config.Platform.PublicKeyID, "PUB_KEY_ID_0")},
		"no key":           {"apiclient_key.pem", gone},
		"half a key":       {"apiclient_key.pem", half},
		"no certificate":   {"apiclient_cert.pem", gone},
		"half a PKCS#12":   {"apiclient_cert.p12", half},
	} {
		t.Run(name, func(t *testing.T) {
			copied := t.TempDir()
			if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(copied, own, test.file)
			change(t, file, test.edit)
			_, err := sandbox.LoadDir(copied, start)
			if err == nil || !strings.Contains(err.Error(), file) {
				t.Fatalf("error is %v, want one that names %s", err, file)
			}
			if m := config.Merchants[1]; strings.Contains(err.Error(), m.APIv3Key) || strings.Contains(err.Error(), m.APIv2Key) {
				t.Error("the error has a secret")
			}
			if err := sandbox.AddMerchant(copied, "1900000113", start); err == nil {
				t.Error("a damaged folder was added to")
			}
		})
	}
}

func TestAddMerchantRefuses(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "none")
	for _, mchID := range []string{"", "..", "1/2", "12a", "１", strings.Repeat("1", 33)} {
		if err := sandbox.AddMerchant(dir, mchID, start); err == nil || !strings.Contains(err.Error(), "not the number of a merchant") {
			t.Errorf("%q: error is %v", mchID, err)
		}
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("a folder was made: %v", err)
	}
}
