package cashier

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/sandbox/console/internal/page"
)

// wxJS is the script that gives the page of a shop WeChat's bridge.
func (c *cashier) wxJS(w http.ResponseWriter, r *http.Request) error {
	script, err := files.ReadFile("static/wx.js")
	if err != nil {
		return err
	}
	base, err := json.Marshal(baseOf(r))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	_, _ = w.Write(bytes.Replace(script, []byte("BASE"), base, 1)) // a browser that is gone does not read it
	return nil
}

// window shows the cashier in the window that wx.js opened, or what is wrong with the
// parameters.
func (c *cashier) window(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	f := from{Flow: byWindow, Window: page.Printable(q.Get("id")), Origin: originOf(q.Get("origin")), Front: page.Printable(q.Get("front")),
		User: userOf(r, sandbox.TestUser)}
	v, err := c.sandbox.CheckFront(sandbox.FrontCall{
		Front: sandbox.Front(f.Front), Params: []byte(q.Get("params")), AppID: q.Get("appid"), OpenID: userOf(r, ""),
	})
	switch {
	case err != nil:
		return err
	case !v.OK:
		all := tell(r, v.Mistakes)
		return c.site.Render(w, r, c.refused, refusal{f, all[0].Shown, all, v.Signed})
	case v.Bill != nil:
		return c.site.Render(w, r, c.transfer, transferPage{f, v.Bill})
	case v.Order != nil:
		return c.showTill(w, r, till{from: f, Order: v.Order})
	}
	return c.refuse(w, r, f, say(r, shownFormat, "nothing is to be paid with these parameters", "这些参数不能用于支付"))
}

// A transferPage is what a user sees who confirms a transfer or an authorization.
type transferPage struct {
	from
	Bill *sandbox.FrontBill
}

// confirm confirms the transfer or the authorization of a form.
func (c *cashier) confirm(r *http.Request) error {
	mchID := r.PostFormValue("mchid")
	if number := r.PostFormValue("authorization"); number != "" {
		return c.sandbox.ConfirmAuthorization(mchID, number)
	}
	return c.sandbox.SettleTransfer(mchID, r.PostFormValue("number"), sandbox.TransferSuccess)
}

// confirmed does what the user chose of a transfer or of an authorization.
func (c *cashier) confirmed(w http.ResponseWriter, r *http.Request) error {
	f := fromForm(r)
	open(w, f)
	out := result{from: f, Result: "cancel"}
	if r.PostFormValue("do") == "confirm" {
		if why := anotherUser(r, f.User); why != "" {
			return c.refuse(w, r, f, told{why, shownPayee})
		}
		out.Result = "ok"
		if err := c.confirm(r); err != nil {
			// It was confirmed since the page was opened, or is over.
			return c.refuse(w, r, f, say(r, shownFormat, "it does not wait for the user any more: "+err.Error(), "已不在等待用户确认："+err.Error()))
		}
		out.Authorized = r.PostFormValue("authorization") != ""
	}
	return c.site.Render(w, r, c.done, out)
}
