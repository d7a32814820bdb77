package cashier

import (
	"net/http"

	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/sandbox/console/internal/page"
)

// wallet shows what a user has.
func (c *cashier) wallet(w http.ResponseWriter, r *http.Request) error {
	all, err := c.sandbox.Wallet(userOf(r, sandbox.TestUser))
	if err != nil {
		return err
	}
	return c.site.Render(w, r, c.user, all)
}

// act does what a user does with what they have.
func (c *cashier) act(w http.ResponseWriter, r *http.Request) error {
	action, user, mchID, number := r.PathValue("action"), r.PostFormValue("user"), r.PostFormValue("mchid"), r.PostFormValue("number")
	if action == "become" {
		return c.become(w, r, r.PostFormValue("openid"))
	}
	if why := anotherUser(r, user); why != "" {
		return &page.Error{Status: http.StatusConflict, Text: why}
	}
	var err error
	switch action {
	case "confirm":
		err = c.sandbox.SettleTransfer(mchID, number, sandbox.TransferSuccess)
	case "agree":
		err = c.sandbox.ConfirmAuthorization(mchID, number)
	case "end":
		err = c.sandbox.CloseAuthorization(mchID, number, "USER_CLOSE")
	case "open":
		_, err = c.sandbox.OpenRedPacket(mchID, number, user)
	default:
		return page.NotFound("a user does no %.32q", action)
	}
	if err != nil {
		return err
	}
	return c.site.Back(w, r, "/cashier/user")
}

// become makes another user use this browser.
func (c *cashier) become(w http.ResponseWriter, r *http.Request, openID string) error {
	if !sandbox.IsOpenID(openID) {
		return &page.Error{Status: http.StatusBadRequest, Text: "an openid has 1 to 128 letters, digits, - and _"}
	}
	http.SetCookie(w, &http.Cookie{Name: sandbox.UserCookie, Value: openID, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	return c.site.Back(w, r, "/cashier/user")
}
