package money

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

const (
	shareTime   = 5 * time.Second // how long sharing takes, and taking back
	freezeDays  = 30              // for how many days after its payment an order can be shared
	maxShares   = 50              // how many times an order can be shared
	maxReceived = 50              // by how many receivers at a time
)

// A Sharing is an order of profit sharing.
type Sharing struct {
	SubMchID      string    `json:"sub_mchid,omitempty"`
	OutOrderNo    string    `json:"out_order_no"`
	TransactionID string    `json:"transaction_id"`
	OrderID       string    `json:"order_id"`
	Parts         []Part    `json:"parts"`
	Created       time.Time `json:"created"`
	Fingerprint   string    `json:"fingerprint"` // of the parameters
}

// A Part is what one receiver gets.
type Part struct {
	Type        string `json:"type"`
	Account     string `json:"account"`
	Amount      int64  `json:"amount"`
	Description string `json:"description"`
	DetailID    string `json:"detail_id"`
	Returned    int64  `json:"returned,omitempty"` // or about to be
}

const (
	shares   = "share"    // by mchid/out_order_no
	shareIDs = "share_id" // the out_order_no, by mchid/order_id
)

// FinishedBy reports whether what began at an instant is done by now, and when
// it is.
func FinishedBy(created, now time.Time) (at time.Time, ok bool) {
	at = created.Add(shareTime)
	return at, !now.Before(at)
}

// Unsplit is how much of an order can be shared yet, of what its merchant gets.
func (o *Order) Unsplit(now time.Time) int64 {
	if o.Unfrozen || now.After(o.Paid.AddDate(0, 0, freezeDays)) {
		return 0
	}
	return max(0, o.Settlement()-o.settledBack()-o.Shared)
}

// SharedOrder is the order of a merchant that was paid as transactionID, if it
// is one to be shared.
func (l *Ledger) SharedOrder(mchID, transactionID string) (*Order, error) {
	o, err := l.PaidOrder(transactionID)
	if errors.Is(err, ErrNoOrder) || err == nil && (o.MchID != mchID || !o.ProfitSharing) {
		err = Invalid("transaction_id is no order of this merchant with settle_info.profit_sharing true")
	}
	return o, err
}

func errNotEnoughToShare(left int64) error {
	return &Refusal{Reason: NotEnough, Message: fmt.Sprintf("%d fen of the order are left to share", left)}
}

// Sharing returns the sharing of a merchant's number, of an order that was paid
// as transactionID.
func (l *Ledger) Sharing(mchID, outOrderNo, transactionID string) (*Sharing, error) {
	s, err := l.loadSharing(mchID, outOrderNo)
	if err == nil && s.TransactionID != transactionID {
		err = errNotFound("order of profit sharing")
	}
	return s, err
}

func (l *Ledger) loadSharing(mchID, outOrderNo string) (*Sharing, error) {
	s, found, err := store.Load[Sharing](l.Tx, shares, key(mchID, outOrderNo))
	if err == nil && !found {
		err = errNotFound("order of profit sharing")
	}
	return &s, err
}

func (s *Sharing) save(tx store.Tx, mchID string) error {
	return store.Save(tx, shares, key(mchID, s.OutOrderNo), s)
}

// A Share is what a merchant asks to be shared of an order.
type Share struct {
	Sharing            // its numbers; the Parts are what each receiver gets
	AppIDs   [2]string // the appid and the sub_appid that users are named by
	Unfreeze bool      // the rest becomes the merchant's
}

// Share shares an order; the same number shares once.
func (l *Ledger) Share(mchID string, made Share) (*Sharing, error) {
	return l.shareOnce(mchID, made.Sharing, func(s *Sharing, o *Order) error {
		if err := l.addParts(mchID, made, s, o); err != nil {
			return err
		}
		if made.Unfreeze {
			return l.addRest(s, o, "解冻给分账方")
		}
		return nil
	})
}

// Unfreeze gives the merchant what is left of an order; the same number does so
// once.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012526374
func (l *Ledger) Unfreeze(mchID string, made Sharing, description string) (*Sharing, error) {
	return l.shareOnce(mchID, made, func(s *Sharing, o *Order) error {
		if o.Unsplit(l.Now) == 0 {
			return errNotEnoughToShare(0)
		}
		return l.addRest(s, o, description)
	})
}

// shareOnce does once what a number asks for: add puts the parts into the sharing
// and takes them from the order.
func (l *Ledger) shareOnce(mchID string, made Sharing, add func(*Sharing, *Order) error) (*Sharing, error) {
	if !ownNo.MatchString(made.OutOrderNo) {
		return nil, BadField("out_order_no", made.OutOrderNo, ownNoForm)
	}
	s, found, err := store.Load[Sharing](l.Tx, shares, key(mchID, made.OutOrderNo))
	switch {
	case err != nil:
		return nil, err
	case found && s.Fingerprint != made.Fingerprint:
		return nil, errUsedBefore("out_order_no", "with other parameters")
	case found:
		return &s, nil
	}
	s = made
	s.Created, s.Parts = l.Now, nil
	o, err := l.SharedOrder(mchID, s.TransactionID)
	if err != nil {
		return nil, err
	}
	if o.SubMchID != s.SubMchID {
		return nil, BadField("sub_mchid", s.SubMchID, "it is not that of the order")
	}
	if o.Shares >= maxShares {
		return nil, &Refusal{Reason: OverLimit, Message: fmt.Sprintf("the order was shared %d times, which is the most", o.Shares)}
	}
	if s.OrderID, err = l.nextLongNumber("order_id", "3008", 6); err != nil {
		return nil, err
	}
	if err := add(&s, o); err != nil {
		return nil, err
	}
	o.Shares++
	if err := o.save(l.Tx); err != nil {
		return nil, err
	}
	if err := store.Save(l.Tx, shareIDs, key(mchID, s.OrderID), s.OutOrderNo); err != nil {
		return nil, err
	}
	l.postSharing(mchID, &s)
	return &s, s.save(l.Tx, mchID)
}

// addPart adds a part to a sharing and takes it from what is left of the order.
func (l *Ledger) addPart(s *Sharing, o *Order, p Part) error {
	n, err := l.NextNumber("detail_id")
	if err != nil {
		return err
	}
	p.DetailID = "36011" + beijing.Day(l.Now) + n
	s.Parts = append(s.Parts, p)
	o.Shared += p.Amount
	return nil
}

// addRest gives the merchant what is left of the order, which ends its
// sharing.
func (l *Ledger) addRest(s *Sharing, o *Order, description string) error {
	left := o.Unsplit(l.Now)
	o.Unfrozen = true
	if left == 0 {
		return nil
	}
	return l.addPart(s, o, Part{Type: ReceiverMerchant, Account: o.Payee(), Amount: left, Description: description})
}

// addParts adds the parts of the receivers.
func (l *Ledger) addParts(mchID string, made Share, s *Sharing, o *Order) error {
	if n := len(made.Parts); n < 1 || n > maxReceived {
		return BadField("receivers", nil, fmt.Sprintf("1 to %d receivers are wanted, not %d", maxReceived, n))
	}
	for i, p := range made.Parts {
		at := fmt.Sprintf("receivers/%d", i)
		if err := checkReceiver(at+"/", p.Type, made.AppIDs); err != nil {
			return err
		}
		if p.Amount < 1 {
			return BadField(at+"/amount", p.Amount, "it must be 1 fen or more")
		}
		added, err := l.isReceiver(mchID, Receiver{SubMchID: s.SubMchID, Type: p.Type, Account: p.Account})
		if err != nil {
			return err
		}
		if !added {
			return Invalid("/" + at + " is no receiver of this merchant; add it first")
		}
		if left := o.Unsplit(l.Now); p.Amount > left {
			return errNotEnoughToShare(left)
		}
		if err := l.addPart(s, o, p); err != nil {
			return err
		}
	}
	return nil
}

// postSharing tells of a sharing in the bills of all merchants that it is of.
func (l *Ledger) postSharing(mchID string, s *Sharing) {
	p := Posting{At: s.Created.Add(shareTime), Kind: PostedSharing, Key: key(mchID, s.OutOrderNo), Moves: s.Moves(mchID)}
	p.MchIDs = movedFor(p.Moves)
	if len(p.MchIDs) > 0 {
		l.Postings = append(l.Postings, p)
	}
}

// movedFor are the merchants whose money moved, each once.
func movedFor(moves []Move) (mchIDs []string) {
	for _, m := range moves {
		if !slices.Contains(mchIDs, m.MchID) {
			mchIDs = append(mchIDs, m.MchID)
		}
	}
	return mchIDs
}

// Moves are those of a sharing that a merchant asked for: what it, or its
// sub-merchant, gives to other merchants and to users.
func (s *Sharing) Moves(mchID string) (all []Move) {
	sharer := cmp.Or(s.SubMchID, mchID)
	for _, p := range s.Parts {
		if p.Type == ReceiverMerchant && p.Account == sharer { // it keeps what it has
			continue
		}
		all = append(all, Move{sharer, AccountBasic, -p.Amount, BySharing, p.Description})
		if p.Type == ReceiverMerchant { // users have no account here
			all = append(all, Move{p.Account, AccountBasic, p.Amount, BySharing, p.Description})
		}
	}
	return all
}
