package money

import (
	"errors"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// A RecordKind is a kind of what lists show.
type RecordKind string

// The kinds of records.
const (
	RecordOrder     RecordKind = "order"
	RecordRefund    RecordKind = "refund"
	RecordCoupon    RecordKind = "coupon"
	RecordTransfer  RecordKind = "transfer"
	RecordSharing   RecordKind = "sharing"
	RecordRedPacket RecordKind = "redpacket"
	RecordCombined  RecordKind = "combined"
	RecordComplaint RecordKind = "complaint"
	RecordConsent   RecordKind = "authorization"
)

// A Record is what lists show of an order, a refund and the like.
type Record struct {
	Kind     RecordKind        `json:"kind"`
	MchID    string            `json:"mchid"`
	SubMchID string            `json:"sub_mchid,omitempty"`
	Number   string            `json:"number"` // the merchant's, or the platform's if there is none
	Numbers  map[string]string `json:"numbers"`
	State    string            `json:"state"`
	Amount   int64             `json:"amount"`
	Created  time.Time         `json:"created"`
	OpenID   string            `json:"openid,omitempty"`
	Type     string            `json:"type,omitempty"` // of a payment: how it is paid
	Title    string            `json:"title,omitempty"`
}

// recordBuckets has the buckets whose values are records.
var recordBuckets = [...]struct {
	kind   RecordKind
	bucket string
}{
	{RecordOrder, orders}, {RecordRefund, refunds}, {RecordCoupon, coupons}, {RecordTransfer, transfers}, {RecordSharing, shares}, {RecordRedPacket, redPackets},
	{RecordCombined, combinedOrders}, {RecordComplaint, complaints}, {RecordConsent, authorizations},
}

// RecordKindOf returns the kind of the records of a bucket, or "".
func RecordKindOf(bucket string) RecordKind {
	for _, b := range recordBuckets {
		if b.bucket == bucket {
			return b.kind
		}
	}
	return ""
}

// bucketOf returns the bucket of the records of a kind.
func bucketOf(kind RecordKind) string {
	for _, b := range recordBuckets {
		if b.kind == kind {
			return b.bucket
		}
	}
	return ""
}

// Record returns the record under a key, as it is now, and reports whether there is
// one.
func (l *Ledger) Record(kind RecordKind, key string) (r Record, found bool, err error) {
	switch kind {
	case RecordOrder:
		return record(l, kind, key, l.orderRecord)
	case RecordRefund:
		return record(l, kind, key, l.refundRecord)
	case RecordCoupon:
		return record(l, kind, key, l.couponRecord)
	case RecordTransfer:
		return record(l, kind, key, l.transferRecord)
	case RecordSharing:
		return record(l, kind, key, l.sharingRecord)
	case RecordRedPacket:
		return record(l, kind, key, l.redPacketRecord)
	case RecordCombined:
		r, err = l.combinedRecord(key)
	case RecordComplaint:
		r, err = l.complaintRecord(key)
	case RecordConsent:
		r, err = l.consentRecord(key)
	}
	if no := (*Refusal)(nil); errors.As(err, &no) {
		return r, false, nil
	}
	r.Kind = kind
	return r, err == nil && r.Number != "", err
}

// combinedRecord returns a combined order. Its state is that of its orders, or of the
// first if they differ.
func (l *Ledger) combinedRecord(key string) (Record, error) {
	mchID, number, _ := strings.Cut(key, "/")
	k, parts, err := l.CombinedOrder(mchID, number)
	if err != nil {
		return Record{}, err
	}
	r := Record{MchID: k.MchID, Number: k.OutTradeNo, Numbers: map[string]string{"combine_out_trade_no": k.OutTradeNo}}
	for name, number := range map[string]string{"combine_transaction_id": k.TransactionID, "prepay_id": k.PrepayID} {
		if number != "" {
			r.Numbers[name] = number
		}
	}
	for i, o := range parts {
		if i == 0 {
			r.State, r.Created, r.OpenID, r.Type, r.Title = string(o.StateAt(l.Now)), o.Placed, o.OpenID, o.TradeType, o.Description
		}
		r.Amount += o.Total
	}
	return r, nil
}

func (l *Ledger) complaintRecord(at string) (Record, error) {
	mchID, id, _ := strings.Cut(at, "/")
	k, err := l.Complaint(mchID, id)
	if err != nil {
		return Record{}, err
	}
	o, err := l.PaidOrder(k.TransactionID)
	if err != nil {
		return Record{}, err
	}
	return Record{MchID: k.MchID, SubMchID: k.SubMchID, Number: k.ID, State: string(k.State), Amount: o.Total, Created: k.Created, OpenID: k.OpenID, Title: k.Detail,
		Numbers: map[string]string{"complaint_id": k.ID, "transaction_id": k.TransactionID, "out_trade_no": o.OutTradeNo}}, nil
}

// consentRecord returns an authorization to transfer without confirmation.
func (l *Ledger) consentRecord(at string) (Record, error) {
	mchID, number, _ := strings.Cut(at, "/")
	a, err := l.Authorization(mchID, number)
	r := Record{MchID: a.MchID, Number: a.OutNo, State: string(a.State), Created: a.Created, OpenID: a.OpenID, Type: a.Scene, Title: a.DisplayName,
		Numbers: map[string]string{"out_authorization_no": a.OutNo, "authorization_id": a.ID}}
	if a.OutBillNo != "" {
		r.SubMchID, r.Numbers["out_bill_no"] = a.With.SubMchID, a.OutBillNo
	}
	return r, err
}

func record[T any](l *Ledger, kind RecordKind, key string, show func(*T) Record) (r Record, found bool, err error) {
	v, found, err := store.Load[T](l.Tx, bucketOf(kind), key)
	if err != nil || !found {
		return r, false, err
	}
	r = show(&v)
	r.Kind = kind
	return r, true, nil
}

// RecordKeys calls f with the key of each record of a kind.
func (l *Ledger) RecordKeys(kind RecordKind, f func(key string) error) error {
	return l.Tx.Each(bucketOf(kind), "", func(key string, _ []byte) error { return f(key) })
}

func (l *Ledger) orderRecord(o *Order) Record {
	r := Record{MchID: o.MchID, SubMchID: o.SubMchID, Number: o.OutTradeNo, State: string(o.StateAt(l.Now)), Amount: o.Total, Created: o.Placed,
		OpenID: o.OpenID, Type: o.TradeType, Title: o.Description, Numbers: map[string]string{"out_trade_no": o.OutTradeNo}}
	if r.Created.IsZero() { // paid at once
		r.Created = o.Paid
	}
	if r.OpenID == "" {
		r.OpenID = o.SubOpenID
	}
	for name, number := range map[string]string{"transaction_id": o.TransactionID, "prepay_id": o.PrepayID, "combine_out_trade_no": o.Combined} {
		if number != "" {
			r.Numbers[name] = number
		}
	}
	return r
}

func (l *Ledger) refundRecord(f *Refund) Record {
	state, _ := f.StateAt(l.Now)
	return Record{MchID: f.MchID, SubMchID: f.SubMchID, Number: f.OutRefundNo, State: string(state), Amount: f.Amount, Created: f.Created,
		Numbers: map[string]string{"out_refund_no": f.OutRefundNo, "refund_id": f.RefundID, "out_trade_no": f.OutTradeNo, "transaction_id": f.TransactionID}}
}

func (l *Ledger) couponRecord(k *Coupon) Record {
	r := Record{MchID: k.Sender, Number: k.ID, State: string(k.StateAt(l.Now)), Amount: k.Amount, Created: k.Sent, OpenID: k.OpenID,
		Numbers: map[string]string{"coupon_id": k.ID, "stock_id": k.StockID}}
	if k.TransactionID != "" {
		r.Numbers["transaction_id"] = k.TransactionID
	}
	return r
}

func (l *Ledger) transferRecord(t *Transfer) Record {
	return Record{MchID: t.MchID, SubMchID: t.SubMchID, Number: t.OutBillNo, State: string(t.At(l.Now).State), Amount: t.Amount, Created: t.Created,
		OpenID: t.OpenID, Title: t.Remark, Numbers: map[string]string{"out_bill_no": t.OutBillNo, "transfer_bill_no": t.TransferBillNo}}
}

func (l *Ledger) sharingRecord(s *Sharing) Record {
	r := Record{MchID: s.MchID, SubMchID: s.SubMchID, Number: s.OutOrderNo, State: "PROCESSING", Created: s.Created,
		Numbers: map[string]string{"out_order_no": s.OutOrderNo, "order_id": s.OrderID, "transaction_id": s.TransactionID}}
	if _, ok := FinishedBy(s.Created, l.Now); ok {
		r.State = "FINISHED"
	}
	for _, p := range s.Parts {
		r.Amount += p.Amount
	}
	return r
}

func (l *Ledger) redPacketRecord(p *RedPacket) Record {
	kind := "NORMAL"
	if p.Group {
		kind = "GROUP"
	}
	return Record{MchID: p.MchID, Number: p.MchBillNo, Type: kind, State: string(p.StateAt(l.Now)), Amount: p.Amount, Created: p.Sent, OpenID: p.OpenID, Title: p.ActName,
		Numbers: map[string]string{"mch_billno": p.MchBillNo, "send_listid": p.SendListID}}
}
