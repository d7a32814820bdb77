package money

import (
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
		return BadField(prefix+"type", kind, "it is none of "+ReceiverMerchant+", "+receiverOpenID+", "+receiverSubOpenID)
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
