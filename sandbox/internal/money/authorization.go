package money

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/wxchain/wechatpay/sandbox/internal/scene"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// An AuthorizationState is the state of an authorization.
type AuthorizationState string

// The states of authorizations.
const (
	AuthorizationWaiting AuthorizationState = "WAIT_USER_CONFIRM"
	AuthorizationActive  AuthorizationState = "TAKING_EFFECT"
	AuthorizationClosed  AuthorizationState = "CLOSED"
)

// Why authorizations are closed.
const (
	closedByMerchant = "CLOSE_VIA_MCH_API"
	closedOverdue    = "USER_OVERDUE_UNCONFIRMED"
)

// userCloses are the reasons for which a user or the platform closes an
// authorization.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4014399423
var userCloses = []string{"USER_CLOSE", "TRANSFER_RISK", "USER_ACCOUNT_ABNORMAL"}

const (
	maxDisplayName = 32 // characters
	overdueDays    = 30 // for how many days an authorization that nobody confirmed can be queried
)

// An Authorization is a user's consent to receive transfers of a merchant without
// confirming each.
type Authorization struct {
	MchID       string             `json:"mchid"`
	OutNo       string             `json:"out_authorization_no"`
	ID          string             `json:"authorization_id"`
	AppID       string             `json:"appid"`
	OpenID      string             `json:"openid"`
	Scene       string             `json:"scene"`
	DisplayName string             `json:"user_display_name"`
	Shown       string             `json:"user_recv_perception,omitempty"`
	NotifyURL   string             `json:"notify_url"`
	Created     time.Time          `json:"created"`
	Fingerprint string             `json:"fingerprint"` // of the parameters
	State       AuthorizationState `json:"state"`       // before any time ran out
	Authorized  time.Time          `json:"authorized,omitzero"`
	Closed      time.Time          `json:"closed,omitzero"`
	CloseReason string             `json:"close_reason,omitempty"`

	// The transfer that the user confirms together with the authorization, or zero.
	With      Owner  `json:"with,omitzero"`
	OutBillNo string `json:"out_bill_no,omitempty"`
}

const (
	authorizations   = "authorization"    // by mchid and out_authorization_no
	authorizationIDs = "authorization_id" // the out_authorization_no, by mchid and authorization_id
)

var errNoAuthorization = &Refusal{Reason: NoTransfer, Message: "there is no such authorization of this merchant"}

func (a Authorization) save(tx store.Tx) error {
	return store.Save(tx, authorizations, key(a.MchID, a.OutNo), a)
}

// Authorization returns the authorization with a merchant's number, as it is now.
func (l *Ledger) Authorization(mchID, outNo string) (Authorization, error) {
	a, found, err := store.Load[Authorization](l.Tx, authorizations, key(mchID, outNo))
	if err == nil && !found {
		err = errNoAuthorization
	}
	if err != nil || a.State != AuthorizationWaiting {
		return a, err
	}
	if a.OutBillNo != "" {
		return l.authorizedWith(a)
	}
	overdue := a.Created.Add(confirmTime)
	switch {
	case l.Now.Before(overdue):
	case l.Now.After(overdue.AddDate(0, 0, overdueDays)):
		err = errNoAuthorization
	default:
		a.State, a.Closed, a.CloseReason = AuthorizationClosed, overdue, closedOverdue
	}
	return a, err
}

// authorizedWith returns an authorization that the user confirms together with a
// transfer. Without the transfer there is none.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4014399293
func (l *Ledger) authorizedWith(a Authorization) (Authorization, error) {
	t, err := l.loadTransfer(a.With, a.OutBillNo)
	switch {
	case err != nil:
	case t.State == TransferSuccess:
		a.State, a.Authorized = AuthorizationActive, t.Changed
	case t.hasEnded():
		err = errNoAuthorization
	}
	return a, err
}

// AuthorizationByID returns the authorization with that authorization_id.
func (l *Ledger) AuthorizationByID(mchID, id string) (Authorization, error) {
	outNo, found, err := store.Load[string](l.Tx, authorizationIDs, key(mchID, id))
	if err == nil && !found {
		err = errNoAuthorization
	}
	if err != nil {
		return Authorization{}, err
	}
	return l.Authorization(mchID, outNo)
}

// AskAuthorization asks a user for an authorization. Repeating the number asks for
// nothing more.
func (l *Ledger) AskAuthorization(made Authorization) (Authorization, error) {
	if err := made.check(); err != nil {
		return made, err
	}
	a, found, err := store.Load[Authorization](l.Tx, authorizations, key(made.MchID, made.OutNo))
	switch {
	case err != nil:
		return a, err
	case found && a.Fingerprint != made.Fingerprint:
		return a, errUsedBefore("out_authorization_no", "for another authorization")
	case found:
		return l.Authorization(made.MchID, made.OutNo)
	}
	if made.ID, err = l.nextLongNumber("authorization_id", "2012", 5); err != nil {
		return made, err
	}
	if err := store.Save(l.Tx, authorizationIDs, key(made.MchID, made.ID), made.OutNo); err != nil {
		return made, err
	}
	made.Created, made.State = l.Now, AuthorizationWaiting
	return made, made.save(l.Tx)
}

// check returns what is wrong with an authorization, without regard to others.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4015901167
func (a Authorization) check() error {
	switch n := utf8.RuneCountInString(a.DisplayName); {
	case !outBillNo.MatchString(a.OutNo):
		return BadField("out_authorization_no", a.OutNo, "1 to 32 of 0-9 A-Z a-z are wanted")
	case n < 1 || n > maxDisplayName:
		return BadField("user_display_name", nil, fmt.Sprintf("1 to %d characters are wanted, not %d", maxDisplayName, n))
	case scene.Shown(a.Scene) == nil:
		return BadField("transfer_scene_id", a.Scene, "it is not that of a scene")
	case a.NotifyURL == "":
		return BadField("authorization_notify_url", nil, "it is required")
	}
	if err := checkShown(a.Scene, a.Shown); err != nil {
		return err
	}
	return checkSafeURL("authorization_notify_url", a.NotifyURL)
}

// ConfirmAuthorization confirms an authorization as its user does.
func (l *Ledger) ConfirmAuthorization(mchID, outNo string) error {
	a, err := l.Authorization(mchID, outNo)
	switch {
	case err != nil:
		return err
	case a.State != AuthorizationWaiting:
		return fmt.Errorf("it is %s already", a.State)
	case a.OutBillNo != "":
		return fmt.Errorf("the user confirms it together with the transfer %s; settle that", a.OutBillNo)
	}
	return l.activate(a, l.Now)
}

// activate makes an authorization take effect.
func (l *Ledger) activate(a Authorization, at time.Time) error {
	a.State, a.Authorized = AuthorizationActive, at
	l.Events = append(l.Events, AuthorizationChanged{a})
	return a.save(l.Tx)
}

// CloseAuthorization closes an authorization for its merchant. Closing it again
// changes nothing.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4015653811
func (l *Ledger) CloseAuthorization(mchID, outNo string) (Authorization, error) {
	a, err := l.Authorization(mchID, outNo)
	if err != nil || a.State == AuthorizationClosed {
		return a, err
	}
	return l.endAuthorization(a, closedByMerchant)
}

// EndAuthorization closes an authorization for its user or for the platform.
func (l *Ledger) EndAuthorization(mchID, outNo, reason string) error {
	if !slices.Contains(userCloses, reason) {
		return fmt.Errorf("%.64q is not one of %s", reason, strings.Join(userCloses, ", "))
	}
	a, err := l.Authorization(mchID, outNo)
	if err == nil && a.State != AuthorizationActive {
		err = fmt.Errorf("it is %s, not %s", a.State, AuthorizationActive)
	}
	if err == nil {
		_, err = l.endAuthorization(a, reason)
	}
	return err
}

func (l *Ledger) endAuthorization(a Authorization, reason string) (Authorization, error) {
	a.State, a.Closed, a.CloseReason = AuthorizationClosed, l.Now, reason
	l.Events = append(l.Events, AuthorizationChanged{a})
	return a, a.save(l.Tx)
}

// TransferAuthorized accepts a transfer to the user of an authorization, by its
// authorization_id or its out_authorization_no. Repeating the number transfers
// nothing more.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4014399371
func (l *Ledger) TransferAuthorized(asked TransferRequest, id, outNo string) (Transfer, error) {
	return l.transferOnce(asked, func(made *Transfer) error {
		a, err := l.authorizationOf(made.MchID, id, outNo)
		switch {
		case err != nil:
			return err
		case a.State != AuthorizationActive:
			return Invalid(fmt.Sprintf("the authorization is %s, not %s", a.State, AuthorizationActive))
		case a.AppID != made.AppID:
			return BadField("appid", made.AppID, "it is not that of the authorization")
		case a.Scene != asked.Scene:
			return BadField("transfer_scene_id", asked.Scene, "it is not that of the authorization")
		}
		made.OpenID, made.AuthorizationID = a.OpenID, a.ID
		return nil
	})
}

func (l *Ledger) authorizationOf(mchID, id, outNo string) (a Authorization, err error) {
	switch {
	case id != "":
		a, err = l.AuthorizationByID(mchID, id)
	case outNo != "":
		a, err = l.Authorization(mchID, outNo)
	default:
		err = BadField("authorization_id", nil, "it is required, or out_authorization_no")
	}
	if err == nil && outNo != "" && a.OutNo != outNo {
		err = BadField("out_authorization_no", outNo, "it is not that of authorization_id")
	}
	return a, err
}

// AskWithAuthorization accepts a transfer. When the user confirms it, the
// authorization takes effect too.
func (l *Ledger) AskWithAuthorization(asked TransferRequest, a Authorization) (Transfer, error) {
	return l.transferOnce(asked, func(made *Transfer) error {
		made.Authorizes = a.OutNo
		a.MchID, a.AppID, a.OpenID, a.Scene, a.Shown = made.MchID, made.AppID, made.OpenID, asked.Scene, asked.Shown
		a.Fingerprint, a.With, a.OutBillNo = made.Fingerprint, made.Owner, made.OutBillNo
		_, err := l.AskAuthorization(a)
		return err
	})
}

// A Grant is a partner's application to transfer the money of a sub-merchant.
type Grant struct {
	Owner
	OutApplyNo string    `json:"out_apply_no"`
	Applied    time.Time `json:"applied"`
}

// A GrantState is the state of a Grant.
type GrantState string

// The states of grants.
const (
	GrantInvited GrantState = "INVITED" // the sub-merchant must agree
	GrantPassed  GrantState = "PASSED"
)

const (
	grants     = "transfer_grant"      // by owner and out_apply_no
	lastGrants = "last_transfer_grant" // the out_apply_no, by owner
)

// StateAt returns the state at an instant, and when that state began. The
// sub-merchant agrees after five seconds.
func (g Grant) StateAt(now time.Time) (GrantState, time.Time) {
	if passed := g.Applied.Add(stepTime); !now.Before(passed) {
		return GrantPassed, passed
	}
	return GrantInvited, g.Applied
}

// AskGrant applies for a grant. Repeating the number applies for nothing more.
func (l *Ledger) AskGrant(w Owner, outApplyNo string) (Grant, error) {
	if !outBillNo.MatchString(outApplyNo) {
		return Grant{}, BadField("out_apply_no", outApplyNo, "1 to 32 of 0-9 A-Z a-z are wanted")
	}
	g, found, err := store.Load[Grant](l.Tx, grants, w.key(outApplyNo))
	if err != nil || found {
		return g, err
	}
	if err := store.Save(l.Tx, lastGrants, w.String(), outApplyNo); err != nil {
		return g, err
	}
	g = Grant{w, outApplyNo, l.Now}
	return g, store.Save(l.Tx, grants, w.key(outApplyNo), g)
}

// LastGrant returns the latest application for a sub-merchant, if there is one.
func (l *Ledger) LastGrant(w Owner) (g Grant, found bool, err error) {
	number, found, err := store.Load[string](l.Tx, lastGrants, w.String())
	if err != nil || !found {
		return g, false, err
	}
	return store.Load[Grant](l.Tx, grants, w.key(number))
}
