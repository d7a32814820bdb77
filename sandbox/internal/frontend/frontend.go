// Package frontend checks what a page, a mini program or an app passes to WeChat in
// order to pay, or to confirm a transfer. Each mistake is described in words, beside
// the text that WeChat shows.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012791857 (JSAPI),
// https://developers.weixin.qq.com/doc/offiaccount/OA_Web_Apps/JS-SDK.html (JS-SDK),
// https://pay.weixin.qq.com/docs/merchant/apis/mini-program-payment/mini-transfer-payment.html,
// https://pay.weixin.qq.com/docs/merchant/apis/in-app-payment/app-transfer-payment.html
package frontend

import (
	"crypto"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Front is a front-end of WeChat.
type Front string

// The front-ends.
const (
	JSAPI       Front = "jsapi"       // WeixinJSBridge.invoke("getBrandWCPayRequest", params)
	ChooseWXPay Front = "choosewxpay" // wx.chooseWXPay(params) of the JS-SDK
	MiniProgram Front = "miniprogram" // wx.requestPayment(params)
	App         Front = "app"         // the parameters of the Open Platform's SDK
	Transfer    Front = "transfer"    // requestMerchantTransfer
	Config      Front = "config"      // wx.config(params) of the JS-SDK, with the page's address as href
)

// Fronts are all front-ends.
func Fronts() []Front { return []Front{JSAPI, ChooseWXPay, MiniProgram, App, Transfer, Config} }

// failed is what a front-end gets when WeChat refuses the parameters.
var failed = map[Front]string{
	JSAPI:       "get_brand_wcpay_request:fail",
	ChooseWXPay: "chooseWXPay:fail",
	MiniProgram: "requestPayment:fail",
	App:         "-1",
	Transfer:    "requestMerchantTransfer:fail",
	Config:      "config:fail, invalid signature",
}

// A Call is what a front-end passed, and from where.
type Call struct {
	Front  Front
	Params []byte // a JSON object
	AppID  string // of the mini program, or of wx.config; "" if unknown
	OpenID string // of the user, for that app; "" if unknown
}

// A Text is a text in both languages.
type Text struct {
	EN string `json:"en"`
	ZH string `json:"zh"`
}

// A Mistake is one thing that is wrong with the parameters.
type Mistake struct {
	// Code names the kind of the mistake, such as "time_stamp_type".
	Code string `json:"code"`
	// Field is the parameter at fault, or "".
	Field string `json:"field,omitempty"`
	// Message says what is wrong and what to do.
	Message Text `json:"message"`
	// Shown is the text that WeChat shows, or for an app the errCode.
	Shown string `json:"shown"`
}

// A Verdict is the result of a check.
type Verdict struct {
	// OK says that the user would see the cashier.
	OK bool `json:"ok"`
	// Result is what the front-end gets, such as "get_brand_wcpay_request:fail" or
	// for an app "-1". It is "" if OK.
	Result string `json:"result,omitempty"`
	// Mistakes are all mistakes that were found. WeChat shows the text of one.
	Mistakes []Mistake `json:"mistakes"`
	// Signed is the text that must be signed, for APIv2 without the key. It is "" if
	// parameters are missing or nothing is signed.
	Signed string `json:"signed,omitempty"`
	// Order is the order of the prepay_id, or nil.
	Order *Order `json:"-"`
	// Bill is the transfer of the package, or nil.
	Bill *Bill `json:"-"`
}

// An Order is an order, or a combined order, as the user of the cashier sees it.
type Order struct {
	MchID         string    `json:"mchid"` // who signs
	SubMchID      string    `json:"sub_mchid,omitempty"`
	OutTradeNo    string    `json:"out_trade_no"`
	TradeType     string    `json:"trade_type"`          // JSAPI, APP, MWEB or NATIVE
	SignType      string    `json:"sign_type,omitempty"` // of APIv2, which placed it; "" when APIv3 did
	AppID         string    `json:"appid"`
	SubAppID      string    `json:"sub_appid,omitempty"`
	OpenID        string    `json:"openid,omitempty"`
	SubOpenID     string    `json:"sub_openid,omitempty"`
	Description   string    `json:"description"`
	Attach        string    `json:"attach,omitempty"`
	Total         int64     `json:"total"` // fen
	State         string    `json:"trade_state"`
	PrepayID      string    `json:"prepay_id"` // the latest
	Live          bool      `json:"live"`      // the latest prepay_id can be used
	Expired       bool      `json:"expired"`   // time_expire is over
	Combined      bool      `json:"combined,omitempty"`
	TransactionID string    `json:"transaction_id,omitempty"`
	Placed        time.Time `json:"placed"`
	Expire        time.Time `json:"time_expire,omitzero"`

	SubOrders []SubOrder `json:"sub_orders,omitempty"` // of a combined order
}

// A SubOrder is one of the orders that are combined.
type SubOrder struct {
	MchID       string `json:"mchid"`
	SubMchID    string `json:"sub_mchid,omitempty"`
	OutTradeNo  string `json:"out_trade_no"`
	Description string `json:"description"`
	Total       int64  `json:"total"` // fen
}

// Owner returns the numbers that the control API takes for the order's merchant.
func (o *Order) Owner() string {
	if o.SubMchID == "" || o.Combined {
		return o.MchID
	}
	return o.MchID + "/" + o.SubMchID
}

// appIDs returns the appids that may pay the order.
func (o *Order) appIDs() []string {
	return slices.DeleteFunc([]string{o.AppID, o.SubAppID}, func(id string) bool { return id == "" })
}

// A Bill is a transfer that its user confirms, or an authorization of transfers.
type Bill struct {
	MchID, SubMchID, OutBillNo string
	OutAuthorizationNo         string // of an authorization, which has no OutBillNo
	AppID, OpenID, Remark      string // Remark is the name that an authorization has for the user
	Amount                     int64  // fen
	State                      string
	Package                    string // package_info
}

// Number returns the merchant's number.
func (b *Bill) Number() string { return b.OutBillNo + b.OutAuthorizationNo }

// Owner returns the numbers that the control API takes for the transfer's merchant.
func (b *Bill) Owner() string {
	if b.SubMchID == "" {
		return b.MchID
	}
	return b.MchID + "/" + b.SubMchID
}

// A Platform is what the checks ask the sandbox.
type Platform interface {
	// Order returns the order that a prepay_id was ever given for, or nil.
	Order(prepayID string) (*Order, error)
	// Bill returns the transfer or the authorization of a package_info, or nil.
	Bill(packageInfo string) (*Bill, error)
	// MchIDs are the merchants.
	MchIDs() []string
	// PublicKey returns the public key of a merchant, or nil.
	PublicKey(mchID string) crypto.PublicKey
	// Ticket returns the jsapi_ticket that the sandbox gave an app, or "".
	Ticket(appID string) string
	// Token returns the access_token that the sandbox gives an app.
	Token(appID string) string
	// SecretKeys returns the APIv2 key and the APIv3 key of a merchant.
	SecretKeys(mchID string) (v2, v3 string)
}

// Check checks a call. The error is that of the Platform, or says that the Front is
// unknown.
func Check(p Platform, call Call) (Verdict, error) {
	if failed[call.Front] == "" {
		return Verdict{}, fmt.Errorf("the Front is %.32q, want one of %q", string(call.Front), Fronts())
	}
	c := &check{platform: p, call: call}
	if c.read(call.Params) {
		if err := c.run(); err != nil {
			return Verdict{}, err
		}
	}
	v := c.verdict
	v.OK = len(v.Mistakes) == 0
	if !v.OK {
		v.Result = failed[call.Front]
	} else {
		v.Mistakes = []Mistake{}
	}
	return v, nil
}

// A check is a check that is going on.
type check struct {
	platform Platform
	call     Call
	sdk      bool // the JS-SDK made the parameters of the bridge

	byDefault bool             // signType was left out, and has its default
	given     map[string]value // as they were passed
	fields    map[string]string
	verdict   Verdict
}

func (c *check) run() error {
	switch c.call.Front {
	case App:
		return c.app()
	case Transfer:
		return c.transfer()
	case Config:
		c.config()
		return nil
	}
	return c.page()
}

// The texts that WeChat shows.
const (
	shownMissing  = "调用支付JSAPI缺少参数："
	shownSign     = "支付验证签名失败"
	shownExpired  = "该订单已过期，请重新下单"
	shownScene    = "支付场景非法"
	shownAppID    = "商户传入的APPID参数不正确"
	shownUser     = "下单账号与支付账号不一致，请核实后再支付"
	shownPaid     = "该订单已支付"
	shownClosed   = "订单已关闭"
	shownTransfer = "你的微信号与商家指定的微信号不一致"
	shownBill     = "商家参数格式有误，请联系商家解决"
)

// mistake adds a mistake. The texts have the same arguments.
func (c *check) mistake(code, field, shown, en, zh string, args ...any) {
	if c.call.Front == App {
		shown = "errCode -1"
	}
	if strings.Contains(en, "%") {
		en, zh = fmt.Sprintf(en, args...), fmt.Sprintf(zh, args...)
	}
	c.verdict.Mistakes = append(c.verdict.Mistakes, Mistake{code, field, Text{en, zh}, shown})
}

// without returns the text that WeChat shows without a parameter, or with one of
// another type.
func (c *check) without(field string) string {
	switch {
	case c.call.Front == Config:
		return shownConfig
	case field == "package" && c.call.Front != Transfer:
		field = "total_fee"
	}
	return shownMissing + field
}
