package interop

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/sandbox/console"
)

// The search of operations finds them as somebody types, as the library finds them, and
// without JavaScript too.
func TestOperationSearchInBrowser(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	b := browse(t)
	b.do("opening", open(sb.URL()+"console/operations"), chromedp.Evaluate("window.loaded = 1", nil))
	for _, words := range []string{"发放 代金券", "refund query", "扫码支付"} {
		b.search(words)
		first := openapi.Search(words)[0]
		b.shows("#hits li:first-child", first.Method+" "+first.Template)
	}
	b.search("no such call at all")
	b.shows("#found", "Nothing found")
	b.search("native")
	b.shows("#hits li:first-child", "native")
	var loaded int
	var at string
	b.do("a look", chromedp.Evaluate("window.loaded", &loaded), chromedp.Location(&at))
	if loaded != 1 || !strings.HasSuffix(at, "?q=native") {
		t.Errorf("the page was loaded again, or is at %s", at)
	}
	b.do("sending the form", focus("#words"), chromedp.KeyEvent(kb.Enter))
	b.shows("#hits li:first-child", "native")
}

// Somebody finds an operation, edits the sample, makes the call, and sees the order on
// the live page, by keyboard alone.
func TestTryByKeyboard(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	b := browse(t)
	live := b.another()
	live.do("opening the live page", open(sb.URL()))
	live.sees("Nothing yet")
	b.do("opening", open(sb.URL()+"console/operations"), chromedp.KeyEvent("/"), chromedp.KeyEvent("v3/pay/transactions/native"))
	b.shows("#hits li:first-child", "POST v3/pay/transactions/native")
	b.do("following the first hit", chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter))
	b.sees("Make the call")

	b.do("breaking the body", focus("#body"), b.put("#body", `{"mchid": }`), chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter))
	b.shows("#body-wrong", "line 1, column 11")
	b.focuses("tried")
	b.do("a new sample", chromedp.Evaluate(`document.querySelector('#try a.button').focus()`, nil), chromedp.KeyEvent(kb.Enter))
	b.shows("#body", "out_trade_no")
	var body string
	b.do("reading the sample", value("#body", &body))
	const description = `</script><img src=x onerror="document.title='run'"> & tea`
	var sample struct {
		Number      string `json:"out_trade_no"`
		Description string
	}
	if err := json.Unmarshal([]byte(body), &sample); err != nil {
		t.Fatal(err)
	}
	edited := strings.Replace(body, sample.Description, strings.ReplaceAll(description, `"`, `\"`), 1)
	b.do("editing", focus("#body"), b.put("#body", edited), chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter))
	b.shows("#tried", "code_url")
	b.focuses("tried")
	var kept string
	b.do("reading the form", value("#body", &kept))
	if kept != edited {
		t.Errorf("the form has %s, want %s", kept, edited)
	}
	live.sees(sample.Number)
	if story, err := sb.OrderStory(sandbox.DefaultMchID, sample.Number); err != nil || story.Order.Title != description {
		t.Errorf("the order is %+v, %v", story.Order, err)
	}
	b.do("the request explained", focus(`#tried a[href^="/console/requests/"]`), chromedp.KeyEvent(kb.Enter))
	b.sees("Signature")
	b.do("back to the operation", focus(`a[href^="/console/operations/post"]`), chromedp.KeyEvent(kb.Enter))
	b.shows("#requests", "/v3/pay/transactions/native")
}

// Somebody chooses a file for an upload. One that is too large is refused before it is
// sent.
func TestTryFileInBrowser(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	b := browse(t)
	file := func(name string, size int) string {
		t.Helper()
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, size)...), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var invalid string
	b.do("choosing a large file", open(sb.URL()+"console/operations/post-v3-merchant-media-upload"),
		chooseFile("#file", file("large.png", sandbox.MaxTryFile)),
		click("#try button"), chromedp.Evaluate("document.querySelector('#file').validationMessage", &invalid))
	if !strings.Contains(invalid, "larger than 6291456 bytes") || len(sb.Requests()) != 0 {
		t.Errorf("the large file: %q, %d requests were sent", invalid, len(sb.Requests()))
	}
	b.do("choosing a file", chooseFile("#file", file("茶 1.png", 100_000)), click("#try button"))
	b.shows("#tried", "media_id")
	b.shows("#tried", `"filename":"茶 1.png"`)
}

// focuses waits until the focus is on the element with an id. A browser moves it to the
// fragment of the address some time after the page has come.
func (b tab) focuses(id string) {
	b.t.Helper()
	b.until("the focus on "+id, fmt.Sprintf("document.activeElement.id === %q", id))
}

// put replaces the text of a field.
func (tab) put(selector, text string) chromedp.Action {
	return chromedp.Evaluate(fmt.Sprintf("document.querySelector(%q).value = %q; 0", selector, text), nil)
}

// The pages of operations are in both languages, and have no barrier that axe finds.
func TestOperationsAccessible(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	b := browse(t)
	for lang, says := range map[string]string{"en": "Make the call", "zh": "发起调用"} {
		for _, theme := range []string{"light", "dark"} {
			b.do("choosing", open(sb.URL()+"?lang="+lang), open(sb.URL()+"?theme="+theme))
			b.do("the search", open(sb.URL()+"console/operations?q=refund"))
			b.accessible("the search, " + lang + ", " + theme)
			for _, slug := range []string{"post-v3-pay-transactions-native", "get-v3-pay-transactions-out-trade-no-out_trade_no", "post-v2-pay-unifiedorder", "post-v3-merchant-media-upload"} {
				b.do("opening", open(sb.URL()+"console/operations/"+slug))
				b.sees(says)
				b.accessible(slug + ", " + lang + ", " + theme)
			}
			b.do("a call", click("#try button"))
			b.shows("#tried", "media_id")
			b.accessible("the outcome, " + lang + ", " + theme)
			b.do("a mistake", open(sb.URL()+"console/operations/post-v3-pay-transactions-native"), b.put("#body", "{"), click("#try button"))
			b.shows("#body-wrong", "JSON")
			b.accessible("the mistake, " + lang + ", " + theme)
		}
	}
	b.do("all operations", open(sb.URL()+"console/operations"))
	b.accessible("all operations")
}
