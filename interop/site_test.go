package interop

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// The site that wxpay writes works from a folder, without a server: it finds calls as
// somebody types.
func TestSiteInBrowser(t *testing.T) {
	b := browse(t)
	dir := writeSite(t)
	b.do("opening", open((&url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Join(dir, "index.html"))}).String()))
	b.search("发放 代金券")
	b.shows("#hits", "POST v3/marketing/favor/users/{openid}/coupons")
	b.search("no such call")
	b.shows("#none:not([hidden])", "Nothing found")
	b.search("favor/users/{openid}/coupons POST")
	b.shows("#hits li:first-child", "发放代金券")
	b.do("following by the keyboard", focus("#hits li:first-child a"), chromedp.KeyEvent(kb.Enter))
	b.sees("client.V3().Marketing().Favor().Users().Openid().Coupons().Post(ctx")
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
