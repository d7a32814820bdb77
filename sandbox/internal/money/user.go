package money

import (
	"errors"
	"slices"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

const (
	userNames    = "user_name"    // real names, by openid
	userFailures = "user_failure" // why a user can receive nothing, by openid
)

// NameUser sets the real name of a user; "" is one who has not proved it.
func (l *Ledger) NameUser(openID, name string) error {
	if openID == "" {
		return errNoOpenID
	}
	return store.Save(l.Tx, userNames, openID, name)
}

var errNoOpenID = errors.New("the openid is empty")

// FailUser makes each later transfer to a user fail, as far as it can have that
// reason. The reason "" ends this.
func (l *Ledger) FailUser(openID, reason string) error {
	if openID == "" {
		return errNoOpenID
	}
	if reason != "" {
		if err := checkFailure(reason, transferFailures); err != nil {
			return err
		}
	}
	return store.Save(l.Tx, userFailures, openID, reason)
}

// fateOf returns why a user cannot receive what is sent with a name, or "". It is
// one of the possible reasons.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4013774966
func (l *Ledger) fateOf(openID, name string, possible []string) (string, error) {
	reason, _, err := store.Load[string](l.Tx, userFailures, openID)
	if err != nil || slices.Contains(possible, reason) {
		return reason, err
	}
	real, known, err := store.Load[string](l.Tx, userNames, openID)
	switch {
	case err != nil || !known || name == "" || name == real:
		return "", err
	case real == "":
		return "REAL_NAME_CHECK_FAIL", nil
	}
	return "NAME_NOT_CORRECT", nil
}
