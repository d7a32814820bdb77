package frontend

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/wxchain/wechatpay/internal/quote"
)

// The trade types of orders that a front-end can pay.
const (
	tradeByJSAPI = "JSAPI"
	tradeByApp   = "APP"
)

// page checks the parameters of a page or a mini program.
func (c *check) page() error {
	c.fromSDK()
	for _, f := range c.pageFields() {
		c.take(f)
	}
	c.timeStamp()
	c.nonce()
	o, err := c.order(c.prepayID(), tradeByJSAPI)
	if err != nil || o == nil {
		return err
	}
	c.signType(o)
	appIDs := c.appIDs(o)
	c.user(o)
	c.paySign(o, appIDs)
	return nil
}

// fromSDK undoes what the JS-SDK did to the parameters of wx.chooseWXPay, so that the
// mistakes are those of the page.
//
// https://www.npmjs.com/package/weixin-js-sdk
func (c *check) fromSDK() {
	if c.call.Front != JSAPI || c.given["verifySignType"].kind == isMissing {
		return
	}
	c.sdk = true
	c.call.AppID = cmp.Or(c.given["appId"].text, c.call.AppID)
	if v := c.given["timeStamp"]; v.text != "undefined" {
		c.given["timestamp"] = v
		delete(c.given, "timeStamp")
	}
	if c.given["signType"].text == "SHA1" {
		delete(c.given, "signType")
	}
}

// choosing reports whether the page called wx.chooseWXPay.
func (c *check) choosing() bool { return c.sdk || c.call.Front == ChooseWXPay }

// pageFields returns the parameters that a page must pass. A mini program may leave out
// signType, which is then MD5.
//
// https://developers.weixin.qq.com/miniprogram/dev/api/payment/wx.requestPayment.html
func (c *check) pageFields() []field {
	fields := []field{{name: "timeStamp", signed: "timeStamp"}, {name: "nonceStr", signed: "nonceStr"}, {name: "package", signed: "package"}}
	switch {
	case c.choosing():
		fields = fields[1:]
		c.chosenTimestamp()
		c.chosenSignType()
	case c.call.Front == MiniProgram && c.given["signType"].kind == isMissing && c.otherName("signType") == "":
		c.fields["signType"], c.byDefault = "MD5", true
	default:
		fields = append(fields, field{name: "signType", signed: "signType"})
	}
	if c.call.Front == JSAPI && !c.sdk {
		fields = slices.Insert(fields, 0, field{name: "appId", signed: "appId"})
	}
	return append(fields, field{name: "paySign", signed: "paySign"})
}

// chosenTimestamp reads the time of wx.chooseWXPay, which may be a number.
func (c *check) chosenTimestamp() {
	const name = "timestamp"
	switch _, capital := c.given["timeStamp"]; {
	case c.given[name].kind != isMissing:
		c.take(field{name, "timeStamp", true})
	case capital:
		c.mistake("choose_timestamp", name, shownSign,
			"wx.chooseWXPay takes timestamp in lower case: with timeStamp, the JS-SDK sends the text \"undefined\". The signed name stays timeStamp",
			"wx.chooseWXPay 的参数名是小写的 timestamp：传 timeStamp 时，JS-SDK 发出的是字符串 \"undefined\"。签名串中的名称仍是 timeStamp")
		if v := c.given["timeStamp"]; v.text != "undefined" {
			c.fields["timeStamp"] = v.text
		}
	default:
		c.mistake("missing", name, shownSign, "timestamp is missing; its name in wx.chooseWXPay is lower case", "缺少 timestamp；wx.chooseWXPay 的参数名是小写")
	}
}

func (c *check) chosenSignType() {
	switch v := c.given["signType"]; {
	case v.text != "":
		c.take(field{name: "signType", signed: "signType"})
	case v.kind == isMissing:
		if other := c.otherName("signType"); other != "" {
			c.mistake("sha1_default", "signType", shownSign,
				"the name of the parameter is signType, not %s: the JS-SDK does not see it and sends SHA1, which no order has",
				"参数名应为 signType，而不是 %s：JS-SDK 读不到它，会默认传 SHA1，而任何订单都不使用 SHA1", quote.Text(other))
			return
		}
		fallthrough
	default:
		c.mistake("sha1_default", "signType", shownSign,
			"signType is missing or empty: the JS-SDK then sends SHA1, which no order has; pass the signType that paySign was made with",
			"缺少 signType 或其为空：JS-SDK 会默认传 SHA1，而任何订单都不使用 SHA1；请传生成 paySign 时的 signType")
	}
}

var (
	seconds      = regexp.MustCompile(`^[0-9]{10}$`)
	milliseconds = regexp.MustCompile(`^[0-9]{13}$`)
)

func (c *check) timeStamp() {
	t := c.fields["timeStamp"]
	name := "timeStamp"
	if c.choosing() || c.call.Front == App {
		name = "timestamp"
	}
	switch {
	case t == "" || seconds.MatchString(t):
	case milliseconds.MatchString(t):
		c.mistake("time_stamp", name, c.without("timeStamp"), "%s has milliseconds: seconds are wanted, which have 10 digits", "%s 是毫秒：应为秒，共 10 位数字", name)
	default:
		c.mistake("time_stamp", name, c.without("timeStamp"), "%s is %s: the seconds since 1970 are wanted, which have 10 digits",
			"%s 为 %s：应为 1970 年以来的秒数，共 10 位数字", name, quote.Text(t))
	}
}

const maxNonce = 32

func (c *check) nonce() {
	name := "nonceStr"
	if c.call.Front == App {
		name = "noncestr"
	}
	if n := utf8.RuneCountInString(c.fields["nonceStr"]); n > maxNonce {
		c.mistake("nonce", name, shownSign, "%s has %d characters, at most %d are allowed", "%s 有 %d 个字符，最多 %d 个", name, n, maxNonce)
	}
}

const prefix = "prepay_id="

// aPrefix matches what programs write in place of the prefix.
var aPrefix = regexp.MustCompile(`^(?i)\s*prepay_?id\s*(=|:|%3d)\s*`)

// prepayID returns the prepay_id of package, or "". It mends package, so that the
// signature is compared with what must be signed.
func (c *check) prepayID() string {
	id := c.readPackage()
	if id != "" {
		c.fields["package"] = prefix + id
	}
	return id
}

// readPackage returns the prepay_id of package, or "", and reports a package that has
// it in another form.
func (c *check) readPackage() string {
	text := c.fields["package"]
	id, ok := strings.CutPrefix(text, prefix)
	shown := c.without("package")
	if again, twice := strings.CutPrefix(id, prefix); ok && twice {
		c.mistake("package_twice", "package", shownExpired, "package begins with prepay_id= twice: the server's package has it already", "package 中有两个 prepay_id=：服务端返回的 package 已带此前缀")
		return strings.TrimSpace(again)
	}
	switch bare := strings.TrimSpace(id); {
	case text == "":
		return "" // reported before
	case ok && slices.Contains([]string{"", "undefined", "null", "nil", "None", "<nil>", "[object Object]"}, bare):
		c.mistake("prepay_empty", "package", shown, "package is %s: the order gave no prepay_id, or the page reads it under another name",
			"package 为 %s：下单没有返回 prepay_id，或页面读取的字段名不对", quote.Text(text))
		return ""
	case ok && bare != id:
		c.mistake("package_space", "package", shown, "package has a space or a line feed around the prepay_id", "package 的 prepay_id 前后有空格或换行")
		return bare
	case ok:
		return id
	case strings.HasPrefix(strings.ToLower(text), "prepay_id%3d"):
		c.mistake("package_encoded", "package", shown, "package is encoded for a URL; prepay_id= is wanted as it is", "package 被做了 URL 编码；应原样传 prepay_id=…")
		return aPrefix.ReplaceAllString(text, "")
	case text == "Sign=WXPay":
		c.mistake("package_of_app", "package", shown, "package is Sign=WXPay, which apps pass; a page passes prepay_id=…", "package 为 Sign=WXPay，那是 App 的参数；网页应传 prepay_id=…")
		return ""
	}
	c.mistake("package_prefix", "package", shown, "package is %s: it must begin with prepay_id=", "package 为 %s：必须以 prepay_id= 开头", quote.Text(text))
	return strings.TrimSpace(aPrefix.ReplaceAllString(text, ""))
}

// order returns the order of a prepay_id, and reports why it cannot be paid so.
func (c *check) order(prepayID, tradeType string) (*Order, error) {
	if prepayID == "" {
		return nil, nil
	}
	o, err := c.platform.Order(prepayID)
	if err != nil {
		return nil, err
	}
	name := "package"
	if c.call.Front == App {
		name = "prepayid"
	}
	if o == nil || len(prepayID) < len(o.PrepayID) { // the platform also finds it by its end
		c.mistake("prepay_unknown", name, shownExpired, "the sandbox never gave the prepay_id %s: the order was made elsewhere, or the prepay_id is cut or changed",
			"沙箱从未返回过 prepay_id %s：订单不是在此沙箱下的，或 prepay_id 被截断或修改", quote.Text(prepayID))
		return nil, nil
	}
	c.verdict.Order = o
	c.payable(o, name, prepayID)
	if o.TradeType != tradeType {
		c.mistake("trade_type", name, shownScene, "the order was made for %s and not for %s: call the ordering operation of %s",
			"订单是以 %s 方式下的，不是 %s：请调用 %s 下单接口", o.TradeType, tradeType, tradeType)
	}
	return o, nil
}

// payable reports why an order can no longer be paid with a prepay_id.
func (c *check) payable(o *Order, name, prepayID string) {
	switch {
	case o.State == "SUCCESS" || o.State == "REFUND":
		c.mistake("paid", name, shownPaid, "the order %s is paid already", "订单 %s 已支付", quote.Text(o.OutTradeNo))
	case o.State != "NOTPAY" && o.State != "USERPAYING":
		c.mistake("closed", name, shownClosed, "the order %s is %s; take a new out_trade_no", "订单 %s 的状态为 %s；请换新的 out_trade_no", quote.Text(o.OutTradeNo), o.State)
	case o.Expired:
		c.mistake("time_expire", name, shownExpired, "time_expire of the order %s is over; take a new out_trade_no", "订单 %s 已过 time_expire；请换新的 out_trade_no", quote.Text(o.OutTradeNo))
	case o.PrepayID != prepayID:
		c.mistake("prepay_stale", name, shownExpired, "this prepay_id is stale: the order %s was made again and has a later one", "该 prepay_id 已失效：订单 %s 重新下单后有了更新的 prepay_id", quote.Text(o.OutTradeNo))
	case !o.Live:
		c.mistake("prepay_stale", name, shownExpired, "this prepay_id is older than two hours; make the order %s again with the same parameters, which gives another one",
			"该 prepay_id 已超过 2 小时；请以相同参数对订单 %s 重新下单，获取新的 prepay_id", quote.Text(o.OutTradeNo))
	}
}

// signType reports a signType that is not that of the order.
func (c *check) signType(o *Order) {
	got, given := c.fields["signType"]
	if want := cmp.Or(o.SignType, "RSA"); given && got != want && got != "" {
		api := "APIv3"
		if o.SignType != "" {
			api = "APIv2"
		}
		if c.byDefault {
			c.mistake("sign_type", "signType", shownSign, "signType is missing, which a mini program takes as %s, and must be %s, as the order was made by %s",
				"缺少 signType，小程序默认为 %s，应为 %s：订单由 %s 以该方式下单", got, want, api)
			return
		}
		c.mistake("sign_type", "signType", shownSign, "signType is %s, and must be %s, as the order was made by %s", "signType 为 %s，应为 %s：订单由 %s 以该方式下单", quote.Text(got), want, api)
	}
}

// appIDs returns the appids that paySign may have been made with.
func (c *check) appIDs(o *Order) []string {
	got, name := c.call.AppID, "appId"
	switch {
	case c.call.Front == App:
		got, name = c.fields["appId"], "appid"
	case c.call.Front == JSAPI && !c.sdk:
		got = c.fields["appId"]
	}
	if c.sdk && got == "" {
		c.mistake("missing", name, c.without(name), "wx.config had no appId", "wx.config 没有传 appId")
	}
	if got == "" {
		return o.appIDs()
	}
	if !slices.Contains(o.appIDs(), got) {
		en, zh := "the appid is %s, but the order was made with %s", "appid 为 %s，但下单时使用的是 %s"
		if c.choosing() {
			en, zh = "the appId of wx.config is %s, but the order was made with %s", "wx.config 的 appId 为 %s，但下单时使用的是 %s"
		}
		c.mistake("app_id", name, shownAppID, en, zh, quote.Text(got), strings.Join(o.appIDs(), " / "))
	}
	return []string{got}
}

// user reports another user than the one that the order names.
func (c *check) user(o *Order) {
	who := c.call.OpenID
	if who == "" || o.OpenID == "" && o.SubOpenID == "" || who == o.OpenID || who == o.SubOpenID {
		return
	}
	c.mistake("openid", "", shownUser, "the user is %s, but the order was made for %s: use the openid of the page's user", "当前用户为 %s，但订单的支付者是 %s：请使用当前页面用户的 openid",
		quote.Text(who), quote.Text(cmp.Or(o.OpenID, o.SubOpenID)))
}
