package money

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// A SharingReturn is money that a receiver gives back from its part.
type SharingReturn struct {
	SubMchID    string    `json:"sub_mchid,omitempty"`
	OrderID     string    `json:"order_id"`
	OutOrderNo  string    `json:"out_order_no"`
	OutReturnNo string    `json:"out_return_no"`
	ReturnID    string    `json:"return_id"`
	ReturnMchID string    `json:"return_mchid"`
	Amount      int64     `json:"amount"`
	Description string    `json:"description"`
	Created     time.Time `json:"created"`
	Fingerprint string    `json:"fingerprint"`           // of the parameters
	FailReason  string    `json:"fail_reason,omitempty"` // why nothing was returned
}

const sharingReturns = "share_return" // by mchid/out_return_no

const (
	maxReturns = 50  // of a sharing
	returnDays = 180 // after it
)

// ReturnSharing takes back what a merchant received from a sharing. made names
// the sharing by either number, or by both. Repeating the number takes nothing
// more. A return is finished at once.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4014547102
func (l *Ledger) ReturnSharing(mchID string, made SharingReturn) (*SharingReturn, error) {
	if !ownNo.MatchString(made.OutReturnNo) {
		return nil, BadField("out_return_no", made.OutReturnNo, ownNoForm)
	}
	at := key(mchID, made.OutReturnNo)
	g, found, err := store.Load[SharingReturn](l.Tx, sharingReturns, at)
	switch {
	case err != nil:
		return nil, err
	case found && g.Fingerprint != made.Fingerprint:
		return nil, errUsedBefore("out_return_no", "with other parameters")
	case found:
		return &g, nil
	}
	s, err := l.sharingToReturn(mchID, made)
	if err != nil {
		return nil, err
	}
	if err := l.checkReturn(s, &made); err != nil {
		return nil, err
	}
	made.SubMchID, made.OrderID, made.OutOrderNo, made.Created = s.SubMchID, s.OrderID, s.OutOrderNo, l.Now
	if err := l.takeBack(mchID, s, &made); err != nil {
		return nil, err
	}
	if made.ReturnID, err = l.nextLongNumber("return_id", "3009", 6); err != nil {
		return nil, err
	}
	if err := s.save(l.Tx, mchID); err != nil {
		return nil, err
	}
	p := Posting{At: made.Created, Kind: PostedSharingReturn, Key: at, Moves: made.Moves(mchID)}
	if p.MchIDs = movedFor(p.Moves, mchID); made.FailReason == "" {
		l.Postings = append(l.Postings, p)
	}
	if err := l.tellReturned(mchID, s, &made); err != nil {
		return nil, err
	}
	return &made, store.Save(l.Tx, sharingReturns, at, made)
}

// checkReturn refuses a return that a sharing does not allow now.
func (l *Ledger) checkReturn(s *Sharing, made *SharingReturn) error {
	if made.SubMchID != "" && made.SubMchID != s.SubMchID {
		return BadField("sub_mchid", made.SubMchID, "it is not that of the order")
	}
	if made.Amount < 1 {
		return BadField("amount", made.Amount, "it must be 1 fen or more")
	}
	if _, ok := FinishedBy(s.Created, l.Now); !ok {
		return Invalid("the order of profit sharing is PROCESSING")
	}
	switch {
	case s.Returns >= maxReturns:
		return Invalid(fmt.Sprintf("the order of profit sharing has %d returns, which is the most", s.Returns))
	case l.Now.After(s.Created.AddDate(0, 0, returnDays)):
		return Invalid(fmt.Sprintf("the order of profit sharing is older than %d days", returnDays))
	}
	return nil
}

// sharingToReturn returns the sharing that made names by either number. Two
// numbers must belong to the same sharing.
func (l *Ledger) sharingToReturn(mchID string, made SharingReturn) (s *Sharing, err error) {
	of := made.OutOrderNo
	switch {
	case made.OrderID != "":
		if of, _, err = store.Load[string](l.Tx, shareIDs, key(mchID, made.OrderID)); err != nil {
			return nil, err
		}
	case made.OutOrderNo == "":
		return nil, BadField("order_id", nil, "order_id or out_order_no is required")
	}
	if s, err = l.loadSharing(mchID, of); err != nil {
		return nil, err
	}
	if made.OutOrderNo != "" && made.OutOrderNo != s.OutOrderNo {
		return nil, BadField("out_order_no", made.OutOrderNo, "it is not that of order_id")
	}
	return s, nil
}

// takeBack takes a return from the parts of its receiver and gives it to the payee
// of the order, unless the receiver fails.
func (l *Ledger) takeBack(mchID string, s *Sharing, made *SharingReturn) (err error) {
	s.Returns++
	rest := *s
	rest.Parts = slices.Clone(s.Parts)
	if err := rest.takeBack(made.ReturnMchID, made.Amount); err != nil {
		return err
	}
	if made.FailReason, err = l.failOfReturn(made); err != nil || made.FailReason != "" {
		return err
	}
	*s = rest
	o, err := l.SharedOrder(mchID, s.TransactionID)
	if err != nil || made.ReturnMchID == o.Payee() {
		return err
	}
	o.SharedOut = max(0, o.SharedOut-made.Amount) // 0 for what was shared before SharedOut was counted
	return o.save(l.Tx)
}

// failOfReturn returns why a return fails: its receiver was made to fail, or has
// too little money.
func (l *Ledger) failOfReturn(made *SharingReturn) (string, error) {
	reason, err := l.failOf(made.ReturnMchID, returnFailures)
	if err != nil || reason != "" {
		return reason, err
	}
	b, err := l.Balance(made.ReturnMchID, AccountBasic)
	if err == nil && b.Available < made.Amount {
		reason = ReturnNotEnough
	}
	return reason, err
}

// takeBack takes amount from the rest of a merchant's parts.
func (s *Sharing) takeBack(mchID string, amount int64) error {
	left := int64(0)
	for _, p := range s.Parts {
		if p.isOf(mchID) {
			left += p.Amount - p.Returned
		}
	}
	if amount > left {
		return Invalid(fmt.Sprintf("the return is of %d fen, but return_mchid has %d left of this order", amount, left))
	}
	for i := range s.Parts {
		if p := &s.Parts[i]; p.isOf(mchID) {
			take := min(amount, p.Amount-p.Returned)
			p.Returned += take
			amount -= take
		}
	}
	return nil
}

// isOf reports whether a merchant received the part.
func (p *Part) isOf(mchID string) bool {
	return p.Type == ReceiverMerchant && p.Account == mchID && p.FailReason == ""
}

// SharingReturn returns the return with a merchant's number. named may have its
// sub-merchant and either number of its sharing too.
func (l *Ledger) SharingReturn(mchID string, named SharingReturn) (*SharingReturn, error) {
	g, found, err := store.Load[SharingReturn](l.Tx, sharingReturns, key(mchID, named.OutReturnNo))
	fits := func(want, got string) bool { return want == "" || want == got }
	if err == nil && !(found && fits(named.SubMchID, g.SubMchID) && fits(named.OutOrderNo, g.OutOrderNo) && fits(named.OrderID, g.OrderID)) {
		err = errNotFound("return of profit sharing")
	}
	return &g, err
}

// SharingOf returns the sharing of a merchant that money was given back from.
func (l *Ledger) SharingOf(mchID string, g *SharingReturn) (*Sharing, error) {
	return l.loadSharing(mchID, g.OutOrderNo)
}

// Moves returns the moves of a return from a receiver to a merchant, or to its
// sub-merchant.
func (g *SharingReturn) Moves(mchID string) []Move {
	sharer := cmp.Or(g.SubMchID, mchID)
	if g.ReturnMchID == sharer || g.FailReason != "" {
		return nil
	}
	return []Move{{sharer, AccountBasic, g.Amount, BySharingReturn, g.Description}, {g.ReturnMchID, AccountBasic, -g.Amount, BySharingReturn, g.Description}}
}
