package v3

import (
	"net/http"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
)

// authorizations returns the handlers of transfers that the user need not confirm,
// and of the authorizations for these.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4015901167 (ask),
// https://pay.weixin.qq.com/doc/v3/merchant/4014399423 (query),
// https://pay.weixin.qq.com/doc/v3/merchant/4015653811 (close),
// https://pay.weixin.qq.com/doc/v3/merchant/4014399371 (transfer),
// https://pay.weixin.qq.com/doc/v3/merchant/4014399293 (both at once),
// https://pay.weixin.qq.com/doc/v3/partner/4016809837 (of partners)
func authorizations() map[string]handler {
	const (
		path  = "v3/fund-app/mch-transfer/"
		own   = path + "user-confirm-authorization"
		ofOwn = own + "/out-authorization-no/{out_authorization_no}"
		subs  = path + "partner/user-confirm-authorizations"
		ofSp  = subs + "/{out_authorization_no}"
		bills = "transfer-bills/"
		both  = bills + "pre-transfer-with-authorization"
	)
	return map[string]handler{
		"POST " + own:              askAuthorization("authorization_notify_url"),
		"GET " + ofOwn:             queryAuthorization(false),
		"POST " + ofOwn + "/close": closeAuthorization(false),
		"POST " + subs:             askAuthorization("notify_url"),
		"GET " + ofSp:              queryAuthorization(true),
		"POST " + ofSp + "/close":  closeAuthorization(true),

		"POST " + path + bills + "transfer":              transfer(ofSigner, transferAuthorized, wholeTransfer),
		"POST " + path + "partner/" + bills + "transfer": transfer(ofSub, transferAuthorized, wholeTransfer),
		"POST " + path + both:                            transfer(ofSigner, askWithAuthorization, acceptedWithAuthorization),
		"POST " + path + "partner/" + both:               transfer(ofSub, askWithAuthorization, subTransfer),
	}
}

// An authorizationAsked is the answer to a request for an authorization.
type authorizationAsked struct {
	OutNo       string                   `json:"out_authorization_no"`
	State       money.AuthorizationState `json:"state"`
	CreateTime  string                   `json:"create_time"`
	PackageInfo string                   `json:"package_info"`
}

// askAuthorization asks a user for an authorization. Its field urlField has the URL
// of notifications.
func askAuthorization(urlField string) handler {
	return func(c *call) (int, any, error) {
		made := money.Authorization{
			MchID: c.merchant.MchID, OutNo: c.text("out_authorization_no"), AppID: c.text("appid"), OpenID: c.text("openid"),
			Scene: c.text("transfer_scene_id"), DisplayName: c.text("user_display_name"), Shown: c.text("user_recv_perception"), NotifyURL: c.text(urlField),
		}
		var err error
		if made.Fingerprint, err = c.fingerprint("authorization"); err != nil {
			return 0, nil, err
		}
		a, err := c.AskAuthorization(made)
		if err != nil {
			return 0, nil, err
		}
		return http.StatusOK, authorizationAsked{a.OutNo, a.State, beijing.Format(a.Created), PackageInfo(a.ID)}, nil
	}
}

func queryAuthorization(ofPartner bool) handler {
	return func(c *call) (int, any, error) {
		a, err := c.Authorization(c.merchant.MchID, c.vars["out_authorization_no"])
		if err != nil {
			return 0, nil, err
		}
		answer := authorizationAnswerOf(a, ofPartner)
		if !ofPartner && (a.State == money.AuthorizationWaiting || c.query.Get("is_display_authorization") == "true") {
			answer.PackageInfo = PackageInfo(a.ID)
		}
		return http.StatusOK, answer, nil
	}
}

func closeAuthorization(ofPartner bool) handler {
	return func(c *call) (int, any, error) {
		a, err := c.CloseAuthorization(c.merchant.MchID, c.vars["out_authorization_no"])
		return http.StatusOK, authorizationAnswerOf(a, ofPartner), err
	}
}

func transferAuthorized(c *call, asked money.TransferRequest) (money.Transfer, error) {
	return c.TransferAuthorized(asked, c.text("authorization_id"), c.text("out_authorization_no"))
}

func askWithAuthorization(c *call, asked money.TransferRequest) (money.Transfer, error) {
	info := c.body.Get("authorization_info")
	if !info.Exists() {
		return c.AskTransfer(asked)
	}
	return c.AskWithAuthorization(asked, money.Authorization{
		OutNo: info.Get("out_authorization_no").String(), DisplayName: info.Get("user_display_name").String(), NotifyURL: info.Get("authorization_notify_url").String(),
	})
}

// acceptedWithAuthorization is acceptedTransfer with the authorization, if there is
// one.
func acceptedWithAuthorization(c *call, t money.Transfer) (any, error) {
	a := transferAcceptedOf(t)
	a.OutAuthorizationNo, a.DisplayName = t.Authorizes, c.body.Get("authorization_info.user_display_name").String()
	return a, nil
}

// An authorizationAnswer is an authorization as answers and notifications show it.
type authorizationAnswer struct {
	OutNo       string                   `json:"out_authorization_no"`
	AppID       string                   `json:"appid"`
	OpenID      string                   `json:"openid"`
	DisplayName string                   `json:"user_display_name"`
	ID          string                   `json:"authorization_id,omitempty"`
	State       money.AuthorizationState `json:"state"`
	Time        string                   `json:"authorize_time,omitempty"`
	Close       *closeInfo               `json:"close_info,omitempty"`
	Scene       string                   `json:"transfer_scene_id,omitempty"`
	Shown       string                   `json:"user_recv_perception,omitempty"`
	CreateTime  string                   `json:"create_time,omitempty"`
	PackageInfo string                   `json:"package_info,omitempty"`
}

type closeInfo struct {
	Time   string `json:"close_time"`
	Reason string `json:"close_reason"`
}

// authorizationAnswerOf has an authorization_id once the user confirmed, and for a
// partner always.
func authorizationAnswerOf(a money.Authorization, ofPartner bool) authorizationAnswer {
	answer := authorizationAnswer{
		OutNo: a.OutNo, AppID: a.AppID, OpenID: a.OpenID, DisplayName: a.DisplayName, State: a.State, Time: formatTime(a.Authorized),
		Scene: a.Scene, Shown: a.Shown, CreateTime: beijing.Format(a.Created),
	}
	if ofPartner || !a.Authorized.IsZero() {
		answer.ID = a.ID
	}
	if a.State == money.AuthorizationClosed {
		answer.Close = &closeInfo{beijing.Format(a.Closed), a.CloseReason}
	}
	return answer
}

// formatTime writes a time, or "" for zero.
func formatTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return beijing.Format(t)
}

// authorizationNotice returns the notification that an authorization takes effect,
// or is closed.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4014512908
func authorizationNotice(a money.Authorization) Notice {
	answer := authorizationAnswerOf(a, true)
	answer.Scene, answer.Shown, answer.CreateTime = "", "", ""
	if a.State == money.AuthorizationClosed {
		return Notice{"MCHTRANSFER.AUTHORIZATION.CLOSED", "mch_payment", "商家转账用户免确认收款授权关闭通知", answer}
	}
	return Notice{"MCHTRANSFER.AUTHORIZATION.CONFIRMED", "mch_payment", "商家转账用户免确认收款授权确认通知", answer}
}
