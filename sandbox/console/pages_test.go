package console_test

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/sandbox/console"
)

const mchID = sandbox.DefaultMchID

// place places an order by QR code.
func place(t *testing.T, sb *sandbox.Sandbox, number string, edit wechatpay.M) {
	t.Helper()
	body := wechatpay.M{"appid": "wx1", "mchid": mchID, "description": "tea", "out_trade_no": number, "notify_url": "http://127.0.0.1:1/notify", "amount": wechatpay.M{"total": 123}}
	for name, value := range edit {
		body[name] = value
	}
	if _, err := sb.Client().Chain("v3/pay/transactions/native").Post(t.Context(), wechatpay.JSON(body)); err != nil {
		t.Fatal(err)
	}
}

var tokenField = regexp.MustCompile(`name="token" value="([^"]+)"`)

// sendForm sends a form with the token of the first page.
func sendForm(t *testing.T, sb *sandbox.Sandbox, action string, fields map[string]string, header ...string) (*http.Response, string) {
	t.Helper()
	_, first := get(t, sb, "/")
	found := tokenField.FindStringSubmatch(first)
	if found == nil {
		t.Fatal("the first page has no token")
	}
	form := url.Values{"token": {found[1]}}
	for name, value := range fields {
		form.Set(name, value)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, sb.URL()+"console/do/"+action, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return do(t, req, header...)
}

func orderPath(number string) string { return "/console/order?mchid=" + mchID + "&number=" + number }

// The buttons of an order do what the user does, and lead back to the page.
func TestPlay(t *testing.T) {
	sb := sandbox.Start(t, console.Use) // open sb.URL() in a browser
	place(t, sb, "play-1", nil)
	if _, text := get(t, sb, "/"); !strings.Contains(text, "play-1") || !strings.Contains(text, "¥1.23") || !strings.Contains(text, "v3/pay/transactions/native") {
		t.Errorf("the first page lacks the order or its request: %s", text)
	}
	back := orderPath("play-1")
	order := map[string]string{"mchid": mchID, "number": "play-1", "back": back}
	for _, step := range []struct{ action, want string }{{"fail", "PAYMENT_FAILED"}, {"pay", "SUCCESS"}} {
		resp, text := sendForm(t, sb, step.action, order)
		if resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != back {
			t.Fatalf("%s: %d %s", step.action, resp.StatusCode, text)
		}
		if _, text := get(t, sb, back); !strings.Contains(text, step.want) {
			t.Errorf("after %s the page lacks %s", step.action, step.want)
		}
	}
	resp, text := sendForm(t, sb, "pay", order)
	if resp.StatusCode != http.StatusBadRequest || !strings.Contains(text, `role="alert"`) || !strings.Contains(text, "SUCCESS, not NOTPAY") {
		t.Errorf("paying twice: %d %s", resp.StatusCode, text)
	}
	if resp, _ := get(t, sb, orderPath("none")); resp.StatusCode != http.StatusNotFound {
		t.Errorf("an order that does not exist: %d", resp.StatusCode)
	}
}

// couponOf sends a user a coupon of 1 yuan for payments of 1 yuan, and returns its number.
func couponOf(t *testing.T, sb *sandbox.Sandbox, openID, request string) string {
	t.Helper()
	resp, err := sb.Client().Chain("v3/marketing/favor/users/{openid}/coupons").Post(t.Context(), wechatpay.Bind("openid", openID), wechatpay.JSON(wechatpay.M{
		"stock_id": "9856000", "out_request_no": request, "appid": "wx1", "stock_creator_mchid": mchID, "coupon_value": 100, "coupon_minimum": 100}))
	if err != nil {
		t.Fatal(err)
	}
	return resp.Get("coupon_id").String()
}

func withDemo(c *sandbox.Config) { c.Demo = true }

// The page of an order and the cashier pay by a bank and with a coupon.
func TestPlayWithBank(t *testing.T) {
	sb := sandbox.Start(t, console.Use, withDemo)
	for i, path := range []string{"console/do/pay", "cashier/pay"} {
		number := fmt.Sprintf("bank-%d", i)
		place(t, sb, number, nil)
		coupon := couponOf(t, sb, sandbox.TestUser, number)
		page := orderPath(number)
		if i == 1 {
			o, err := sb.OrderToPay(mchID, number)
			if err != nil {
				t.Fatal(err)
			}
			page = "cashier/scan?pr=" + o.PrepayID[len(o.PrepayID)-10:]
		}
		_, text := get(t, sb, page)
		if !strings.Contains(text, `<option value="`+coupon+`">`) || !strings.Contains(text, `<option value="ICBC_CREDIT">`) {
			t.Errorf("%s offers neither bank nor coupon: %s", page, text)
		}
		fields := url.Values{"mchid": {mchID}, "number": {number}, "bank_type": {" CMB_CREDIT "}, "coupon": {coupon}, "do": {"pay"}}
		for _, m := range hidden.FindAllStringSubmatch(text, -1) {
			if !fields.Has(m[1]) {
				fields.Set(m[1], html.UnescapeString(m[2]))
			}
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, sb.URL()+path, strings.NewReader(fields.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		if resp, text := do(t, req, "Content-Type", "application/x-www-form-urlencoded"); resp.StatusCode >= 400 {
			t.Fatalf("%s: %d %s", path, resp.StatusCode, text)
		}
		if _, text := get(t, sb, orderPath(number)); !strings.Contains(text, "CMB_CREDIT") || !strings.Contains(text, coupon) || !strings.Contains(text, "¥0.23") {
			t.Errorf("after %s, the page of the order is %s", path, text)
		}
	}
}

// Buttons move the clock and add faults.
func TestPlayWithTimeAndFaults(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	before := sb.Now()
	if resp, text := sendForm(t, sb, "advance", map[string]string{"by": "24h0m0s"}); resp.StatusCode != http.StatusSeeOther || sb.Now().Sub(before) < 24*time.Hour {
		t.Errorf("moving the clock: %d %s", resp.StatusCode, text)
	}
	if resp, text := sendForm(t, sb, "add-fault", map[string]string{"kind": "code", "code": "NOT_ENOUGH", "path": "POST v3/pay/transactions/*", "count": "1", "chance": "100"}); resp.StatusCode != http.StatusSeeOther {
		t.Errorf("a fault: %d %s", resp.StatusCode, text)
	}
	if left := sb.FaultsLeft(); len(left) != 1 || left[0].Code != "NOT_ENOUGH" || left[0].Count != 1 || left[0].Chance != 1 {
		t.Errorf("the faults are %+v", left)
	}
	if _, text := get(t, sb, "/console/faults"); !strings.Contains(text, "NOT_ENOUGH") {
		t.Errorf("the page of faults lacks it")
	}
}

// Buttons that move the clock to a time do so also when they are pressed late: on a page
// that was opened before somebody else moved it.
func TestPlayWithStaleClock(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	place(t, sb, "stale-clock", wechatpay.M{"time_expire": sb.Now().Add(3 * time.Hour).Format(time.RFC3339)})
	pressed := func(path, text string) map[string]string {
		_, page := get(t, sb, path)
		m := regexp.MustCompile(`<button name="([^"]+)" value="([^"]+)">` + regexp.QuoteMeta(text) + `</button>`).FindStringSubmatch(page)
		if m == nil {
			t.Fatalf("%s has no button %q: %s", path, text, page)
		}
		return map[string]string{m[1]: html.UnescapeString(m[2])}
	}
	bill, expiry := pressed("/", "Next bill, 10:00"), pressed(orderPath("stale-clock"), "Move the clock to the expiry")
	if err := sb.Advance(time.Hour); err != nil {
		t.Fatal(err)
	}
	before := sb.Now()
	for range 2 { // from a second window too
		if resp, text := sendForm(t, sb, "advance", expiry); resp.StatusCode != http.StatusSeeOther {
			t.Fatalf("%d %s", resp.StatusCode, text)
		}
		if moved := sb.Now().Sub(before); moved < 2*time.Hour-2*time.Second || moved > 2*time.Hour+time.Minute || state(t, sb, "stale-clock") != "NOTPAY" {
			t.Errorf("to the expiry in two hours, the clock moved by %v", moved)
		}
	}
	if o, err := sb.OrderToPay(mchID, "stale-clock"); err != nil || !o.Expired {
		t.Errorf("the order is %+v, %v", o, err)
	}
	sendForm(t, sb, "advance", bill)
	if at := sb.Now().In(time.FixedZone("", 8*60*60)); at.Hour() != 10 || at.Minute() > 1 {
		t.Errorf("to the next bill, the clock moved to %v", at)
	}
	if resp, _ := sendForm(t, sb, "advance", map[string]string{"to": "tomorrow"}); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("to tomorrow: %d", resp.StatusCode)
	}
}

// The form of faults takes no fault that would never happen, which a sandbox takes as one
// that always does, and the list tells faults apart.
func TestFaultsPage(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	for name, never := range map[string]string{"chance": "0", "count": "0"} {
		if resp, text := sendForm(t, sb, "add-fault", map[string]string{"kind": "500", name: never}); resp.StatusCode != http.StatusBadRequest || !strings.Contains(text, "never happens") {
			t.Errorf("%s %s: %d %s", name, never, resp.StatusCode, text)
		}
	}
	if left := sb.FaultsLeft(); len(left) > 0 {
		t.Errorf("the faults are %+v", left)
	}
	sendForm(t, sb, "add-fault", map[string]string{"kind": "code", "code": "NOT_ENOUGH", "status": "403", "message": "余额<b>不足", "chance": "12.5", "after": "1"})
	if left := sb.FaultsLeft(); len(left) != 1 || left[0].Message != "余额<b>不足" || left[0].Chance != 0.125 || !left[0].After {
		t.Errorf("the faults are %+v", left)
	}
	_, text := get(t, sb, "/console/faults")
	for _, want := range []string{`name="message"`, "NOT_ENOUGH 403 余额&lt;b&gt;不足 · what was asked is done first", "12.5 %"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// The numbers of a notification lead to what they are of, whatever its kind.
func TestNotificationPageLinks(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	if _, err := sb.Client().Chain("v3/fund-app/mch-transfer/transfer-bills").Post(t.Context(), wechatpay.JSON(wechatpay.M{"appid": appID, "out_bill_no": "linked1", "openid": openID,
		"transfer_scene_id": "1000", "transfer_amount": 100, "transfer_remark": "a", "notify_url": "https://127.0.0.1:1/notify",
		"transfer_scene_report_infos": []wechatpay.M{{"info_type": "活动名称", "info_content": "a"}, {"info_type": "奖励说明", "info_content": "b"}}})); err != nil {
		t.Fatal(err)
	}
	if err := sb.SettleTransfer(mchID, "linked1", sandbox.TransferSuccess); err != nil {
		t.Fatal(err)
	}
	all := sb.Notifications()
	if len(all) == 0 {
		t.Fatal("no notification")
	}
	_, text := get(t, sb, "/console/notifications/"+all[0].ID)
	m := regexp.MustCompile(`href="([^"]*)">linked1<`).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("no link of the transfer: %s", text)
	}
	if _, none := get(t, sb, "/?q=nothing"); strings.Contains(none, "Nothing yet") || !strings.Contains(none, "Nothing found") {
		t.Error("a search that finds nothing says that there is nothing yet")
	}
	if _, found := get(t, sb, html.UnescapeString(m[1])); !strings.Contains(found, `href="/console/transfers"`) || !strings.Contains(found, `data-key="`+mchID+`/linked1"`) {
		t.Errorf("%s does not show the transfer", m[1])
	}
}

// A form works only from a page of the sandbox: not without its token, not from
// another site, and not for a Host of somebody else. It leads nowhere else.
func TestFormsAreGuarded(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	place(t, sb, "guard-1", nil)
	order := map[string]string{"mchid": mchID, "number": "guard-1"}
	for name, header := range map[string][]string{
		"cross-site":        {"Sec-Fetch-Site", "cross-site"},
		"another port":      {"Sec-Fetch-Site", "same-site"},
		"another origin":    {"Origin", "http://evil.example.com"},
		"no origin at all":  {"Origin", "null"},
		"another's Host":    {"Host", "evil.example.com"},
		"a token of others": {"X-Token", "0"},
	} {
		if resp, text := sendForm(t, sb, "pay", order, header...); resp.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %d %s", name, resp.StatusCode, text)
		}
	}
	if resp, text := sendForm(t, sb, "pay", map[string]string{"mchid": mchID, "number": "guard-1", "token": ""}); resp.StatusCode != http.StatusForbidden {
		t.Errorf("without the token: %d %s", resp.StatusCode, text)
	}
	if story, err := sb.OrderStory(mchID, "guard-1"); err != nil || story.Order.State != "NOTPAY" {
		t.Errorf("the order is %+v, %v", story.Order, err)
	}
	for _, back := range []string{"https://evil.example.com/", "//evil.example.com/", `/\evil.example.com`, "javascript:alert(1)", "/\t/evil.example.com"} {
		resp, _ := sendForm(t, sb, "advance", map[string]string{"by": "1s", "back": back})
		if to := resp.Header.Get("Location"); resp.StatusCode != http.StatusSeeOther || to != "/" {
			t.Errorf("back to %q leads to %q", back, to)
		}
	}
	if resp, _ := get(t, sb, "/console/do/pay"); resp.StatusCode == http.StatusOK {
		t.Error("a form is sent by GET")
	}
}

// hostile are texts that would act on a page or a terminal that does not escape them.
var hostile = []string{
	`<script>alert(1)</script>`, `</script><img src=x onerror=alert(1)>`, `"><svg onload=alert(1)>`, `'-alert(1)-'`, `&lt;b&gt;`, "\x1b[31mred\x1b]0;title\x07", "\u202egnp.exe",
}

var tag = regexp.MustCompile(`<(script|img|svg)[ >][^>]*>`)

// Whatever somebody sends is shown, and never becomes a part of the page.
func TestHostileTexts(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	for i, text := range hostile {
		place(t, sb, fmt.Sprintf("hostile-%d", i), wechatpay.M{"description": text, "attach": text})
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, sb.URL()+"v3/pay/transactions/native?x="+url.QueryEscape(text), strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		do(t, req, "X-Hostile", strings.Map(func(r rune) rune {
			if r < ' ' {
				return -1
			}
			return r
		}, text), "Authorization", "WECHATPAY2-SHA256-RSA2048 "+strings.ReplaceAll(strings.ReplaceAll(text, "\x1b", ""), "\x07", ""))
	}
	page, err := sb.RequestPage(sandbox.Query{})
	if err != nil {
		t.Fatal(err)
	}
	paths := []string{"/", "/console/operations?q=" + url.QueryEscape(hostile[0]), "/console/operations?q=" + url.QueryEscape(hostile[6]), "/console/orders", "/console/requests", "/?q=" + url.QueryEscape(hostile[1]), "/console/orders?mchid=" + url.QueryEscape(hostile[2])}
	for i := range hostile {
		paths = append(paths, orderPath(fmt.Sprintf("hostile-%d", i)))
	}
	for _, r := range page.Items {
		paths = append(paths, "/console/requests/"+r.ID)
	}
	for _, path := range paths {
		checkInert(t, sb, path)
	}
}

// checkInert opens a page, and fails the test if hostile texts are a part of it.
func checkInert(t *testing.T, sb *sandbox.Sandbox, path string) (text string) {
	t.Helper()
	resp, text := get(t, sb, path)
	if resp.StatusCode != http.StatusOK {
		t.Errorf("%s: %d", path, resp.StatusCode)
	}
	for _, found := range tag.FindAllString(text, -1) {
		if !strings.Contains(found, `src="/console/static/`) && !strings.Contains(found, `src="/cashier/static/`) && !strings.Contains(found, `src="/cashier/qr?text=weixin%3a`) {
			t.Errorf("%s has %s", path, found)
		}
	}
	if i := strings.IndexAny(text, "\x1b\x07\u202e"); i >= 0 {
		t.Errorf("%s: a character acts on the screen: %q", path, text[max(0, i-20):i+20])
	}
	if strings.Contains(text, " on"+"error=alert") && !strings.Contains(text, "&lt;img src=x onerror") {
		t.Errorf("%s has a handler", path)
	}
	return text
}

// Each page is there in both languages, and says so.
func TestPagesInBothLanguages(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	place(t, sb, "both-1", nil)
	if _, err := sb.Pay(mchID, "both-1"); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/", "/console/requests", "/console/orders", "/console/refunds", "/console/coupons", "/console/transfers", "/console/profit-sharing",
		"/console/red-packets", "/console/combined-orders", "/console/complaints", "/console/authorizations", "/console/notifications", "/console/faults", "/console/connect", "/console/requests/1", orderPath("both-1"),
		"/console/notifications/" + sb.Notifications()[0].ID} {
		resp, english := get(t, sb, path)
		_, chinese := get(t, sb, path, "Accept-Language", "zh-CN")
		if resp.StatusCode != http.StatusOK || !strings.Contains(english, "No money moves here") || !strings.Contains(chinese, "这里不会产生真实交易") || strings.Contains(english+chinese, "ZgotmplZ") {
			t.Errorf("%s: %d %.200s", path, resp.StatusCode, english)
		}
		for _, name := range []string{"<style", " style=", " onclick=", "javascript:", "http://fonts", "https://cdn"} {
			if strings.Contains(english, name) {
				t.Errorf("%s has %q", path, name)
			}
		}
	}
}

// A request that was refused is explained: the signature, and the call to make.
func TestRequestPage(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, sb.URL()+"v3/pay/transactions/out-trade-no/it's-1?mchid=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	do(t, req)
	_, text := get(t, sb, "/console/requests/1")
	for _, want := range []string{"SIGN_ERROR", "The header Authorization is missing", "wxpay call GET", "out_trade_no", "$instance-&gt;chain(", "client.Chain("} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if _, text := get(t, sb, "/console/requests/1", "Accept-Language", "zh"); !strings.Contains(text, "缺少 Authorization 请求头") {
		t.Error("the page in Chinese lacks the reason")
	}
}

// The page of a refused request says what the code means, in the language of the page.
func TestRequestMeaning(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	if _, err := sb.Client().Chain("v3/refund/domestic/refunds/{out_refund_no}").Get(t.Context(), wechatpay.Bind("out_refund_no", "none")); err == nil {
		t.Fatal("there is a refund")
	}
	for lang, want := range map[string]string{"en": "the refund does not exist", "zh": "退款单不存在"} {
		if _, text := get(t, sb, "/console/requests/1", "Accept-Language", lang); !strings.Contains(text, `<p class="notice">`+want) {
			t.Errorf("%s: the page lacks %q", lang, want)
		}
	}
}

// The page of a refusal by APIv2 shows what the answer says of it.
func TestRequestPageV2(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	order := wechatpay.M{"appid": appID, "body": "tea", "out_trade_no": "short", "total_fee": 100, "spbill_create_ip": "127.0.0.1",
		"notify_url": "https://www.example.com/notify", "trade_type": "JSAPI", "openid": openID}
	if _, err := sb.Client().Chain("v2/pay/unifiedorder").Post(t.Context(), wechatpay.XML(order)); err == nil {
		t.Fatal("a short out_trade_no is taken")
	}
	for id, want := range map[string]string{"1": `<p class="notice bad">out_trade_no: 6 to 32`, "2": `<p class="notice bad">`} {
		if id == "2" { // without a sign
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, sb.URL()+"pay/unifiedorder", strings.NewReader("<xml><mch_id>"+mchID+"</mch_id></xml>"))
			if err != nil {
				t.Fatal(err)
			}
			do(t, req)
		}
		if _, text := get(t, sb, "/console/requests/"+id); !strings.Contains(text, want) {
			t.Errorf("the page of request %s lacks %q: %s", id, want, text)
		}
	}
}

// The text for curl has the scheme by which the page was opened.
func TestRequestCopyOverTLS(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	get(t, sb, "/v3/certificates")
	secure := httptest.NewTLSServer(sb.Server)
	defer secure.Close()
	resp, err := secure.Client().Get(secure.URL + "/console/requests/1")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if want := "GET &#39;" + secure.URL + "/v3/certificates&#39;"; err != nil || !strings.Contains(string(text), want) {
		t.Errorf("%v, the page lacks %s: %s", err, want, text)
	}
}

// A method that is a command to a shell is quoted in the texts to copy.
func TestRequestCopyOfMethod(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	req, err := http.NewRequestWithContext(t.Context(), "GET|`id`", sb.URL()+"v3/none", nil)
	if err != nil {
		t.Fatal(err)
	}
	do(t, req, "Authorization", "none")
	_, text := get(t, sb, "/console/requests/1")
	text = html.UnescapeString(text)
	for _, want := range []string{"curl -X 'GET|`id`' '", "--method 'GET|`id`' --target"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %s: %s", want, text)
		}
	}
}

// The page of connecting has the keys of this sandbox, or what the program says.
func TestConnect(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	if _, text := get(t, sb, "/console/connect"); !strings.Contains(text, sb.Merchant().APIv3Key) || !strings.Contains(text, "BEGIN PRIVATE KEY") || !strings.Contains(text, "wechatpay.New(") {
		t.Errorf("it lacks the keys: %s", text)
	}
	o := console.Options{Connection: func() string {
		return "merchant 1\n\nGo, this library:\n\n\tkey, err := x()\n\n\tclient()\n\nPHP:\n\n\t$x;\n"
	}}
	sb = sandbox.Start(t, func(c *sandbox.Config) { c.Console = o.New })
	if _, text := get(t, sb, "/console/connect"); !strings.Contains(text, "<h3>Go, this library</h3>") || !strings.Contains(text, "key, err := x()\n\nclient()") || !strings.Contains(text, "<h3>PHP</h3>") {
		t.Errorf("it lacks what the program says: %s", text)
	}
}
