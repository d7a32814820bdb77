package console_test

import (
	"encoding/xml"
	"errors"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/sandbox/console"
)

// A read is what a test reads of a page.
type read struct{ links, ids []string }

// readPage checks that the elements of a page are nested and that its ids are unique.
func readPage(t *testing.T, path, text string) (p read) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return p
		}
		if err != nil {
			t.Fatalf("%s is not well-formed: %v", path, err)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		for _, a := range start.Attr {
			switch a.Name.Local {
			case "href", "src", "action":
				p.links = append(p.links, a.Value)
			case "id":
				if slices.Contains(p.ids, a.Value) {
					t.Errorf("%s has two elements %q", path, a.Value)
				}
				p.ids = append(p.ids, a.Value)
			}
		}
	}
}

// checkLinks checks that each link of a page leads to a page or a file of the sandbox, to an
// element of the page, or to the platform. It asks for each once.
func checkLinks(t *testing.T, sb *sandbox.Sandbox, path string, p read, asked map[string]bool) {
	t.Helper()
	for _, link := range p.links {
		to, fragment, _ := strings.Cut(link, "#")
		if to == "" && !slices.Contains(p.ids, fragment) {
			t.Errorf("%s links to its element %q, which does not exist", path, fragment)
		}
		if strings.HasPrefix(to, "https://") || strings.HasPrefix(to, "http://") || to == "" || asked[to] || strings.Contains(to, "lang=") || strings.Contains(to, "theme=") {
			continue
		}
		asked[to] = true
		if resp, _ := get(t, sb, to); resp.StatusCode != http.StatusOK {
			t.Errorf("%s links to %s: %d", path, to, resp.StatusCode)
		}
	}
}

var operationLink = regexp.MustCompile(`href="(/console/operations/[^"?#]+)"`)

var heading = regexp.MustCompile(`<h1><span lang="zh-CN">[^<]*</span> <code>([^<]*)</code></h1>`)

// operationLinks returns the pages that a page lists, in its order.
func operationLinks(text string) (all []string) {
	for _, m := range operationLink.FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	return all
}

// Each operation has a page in both languages, which the first page links to.
func TestOperationPages(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	_, list := get(t, sb, "/console/operations")
	asked := make(map[string]bool)
	checkLinks(t, sb, "the list", read{links: []string{"/console/operations", "/console/static/search.js"}}, asked)
	readPage(t, "the list", list)
	listed := operationLinks(list)
	operations := slices.Collect(openapi.Operations())
	if len(listed) != len(operations) {
		t.Fatalf("%d operations are listed, want %d", len(listed), len(operations))
	}
	shown := make(map[string]string) // page by operation
	for i, path := range listed {
		if testing.Short() && i%8 > 0 {
			continue
		}
		for _, lang := range []string{"en", "zh"} {
			resp, text := get(t, sb, path, "Accept-Language", lang)
			if resp.StatusCode != http.StatusOK || !strings.Contains(text, map[string]string{"en": "Make the call", "zh": "发起调用"}[lang]) || strings.Contains(text, "ZgotmplZ") || strings.Contains(text, "%!") {
				t.Fatalf("%s in %s: %d %.300s", path, lang, resp.StatusCode, text)
			}
			checkLinks(t, sb, path, readPage(t, path, text), asked)
			if m := heading.FindStringSubmatch(text); m != nil {
				shown[html.UnescapeString(m[1])] = path
			}
		}
	}
	for _, op := range operations {
		if shown[op.String()] == "" && !testing.Short() {
			t.Errorf("%s has no page", op)
		}
	}
	if resp, _ := get(t, sb, "/console/operations/post-v3-none"); resp.StatusCode != http.StatusNotFound {
		t.Errorf("no operation: %d", resp.StatusCode)
	}
}

// The page says everything about its operation.
func TestOperationPage(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	_, text := get(t, sb, "/console/operations/post-v3-refund-domestic-refunds")
	for _, want := range []string{
		"https://pay.weixin.qq.com/doc/v3/", "A second request", "150 requests in 1 second", "out_refund_no", "one of", "NOT_ENOUGH",
		"client.V3().Refund().Domestic().Refunds().Post(ctx", "$instance-&gt;chain(", "postAsync([", "wxpay call POST", "curl -X POST", "Example of the answer",
	} {
		if !strings.Contains(html.UnescapeString(text), html.UnescapeString(want)) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if _, text := get(t, sb, "/console/operations/post-v3-refund-domestic-refunds", "Accept-Language", "zh"); !strings.Contains(text, "重复请求") || !strings.Contains(text, "每 1 秒 150 次，按每个商户计") {
		t.Errorf("the page in Chinese: %s", text)
	}
}

// The search finds what wxpay api search finds, in its order.
func TestOperationSearch(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	for _, words := range []string{"代金券 发放", "查单", "refund query", "out_trade_no close", "退钱", "refound", "v3/bill", "扫码支付", "zzzz-no-such-thing", `"><script>alert(1)</script>`} {
		_, text := get(t, sb, "/console/operations?q="+url.QueryEscape(words))
		readPage(t, words, text)
		var want []string
		for _, op := range openapi.Search(words) {
			want = append(want, html.EscapeString(op.Method+" "+op.Template))
		}
		var got []string
		for _, m := range regexp.MustCompile(`<code>([^<]*)</code></a></li>`).FindAllStringSubmatch(text, -1) {
			got = append(got, m[1])
		}
		if !slices.Equal(got, want[:min(len(want), 50)]) {
			t.Errorf("%s: found %q, want %q", words, got, want)
		}
		if len(want) == 0 && !strings.Contains(text, "Nothing found") || strings.Contains(text, "<script>alert") {
			t.Errorf("%s: %s", words, text)
		}
	}
}
