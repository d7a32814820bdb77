package v2

import (
	"context"
	"maps"
	"net/http"
	"time"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// schedule has the delays of
// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_7.
// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_7.
var schedule = [...]time.Duration{
	15 * time.Second, 15 * time.Second, 30 * time.Second, 3 * time.Minute,
	30 * time.Minute, 30 * time.Minute, 30 * time.Minute, 30 * time.Minute, time.Hour,
}

// A resource is the content of a notification.
type resource struct {
	fields   map[string]any
	signType string // the sign type; "" if unsigned
}

// resourceOf returns an event in the form of APIv2. ok is false if APIv3 must
// notify of it, because APIv3 asked for it.
func resourceOf(e money.Event) (r resource, kind string, ok bool) {
	switch e := e.(type) {
	case money.OrderWasPaid:
		if e.Order.SignType != "" {
			return payment(e.Order), "TRANSACTION.SUCCESS", true
		}
	case money.RefundEnded:
		if e.Refund.AppID != "" {
			return refundEnd(e.Refund), "REFUND." + string(e.Refund.State), true
		}
	}
	return r, "", false
}

// payment returns the notification that an order of APIv2 is paid.
//
// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_7
func payment(o *money.Order) resource {
	texts := orderTexts(o)
	maps.Copy(texts, partiesOf(o.Owner, o.AppID, o.SubAppID))
	texts["result_code"] = "SUCCESS"
	return resource{present(texts), o.SignType}
}

// refundEnd returns the notification that a refund of APIv2 has ended.
//
// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_16
func refundEnd(r *money.Refund) resource {
	state, succeeded := stateOf(r, r.Settled)
	_, received := r.Channel()
	amounts := r.Amounts()
	fields := present(partiesOf(r.Owner, r.AppID, r.SubAppID))
	fields["req_info"] = present(map[string]string{
		"out_refund_no": r.OutRefundNo, "out_trade_no": r.OutTradeNo, "refund_id": r.RefundID, "transaction_id": r.TransactionID,
		"refund_fee": digits(r.Amount), "settlement_refund_fee": digits(amounts.SettlementRefund),
		"total_fee": digits(r.Total), "settlement_total_fee": digits(amounts.SettlementTotal),
		"refund_status": state, "success_time": succeeded, "refund_account": accountOf(r),
		"refund_recv_accout": received, "refund_request_source": "API",
	})
	return resource{fields: fields}
}

// Notices is the form of APIv2 notifications: XML that contains its sign or, if
// unsigned, an encrypted req_info.
type Notices struct{ API *API }

// Schedule returns the delays before each next attempt.
func (*Notices) Schedule() []time.Duration { return schedule[:] }

// Tells reports whether APIv2 notifies of an event.
func (*Notices) Tells(e money.Event) bool {
	_, _, ok := resourceOf(e)
	return ok
}

// Kind returns APIv3's name of the event. The notification does not contain it.
func (*Notices) Kind(e money.Event) string {
	_, kind, _ := resourceOf(e)
	return kind
}

// Write writes a notification.
func (n *Notices) Write(mchID, _ string, _ time.Time, e money.Event) ([]byte, error) {
	r, _, _ := resourceOf(e)
	m, _ := n.API.Merchants.Of(mchID)
	r.fields["return_code"] = "SUCCESS"
	if r.signType != "" {
		return seal(r.fields, r.signType, m.APIv2Key)
	}
	reqInfo, _ := r.fields["req_info"].(map[string]any)
	text, err := xmlmap.Encode(reqInfo)
	if err != nil {
		return nil, err
	}
	r.fields["nonce_str"] = middleware.NewNonce()
	if r.fields["req_info"], err = cipher.EncryptECB(m.APIv2Key, text); err != nil {
		return nil, err
	}
	return xmlmap.Encode(r.fields)
}

// Sign sets the type of the body, which contains its sign.
func (*Notices) Sign(_ context.Context, _, _ string, _ []byte, h http.Header) error {
	h.Set("Content-Type", wire.TypeXML)
	return nil
}

// Spoil returns false, because APIv2 has no probes.
func (*Notices) Spoil(http.Header) bool { return false }

// Acknowledged reports whether an answer is the XML that acknowledges.
func (*Notices) Acknowledged(status int, answer []byte) bool {
	fields, err := xmlmap.Decode(answer)
	return err == nil && status == http.StatusOK && fields["return_code"] == "SUCCESS"
}
