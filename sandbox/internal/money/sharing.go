package money

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

const (
	shareTime   = 5 * time.Second // how long sharing takes
	freezeDays  = 30              // for how many days after its payment an order can be shared
	longFreeze  = 180             // the same, of an e-commerce platform
	shareAfter  = time.Minute     // how long after its payment an order can be shared
	maxShares   = 50              // how many times an order can be shared
	maxReceived = 50              // by how many receivers at a time
)

// A Sharing is an order of profit sharing.
type Sharing struct {
	MchID         string    `json:"mchid,omitempty"` // who asked for it
	SubMchID      string    `json:"sub_mchid,omitempty"`
	OutOrderNo    string    `json:"out_order_no"`
	TransactionID string    `json:"transaction_id"`
	OrderID       string    `json:"order_id"`
	Parts         []Part    `json:"parts"`
	Created       time.Time `json:"created"`
	Fingerprint   string    `json:"fingerprint"`        // of the parameters
	Platform      bool      `json:"platform,omitempty"` // an e-commerce platform shares, whose receivers are its own
	Ends          bool      `json:"ends,omitempty"`     // it shares with nobody, but gives the merchant the rest
	Returns       int       `json:"returns,omitempty"`  // how many, with those that failed
	NotifyURL     string    `json:"notify_url,omitempty"`
	Tells         bool      `json:"tells,omitempty"` // somebody is to be told when it is finished
	Hold          Hold      `json:"hold,omitzero"`   // of what others get, until they get it
}

// A Part is the share of one receiver.
type Part struct {
	Type        string `json:"type"`
	Account     string `json:"account"`
	Amount      int64  `json:"amount"`
	Description string `json:"description"`
	DetailID    string `json:"detail_id"`
	Returned    int64  `json:"returned,omitempty"`
	FailReason  string `json:"fail_reason,omitempty"` // why it ends CLOSED; the money stays with the order
}

// ErrNoSharing refuses a sharing that does not exist.
var ErrNoSharing = errNotFound("order of profit sharing")

const (
	shares   = "share"    // by mchid/out_order_no
	shareIDs = "share_id" // the out_order_no, by mchid/order_id
)

// FinishedBy reports whether a sharing that was created at an instant is finished
// by now, and returns when it finishes.
func FinishedBy(created, now time.Time) (at time.Time, ok bool) {
	at = created.Add(shareTime)
	return at, !now.Before(at)
}

// Unsplit returns how much of an order's settlement can still be shared.
func (o *Order) Unsplit(now time.Time) int64 {
	if o.Unfrozen || now.After(o.freezeEnd()) {
		return 0
	}
	return max(0, o.Settlement()-o.settledBack()-o.Shared)
}

// freezeEnd returns until when an order can be shared.
//
// https://pay.weixin.qq.com/doc/v3/partner/4012691594 (e-commerce)
func (o *Order) freezeEnd() time.Time {
	if o.Platform {
		return o.Paid.AddDate(0, 0, longFreeze)
	}
	return o.Paid.AddDate(0, 0, freezeDays)
}

// SharedOrder returns the order of a merchant that was paid as transactionID, if
// it was placed for profit sharing.
func (l *Ledger) SharedOrder(mchID, transactionID string) (*Order, error) {
	o, err := l.PaidOrder(transactionID)
	if errors.Is(err, ErrNoOrder) || err == nil && (o.MchID != mchID || !o.ProfitSharing) {
		err = Invalid("transaction_id is not an order of this merchant with settle_info.profit_sharing true")
	}
	return o, err
}

// PlatformOrder does what SharedOrder does for an e-commerce platform, whose
// orders stay frozen for longer.
func (l *Ledger) PlatformOrder(mchID, transactionID string) (*Order, error) {
	o, err := l.SharedOrder(mchID, transactionID)
	if err == nil && o.SubMchID == "" {
		err = Invalid("transaction_id is not an order of a sub-merchant")
	}
	if err == nil {
		o.Platform = true
	}
	return o, err
}

func errNotEnoughToShare(left int64) error {
	return &Refusal{Reason: NotEnough, Message: fmt.Sprintf("%d fen of the order are left to share", left)}
}

// Sharing returns the sharing with a merchant's number, of the order that was
// paid as transactionID.
func (l *Ledger) Sharing(mchID, outOrderNo, transactionID string) (*Sharing, error) {
	s, err := l.loadSharing(mchID, outOrderNo)
	if err == nil && s.TransactionID != transactionID {
		err = ErrNoSharing
	}
	return s, err
}

func (l *Ledger) loadSharing(mchID, outOrderNo string) (*Sharing, error) {
	s, found, err := store.Load[Sharing](l.Tx, shares, key(mchID, outOrderNo))
	if err == nil && !found {
		err = ErrNoSharing
	}
	return &s, err
}

func (s *Sharing) save(tx store.Tx, mchID string) error {
	return store.Save(tx, shares, key(mchID, s.OutOrderNo), s)
}

// postSharing posts a sharing in the bills of all merchants that take part, and
// sets aside what others get.
func (l *Ledger) postSharing(mchID string, s *Sharing) error {
	p := Posting{At: s.Created.Add(shareTime), Kind: PostedSharing, Key: key(mchID, s.OutOrderNo), Moves: s.Moves(mchID)}
	p.MchIDs = movedFor(p.Moves, mchID)
	l.Postings = append(l.Postings, p)
	return l.hold(&s.Hold, outgoing(p.Moves, p.At))
}

// movedFor returns a merchant who asked for moves, and the merchants whose money
// moved, each once.
func movedFor(moves []Move, mchID string) []string {
	mchIDs := []string{mchID}
	for _, m := range moves {
		if !slices.Contains(mchIDs, m.MchID) {
			mchIDs = append(mchIDs, m.MchID)
		}
	}
	return mchIDs
}

// Moves returns the moves of a sharing that a merchant asked for: what it, or its
// sub-merchant, gives to other merchants and to users.
func (s *Sharing) Moves(mchID string) (all []Move) {
	sharer := cmp.Or(s.SubMchID, mchID)
	for _, p := range s.Parts {
		if p.FailReason != "" || p.Type == ReceiverMerchant && p.Account == sharer { // it keeps what it has
			continue
		}
		all = append(all, Move{sharer, AccountBasic, -p.Amount, BySharing, p.Description})
		if p.Type == ReceiverMerchant { // users have no account here
			all = append(all, Move{p.Account, AccountBasic, p.Amount, BySharing, p.Description})
		}
	}
	return all
}
