package interop

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/wxchain/wechatpay/internal/lexicon"
	"github.com/wxchain/wechatpay/openapi"
)

// The site that wxpay writes works from a folder, without a server: it finds calls as
// somebody types.
func TestSiteInBrowser(t *testing.T) {
	b := browse(t)
	dir := writeSite(t)
	b.do("opening", open((&url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Join(dir, "index.html"))}).String()))
	b.search("发放 代金券")
	b.shows("#hits", "POST v3/marketing/favor/users/{openid}/coupons")
	b.search("xyzzy")
	b.shows("#none:not([hidden])", "Nothing found")
	b.search("favor/users/{openid}/coupons POST")
	b.shows("#hits li:first-child", "发放代金券")
	b.do("following by the keyboard", focus("#hits li:first-child a"), chromedp.KeyEvent(kb.Enter))
	b.sees("client.V3().Marketing().Favor().Users().Openid().Coupons().Post(ctx")
}

// The site finds what wxpay api search finds, in its order.
func TestSiteFindsAsSearch(t *testing.T) {
	b := browse(t)
	b.do("opening", open((&url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Join(writeSite(t), "index.html"))}).String()))
	asked := siteQueries()
	text, err := json.Marshal(asked)
	if err != nil {
		t.Fatal(err)
	}
	var found [][]string
	b.do("searching", chromedp.Evaluate(string(text)+".map((words) => wxpayFind(words).map((call) => call.c))", &found))
	for i, words := range asked {
		want := []string{}
		for _, op := range openapi.Search(words) {
			want = append(want, op.String())
		}
		if !slices.Equal(found[i], want) {
			t.Errorf("%q finds %d calls, want %d: %.300q, want %.300q", words, len(found[i]), len(want), found[i], want)
		}
	}
}

// siteQueries returns what people search for: names of things, titles, templates, paths,
// fields, several words, and mistakes.
func siteQueries() []string {
	all := []string{
		"查询退款", "我要退款", "用户的券", "app支付", "商户订单号", "代金券 发放", "企业付款到零钱 查询", "单", "微信支付", "退 款", "轉帳", "代金卷", "ＲＥＦＵＮＤ",
		"refund query", "how to refund", "qr code", "mini program", "refound", "transation", "out_trade_no", "out-trade-no", "outtradeno", "a b c d",
		"GET", "post certificates", "v2", "v3/pay/transactions/out-trade-no/1217752501201407033233368018", "https://api.mch.weixin.qq.com/v3/refund/domestic/refunds?a=1",
		"/secapi/pay/refund", "no such call", "<b>", "/", "://", "", " ",
	}
	for _, e := range lexicon.Thesaurus {
		all = append(all, strings.Fields(e.Names+" "+e.Seek)...)
	}
	n := 0
	for op := range openapi.Operations() {
		if n++; n%40 == 0 {
			all = append(all, op.Title, op.String())
		}
	}
	return all
}

// A screen reader can read the pages.
func TestSiteAccessible(t *testing.T) {
	b := browse(t)
	server := httptest.NewServer(http.FileServer(http.Dir(writeSite(t))))
	defer server.Close()
	b.do("opening", open(server.URL))
	b.search("refund")
	b.shows("#hits", "refund")
	b.accessible("the first page")
	b.do("opening", open(server.URL+"/ops/post-v3-marketing-favor-users-openid-coupons.html"))
	b.accessible("the page of a call")
}

// writeSite writes the site into a folder.
func writeSite(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "site")
	if out, err := exec.CommandContext(t.Context(), builtProgram(t, "cmd/wxpay"), "api", "site", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return dir
}

// search types words in place of what was there.
func (b tab) search(words string) {
	b.t.Helper()
	b.do("typing "+words, focus("#words"), chromedp.Evaluate(`document.getElementById("words").value = ""`, nil),
		chromedp.KeyEvent(words))
}
