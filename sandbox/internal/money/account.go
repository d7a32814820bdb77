package money

import (
	"slices"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// The accounts of a merchant.
const (
	AccountBasic     = "BASIC"     // what users pay in
	AccountOperation = "OPERATION" // what is given to users
	AccountFees      = "FEES"      // nothing here: fees are taken from BASIC
)

var accountTypes = [...]string{AccountBasic, AccountOperation, AccountFees}

// IsAccount reports whether merchants have an account of that name.
func IsAccount(name string) bool { return slices.Contains(accountTypes[:], name) }

// A Move is money that came to an account of a merchant, or left it.
type Move struct {
	MchID   string
	Account string
	Amount  int64 // negative when it left
	Cause   Cause
	Note    string // in the merchant's words
}

// A Cause is why money moved.
type Cause int

// The causes.
const (
	ByPayment Cause = iota
	ByPaymentFee
	ByRefund        // less the fee that comes back
	ByRefundFee     // which comes back alone, as a partner has advanced the rest
	ByAdvance       // of a partner, for a refund
	ByAdvanceReturn // of a sub-merchant, to its partner
	BySharing
	BySharingReturn
	ByTransfer
	ByRedPacket
	ByRedPacketReturn // of what nobody has opened
	ByTopUp           // by whoever plays the merchant
	ByWithdrawal
)

// A Posting records a move of merchants' money, now or at a later time. The bills
// of a day are made from its postings.
type Posting struct {
	At     time.Time
	Kind   PostingKind
	Key    string   // of what moved it
	MchIDs []string // whose bills tell of it
	Moves  []Move
	// Corrects reports whether bills already contain the posting. Moves is then
	// added to what it moves.
	Corrects bool
}

// A PostingKind is the kind of object that a posting is about.
type PostingKind string

// The kinds of postings.
const (
	PostedOrder           PostingKind = orders
	PostedReversal        PostingKind = "reversal" // of a paid order
	PostedRefund          PostingKind = refunds
	PostedAdvance         PostingKind = "advance" // given back
	PostedTransfer        PostingKind = transfers
	PostedBatchDetail     PostingKind = batchDetails
	PostedRedPacket       PostingKind = redPackets
	PostedRedPacketReturn PostingKind = "red_packet_return"
	PostedSharing         PostingKind = shares
	PostedSharingReturn   PostingKind = sharingReturns
	PostedAdjustment      PostingKind = adjustments
)

// Subject loads the object that a posting is about.
func Subject[T Order | Refund | Transfer | BatchDetail | RedPacket | Sharing | SharingReturn | Adjustment](l *Ledger, p Posting) (*T, error) {
	bucket := string(p.Kind)
	switch p.Kind {
	case PostedReversal:
		bucket = orders
	case PostedAdvance:
		bucket = refunds
	case PostedRedPacketReturn:
		bucket = redPackets
	}
	v, _, err := store.Load[T](l.Tx, bucket, p.Key)
	return &v, err
}

// Fee returns the platform's fee for a payment: 0.6 %, rounded.
func Fee(amount int64) int64 { return amount/1000*6 + (amount%1000*6+500)/1000 }

// withoutZero leaves out moves of nothing.
func withoutZero(moves ...Move) []Move {
	return slices.DeleteFunc(moves, func(m Move) bool { return m.Amount == 0 })
}

// negate reverses moves.
func negate(moves []Move) []Move {
	for i := range moves {
		moves[i].Amount = -moves[i].Amount
	}
	return moves
}

// Settlement returns what the merchant gets of an order: the amount without the
// coupons that bring no cash.
func (o *Order) Settlement() int64 {
	left := o.Total
	for _, d := range o.Discounts {
		if d.NoCash {
			left -= d.Amount
		}
	}
	return left
}

// settledBack returns how much of the settlement went back, or is about to.
func (o *Order) settledBack() int64 {
	back := o.Refunded
	for _, d := range o.Discounts {
		if d.NoCash {
			back -= d.Refunded
		}
	}
	return back
}

// Moves returns the moves of a payment.
func (o *Order) Moves() []Move {
	settled := o.Settlement()
	return withoutZero(Move{o.Payee(), AccountBasic, settled, ByPayment, ""}, Move{o.Payee(), AccountBasic, -Fee(settled), ByPaymentFee, ""})
}

// Reversal returns what a reversed order gave back, as a refund under the numbers
// of the order.
func (o *Order) Reversal() *Refund {
	r := &Refund{Owner: o.Owner, RefundID: o.TransactionID, OutRefundNo: o.OutTradeNo, Amount: o.Total, Total: o.Total,
		Discounts: slices.Clone(o.Discounts), Created: o.Reversed}
	for i := range r.Discounts {
		r.Discounts[i].Refunded = r.Discounts[i].Amount
	}
	return r
}

// Moves returns the moves of a refund that succeeds. A partner may advance the
// money. The fee comes back to whoever paid it.
func (r *Refund) Moves() []Move {
	money, fee := r.Amounts().SettlementRefund, r.Fee()
	if r.Advance == nil {
		return withoutZero(Move{r.Payee(), AccountBasic, fee - money, ByRefund, ""})
	}
	return withoutZero(Move{r.Payee(), AccountBasic, fee, ByRefundFee, ""}, Move{r.MchID, AccountBasic, -money, ByAdvance, ""})
}

// AdvanceMoves returns the moves when a sub-merchant gives back to its partner
// what the partner advanced.
func (r *Refund) AdvanceMoves() []Move {
	money := r.Amounts().SettlementRefund
	return withoutZero(Move{r.Payee(), AccountBasic, -money, ByAdvanceReturn, ""}, Move{r.MchID, AccountBasic, money, ByAdvanceReturn, ""})
}
