package money

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// shareFailures are the fail_reasons of receivers that end CLOSED.
//
// https://pay.weixin.qq.com/doc/v2/partner/4015505153
var shareFailures = []string{"ACCOUNT_ABNORMAL", "NO_RELATION", "RECEIVER_HIGH_RISK", "RECEIVER_REAL_NAME_NOT_VERIFIED",
	"NO_AUTH", "RECEIVER_RECEIPT_LIMIT", "PAYER_ACCOUNT_ABNORMAL", "INVALID_REQUEST"}

// returnFailures are the fail_reasons of returns.
var returnFailures = []string{"ACCOUNT_ABNORMAL", ReturnNotEnough, "TIME_OUT_CLOSED", "PAYER_ACCOUNT_ABNORMAL", "INVALID_REQUEST"}

// ReturnNotEnough is the fail_reason of a return that the receiver cannot pay.
const ReturnNotEnough = "BALANCE_NOT_ENOUGH"

// receiverFailures has why a receiver fails, by account.
const receiverFailures = "receiver_failure"

// FailReceiver makes each later sharing with an account end CLOSED, and each
// return from it FAILED, as far as these can have that reason. The reason ""
// ends this.
func (l *Ledger) FailReceiver(account, reason string) error {
	known := append(slices.Clone(shareFailures), returnFailures...)
	if reason != "" && !slices.Contains(known, reason) {
		slices.Sort(known)
		return fmt.Errorf("%.64q is not one of %s", reason, strings.Join(slices.Compact(known), ", "))
	}
	return store.Save(l.Tx, receiverFailures, account, reason)
}

// failOf returns why a receiver fails, if that is one of the possible reasons.
func (l *Ledger) failOf(account string, possible []string) (string, error) {
	reason, _, err := store.Load[string](l.Tx, receiverFailures, account)
	if !slices.Contains(possible, reason) {
		reason = ""
	}
	return reason, err
}
