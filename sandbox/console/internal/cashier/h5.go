package cashier

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/wxchain/wechatpay/sandbox"
)

const (
	shownFormat  = "商家参数格式有误，请联系商家解决"
	shownLate    = "支付请求已失效，请重新发起支付"
	shownOutside = "请在微信外打开订单，进行支付"
	shownScene   = "支付场景非法"
	shownUser    = "下单账号与支付账号不一致，请核实后再支付"
	shownPayee   = "你的微信号与商家指定的微信号不一致"
)

// h5 shows the page that an h5_url leads to. It returns to redirect_url, or else to the
// page that it came from, as the platform does.
//
// https://pay.weixin.qq.com/docs/merchant/apis/h5-payment/h5-transfer-payment.html
func (c *cashier) h5(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	f := from{Flow: byH5, User: userOf(r, sandbox.TestUser)}
	referer := r.Header.Get("Referer")
	var notes []told
	switch to := q.Get("redirect_url"); {
	case isWeb(to):
		f.Return = to
	case isEncoded(to):
		notes = append(notes, say(r, shownFormat, "redirect_url is encoded twice; encode the address of the page once", "redirect_url 做了两次 URL 编码；页面地址只应编码一次"))
	case to != "":
		notes = append(notes, say(r, shownFormat, "redirect_url is not the address of a page, with http or https", "redirect_url 不是 http 或 https 的页面地址"))
	case isWeb(referer) && !isItself(r, referer):
		f.Return = referer
		r = withReturn(r, referer)
	}
	if strings.Contains(r.UserAgent(), "MicroMessenger/") {
		return c.refuse(w, r, f, say(r, shownOutside, "this browser says that it is WeChat: H5 payments are for other browsers", "当前浏览器的 User-Agent 是微信：H5 支付须在微信外使用"))
	}
	o, err := c.sandbox.PrepaidOrder(q.Get("prepay_id"))
	if err != nil || !strings.HasSuffix(q.Get("prepay_id"), q.Get("package")) || len(q.Get("package")) != tokenDigits {
		return c.refuse(w, r, f, say(r, shownFormat, "prepay_id or package is not that of an h5_url: use the h5_url whole, and append &redirect_url=…", "prepay_id 或 package 与 h5_url 不符：请完整使用 h5_url，并追加 &redirect_url=…"))
	}
	if no := unpayable(r, o, q.Get("prepay_id"), "MWEB"); no != nil {
		return c.refuse(w, r, f, *no)
	}
	if referer == "" {
		notes = append(notes, say(r, shownFormat, "this page was opened by itself, without a Referer: on the platform, only a page of a registered domain leads here", "本页是直接打开的，没有 Referer：在正式环境中，只能从已配置域名的页面跳转而来"))
	}
	if _, err := url.ParseQuery(r.URL.RawQuery); err != nil {
		notes = append(notes, say(r, shownFormat, "redirect_url is not encoded as a part of a URL, and cannot be read", "redirect_url 没有做 URL 编码，无法识别"))
	}
	if cut := cutOff(q); len(cut) > 0 {
		notes = append(notes, say(r, shownFormat, "redirect_url is not encoded as a part of a URL, and lost "+strings.Join(cut, ", "), "redirect_url 没有做 URL 编码，丢失了 "+strings.Join(cut, "、")))
	}
	return c.showTill(w, r, till{from: f, Order: o, Notes: notes})
}

// isItself reports whether a page was opened by a link of its own.
func isItself(r *http.Request, referer string) bool {
	u, err := url.Parse(referer)
	return err == nil && u.Host == r.Host && u.Path == r.URL.Path
}

// withReturn returns the request with a redirect_url, so that the links of its page to
// itself, in another language, keep where it came from.
func withReturn(r *http.Request, to string) *http.Request {
	r = r.Clone(r.Context())
	r.URL.RawQuery += "&redirect_url=" + url.QueryEscape(to)
	return r
}

// tokenDigits is how many digits a link has in place of the prepay_id.
const tokenDigits = 10

func token(o *sandbox.FrontOrder) string { return o.PrepayID[len(o.PrepayID)-tokenDigits:] }

// unpayable returns why an order cannot be paid by a link, or nil.
func unpayable(r *http.Request, o *sandbox.FrontOrder, prepayID, tradeType string) *told {
	var no told
	switch {
	case tradeType != "" && o.TradeType != tradeType:
		no = say(r, shownScene, "the order was made for "+o.TradeType, "订单的交易类型是 "+o.TradeType)
	case ended(r, o) != nil:
		return ended(r, o)
	case !strings.HasSuffix(o.PrepayID, prepayID) || !o.Live:
		no = say(r, shownLate, "the link is out of date (an h5_url lives five minutes, a code_url two hours): make the order again", "链接已过期（h5_url 有效期 5 分钟，code_url 为 2 小时）：请重新下单")
	default:
		return nil
	}
	return &no
}

// ended returns why an order can no longer be paid, or nil.
func ended(r *http.Request, o *sandbox.FrontOrder) *told {
	var no told
	switch {
	case o.State == "SUCCESS" || o.State == "REFUND":
		no = say(r, "该订单已支付", "the order is paid already", "订单已支付")
	case o.State != "NOTPAY" && o.State != "USERPAYING":
		no = say(r, "订单已关闭", "the order is "+o.State, "订单状态为 "+o.State)
	case o.Expired:
		no = say(r, shownLate, "time_expire of the order is over", "订单已过 time_expire")
	default:
		return nil
	}
	return &no
}

// cutOff returns the parameters that an h5_url does not have: a redirect_url that was
// not encoded leaves them behind.
func cutOff(q url.Values) (names []string) {
	if q.Get("redirect_url") == "" {
		return nil
	}
	for name := range q {
		if !slices.Contains([]string{"prepay_id", "package", "redirect_url"}, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// isEncoded reports whether text is the address of a page that is still encoded as a part
// of a URL.
func isEncoded(text string) bool {
	plain, err := url.QueryUnescape(text)
	return err == nil && plain != text && isWeb(plain)
}

// isWeb reports whether text is the address of a page.
func isWeb(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

// noOrigin is the origin of a page that has none of its own, such as a page from a file. A
// message to such a page cannot name it.
const noOrigin = "null"

// originOf returns the origin of an address, noOrigin, or "".
func originOf(text string) string {
	if text == noOrigin {
		return noOrigin
	}
	u, err := url.Parse(text)
	if err != nil || !isWeb(text) || !hosts.MatchString(u.Host) {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// hosts matches hosts as browsers write them.
var hosts = regexp.MustCompile(`^[0-9A-Za-z.:\[\]_-]+$`)
