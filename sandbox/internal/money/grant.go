package money

import (
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

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
