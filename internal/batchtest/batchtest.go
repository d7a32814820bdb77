// Package batchtest has what tests of batches of calls need: settings that call a
// sandbox, coupons to send, and the size of the test.
package batchtest

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/sandbox"
)

// CouponPath is the operation that sends a line of [Coupons].
const CouponPath = "v3/marketing/favor/users/{openid}/coupons"

// WriteSettings writes the settings of a merchant whose calls go to url, such as
// wxpay.toml, and beside that file the keys that it refers to.
func WriteSettings(t testing.TB, file, url string, config wechatpay.Config) {
	t.Helper()
	id := ""
	for serial := range config.PlatformKeys.(keys.Static) {
		if strings.HasPrefix(serial, keys.PublicKeyIDPrefix) {
			id = serial
		}
	}
	private, err := x509.MarshalPKCS8PrivateKey(config.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(config.PlatformKeys.(keys.Static)[id])
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(file)
	for path, text := range map[string][]byte{
		filepath.Join(dir, "apiclient_key.pem"): pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
		filepath.Join(dir, "pub_key.pem"):       pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}),
		file: fmt.Appendf(nil, "mchid = %q\nserial_no = %q\nprivate_key = \"apiclient_key.pem\"\n"+
			"platform_public_key_id = %q\nplatform_public_key = \"pub_key.pem\"\nbase_url = %q\n", config.MchID, config.SerialNo, id, url),
	} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// Coupons starts a stock with twice as many coupons as the test sends, and returns the
// lines of a batch that sends n of them, each to another user.
func Coupons(t testing.TB, client *wechatpay.Client, n int) string {
	t.Helper()
	stockID := newStock(t, client, n)
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, `{"openid":"user%07d","stock_id":%q,"out_request_no":"batch%07d","appid":"wx233544546545989","stock_creator_mchid":%q}`+"\n",
			i+1, stockID, i+1, sandbox.DefaultMchID)
	}
	return b.String()
}

func newStock(t testing.TB, client *wechatpay.Client, coupons int) (id string) {
	t.Helper()
	now := time.Now()
	post := func(path string, body wechatpay.M) *wechatpay.Response {
		resp, err := client.Chain(path).Post(t.Context(), wechatpay.JSON(body))
		if err != nil {
			t.Fatal(err)
		}
		return resp
	}
	id = post("v3/marketing/favor/coupon-stocks", wechatpay.M{
		"stock_name": "满二减一", "stock_type": "NORMAL", "belong_merchant": sandbox.DefaultMchID, "out_request_no": "stock-1", "no_cash": false,
		"available_begin_time": now.Format(time.RFC3339), "available_end_time": now.AddDate(0, 1, 0).Format(time.RFC3339),
		"stock_use_rule": wechatpay.M{
			"max_coupons": 2 * coupons, "max_amount": 200 * coupons, "max_coupons_per_user": min(9, 2*coupons),
			"natural_person_limit": false, "prevent_api_abuse": false,
		},
		"coupon_use_rule": wechatpay.M{"fixed_normal_coupon": wechatpay.M{"coupon_amount": 100, "transaction_minimum": 200}},
	}).Get("stock_id").String()
	post("v3/marketing/favor/stocks/"+id+"/start", wechatpay.M{"stock_creator_mchid": sandbox.DefaultMchID})
	return id
}

// Stored counts the entries of a sandbox in a bucket.
func Stored(t testing.TB, store sandbox.Store, bucket string) (n int) {
	t.Helper()
	if err := store.View(func(tx sandbox.Tx) error {
		return tx.Each(bucket, "", func(string, []byte) error { n++; return nil })
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

// FromEnv returns a number from the environment, or a default.
func FromEnv(t testing.TB, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s is %q, want a number", name, text)
	}
	return n
}
