package v3

import (
	"cmp"
	"context"
	"crypto/rand"
	"net/http"
	"strconv"
	"time"

	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/plainjson"
)

// schedule is that of
// https://pay.weixin.qq.com/doc/v3/merchant/4012791861.
var schedule = [...]time.Duration{
	15 * time.Second, 15 * time.Second, 30 * time.Second,
	3 * time.Minute, 10 * time.Minute, 20 * time.Minute, 30 * time.Minute, 30 * time.Minute, 30 * time.Minute,
	time.Hour, 3 * time.Hour, 3 * time.Hour, 3 * time.Hour, 6 * time.Hour, 6 * time.Hour,
}

// probePrefix starts the signature of a probe. A probe is a notification that a
// receiver must refuse, as it refuses every wrong signature.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4013053249
const probePrefix = "WECHATPAY/SIGNTEST/"

// A Notice is the content of a notification.
type Notice struct {
	Kind     string // event_type
	Original string // original_type
	Summary  string
	Resource any // becomes JSON
}

// noticeOf returns an event in the form of APIv3.
func noticeOf(e money.Event) Notice {
	switch e := e.(type) {
	case money.OrderWasPaid:
		return Notice{"TRANSACTION.SUCCESS", "transaction", "支付成功", transactionOf(e.Order, e.Order.Paid)}
	case money.CombinedWasPaid:
		return Notice{"TRANSACTION.SUCCESS", "transaction", "支付成功", combinedAnswerOf(e.Combined, e.Orders, e.Orders[0].Paid)}
	case money.RefundEnded:
		return refundNotice(e.Refund)
	case money.TransferEnded:
		return transferNotice(e.Transfer)
	case money.BatchEnded:
		return batchNotice(e.Batch)
	case money.AuthorizationChanged:
		return authorizationNotice(e.Authorization)
	case money.CouponWasUsed:
		return Notice{"COUPON.USE", "coupon", "代金券核销通知", couponAnswerOf(e.Coupon, e.Stock, e.Coupon.Used)}
	case money.ReceiverMoved:
		return sharingNotice(e)
	case money.ComplaintChanged:
		return complaintNotice(e)
	}
	return Notice{}
}

// A refundResource is a refund as its notification shows it.
type refundResource struct {
	parties
	TransactionID string             `json:"transaction_id"`
	OutTradeNo    string             `json:"out_trade_no"`
	RefundID      string             `json:"refund_id"`
	OutRefundNo   string             `json:"out_refund_no"`
	Status        money.RefundState  `json:"refund_status"`
	SuccessTime   string             `json:"success_time,omitempty"`
	Received      string             `json:"user_received_account"`
	Amount        refundEventAmounts `json:"amount"`
}

type refundEventAmounts struct {
	Total       int64 `json:"total"`
	Refund      int64 `json:"refund"`
	PayerTotal  int64 `json:"payer_total"`
	PayerRefund int64 `json:"payer_refund"`
}

var refundSummaries = map[money.RefundState]string{
	money.RefundSuccess: "退款成功", money.RefundAbnormal: "退款异常", money.RefundClosed: "退款关闭",
}

// refundNotice returns the notification that a refund has ended.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012791865
func refundNotice(r *money.Refund) Notice {
	a := refundAnswerOf(r, r.Settled)
	return Notice{"REFUND." + string(a.Status), "refund", refundSummaries[a.Status], refundResource{
		parties: ownerParties(r.Owner), TransactionID: r.TransactionID, OutTradeNo: r.OutTradeNo, RefundID: r.RefundID, OutRefundNo: r.OutRefundNo,
		Status: a.Status, SuccessTime: a.SuccessTime, Received: a.Received,
		Amount: refundEventAmounts{a.Amount.Total, a.Amount.Refund, a.Amount.PayerTotal, a.Amount.PayerRefund},
	}}
}

// A transferResource is a transfer as its notification shows it.
type transferResource struct {
	MchID          string              `json:"mch_id,omitempty"`    // of a merchant's own
	SpMchID        string              `json:"mchid,omitempty"`     // of a partner's
	SubMchID       string              `json:"sub_mchid,omitempty"` // of a partner's
	OutBillNo      string              `json:"out_bill_no"`
	TransferBillNo string              `json:"transfer_bill_no"`
	State          money.TransferState `json:"state"`
	Amount         int64               `json:"transfer_amount"`
	OpenID         string              `json:"openid"`
	FailReason     string              `json:"fail_reason,omitempty"`
	CreateTime     string              `json:"create_time"`
	UpdateTime     string              `json:"update_time"`
}

// transferNotice returns the notification that a transfer has ended.
//
// https://pay.weixin.qq.com/docs/merchant/apis/batch-transfer-to-balance/callback-notice.html
func transferNotice(t money.Transfer) Notice {
	r := transferResource{
		MchID: t.MchID, OutBillNo: t.OutBillNo, TransferBillNo: t.TransferBillNo, State: t.State, Amount: t.Amount,
		OpenID: t.OpenID, FailReason: t.FailReason, CreateTime: beijing.Format(t.Created), UpdateTime: beijing.Format(t.Changed),
	}
	if t.SubMchID != "" {
		r.MchID, r.SpMchID, r.SubMchID = "", t.MchID, t.SubMchID
	}
	return Notice{"MCHTRANSFER.BILL.FINISHED", "mch_payment", "商家转账单据终态通知", r}
}

// A sharingResource is a part of profit sharing, or a return, as its notification
// shows it.
type sharingResource struct {
	MchID         string          `json:"mchid,omitempty"`
	SpMchID       string          `json:"sp_mchid,omitempty"`
	SubMchID      string          `json:"sub_mchid,omitempty"`
	TransactionID string          `json:"transaction_id"`
	OrderID       string          `json:"order_id"`
	OutOrderNo    string          `json:"out_order_no"`
	Receiver      sharingReceiver `json:"receiver"`
	SuccessTime   string          `json:"success_time"`
}

type sharingReceiver struct {
	Type        string `json:"type"`
	Account     string `json:"account"`
	Amount      int64  `json:"amount"`
	Description string `json:"description"`
}

// sharingNotice returns the notification that a receiver got its part, or gave some
// back.
//
// https://pay.weixin.qq.com/wiki/doc/apiv3/apis/chapter8_1_10.shtml
func sharingNotice(e money.ReceiverMoved) Notice {
	r := sharingResource{MchID: e.Sharer.MchID, TransactionID: e.TransactionID, OrderID: e.OrderID, OutOrderNo: e.OutOrderNo,
		Receiver: sharingReceiver{e.Type, e.Account, e.Amount, e.Description}, SuccessTime: beijing.Format(e.At)}
	if e.Sharer.SubMchID != "" {
		r.MchID, r.SpMchID, r.SubMchID = "", e.Sharer.MchID, e.Sharer.SubMchID
	}
	if e.IsReturn {
		return Notice{"PROFITSHARING_RETURN", "profitsharing", "分账回退", r}
	}
	return Notice{"PROFITSHARING", "profitsharing", "分账", r}
}

// Notices is the form of APIv3 notifications: JSON with an encrypted resource,
// signed in the header.
type Notices struct{ API *API }

// Schedule returns the delays before each next attempt.
func (*Notices) Schedule() []time.Duration { return schedule[:] }

// Kind returns the event_type of an event.
func (*Notices) Kind(e money.Event) string { return noticeOf(e).Kind }

// Write writes the notification that has an id.
func (n *Notices) Write(mchID, id string, now time.Time, e money.Event) ([]byte, error) {
	return n.WriteNotice(mchID, id, now, noticeOf(e))
}

// WriteNotice does what Write does, for a Notice without an event.
func (n *Notices) WriteNotice(mchID, id string, now time.Time, e Notice) ([]byte, error) {
	m, _ := n.API.Merchants.Of(mchID)
	gcm, err := m.Key.GCM(m.APIv3Key)
	if err != nil {
		return nil, err
	}
	text, err := plainjson.Encode(e.Resource)
	if err != nil {
		return nil, err
	}
	about := platform.Notification{ID: id, CreateTime: beijing.Format(now), EventType: e.Kind, Summary: e.Summary, OriginalType: e.Original}
	return about.Write(gcm, text)
}

// Sign signs an attempt to send. The timestamp is that of the attempt.
func (n *Notices) Sign(ctx context.Context, mchID, serial string, body []byte, h http.Header) error {
	h.Set("Content-Type", "application/json")
	h.Set("Request-ID", rand.Text())
	m, _ := n.API.Merchants.Of(mchID)
	by := n.API.Issuer.NoticeSignerFor(m.Key.Scheme(), cmp.Or(n.API.Issuer.Noted(mchID), serial))
	return platform.Sign(ctx, by, h, strconv.FormatInt(n.API.Wall().Unix(), 10), body)
}

// Spoil replaces the signature in a header with that of a probe.
func (*Notices) Spoil(h http.Header) bool {
	h.Set("Wechatpay-Signature", probePrefix+h.Get("Wechatpay-Signature"))
	return true
}

// Acknowledged reports whether an answer acknowledges the notification.
func (*Notices) Acknowledged(status int, _ []byte) bool {
	return status == http.StatusOK || status == http.StatusNoContent
}
