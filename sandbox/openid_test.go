package sandbox_test

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/sandbox"
)

// browse gets a page of the sandbox, with a cookie or "".
func (w *world) browse(target, cookie string) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	req := httptest.NewRequest("GET", "http://localhost:8686"+target, nil)
	if cookie != "" {
		req.Header.Set("Cookie", cookie)
	}
	w.ServeHTTP(rec, req)
	return rec
}

func (w *world) asks(target string) gjson.Result {
	return gjson.ParseBytes(w.browse(target, "").Body.Bytes())
}

const authorizeURL = "/connect/oauth2/authorize?appid=wxd678efh567hg6787&redirect_uri=" +
	"https%3A%2F%2Fshop.example.com%2Fpay%3Fitem%3D1&response_type=code&scope=snsapi_base&state=s1"

// code authorizes the page of a shop.
func (w *world) code(t testing.TB, cookie string) string {
	t.Helper()
	rec := w.browse(authorizeURL, cookie)
	to, err := url.Parse(rec.Header().Get("Location"))
	q := to.Query()
	if err != nil || rec.Code != 302 || to.Host != "shop.example.com" || q.Get("item") != "1" || q.Get("state") != "s1" || q.Get("code") == "" {
		t.Fatalf("authorized with %d %s, %v", rec.Code, to, err)
	}
	return q.Get("code")
}

const redeemURL = "/sns/oauth2/access_token?appid=wxd678efh567hg6787&secret=SECRET&grant_type=authorization_code&code="

func TestOpenIDOfPage(t *testing.T) {
	w := newWorld(t)
	code := w.code(t, "")
	got := w.asks(redeemURL + code)
	if got.Get("openid").String() != frontUser || got.Get("expires_in").Int() != 7200 || got.Get("scope").String() != "snsapi_base" ||
		got.Get("access_token").String() == "" || got.Get("refresh_token").String() == "" || got.Get("errcode").Exists() {
		t.Errorf("redeemed: %s", got.Raw)
	}
	for target, want := range map[string]int64{
		redeemURL + code:       40163,
		redeemURL + "nonsense": 40029,
		redeemURL:              41008,
		strings.Replace(redeemURL, "wxd678efh567hg6787", "wx8888888888888888", 1) + w.code(t, ""): 40029,
		strings.Replace(redeemURL, "wxd678efh567hg6787", "1900000109", 1) + w.code(t, ""):         40013,
		strings.Replace(redeemURL, "appid=", "app=", 1) + w.code(t, ""):                           41002,
		strings.Replace(redeemURL, "secret=", "key=", 1) + w.code(t, ""):                          41004,
		strings.Replace(redeemURL, "SECRET", "not+a+secret", 1) + w.code(t, ""):                   40125,
		strings.Replace(redeemURL, "authorization_code", "code", 1) + w.code(t, ""):               40002,
	} {
		if got := w.asks(target); got.Get("errcode").Int() != want || got.Get("errmsg").String() == "" {
			t.Errorf("%s: %s, want %d", target, got.Raw, want)
		}
	}
	late := w.code(t, "")
	w.clock.add(5 * time.Minute)
	if got := w.asks(redeemURL + late); got.Get("errcode").Int() != 40029 {
		t.Errorf("after five minutes: %s", got.Raw)
	}
	if got := w.asks(redeemURL + w.code(t, "wxpay_sandbox_openid=oAnother-user_1")); got.Get("openid").String() != "oAnother-user_1" {
		t.Errorf("another user: %s", got.Raw)
	}
}

func TestAuthorizeRefuses(t *testing.T) {
	w := newWorld(t)
	drop := func(name string) string {
		before, after, _ := strings.Cut(authorizeURL, name+"=")
		_, after, _ = strings.Cut(after, "&")
		return before + after
	}
	for target, want := range map[string]string{
		drop("appid"):        "10012",
		drop("redirect_uri"): "10011",
		drop("scope"):        "10010",
		drop("state"):        "10013",
		strings.Replace(authorizeURL, "snsapi_base", "snsapi_all", 1):                   "10005",
		strings.Replace(authorizeURL, "https%3A", "javascript%3A", 1):                   "10003",
		strings.Replace(authorizeURL, "state=s1", "state="+strings.Repeat("s", 129), 1): "10013",
		drop("response_type"): "参数错误",
		strings.Replace(authorizeURL, "wxd678efh567hg6787", "1900000109", 1): "AppID参数错误",
		strings.Replace(drop("scope"), "?", "?scope=snsapi_base&", 1):        "this order",
	} {
		if rec := w.browse(target, ""); rec.Code != 400 || !strings.Contains(rec.Body.String(), want) || rec.Header().Get("Location") != "" {
			t.Errorf("%s: %d %s, want %s", target, rec.Code, rec.Body, want)
		}
	}
}

// The address of the page stays as it is written, but for a code and a state of before.
func TestAuthorizeKeepsQuery(t *testing.T) {
	w := newWorld(t)
	for back, want := range map[string]string{
		"https://shop.example.com/pay?b=2&a=1&list[]=%2f&d;x=3#/items?x=1": "https://shop.example.com/pay?b=2&a=1&list[]=%2f&d;x=3&code=CODE&state=a%26b+%23%E4%B8%AD#/items?x=1",
		"https://shop.example.com/pay?code=old&a=1&state=old":              "https://shop.example.com/pay?a=1&code=CODE&state=a%26b+%23%E4%B8%AD",
		"https://shop.example.com":                                         "https://shop.example.com?code=CODE&state=a%26b+%23%E4%B8%AD",
	} {
		rec := w.browse("/connect/oauth2/authorize?appid=wx1&redirect_uri="+url.QueryEscape(back)+"&response_type=code&scope=snsapi_base&state="+url.QueryEscape("a&b #中"), "")
		to := rec.Header().Get("Location")
		_, code, _ := strings.Cut(to, "code=")
		code, _, _ = strings.Cut(code, "&")
		if got := strings.Replace(to, code, "CODE", 1); got != want {
			t.Errorf("%s: back to %s, want %s", back, got, want)
		}
	}
}

func TestOpenIDOfMiniProgram(t *testing.T) {
	w := newWorld(t)
	const session = "/sns/jscode2session?appid=wxd678efh567hg6787&secret=SECRET&grant_type=authorization_code&js_code="
	const login = "033aBc1w3q7Xz42abc1w3q7Xz4aBc1wQ" // as wx.login gives one
	got := w.asks(session + login)
	if got.Get("openid").String() != frontUser || len(got.Get("session_key").String()) != 24 {
		t.Errorf("redeemed: %s", got.Raw)
	}
	if got := w.asks(session + login); got.Get("errcode").Int() != 40163 {
		t.Errorf("twice: %s", got.Raw)
	}
	if got := w.asks(session + "033"); got.Get("errcode").Int() != 40029 {
		t.Errorf("another form: %s", got.Raw)
	}
	n := 0
	for fault, want := range map[sandbox.Fault]int64{
		{Path: "sns/jscode2session", Code: "45011"}:                          45011,
		{Path: "sns/...", Kind: sandbox.FaultTooMany}:                        45011,
		{Path: "GET sns/jscode2session", Code: "40226"}:                      40226,
		{Path: "sns/*", Kind: sandbox.FaultError}:                            -1,
		{Path: "sns/*", Code: "40125"}:                                       40125,
		{Path: "sns/oauth2/*", Kind: sandbox.FaultError}:                     0,
		{Path: "v3/pay/transactions/native", Kind: sandbox.FaultUnavailable}: 0,
	} {
		n++
		fault.Count = 1
		if err := w.Faults(fault); err != nil {
			t.Fatal(err)
		}
		if got := w.asks(session + fmt.Sprintf("%032d", n)); got.Get("errcode").Int() != want {
			t.Errorf("fault %+v: %s", fault, got.Raw)
		}
	}
}

// TestFrontConfig signs wx.config with a ticket of the sandbox, well and badly. A
// ticket that the sandbox did not give cannot be checked.
func TestFrontConfig(t *testing.T) {
	w := newWorld(t)
	const page = "http://localhost:8080/pay?item=%E8%8C%B6#top"
	config := func(ticket, url string) map[string]any {
		sum := sha1.Sum([]byte("jsapi_ticket=" + ticket + "&noncestr=Wm3WZYTPz0wzccnW&timestamp=1414587457&url=" + url))
		return map[string]any{"appId": frontApp, "timestamp": 1414587457, "nonceStr": "Wm3WZYTPz0wzccnW", "signature": hex.EncodeToString(sum[:]),
			"jsApiList": []string{"chooseWXPay"}, "href": page}
	}
	if v := w.checkFront(t, sandbox.FrontConfig, config("of the platform", page)); !v.OK {
		t.Errorf("a ticket that the sandbox did not give: %+v", v)
	}
	token := w.asks("/cgi-bin/token?grant_type=client_credential&appid=" + frontApp + "&secret=SECRET").Get("access_token").String()
	cut, _, _ := strings.Cut(page, "#")
	misused := func() {
		t.Helper()
		v := w.checkFront(t, sandbox.FrontConfig, config(token, cut))
		if len(v.Mistakes) != 1 || !strings.Contains(v.Mistakes[0].Message.EN, "the access_token was used in place of the jsapi_ticket") || strings.Contains(v.Signed, token) {
			t.Errorf("signed with the access_token: %+v", v)
		}
	}
	misused() // by an app that never asked for a ticket
	ticket := w.asks("/cgi-bin/ticket/getticket?type=jsapi&access_token=" + token).Get("ticket").String()
	if bad := w.asks("/cgi-bin/ticket/getticket?type=jsapi&access_token=x"); ticket == "" || bad.Get("errcode").Int() != 40001 {
		t.Errorf("ticket %q, with a bad token %s", ticket, bad.Raw)
	}
	misused()
	if v := w.checkFront(t, sandbox.FrontConfig, config(ticket, cut)); !v.OK {
		t.Errorf("good: %+v", v)
	}
	for url, says := range map[string]string{
		page: "with its #", strings.ReplaceAll(cut, "%E8%8C%B6", "茶"): "decoded", "http://localhost:8080/pay": "without its query",
		"https" + cut[4:]: "https was signed", "http%3A%2F%2Flocalhost%3A8080%2Fpay%3Fitem%3D%25E8%258C%25B6": "encoded", "http://other": "compare",
	} {
		v := w.checkFront(t, sandbox.FrontConfig, config(ticket, url))
		if len(v.Mistakes) != 1 || v.Mistakes[0].Shown != "invalid signature" || !strings.Contains(v.Mistakes[0].Message.EN, says) || strings.Contains(v.Signed, ticket) {
			t.Errorf("%s: %+v, want %q", url, v, says)
		}
	}
	if v := w.checkFront(t, sandbox.FrontConfig, set(config(ticket, cut), "nonceStr", nil)); v.OK || v.Result != "config:fail, invalid signature" {
		t.Errorf("no nonceStr: %+v", v)
	}
}
