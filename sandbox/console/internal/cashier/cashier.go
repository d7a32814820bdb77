// Package cashier is the pages on which a user pays: those that an h5_url, a QR code
// and the page of a shop lead to, and those of the user's own coupons, transfers and
// red packets. The pages of the sandbox alone pay; wx.js, which runs in the page of a
// shop, opens them and hears the result.
package cashier

import (
	"cmp"
	"embed"
	"net/http"
	"slices"
	"strconv"

	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/sandbox/console/internal/page"
)

//go:embed pages static
var files embed.FS

// A Sandbox is what the cashier uses of a sandbox.
type Sandbox interface {
	CheckFront(call sandbox.FrontCall) (sandbox.FrontVerdict, error)
	PrepaidOrder(prepayID string) (*sandbox.FrontOrder, error)
	OrderToPay(mchID, outTradeNo string) (*sandbox.FrontOrder, error)
	PayWith(mchID, outTradeNo string, p sandbox.Payment) (transactionID string, err error)
	FailPayment(mchID, outTradeNo string) error
	SettleTransfer(mchID, outBillNo string, state sandbox.TransferState) error
	ConfirmAuthorization(mchID, outAuthorizationNo string) error
	CloseAuthorization(mchID, outAuthorizationNo, reason string) error
	OpenRedPacket(mchID, mchBillNo, openID string) (amount int64, err error)
	Wallet(openID string) (sandbox.Wallet, error)
}

// A cashier is the pages of one sandbox.
type cashier struct {
	site    *page.Site
	sandbox Sandbox

	pay, refused, done, transfer, scan, user *page.Template
}

// Register adds the pages.
func Register(mux *http.ServeMux, site *page.Site, s Sandbox) {
	site.AddTexts(texts)
	site.AddLink("User", "/cashier/user")
	parse := func(name string) *page.Template { return site.Parse(files, "pages/"+name+".html", "pages/parts.html") }
	c := &cashier{site, s, parse("pay"), parse("refused"), parse("done"), parse("transfer"), parse("scan"), parse("user")}
	site.Static(mux, "/cashier/static/", files, "static/")
	site.Open(mux, "GET /wx.js", c.wxJS)
	site.Open(mux, "GET /cashier/qr", c.qr)
	site.Handle(mux, "GET /cgi-bin/mmpayweb-bin/checkmweb", c.h5)
	site.HandleOpened(mux, "GET /cashier/window", c.window)
	site.Handle(mux, "GET /cashier/scan", c.scanned)
	site.Handle(mux, "GET /cashier/orders", c.order)
	site.Handle(mux, "GET /cashier/user", c.wallet)
	site.Handle(mux, "POST /cashier/pay", c.paid)
	site.Handle(mux, "POST /cashier/transfer", c.confirmed)
	site.Handle(mux, "POST /cashier/user/{action}", c.act)
}

// A flow is how the user came to the cashier.
type flow string

const (
	byH5     flow = "h5"
	byWindow flow = "window" // that wx.js opened
	byScan   flow = "scan"   // of a QR code, or from the console
)

// A from is where the user came from, and returns to. Forms carry it.
type from struct {
	Flow   flow
	Return string // the page that an H5 payment returns to
	Window string // the number that wx.js gave the window
	Origin string // of the page that opened the window, noOrigin, or "" if it cannot be read
	Front  string
	User   string // of the browser, when the page was opened
}

func fromForm(r *http.Request) from {
	f := from{Flow: flow(r.PostFormValue("flow")), Window: page.Printable(r.PostFormValue("window")), Front: page.Printable(r.PostFormValue("front")),
		User: page.Printable(r.PostFormValue("user"))}
	if to := r.PostFormValue("return"); isWeb(to) {
		f.Return = to
	}
	f.Origin = originOf(r.PostFormValue("origin"))
	return f
}

// A told is a mistake in the language of the page, and what WeChat shows.
type told struct{ Text, Shown string }

// tell returns mistakes in the language of a request.
func tell(r *http.Request, mistakes []sandbox.FrontMistake) []told {
	all := make([]told, len(mistakes))
	for i, m := range mistakes {
		all[i] = told{m.Message.EN, m.Shown}
		if page.Lang(r) == page.Chinese {
			all[i].Text = m.Message.ZH
		}
	}
	return all
}

// say returns one text in the language of a request.
func say(r *http.Request, shown, en, zh string) told {
	if page.Lang(r) == page.Chinese {
		return told{zh, shown}
	}
	return told{en, shown}
}

// A till is what the page shows on which the user pays.
type till struct {
	from
	Order   *sandbox.FrontOrder
	Coupons []choice
	Notes   []told // what the platform would refuse, and the sandbox does not
	CodeURL string // of a native order
	Phone   string // the address for a phone in the same network, or ""
}

// A choice is the coupons that fit an order, of which the user can use one.
type choice struct {
	Field    string                 // of the form
	SubOrder *sandbox.FrontSubOrder // nil of an order that is not combined
	Coupons  []sandbox.WalletCoupon
}

// couponField returns the field with the coupon for one order of a combined order.
func couponField(i int) string { return "coupon." + strconv.Itoa(i) }

// choices returns the coupons of a user that fit an order. Those for a combined order
// fit one of its orders, and pay a part of that one alone, as on the platform.
//
// https://pay.weixin.qq.com/docs/partner/apis/combine-payment/orders/query-order.html
func choices(o *sandbox.FrontOrder, wallet sandbox.Wallet) (all []choice) {
	add := func(field string, part *sandbox.FrontSubOrder, mchID, subMchID string, total int64) {
		k := choice{Field: field, SubOrder: part}
		for _, coupon := range wallet.Coupons {
			taken := slices.Contains(coupon.MchIDs, mchID) || slices.Contains(coupon.MchIDs, subMchID)
			if coupon.State == "SENDED" && taken && coupon.Minimum <= total && coupon.Value <= total {
				k.Coupons = append(k.Coupons, coupon)
			}
		}
		if len(k.Coupons) > 0 {
			all = append(all, k)
		}
	}
	if !o.Combined {
		add("coupon", nil, o.MchID, o.SubMchID, o.Total)
	}
	for i, part := range o.SubOrders {
		add(couponField(i), &part, part.MchID, part.SubMchID, part.Total)
	}
	return all
}

func (c *cashier) showTill(w http.ResponseWriter, r *http.Request, t till) error {
	wallet, err := c.sandbox.Wallet(cmp.Or(t.Order.OpenID, t.Order.SubOpenID, userOf(r, sandbox.TestUser)))
	if err != nil {
		return err
	}
	t.Coupons = choices(t.Order, wallet)
	return c.site.Render(w, r, c.pay, t)
}

// A refusal is what the page shows in place of the cashier.
type refusal struct {
	from
	Shown string
	Told  []told
	Sign  string // the text that must be signed, or ""
}

func (c *cashier) refuse(w http.ResponseWriter, r *http.Request, f from, all ...told) error {
	return c.site.Render(w, r, c.refused, refusal{f, all[0].Shown, all, ""})
}

// A result is what the page shows in the end.
type result struct {
	from
	Result string // ok, cancel or fail
	Shown  string
	Order  *sandbox.FrontOrder

	Authorized bool // transfers without confirmation
}

// paid does what the user chose at the cashier.
func (c *cashier) paid(w http.ResponseWriter, r *http.Request) error {
	f := fromForm(r)
	open(w, f)
	o, err := c.sandbox.PrepaidOrder(r.PostFormValue("prepay_id"))
	if err != nil {
		return err
	}
	out := result{from: f, Result: "cancel", Order: o}
	choice := r.PostFormValue("do")
	if why := anotherUser(r, f.User); why != "" && choice != "cancel" {
		return c.refuse(w, r, f, told{why, shownUser})
	}
	switch choice {
	case "pay":
		out.Result = "ok"
		p := page.PaymentOf(r)
		if o.OpenID == "" && o.SubOpenID == "" {
			p.OpenID = userOf(r, "")
		}
		for i := range o.SubOrders {
			p.SubOrderCouponIDs = append(p.SubOrderCouponIDs, page.CouponsOf(r, couponField(i)))
		}
		_, err = c.sandbox.PayWith(o.Owner(), o.OutTradeNo, p)
	case "fail":
		out.Result, out.Shown = "fail", "支付失败"
		err = c.sandbox.FailPayment(o.Owner(), o.OutTradeNo)
	}
	if err != nil {
		return c.failed(w, r, f, o.PrepayID, err)
	}
	return c.site.Render(w, r, c.done, out)
}

// failed shows why an order was not paid: it was paid, closed or expired since the user
// came to the cashier, perhaps in another window, or the form was wrong.
func (c *cashier) failed(w http.ResponseWriter, r *http.Request, f from, prepayID string, err error) error {
	if o, no := c.sandbox.PrepaidOrder(prepayID); no == nil {
		if ended := ended(r, o); ended != nil {
			return c.refuse(w, r, f, *ended)
		}
	}
	return err
}

// open lets the page that opened a window hear from it.
func open(w http.ResponseWriter, f from) {
	if f.Flow == byWindow {
		page.KeepOpener(w)
	}
}
