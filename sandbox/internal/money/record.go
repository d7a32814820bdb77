package money

import (
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
var recordBuckets = map[RecordKind]string{
	RecordOrder: orders, RecordRefund: refunds, RecordCoupon: coupons, RecordTransfer: transfers, RecordSharing: shares, RecordRedPacket: redPackets,
}

// RecordKindOf returns the kind of the records of a bucket, or "".
func RecordKindOf(bucket string) RecordKind {
	switch bucket {
	case orders:
		return RecordOrder
	case refunds:
		return RecordRefund
	case coupons:
		return RecordCoupon
	case transfers:
		return RecordTransfer
	case shares:
		return RecordSharing
	case redPackets:
		return RecordRedPacket
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
	}
	return r, false, nil
}

func record[T any](l *Ledger, kind RecordKind, key string, show func(*T) Record) (r Record, found bool, err error) {
	v, found, err := store.Load[T](l.Tx, recordBuckets[kind], key)
	if err != nil || !found {
		return r, false, err
	}
	r = show(&v)
	r.Kind = kind
	return r, true, nil
}

// RecordKeys calls f with the key of each record of a kind.
func (l *Ledger) RecordKeys(kind RecordKind, f func(key string) error) error {
	return l.Tx.Each(recordBuckets[kind], "", func(key string, _ []byte) error { return f(key) })
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
	return Record{MchID: p.MchID, Number: p.MchBillNo, State: string(p.StateAt(l.Now)), Amount: p.Amount, Created: p.Sent, OpenID: p.OpenID, Title: p.ActName,
		Numbers: map[string]string{"mch_billno": p.MchBillNo, "send_listid": p.SendListID}}
}
