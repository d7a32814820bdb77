package money

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// The types of receivers.
const (
	ReceiverMerchant  = "MERCHANT_ID"
	receiverOpenID    = "PERSONAL_OPENID"
	receiverSubOpenID = "PERSONAL_SUB_OPENID"
)

// A Receiver is a person or merchant that a merchant may share with.
type Receiver struct {
	SubMchID       string `json:"sub_mchid,omitempty"`
	Type           string `json:"type"`
	Account        string `json:"account"`
	RelationType   string `json:"relation_type,omitempty"`
	CustomRelation string `json:"custom_relation,omitempty"`
}

// receivers has the receivers that were added, by mchid/sub_mchid/type/account.
const receivers = "receiver"

func (r Receiver) key(mchID string) string {
	return strings.Join([]string{mchID, r.SubMchID, r.Type, r.Account}, "/")
}

// checkReceiver refuses an unknown type of receivers, and a type that needs the
// app of the merchant or of the sub-merchant if the call does not name it.
func checkReceiver(prefix, kind string, appIDs [2]string) error {
	field, appID := "appid", appIDs[0]
	switch kind {
	case ReceiverMerchant:
		return nil
	case receiverOpenID:
	case receiverSubOpenID:
		field, appID = "sub_appid", appIDs[1]
	default:
		return BadField(prefix+"type", kind, "want "+ReceiverMerchant+", "+receiverOpenID+" or "+receiverSubOpenID)
	}
	if appID == "" {
		return BadField(field, nil, "it is required with "+kind)
	}
	return nil
}

// AddReceiver adds a receiver of a merchant. An appid or a sub_appid names users.
// Adding the receiver again changes nothing.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012528995
func (l *Ledger) AddReceiver(mchID string, r Receiver, appIDs [2]string) error {
	if err := checkReceiver("", r.Type, appIDs); err != nil {
		return err
	}
	if r.RelationType == "CUSTOM" && r.CustomRelation == "" {
		return BadField("custom_relation", nil, "it is required with the relation_type CUSTOM")
	}
	return store.Save(l.Tx, receivers, r.key(mchID), true)
}

// DeleteReceiver removes a receiver. Removing one that does not exist changes
// nothing.
func (l *Ledger) DeleteReceiver(mchID string, r Receiver, appIDs [2]string) error {
	if err := checkReceiver("", r.Type, appIDs); err != nil {
		return err
	}
	return store.Save(l.Tx, receivers, r.key(mchID), false)
}

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
