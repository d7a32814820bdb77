package cashier

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/wxchain/wechatpay/internal/qrcode"
	"github.com/wxchain/wechatpay/internal/quote"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/sandbox/console/internal/page"
)

const codePrefix = "weixin://wxpay/bizpayurl?pr="

// scanned shows what WeChat shows after it scanned a code: that of pr, or of a whole
// code_url. Without either, it asks for a code_url.
func (c *cashier) scanned(w http.ResponseWriter, r *http.Request) error {
	f := from{Flow: byScan, User: userOf(r, sandbox.TestUser)}
	pr := r.URL.Query().Get("pr")
	if text := strings.TrimSpace(r.URL.Query().Get("code_url")); text != "" {
		var ok bool
		if pr, ok = strings.CutPrefix(text, codePrefix); !ok {
			return c.refuse(w, r, f, say(r, shownFormat, "this is not a code_url of the sandbox, which begins with "+codePrefix, "这不是沙箱的 code_url，其开头为 "+codePrefix))
		}
	}
	if pr == "" {
		return c.site.Render(w, r, c.scan, nil)
	}
	o, err := c.sandbox.PrepaidOrder(pr)
	if err != nil || len(pr) != tokenDigits {
		return c.refuse(w, r, f, say(r, shownFormat, "the sandbox never gave this code", "沙箱从未返回过此二维码"))
	}
	if no := unpayable(r, o, pr, ""); no != nil {
		return c.refuse(w, r, f, *no)
	}
	t := till{from: f, Order: o}
	if o.TradeType == "NATIVE" {
		t.CodeURL, t.Phone = codePrefix+pr, phoneURL(r, pr)
	}
	return c.showTill(w, r, t)
}

// phoneURL returns the address at which a phone in the same network scans a code, or
// "" if this page was opened by an address that only this machine has.
func phoneURL(r *http.Request, pr string) string {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	host = strings.Trim(host, "[]")
	ip, err := netip.ParseAddr(host)
	if host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && ip.IsLoopback() {
		return ""
	}
	return baseOf(r) + "cashier/scan?pr=" + url.QueryEscape(pr)
}

// baseOf returns the address of the sandbox, as the browser names it.
func baseOf(r *http.Request) string {
	u := url.URL{Scheme: "http", Host: r.Host, Path: "/"}
	if r.TLS != nil {
		u.Scheme = "https"
	}
	return u.String()
}

// order leads from the console to the cashier of an order.
func (c *cashier) order(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	o, err := c.sandbox.OrderToPay(q.Get("mchid"), q.Get("number"))
	if err != nil {
		return page.NotFound("%v", err)
	}
	if o.PrepayID == "" {
		return c.refuse(w, r, from{Flow: byScan}, say(r, shownScene, "an order by the user's code is paid at the till", "付款码订单在收银台支付"))
	}
	http.Redirect(w, r, "/cashier/scan?pr="+url.QueryEscape(token(o)), http.StatusSeeOther)
	return nil
}

// qr shows a text as a QR code.
func (c *cashier) qr(w http.ResponseWriter, r *http.Request) error {
	text := r.URL.Query().Get("text")
	if text == "" {
		return page.NotFound("the QR code has no text")
	}
	image, err := qrcode.SVG(text)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	_, _ = w.Write([]byte(image)) // a browser that is gone does not read it
	return nil
}

// anotherUser returns why the user of a browser cannot do what a page offers that was
// opened by its user shown, or "". The page of WeChat ends when its user logs out.
func anotherUser(r *http.Request, shown string) string {
	now := userOf(r, sandbox.TestUser)
	if now == shown {
		return ""
	}
	return say(r, "", "this page was opened by the user "+quote.Text(shown)+", but "+quote.Text(now)+" uses the browser now: open the page again",
		"本页面由用户 "+quote.Text(shown)+" 打开，但浏览器的当前用户是 "+quote.Text(now)+"：请重新打开页面").Text
}

// userOf returns the user of a browser: who was logged in by the sandbox, or otherwise.
func userOf(r *http.Request, otherwise string) string {
	if c, err := r.Cookie(sandbox.UserCookie); err == nil && sandbox.IsOpenID(c.Value) {
		return c.Value
	}
	return otherwise
}
