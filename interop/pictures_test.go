package interop

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/sandbox/console"
)

const (
	pictures   = "../docs/"
	pagesSum   = pictures + "console.sum"
	maxPicture = 200 << 10 // bytes
)

// The pictures of docs are of the pages as they are. After a change of a page, take them
// again: WXPAY_PICTURES=1 go test -C interop -run '^TestPictures$'.
func TestPictures(t *testing.T) {
	sum := sumOfPages(t)
	if os.Getenv("WXPAY_PICTURES") != "" {
		takePictures(t)
		if err := os.WriteFile(pagesSum, []byte(sum+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if taken, err := os.ReadFile(pagesSum); err != nil || strings.TrimSpace(string(taken)) != sum {
		t.Errorf("a page has changed since its picture was taken (%v): WXPAY_PICTURES=1 go test -C interop -run '^TestPictures$'", err)
	}
	for _, name := range []string{"console.png", "console-order.png", "console-operation.png", "cashier.png"} {
		if info, err := os.Stat(pictures + name); err != nil || info.Size() > maxPicture {
			t.Errorf("%s: %v, want a picture of %d bytes at most", name, err, maxPicture)
		}
	}
}

// sumOfPages returns the hash of everything that decides how the pages look.
func sumOfPages(t *testing.T) string {
	t.Helper()
	const root = "../sandbox/console"
	h := sha256.New()
	if err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) == ".go" && d.Name() != "texts.go" {
			return err
		}
		text, err := os.ReadFile(path)
		h.Write([]byte(filepath.ToSlash(path) + "\n"))
		h.Write([]byte(strings.ReplaceAll(string(text), "\r\n", "\n")))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// takePictures fills a sandbox as a small shop does, and takes pictures of its pages.
func takePictures(t *testing.T) {
	t.Helper()
	clock := time.Date(2026, 11, 28, 10, 30, 0, 0, time.FixedZone("", 8*60*60))
	sb := sandbox.Start(t, console.Use, func(c *sandbox.Config) {
		c.Seed, c.Demo = 7, true
		c.Clock = func() time.Time { return clock }
	})
	post := func(path string, body wechatpay.M, opts ...wechatpay.Option) *wechatpay.Response {
		t.Helper()
		resp, err := sb.Client().Chain(path).Post(t.Context(), append(opts, wechatpay.JSON(body))...)
		if err != nil {
			t.Fatal(err)
		}
		clock = clock.Add(7 * time.Second)
		return resp
	}
	for _, number := range []string{"tea-0001", "tea-0002", "tea-0003"} {
		orderIn(t, sb, number, "a cup of tea")
		clock = clock.Add(11 * time.Second)
		if _, err := sb.Pay(sandbox.DefaultMchID, number); err != nil {
			t.Fatal(err)
		}
	}
	post("v3/refund/domestic/refunds", wechatpay.M{"out_trade_no": "tea-0002", "out_refund_no": "back-0002",
		"amount": wechatpay.M{"refund": 888, "total": 1888, "currency": "CNY"}})
	post("v3/marketing/favor/users/{openid}/coupons", wechatpay.M{"stock_id": "9856000", "out_request_no": "coupon-0001", "appid": appID,
		"stock_creator_mchid": sandbox.DefaultMchID, "coupon_value": 100, "coupon_minimum": 100}, wechatpay.Bind("openid", sandbox.TestUser))
	h5 := post("v3/pay/transactions/h5", wechatpay.M{"appid": appID, "mchid": sandbox.DefaultMchID, "description": "a cup of tea", "out_trade_no": "tea-0004",
		"notify_url": "http://127.0.0.1:1/notify", "amount": wechatpay.M{"total": 1888},
		"scene_info": wechatpay.M{"payer_client_ip": "127.0.0.1", "h5_info": wechatpay.M{"type": "Wap"}}}).Get("h5_url").String()

	b := browse(t)
	b.picture("console.png", sb.URL(), 1200, 760, "tea-0003")
	b.picture("console-order.png", orderPage(sb, "tea-0002"), 1200, 900, "tea-0002")
	b.picture("cashier.png", h5, 420, 560, "a cup of tea")
	b.do("an operation", emulation.SetDeviceMetricsOverride(1000, 900, 1, false), open(sb.URL()+"console/operations/post-v3-pay-transactions-native"),
		chromedp.Evaluate(`document.querySelector("#body").value = document.querySelector("#body").value
			.replace(/"description": "[^"]*"/, '"description": "a cup of tea"').replace(/"out_trade_no": "[^"]*"/, '"out_trade_no": "tea-0005"')`, nil))
	b.capture("console-operation.png", func(to *[]byte) chromedp.Action {
		return chromedp.Screenshot("section[aria-labelledby=try-title]", to, chromedp.ByQuery)
	})
}

// picture takes a picture of a page once it shows a text.
func (b tab) picture(name, url string, width, height int64, text string) {
	b.t.Helper()
	b.do("opening "+url, emulation.SetDeviceMetricsOverride(width, height, 1, false), open(url))
	b.sees(text)
	b.capture(name, func(to *[]byte) chromedp.Action { return chromedp.CaptureScreenshot(to) })
}

// capture takes a picture and stores it.
func (b tab) capture(name string, take func(to *[]byte) chromedp.Action) {
	b.t.Helper()
	var image []byte
	b.do("a picture", take(&image))
	if err := os.WriteFile(pictures+name, image, 0o644); err != nil {
		b.t.Fatal(err)
	}
}
