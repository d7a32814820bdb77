package console_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/sandbox/console"
)

var (
	formFields = regexp.MustCompile(`<input[^>]* name="([^"]+)" value="([^"]*)"`)
	formBody   = regexp.MustCompile(`(?s)<textarea id="body"[^>]*>\n(.*?)</textarea>`)
)

// sample opens the page of an operation and returns the fields of its form.
func sample(t *testing.T, sb *sandbox.Sandbox, slug string) url.Values {
	t.Helper()
	resp, page := get(t, sb, "/console/operations/"+slug)
	_, page, ok := strings.Cut(page, `id="try"`)
	if resp.StatusCode != http.StatusOK || !ok {
		t.Fatalf("%s: %d, it has no form", slug, resp.StatusCode)
	}
	page, _, _ = strings.Cut(page, "</form>")
	form := make(url.Values)
	for _, m := range formFields.FindAllStringSubmatch(page, -1) {
		form.Set(m[1], html.UnescapeString(m[2]))
	}
	if m := formBody.FindStringSubmatch(page); m != nil {
		form.Set("body", html.UnescapeString(m[1]))
	}
	return form
}

// try sends the form of an operation.
func try(t *testing.T, sb *sandbox.Sandbox, slug string, form url.Values, header ...string) (*http.Response, string) {
	t.Helper()
	return post(t, sb, "console/operations/"+slug, form, header...)
}

// tried returns the request that a page tells of.
func tried(t *testing.T, sb *sandbox.Sandbox, page string) sandbox.Exchange {
	t.Helper()
	_, page, _ = strings.Cut(page, `id="tried"`)
	m := regexp.MustCompile(`href="/console/requests/(\d+)"`).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("no call was made: %s", html.UnescapeString(page))
	}
	x, err := sb.Exchange(m[1])
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// The common calls succeed as they are, one after the other: each takes up what was made
// before.
func TestTryAsItIs(t *testing.T) {
	sb := sandbox.Start(t, console.Use, func(c *sandbox.Config) { c.Demo = true })
	pay := func(x sandbox.Exchange) {
		t.Helper()
		if _, err := sb.Pay(mchID, gjson.Get(x.Body, "out_trade_no").String()); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		slug string
		want string // in the answer
		then func(sandbox.Exchange)
	}{
		{"post-v3-pay-transactions-jsapi", "prepay_id", nil},
		{"post-v3-pay-transactions-out-trade-no-out_trade_no-close", "", nil},
		{"post-v3-pay-transactions-h5", "h5_url", nil},
		{"post-v3-pay-transactions-native", "code_url", pay},
		{"get-v3-pay-transactions-out-trade-no-out_trade_no", `"trade_state":"SUCCESS"`, nil},
		{"get-v3-pay-transactions-id-transaction_id", `"trade_state":"SUCCESS"`, nil},
		{"post-v3-refund-domestic-refunds", "refund_id", nil},
		{"get-v3-refund-domestic-refunds-out_refund_no", `"status"`, nil},
		{"post-v3-marketing-favor-coupon-stocks", "stock_id", nil},
		{"post-v3-marketing-favor-stocks-stock_id-start", "start_time", nil},
		{"post-v3-marketing-favor-users-openid-coupons", "coupon_id", nil},
		{"post-v3-fund-app-mch-transfer-transfer-bills", "transfer_bill_no", nil},
		{"post-v3-combine-transactions-native", "code_url", nil},
		{"post-v3-merchant-media-upload", "media_id", nil},
		{"post-v2-pay-unifiedorder", "<result_code>SUCCESS<", nil},
		{"post-v2-pay-orderquery", "<result_code>SUCCESS<", nil},
		{"post-v2-pay-closeorder", "<result_code>SUCCESS<", nil},
	} {
		resp, page := try(t, sb, step.slug, sample(t, sb, step.slug))
		x := tried(t, sb, page)
		if resp.StatusCode != http.StatusOK || x.Status >= 300 || x.Status == 0 || x.Code != "" || !strings.Contains(x.Answer, step.want) || x.MchID != mchID {
			t.Errorf("%s: page %d, answer %d %s\n%s\n%s", step.slug, resp.StatusCode, x.Status, x.Answer, x.Target, x.Body)
		}
		if step.then != nil {
			step.then(x)
		}
	}
	if _, text := get(t, sb, "/console/orders"); strings.Count(text, "data-key=") < 4 {
		t.Errorf("the orders are not listed: %s", text)
	}
}

// The body that is sent is the edited one, and the page keeps it.
func TestTryEdited(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	const slug = "post-v3-pay-transactions-native"
	form := sample(t, sb, slug)
	form.Set("body", strings.Replace(form.Get("body"), `"description": "`, `"description": "`+hostile[0]+hostile[1], 1))
	resp, page := try(t, sb, slug, form)
	x := tried(t, sb, page)
	if resp.StatusCode != http.StatusOK || x.Status != http.StatusOK || !strings.Contains(x.Body, "script") || x.Operation != "POST v3/pay/transactions/native" {
		t.Fatalf("%d %s: %s", x.Status, x.Answer, x.Body)
	}
	for _, found := range tag.FindAllString(page, -1) {
		if !strings.Contains(found, `src="/console/static/`) {
			t.Errorf("the page has %s", found)
		}
	}
	if m := formBody.FindStringSubmatch(page); m == nil || html.UnescapeString(m[1]) != form.Get("body") {
		t.Errorf("the page lost the body: %q", m)
	}
	readPage(t, slug, page)
	// A link leads from the request to its operation, and back.
	if _, text := get(t, sb, "/console/requests/"+x.ID); !strings.Contains(text, `href="/console/operations/`+slug+`"`) {
		t.Error("the request does not link to its operation")
	}
	place(t, sb, "another", nil)
	get(t, sb, "/v3/certificates")
	_, text := get(t, sb, "/console/requests?operation="+url.QueryEscape("POST v3/pay/transactions/native"))
	if !strings.Contains(text, "/console/requests/"+x.ID+`"`) || strings.Contains(text, "v3/certificates") {
		t.Errorf("the requests of the operation: %s", text)
	}
}

// A refusal is shown like any answer.
func TestTryRefused(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	form := sample(t, sb, "post-v3-pay-transactions-native")
	form.Set("body", `{"mchid": "`+mchID+`"}`)
	resp, page := try(t, sb, "post-v3-pay-transactions-native", form)
	if x := tried(t, sb, page); resp.StatusCode != http.StatusOK || x.Status != http.StatusBadRequest || x.Code != "PARAM_ERROR" || !strings.Contains(page, "PARAM_ERROR") {
		t.Errorf("%d %s", x.Status, x.Answer)
	}
	// A fault applies too, even one that ends the connection.
	if err := sb.Faults(sandbox.Fault{Kind: sandbox.FaultRefuse, Count: 1}); err != nil {
		t.Fatal(err)
	}
	_, page = try(t, sb, "get-v3-certificates", sample(t, sb, "get-v3-certificates"))
	if x := tried(t, sb, page); x.Fault != sandbox.FaultRefuse || x.Status != 0 || !strings.Contains(page, "no answer") {
		t.Errorf("%+v", x)
	}
}

// What keeps a call from being made is told beside its field, in both languages, and the
// form keeps what was written.
func TestTryMistakes(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	const native, query, v2 = "post-v3-pay-transactions-native", "get-v3-pay-transactions-out-trade-no-out_trade_no", "post-v2-pay-unifiedorder"
	for _, tt := range []struct{ slug, field, value, id, en, zh string }{
		{native, "body", "{\n  \"appid\": wx}", "body", "line 2, column 12", "第 2 行第 12 列"},
		{native, "body", `{"a": 1} x`, "body", "this is not JSON", "不是合法的 JSON"},
		{native, "body", `{"a": "` + strings.Repeat("x", 64<<10) + `"}`, "body", "at most 65536", "最多 65536 字节"},
		{native, "body", strings.Repeat("[", 20_000), "body", "this is not JSON", "不是合法的 JSON"},
		{v2, "body", `["appid"]`, "body", "must be an object", "JSON 对象"},
		{query, "path.out_trade_no", "", "path.out_trade_no", "has no value", "没有值"},
		{query, "path.out_trade_no", strings.Repeat("1", 2000), "path.out_trade_no", "at most 1024", "最多 1024 字节"},
		{query, "path.other", "1", "", "no such name", "没有这个名称"},
		{query, "query.<script>", "1", "", "no such name", "没有这个名称"},
		{query, "mchid", "1", "", "no merchant", "没有这个商户号"},
	} {
		before, err := sb.RequestPage(sandbox.Query{})
		if err != nil {
			t.Fatal(err)
		}
		form := sample(t, sb, tt.slug)
		form.Set(tt.field, tt.value)
		for lang, says := range map[string]string{"en": tt.en, "zh": tt.zh} {
			resp, page := try(t, sb, tt.slug, form, "Accept-Language", lang)
			text := html.UnescapeString(page)
			if resp.StatusCode != http.StatusOK || !strings.Contains(text, says) || strings.Contains(page, "<script>") {
				t.Errorf("%s %s=%.40q in %s: %d %.3000s", tt.slug, tt.field, tt.value, lang, resp.StatusCode, text)
			}
			if tt.id != "" && !regexp.MustCompile(`id="`+tt.id+`-wrong">[^<]*`+regexp.QuoteMeta(html.EscapeString(says))).MatchString(page) {
				t.Errorf("%s %s=%.40q in %s: it is not told beside the field", tt.slug, tt.field, tt.value, lang)
			}
			readPage(t, tt.slug, page)
		}
		if after, err := sb.RequestPage(sandbox.Query{}); err != nil || len(after.Items) != len(before.Items) {
			t.Errorf("%s %s: a request was sent, %v", tt.slug, tt.field, err)
		}
	}
	form := sample(t, sb, native)
	form.Set("body", strings.Repeat("x", 1<<20))
	if resp, page := try(t, sb, native, form); resp.StatusCode != http.StatusRequestEntityTooLarge || !strings.Contains(page, "shorten its body") {
		t.Errorf("a form of 1 MiB: %d %.300s", resp.StatusCode, page)
	}
}

// No other site can make a call.
func TestTryGuards(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	const slug = "post-v3-pay-transactions-native"
	for name, header := range map[string][]string{
		"cross-site": {"Sec-Fetch-Site", "cross-site"}, "another origin": {"Origin", "http://evil.example.com"},
		"another's Host": {"Host", "evil.example.com"}, "another token": {"X-Token", "0"},
	} {
		if resp, _ := try(t, sb, slug, sample(t, sb, slug), header...); resp.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %d", name, resp.StatusCode)
		}
	}
	form := sample(t, sb, slug)
	form.Del("token")
	if resp, _ := try(t, sb, slug, form); resp.StatusCode != http.StatusForbidden {
		t.Errorf("without the token: %d", resp.StatusCode)
	}
	if page, err := sb.RequestPage(sandbox.Query{}); err != nil || len(page.Items) != 0 {
		t.Errorf("%d requests were sent, %v", len(page.Items), err)
	}
}

// Each merchant calls with its own keys and its own sample.
func TestTryMerchants(t *testing.T) {
	other, err := sandbox.NewMerchant("1900000200", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	first, err := sandbox.NewMerchant(mchID, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	sb := sandbox.Start(t, console.Use, func(c *sandbox.Config) { c.Merchants = []sandbox.Merchant{first, other} })
	for _, id := range []string{mchID, other.MchID} {
		form := sample(t, sb, "post-v3-pay-transactions-native?mchid="+id)
		_, page := try(t, sb, "post-v3-pay-transactions-native", form)
		if x := tried(t, sb, page); x.Status != http.StatusOK || x.MchID != id {
			t.Errorf("%s: %d of %s: %s", id, x.Status, x.MchID, x.Answer)
		}
	}
}
