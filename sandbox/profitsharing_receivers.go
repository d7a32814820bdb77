package sandbox

import (
	"net/http"
	"strings"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// A receiver is whom a merchant may share with.
type receiver struct {
	SubMchID       string `json:"sub_mchid,omitempty"`
	Type           string `json:"type"`
	Account        string `json:"account"`
	RelationType   string `json:"relation_type,omitempty"`
	CustomRelation string `json:"custom_relation,omitempty"`
}

// receivers are whether a receiver is added, by
// mchid/sub_mchid/type/account.
const receivers = "receiver"

func (r receiver) key(mchID string) string {
	return strings.Join([]string{mchID, r.SubMchID, r.Type, r.Account}, "/")
}

// newReceiver reads a receiver from the body.
func (c *call) newReceiver() (receiver, error) {
	r := receiver{SubMchID: c.body.Get("sub_mchid").String(), Type: c.body.Get("type").String(), Account: c.body.Get("account").String()}
	return r, c.checkReceiver("", r.Type)
}

// checkReceiver refuses a type of receivers that the platform does not know,
// or that the body has no AppID for.
func (c *call) checkReceiver(prefix, kind string) error {
	appID := "appid"
	switch kind {
	case receiverMerchant:
		return nil
	case receiverOpenID:
	case receiverSubOpenID:
		appID = "sub_appid"
	default:
		return badField(prefix+"/type", kind, "it is none of "+receiverMerchant+", "+receiverOpenID+", "+receiverSubOpenID)
	}
	if c.body.Get(appID).String() == "" {
		return badField("/"+appID, nil, "it is required with "+kind)
	}
	return nil
}

// addReceiver adds a receiver; to add it again changes nothing.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012528995
func addReceiver(c *call) (int, any, error) {
	r, err := c.newReceiver()
	if err != nil {
		return 0, nil, err
	}
	r.RelationType, r.CustomRelation = c.body.Get("relation_type").String(), c.body.Get("custom_relation").String()
	if r.RelationType == "CUSTOM" && r.CustomRelation == "" {
		return 0, nil, badField("/custom_relation", nil, "it is required with the relation_type CUSTOM")
	}
	return http.StatusOK, r, store.Save(c.tx, receivers, r.key(c.merchant.MchID), true)
}

// deleteReceiver removes a receiver; to remove one that is not there changes
// nothing.
func deleteReceiver(c *call) (int, any, error) {
	r, err := c.newReceiver()
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, r, store.Save(c.tx, receivers, r.key(c.merchant.MchID), false)
}

// isReceiver tells whether a receiver was added. The merchant needs not be.
func (c *call) isReceiver(r receiver) (bool, error) {
	if r.Type == receiverMerchant && r.Account == c.merchant.MchID {
		return true, nil
	}
	added, _, err := store.Load[bool](c.tx, receivers, r.key(c.merchant.MchID))
	return added, err
}
